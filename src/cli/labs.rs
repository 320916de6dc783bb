//! `labs`: all labs with what can be chosen in them, or one of them in full.

use serde_json::{Value, json};

use super::Context;
use super::error::Failure;
use crate::lab::{Lab, LabSetting};
use crate::lesson::{Measure, wrap};
use crate::text::{Language, plain};

/// Cells a line.
const WIDTH: usize = 80;

impl Context {
    /// One line of each lab, and its settings and faults as they are typed.
    pub fn labs(&mut self, json: bool) -> Result<u8, Failure> {
        let (labs, troubles) = self.course.labs();
        for lab in labs.values() {
            if json {
                self.out.json(&self.brief(lab))?;
                continue;
            }
            self.out.line(format!("{}  {}", lab.id, lab.title.in_language(self.language)))?;
            for setting in &lab.settings {
                self.out.line(format!("    {}", choice(setting)))?;
            }
            for fault in &lab.faults {
                let title = fault.title.in_language(self.language);
                self.out.line(format!("    --fault {}   {title}: {}", fault.id, fault.sentence))?;
            }
        }
        if troubles.is_empty() { self.out.done(0) } else { Err(troubles.into()) }
    }

    /// A lab as a program wants it.
    fn brief(&self, lab: &Lab) -> Value {
        let settings = lab.settings.iter().map(|setting| {
            (setting.spec.name.to_owned(), json!({ "values": setting.values, "default": setting.default }))
        });
        let settings: serde_json::Map<String, Value> = settings.collect();
        let faults: Vec<&str> = lab.faults.iter().map(|fault| fault.id.as_str()).collect();
        json!({
            "id": lab.id, "title": lab.title.in_language(self.language), "lesson": lab.lesson,
            "settings": settings, "faults": faults,
        })
    }

    /// Everything about one lab: what happened, what can be chosen and what that
    /// decides, what can go wrong, what is asked.
    pub fn lab(&mut self, id: &str, json: bool) -> Result<u8, Failure> {
        let lab = self.course.lab(id)?;
        let language = self.language;
        if json {
            let mut whole = self.brief(&lab);
            whole["incident"] = json!(lab.incident.in_language(language));
            let tasks = lab.tasks.iter().map(|task| json!({ "id": task.id, "ask": task.ask.in_language(language) }));
            whole["tasks"] = tasks.collect();
            self.out.json(&whole)?;
            return self.out.done(0);
        }
        let say = |zh: &'static str, en: &'static str| if language == Language::Zh { zh } else { en };
        self.out.line(format!("{}  {}  ({})", lab.id, lab.title.in_language(language), lab.lesson))?;
        for paragraph in lab.incident.in_language(language).trim().split("\n\n") {
            self.out.line("")?;
            self.wrapped("", &plain(paragraph))?;
        }
        self.heading(say("设置", "Settings"), lab.settings.len())?;
        for setting in &lab.settings {
            self.out.line(format!("  {}", choice(setting)))?;
            self.wrapped("      ", setting.spec.about.in_language(language))?;
            for (value, remark) in setting.spec.unreal {
                if setting.values.iter().any(|known| known == value) {
                    self.wrapped("      ", &format!("{value}: {}", remark.in_language(language)))?;
                }
            }
        }
        self.heading(say("故障", "Faults"), lab.faults.len())?;
        for fault in &lab.faults {
            self.out.line(format!("  --fault {}   {}", fault.id, fault.title.in_language(language)))?;
            self.wrapped("      ", &fault.sentence)?;
        }
        self.heading(
            say("练习（在练习册里打开实验，按 e）", "Exercises (open the lab in the workbook, press e)"),
            lab.tasks.len(),
        )?;
        for task in &lab.tasks {
            self.wrapped("  ", &plain(task.ask.in_language(language)))?;
        }
        self.out.line("")?;
        self.out.line(format!("{}: ackademy run {}", say("跑一次", "run it"), lab.id))?;
        self.out.done(0)
    }

    /// A heading, if anything stands under it.
    fn heading(&mut self, text: &str, entries: usize) -> Result<(), Failure> {
        if entries == 0 {
            return Ok(());
        }
        self.out.line("")?;
        self.out.line(text)
    }

    fn wrapped(&mut self, indent: &str, text: &str) -> Result<(), Failure> {
        let measure = Measure::new(false);
        for line in wrap(text, WIDTH - indent.len(), measure) {
            self.out.line(format!("{indent}{}", text[line].trim_end()))?;
        }
        Ok(())
    }
}

/// A setting as it is typed, with its values.
fn choice(setting: &LabSetting) -> String {
    format!("--set {}={}   ({})", setting.spec.name, setting.default, setting.describe())
}
