//! `check`: the course proves itself.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::Context;
use super::course::{self, Course};
use super::error::Failure;
use super::output::say;
use crate::lab::Lab;
use crate::source::Source;
use crate::trial::{Finding, Verdict, check_lab, pool};
use crate::workbook::check::check_lessons;

impl Context {
    pub fn check(&mut self, path: Option<&Path>, seeds: u64, json: bool) -> Result<u8, Failure> {
        if let Some(file) = path.filter(|path| path.is_file()) {
            return self.check_file(file, seeds, json);
        }
        if let Some(folder) = path {
            if !folder.exists() {
                return Err(Failure::usage(format!("{} does not exist", folder.display())));
            }
            self.course = Course::open(Some(folder))?;
        }
        let (labs, mut troubles) = self.course.labs();
        troubles.extend(check_lessons(&self.course.content, &course::known(&labs)));
        for trouble in &troubles {
            say(format!("{}\n", trouble.render(self.colour)));
        }
        let (mut checked, mut failed) = (0, troubles.len());
        for lab in labs.values() {
            let (more, bad) = self.check_one(lab, seeds, json)?;
            checked += more;
            failed += bad;
        }
        let lessons = self.course.content.lessons().len();
        say(format!(
            "{lessons} lessons, {} labs, {checked} claims, tasks and predictions over {seeds} seeds each{}: {}",
            labs.len(),
            if labs.values().any(|lab| lab.check_seeds.is_some_and(|most| most < seeds)) {
                " (those of the longest labs over fewer)"
            } else {
                ""
            },
            if failed == 0 { "all hold".to_owned() } else { format!("{failed} failed") }
        ));
        self.out.done(u8::from(failed > 0))
    }

    fn check_file(&mut self, file: &Path, seeds: u64, json: bool) -> Result<u8, Failure> {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::at(file, &error))?;
        let lab = Lab::parse(&Source::new(file.display().to_string(), text))?;
        let (_, failed) = self.check_one(&Arc::new(lab), seeds, json)?;
        self.out.done(u8::from(failed > 0))
    }

    fn check_one(&mut self, lab: &Arc<Lab>, seeds: u64, json: bool) -> Result<(usize, usize), Failure> {
        let findings = check_lab(lab, seeds, pool::cores())?;
        for finding in &findings {
            self.finding(lab, finding, json)?;
        }
        self.out.done(0)?;
        let failed = findings.iter().filter(|finding| finding.verdict != Verdict::Holds).count();
        Ok((findings.len(), failed))
    }

    fn finding(&mut self, lab: &Lab, finding: &Finding, json: bool) -> Result<(), Failure> {
        let why = match &finding.verdict {
            Verdict::Holds => None,
            Verdict::Fails { why, .. } => Some(why),
        };
        if json {
            return self.out.json(&json!({
                "lab": lab.id, "subject": finding.subject, "seeds": finding.seeds, "witnesses": finding.witnesses,
                "holding": finding.holding, "holds": why.is_none(), "why": why,
            }));
        }
        let Finding { subject, witnesses, holding, .. } = finding;
        let mark = if why.is_none() { "ok  " } else { "FAIL" };
        let cost = cost(finding);
        self.out.line(format!("{mark} {} {subject}: in {holding} of {witnesses} witnesses{cost}", lab.id))?;
        match why {
            Some(why) => self.out.line(format!("       {why}")),
            None => Ok(()),
        }
    }
}

/// Where the time goes: what a check took, if it took long.
fn cost(finding: &Finding) -> String {
    const MANY: u64 = 20_000_000;
    if finding.inputs < MANY {
        return String::new();
    }
    format!(" ({} seeds, {} million happenings)", finding.seeds, finding.inputs / 1_000_000)
}
