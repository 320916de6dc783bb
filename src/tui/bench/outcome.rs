//! What a finished run says: what it came to, and why, in one breath.

use crate::event::{Event, MessageId};
use crate::lab::{Blame, Explanation, Session, Totals, Weight, culprit, explain, remedy};
use crate::narrate;
use crate::text::Language;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::setup::value_name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub headline: String,
    pub ink: Ink,
    /// What else counts against the run, and what a reader needs to know besides.
    pub beside: Vec<String>,
    /// A sentence or two about `message`.
    pub why: Vec<String>,
    /// The message it is about, if there is trouble.
    pub message: Option<MessageId>,
    /// The event that ended it, by its place in the history; else its last.
    pub end: Option<usize>,
    /// A single change of a setting with which this run does no harm.
    pub cure: Option<(String, String)>,
    /// That change in a sentence; or that there is none.
    pub advice: Option<String>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            headline: String::new(),
            ink: Ink::Text,
            beside: Vec::new(),
            why: Vec::new(),
            message: None,
            end: None,
            cure: None,
            advice: None,
        }
    }
}

/// Reads a finished session. Where `seeks`, every single change of a setting is tried
/// out, to find one that would have helped.
#[must_use]
pub fn outcome(session: &Session, seeks: bool, ui: &Ui) -> Outcome {
    let told = narrate::verdict(session, ui.language);
    let (mark, ink) = look(told.weight, ui);
    let message = culprit(session).map(|(message, _)| message);
    let (why, end) = message.map(|message| told_of(session, message, ui.language)).unwrap_or_default();
    let found = if seeks { remedy(session) } else { None };
    let named = found.as_ref().map(|found| (found, value_name(&found.value, ui)));
    let advice = if seeks { narrate::advice(session, named, ui.language) } else { None };
    Outcome {
        headline: format!("{mark} {}", told.headline),
        ink,
        beside: told.beside.into_iter().chain(told.notes).collect(),
        why,
        message,
        end,
        cure: found.map(|found| (found.name, found.value)),
        advice,
    }
}

/// The sign and the ink of a verdict.
fn look(weight: Option<Weight>, ui: &Ui) -> (&'static str, Ink) {
    let glyphs = ui.glyphs();
    match weight {
        Some(Weight::SilentlyLost) => (glyphs.cross, Ink::Lost),
        Some(Weight::Lost) => (glyphs.cross, Ink::Bad),
        Some(Weight::Wrong) => (glyphs.times, Ink::Warn),
        Some(Weight::Told) => (glyphs.dash, Ink::Warn),
        Some(Weight::Waits) => (glyphs.half, Ink::Memory),
        None => (glyphs.check, Ink::Good),
    }
}

/// How many messages are neither applied nor waiting.
#[must_use]
pub const fn gone(totals: &Totals) -> u64 {
    totals.lost + totals.lost_after_ok + totals.refused
}

/// Why this message ended as it did: the event that ended its last copy or made it
/// take effect again, and what is to blame for it.
#[must_use]
pub fn why(session: &Session, message: MessageId, language: Language) -> Vec<String> {
    told_of(session, message, language).0
}

/// Why, and the event that ended it, or else its last, by its place in the history.
fn told_of(session: &Session, message: MessageId, language: Language) -> (Vec<String>, Option<usize>) {
    let excerpt = session.excerpt(message);
    let explanation = explain(&excerpt.events, session.plan(), session.ledger(), message);
    let end = explanation.end.or(explanation.events.last().copied()).map(|id| excerpt.number(id).0 as usize);
    (reasons(session, &explanation, &excerpt.events, language), end)
}

fn reasons(session: &Session, explanation: &Explanation, events: &[Event], language: Language) -> Vec<String> {
    let (plan, message) = (session.plan(), explanation.message);
    let is_repeated = session.ledger().totals_of(message).duplicates > 0;
    if explanation.end.is_none() || is_repeated {
        let causes = narrate::cause(explanation, plan, events, language);
        let full_stop = if language == Language::Zh { "。" } else { "." };
        return causes.into_iter().map(|line| format!("{}{full_stop}", capital(&line))).collect();
    }
    let mut lines = Vec::new();
    if let Some(end) = explanation.end.and_then(|id| events.get(id.0 as usize)) {
        let sentence = narrate::sentence(end, plan.topology(), language);
        lines.push(match language {
            Language::Zh => format!("{}s，{sentence}。", end.time),
            Language::En => format!("At {}s, {sentence}.", end.time),
        });
    }
    match explanation.blame.as_ref() {
        Some(Blame::Fault(index)) => {
            let fault = plan.sentences.get(usize::from(*index));
            let title = fault.and_then(|text| plan.lab.faults.iter().find(|fault| fault.says(text)));
            let name = title.map(|fault| fault.title.in_language(language)).or(fault.map(String::as_str));
            lines.extend(name.map(|name| match language {
                Language::Zh => format!("起因：{name}。"),
                Language::En => format!("What began it: {name}."),
            }));
        }
        Some(Blame::Setting { name, .. }) => {
            let value = plan.settings.word(name);
            lines.push(match language {
                Language::Zh => format!("起因：{name} = {value}。"),
                Language::En => format!("What began it: {name} = {value}."),
            });
        }
        None => {}
    }
    lines
}

/// With a capital at its beginning.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect()
}
