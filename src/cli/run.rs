//! One run: its ledger, its trace, its verdict.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::Context;
use super::arguments::{Choice, RunChoice};
use super::error::Failure;
use crate::event::{Event, MessageId};
use crate::lab::settings::calls_services;
use crate::lab::{DEFECTS, Defect, Fate, Lab, Measure, Plan, Session, Token, culprit, missed_faults};
use crate::narrate;
use crate::random::Seed;
use crate::sim::Fault;
use crate::text::{Language, Text};

/// What a message can end as, besides applied.
const ENDS: [Measure; 5] =
    [Measure::LostAfterOk, Measure::Lost, Measure::Refused, Measure::DeadLettered, Measure::Pending];

/// What is worth a number although nothing is wrong with it.
const NOTED: [(Measure, Text); 3] = [
    (Measure::Compensated, Text { zh: "已撤销", en: "undone" }),
    (Measure::Skipped, Text { zh: "识别为重复", en: "skipped as done" }),
    (Measure::Redelivered, Text { zh: "重投", en: "redelivered" }),
];

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

/// Whether a finished run came to rest.
///
/// # Errors
/// If its books do not balance: then nothing of it is worth showing.
pub(super) fn balanced(session: &mut Session) -> Result<bool, Failure> {
    let outcome = session.outcome();
    match outcome.violation {
        None => Ok(!outcome.is_undecided),
        Some(why) => Err(Failure::Undecided(format!("the books do not balance, so this run says nothing: {why}"))),
    }
}

impl Context {
    pub(super) fn plan(&self, choice: &Choice) -> Result<Plan, Failure> {
        let lab: Arc<Lab> = self.course.lab(&choice.lab)?;
        // As in a sweep, it says in so many words that nothing goes wrong.
        let faults: Vec<String> = choice.fault.iter().filter(|fault| *fault != "none").cloned().collect();
        Ok(Plan::new(lab, &pairs(&choice.set)?, &faults)?)
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
        let mut session = Session::with_live_faults(plan, seed, live);
        if is_long {
            session = session.without_snapshots();
        }
        self.finish(&mut session, trace)?;
        let is_decided = balanced(&mut session)?;
        if json {
            self.report_json(&session)?;
        } else {
            self.report_text(&session)?;
        }
        self.conclude(is_decided)
    }

    /// Ends the report of a run: one that did not come to rest proves nothing.
    pub(super) fn conclude(&mut self, is_decided: bool) -> Result<u8, Failure> {
        self.out.done(0)?;
        if is_decided { Ok(0) } else { Err(Failure::Undecided("the run was not quiet in the end".to_owned())) }
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
        let totals = session.totals();
        let against: std::collections::BTreeMap<_, _> =
            totals.defects().map(|(defect, count)| (defect.measure.name(), count)).collect();
        let missed: Vec<_> = missed_faults(session).into_iter().map(|index| &plan.sentences[index]).collect();
        self.out.json(&json!({
            "version": 1,
            "lab": plan.lab.id,
            "settings": settings,
            "faults": plan.sentences,
            "seed": session.seed().0,
            "end_ms": session.now().as_millis(),
            "digest": session.digest().to_string(),
            "totals": totals,
            "verdict": narrate::verdict(session, self.language).headline,
            "against": against,
            "missed_faults": missed,
            "culprit": culprit(session).map(|(message, _)| message.0),
            "gone": gone,
            "token": session.token(),
        }))
    }

    /// The sum, and what is counted beside it.
    fn report_books(&mut self, session: &Session) -> Result<(), Failure> {
        let (totals, plan, zh) = (session.totals(), session.plan(), self.language == Language::Zh);
        let is_end = |defect: &&Defect| ENDS.contains(&defect.measure);
        let name = |defect: &Defect| narrate::defect(defect, plan, self.language);
        let mut ends = vec![(if zh { "已处理" } else { "applied" }, totals.applied)];
        let gone = DEFECTS.iter().filter(is_end).map(|defect| (name(defect), totals.get(defect.measure)));
        ends.extend(
            gone.chain([(if zh { "没人要" } else { "for nobody" }, totals.nowhere)]).filter(|(_, count)| *count > 0),
        );
        let ends: Vec<String> = ends.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let ledger = if zh { "账本" } else { "ledger" };
        self.out.line(format!("  {ledger} {} = {}", totals.entitled, ends.join(" + ")))?;
        let always = [Measure::Duplicates, Measure::Reordered];
        let beside = DEFECTS.iter().filter(|defect| !is_end(defect));
        let beside = beside.map(|defect| (defect.measure, name(defect), defect.count(&totals)));
        let noted = NOTED.map(|(measure, text)| (measure, text.in_language(self.language), totals.get(measure)));
        // To turn down what comes too late or twice is what a participant's guard is for.
        let is_guard = calls_services(plan);
        let shown = |(measure, _, count): &(Measure, &str, u64)| {
            (*count > 0 && !(is_guard && *measure == Measure::Skipped)) || always.contains(measure)
        };
        let beside: Vec<String> =
            beside.chain(noted).filter(shown).map(|(_, name, count)| format!("{name} {count}")).collect();
        self.out.line(format!("  {}", beside.join(if zh { "，" } else { ", " })))
    }

    pub(super) fn report_text(&mut self, session: &Session) -> Result<(), Failure> {
        let plan = session.plan();
        let zh = self.language == Language::Zh;
        // A setting that changes nothing in this run is not worth a word.
        let chosen = plan.chosen.iter().filter(|(name, _)| !plan.is_dead(name));
        let settings: Vec<String> = chosen.map(|(name, value)| format!("{name}={value}")).collect();
        self.out.line(format!("{}  {}", plan.lab.id, plan.lab.title.in_language(self.language)))?;
        self.out.line(format!("  {}  seed {}", settings.join(" "), session.seed().0))?;
        for (at, sentence) in plan.sentences.iter().enumerate() {
            let times = plan.sentences.iter().filter(|known| *known == sentence).count();
            let is_first = !plan.sentences[..at].contains(sentence);
            if is_first {
                let times = if times > 1 { format!(" ×{times}") } else { String::new() };
                self.out.line(format!("  ! {sentence}{times}"))?;
            }
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
        self.report_books(session)?;
        let told = narrate::verdict(session, self.language);
        self.out.line(format!("  {}", told.headline))?;
        for line in told.beside.iter().chain(&told.notes) {
            self.out.line(format!("  {line}"))?;
        }
        if let Some((message, _)) = culprit(session).filter(|_| session.live_faults().is_empty()) {
            let why = if zh { "为什么" } else { "why" };
            self.out.line(format!("  {why}: ackademy explain {} --message {}", command(session), message.0))?;
        }
        self.out.line(format!("  token: {}", session.token()))
    }
}

/// How a run is asked for again: what differs from the lab's own settings.
pub(super) fn command(session: &Session) -> String {
    let plan = session.plan();
    let is_own = |name: &str, value: &str| plan.lab.setting(name).is_some_and(|setting| setting.default == value);
    let chosen = plan.chosen.iter().filter(|(name, value)| !is_own(name, value));
    let set: String = chosen.map(|(name, value)| format!(" --set {name}={value}")).collect();
    let all = plan.sentences.join("; ");
    let known = plan.lab.faults.iter().find(|fault| fault.sentence.trim() == all);
    let faults: String = match known {
        Some(fault) => format!(" --fault {}", fault.id),
        None => plan.sentences.iter().map(|text| format!(" --fault \"{text}\"")).collect(),
    };
    format!("{}{set}{faults} --seed {}", plan.lab.id, session.seed().0)
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
