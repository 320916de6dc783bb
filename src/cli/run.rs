//! One run: its ledger, its trace, the life of one message.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::Context;
use super::arguments::{Choice, RunChoice};
use super::error::Failure;
use crate::event::{Event, MessageId};
use crate::lab::{Fate, Lab, Plan, Runner, Session, Token, explain};
use crate::narrate;
use crate::random::Seed;
use crate::sim::Fault;
use crate::text::Language;

/// `NAME=VALUE`, split.
pub fn pairs(set: &[String]) -> Result<Vec<(String, String)>, Failure> {
    set.iter()
        .map(|text| {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Failure::usage(format!(
                    "--set {text} has no value: write --set NAME=VALUE, such as --set persistent=true"
                ))
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

impl Context {
    fn plan(&self, choice: &Choice) -> Result<Plan, Failure> {
        let lab: Arc<Lab> = self.course.lab(&choice.lab)?;
        Ok(Plan::new(lab, &pairs(&choice.set)?, &choice.fault)?)
    }

    pub fn run(&mut self, choice: &RunChoice) -> Result<u8, Failure> {
        if choice.plain {
            return self.plain(choice);
        }
        let plan = Arc::new(self.plan(&choice.choice)?);
        let seed = Seed(choice.choice.seed);
        if let Some(path) = &choice.token_file {
            write_token(path, &Token::of(&plan, seed, &[]).to_string())?;
        }
        self.report(plan, seed, Vec::new(), choice.json, choice.trace)
    }

    pub fn replay(&mut self, token: &str, json: bool, trace: bool) -> Result<u8, Failure> {
        let token = Token::parse(token)?;
        let lab = self.course.lab(&token.lab)?;
        let (plan, live) = token.plan(lab)?;
        self.report(Arc::new(plan), Seed(token.seed), live, json, trace)
    }

    fn report(
        &mut self,
        plan: Arc<Plan>,
        seed: Seed,
        live: Vec<Fault>,
        json: bool,
        trace: bool,
    ) -> Result<u8, Failure> {
        // A long run is made once, and never gone back in.
        let is_long = plan.is_long();
        let graded = (live.is_empty() && !is_long).then(|| Runner::new().run(&plan, seed));
        let mut session = Session::with_live_faults(plan, seed, live);
        if is_long {
            session = session.without_snapshots();
        }
        self.finish(&mut session, trace)?;
        let outcome = if is_long { Some(session.outcome()) } else { graded };
        if let Some(violation) = outcome.as_ref().and_then(|outcome| outcome.violation.as_ref()) {
            return Err(Failure::Undecided(format!("the books do not balance, so this run says nothing: {violation}")));
        }
        if json {
            self.report_json(&session)?;
        } else {
            self.report_text(&session)?;
        }
        if outcome.is_some_and(|outcome| outcome.is_undecided) {
            self.out.done(3)?;
            return Err(Failure::Undecided("the run was not quiet in the end".to_owned()));
        }
        self.out.done(0)
    }

    pub(super) fn trace(&mut self, session: &Session) -> Result<(), Failure> {
        for event in session.events() {
            self.out.line(line(event, session, self.language))?;
        }
        Ok(())
    }

    fn report_json(&mut self, session: &Session) -> Result<(), Failure> {
        let plan = session.plan();
        let settings: std::collections::BTreeMap<_, _> = plan.chosen.iter().cloned().collect();
        let gone: Vec<u32> = gone(session).map(|message| message.0).collect();
        self.out.json(&json!({
            "version": 1,
            "lab": plan.lab.id,
            "settings": settings,
            "faults": plan.sentences,
            "seed": session.seed().0,
            "end_ms": session.now().as_millis(),
            "digest": session.digest().to_string(),
            "totals": session.totals(),
            "gone": gone,
            "token": session.token(),
        }))
    }

    pub(super) fn report_text(&mut self, session: &Session) -> Result<(), Failure> {
        let (totals, plan) = (session.totals(), session.plan());
        let zh = self.language == Language::Zh;
        let settings: Vec<String> = plan.chosen.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.out.line(format!("{}  {}", plan.lab.id, plan.lab.title.in_language(self.language)))?;
        self.out.line(format!("  {}  seed {}", settings.join(" "), session.seed().0))?;
        for sentence in &plan.sentences {
            self.out.line(format!("  ! {sentence}"))?;
        }
        if plan.faults.is_empty() && session.live_faults().is_empty() {
            let known: Vec<&str> = plan.lab.faults.iter().map(|fault| fault.id.as_str()).collect();
            let known = known.join(", --fault ");
            self.out.line(if zh {
                format!("  没有故障（可以加 --fault {known}）")
            } else {
                format!("  no fault (try --fault {known})")
            })?;
        }
        let mut ends = vec![(if zh { "已处理" } else { "applied" }, totals.applied)];
        let rest = [
            (if zh { "待处理" } else { "pending" }, totals.pending),
            (if zh { "死信" } else { "dead-lettered" }, totals.dead_lettered),
            (if zh { "丢失（已确认）" } else { "lost after ok" }, totals.lost_after_ok),
            (if zh { "丢失" } else { "lost" }, totals.lost),
            (if zh { "被拒绝" } else { "refused" }, totals.refused),
            (if zh { "没人要" } else { "for nobody" }, totals.nowhere),
        ];
        ends.extend(rest.into_iter().filter(|(_, count)| *count > 0));
        let ends: Vec<String> = ends.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let ledger = if zh { "账本" } else { "ledger" };
        self.out.line(format!("  {ledger} {} = {}", totals.entitled, ends.join(" + ")))?;
        let beside = [
            (if zh { "重复" } else { "duplicates" }, totals.duplicates),
            (if zh { "乱序" } else { "reordered" }, totals.reordered),
        ];
        let beside: Vec<String> = beside.iter().map(|(name, count)| format!("{name} {count}")).collect();
        self.out.line(format!("  {}", beside.join(", ")))?;
        if totals.lost_after_ok > 0 {
            self.out.line(if zh {
                format!("  LOST! {} 条消息已经确认，却没了", totals.lost_after_ok)
            } else {
                format!("  LOST! {} messages were confirmed, and are gone", totals.lost_after_ok)
            })?;
        }
        if let Some(message) = gone(session).next() {
            let why = if zh { "为什么" } else { "why" };
            let set: String = plan.chosen.iter().map(|(name, value)| format!(" --set {name}={value}")).collect();
            let faults: String = plan.sentences.iter().map(|text| format!(" --fault \"{text}\"")).collect();
            let (lab, seed) = (&plan.lab.id, session.seed().0);
            let command = format!("ackademy explain {lab}{set}{faults} --seed {seed} --message {}", message.0);
            self.out.line(format!("  {why}: {command}"))?;
        }
        self.out.line(format!("  token: {}", session.token()))
    }

    pub fn explain(&mut self, choice: &Choice, message: Option<u32>) -> Result<u8, Failure> {
        let plan = Arc::new(self.plan(choice)?);
        let mut session = Session::new(plan.clone(), Seed(choice.seed));
        self.finish(&mut session, false)?;
        let most = plan.messages() as u32;
        let message = match message {
            Some(number) if (1..=most).contains(&number) => MessageId(number),
            Some(number) => {
                return Err(Failure::usage(format!("there is no message {number}; this lab has 1 to {most}")));
            }
            None => gone(&session).next().unwrap_or(MessageId(1)),
        };
        let excerpt = session.excerpt(message);
        let explanation = explain(&excerpt.events, &plan, session.ledger(), message);
        for id in &explanation.events {
            self.out.line(line(&excerpt.events[id.0 as usize], &session, self.language))?;
        }
        self.out.line("")?;
        for text in narrate::explanation(&explanation, &plan, &excerpt.events, self.language) {
            self.out.line(text)?;
        }
        self.out.done(0)
    }
}

/// The messages that are gone, in order.
fn gone(session: &Session) -> impl Iterator<Item = MessageId> {
    (1..).zip(session.fates()).filter_map(|(number, fate)| {
        matches!(fate, Fate::LostAfterOk | Fate::Lost | Fate::Refused).then_some(MessageId(number))
    })
}

pub(super) fn line(event: &Event, session: &Session, language: Language) -> String {
    let sentence = narrate::sentence(event, session.plan().topology(), language);
    format!("{:>9} {sentence}", event.time.to_string())
}

fn write_token(path: &Path, token: &str) -> Result<(), Failure> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::at(path, &error))?;
    writeln!(file, "{token}").map_err(|error| Failure::at(path, &error))?;
    file.as_file().sync_all().map_err(|error| Failure::at(path, &error))?;
    file.persist(path).map_err(|error| Failure::at(path, &error.error))?;
    Ok(())
}
