//! What a finished run says: what was lost, and why, in one breath.

use std::sync::Arc;

use crate::event::{Event, Kind, MessageId};
use crate::lab::{Blame, Fate, Session, Totals, explain};
use crate::narrate;
use crate::text::Language;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub headline: String,
    pub ink: Ink,
    /// A sentence or two.
    pub why: Vec<String>,
    /// The message it is about, if there is trouble.
    pub message: Option<MessageId>,
    /// The event that ended it, by its place in the history; else its last.
    pub end: Option<usize>,
    /// A single change of a setting with which this run does no harm.
    pub cure: Option<(String, String)>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { headline: String::new(), ink: Ink::Text, why: Vec::new(), message: None, end: None, cure: None }
    }
}

/// Reads a finished session. `flips` are the single changes of a setting that
/// are tried, one after another, to find one that would have helped.
#[must_use]
pub fn outcome(session: &Session, flips: &[(String, String)], ui: &Ui) -> Outcome {
    let (headline, ink) = headline(&session.totals(), ui);
    let message = culprit(session.fates(), session.events());
    let why = message.map(|message| why(session, message, ui.language)).unwrap_or_default();
    let cure = message.and_then(|_| flips.iter().find(|flip| helps(session, flip)).cloned());
    let end = message.and_then(|message| {
        let excerpt = session.excerpt(message);
        let explanation = explain(&excerpt.events, session.plan(), session.ledger(), message);
        explanation.end.or(explanation.events.last().copied()).map(|id| excerpt.number(id).0 as usize)
    });
    Outcome { headline, ink, why, message, end, cure }
}

/// Whether the same run with one setting flipped loses nothing; or, where nothing
/// was lost anyway, does nothing twice.
fn helps(session: &Session, (name, value): &(String, String)) -> bool {
    let Ok(plan) = session.plan().with_setting(name, value) else { return false };
    let mut other = session.with_plan(Arc::new(plan));
    other.finish();
    let totals = other.totals();
    gone(&totals) == 0 && (gone(&session.totals()) > 0 || totals.duplicates == 0)
}

/// How many messages are neither applied nor waiting.
#[must_use]
pub const fn gone(totals: &Totals) -> u64 {
    totals.lost + totals.lost_after_ok + totals.refused
}

/// Why this message ended as it did: the event that ended its last copy, and
/// what is to blame for it.
#[must_use]
pub fn why(session: &Session, message: MessageId, language: Language) -> Vec<String> {
    let (excerpt, plan) = (session.excerpt(message), session.plan());
    let events = &excerpt.events;
    let explanation = explain(events, plan, session.ledger(), message);
    let mut lines = Vec::new();
    if let Some(end) = explanation.end.and_then(|id| events.get(id.0 as usize)) {
        let sentence = narrate::sentence(end, plan.topology(), language);
        lines.push(match language {
            Language::Zh => format!("{}s，{sentence}。", end.time),
            Language::En => format!("At {}s, {sentence}.", end.time),
        });
    }
    if explanation.end.is_none() {
        let effects = explanation.events.iter().filter_map(|id| events.get(id.0 as usize));
        let effects = effects.filter(|event| matches!(event.kind, Kind::Applied { .. }));
        let told = effects.map(|event| {
            let sentence = narrate::sentence(event, plan.topology(), language);
            match language {
                Language::Zh => format!("{}s，{sentence}", event.time),
                Language::En => format!("at {}s, {sentence}", event.time),
            }
        });
        let told: Vec<_> = told.collect();
        if told.len() > 1 {
            lines.push(match language {
                Language::Zh => format!("{}。", told.join("；")),
                Language::En => format!("For one: {}.", told.join("; ")),
            });
        }
    }
    match explanation.blame {
        Some(Blame::Fault(index)) => {
            let fault = plan.sentences.get(usize::from(index));
            let title = fault.and_then(|text| plan.lab.faults.iter().find(|fault| fault.says(text)));
            let name = title.map(|fault| fault.title.in_language(language)).or(fault.map(String::as_str));
            lines.extend(name.map(|name| match language {
                Language::Zh => format!("起因：{name}。"),
                Language::En => format!("What began it: {name}."),
            }));
        }
        Some(Blame::Setting { name, better }) => lines.push(match language {
            Language::Zh => format!("该怪 {name} 这个设置：改成 {better} 就不会这样。"),
            Language::En => format!("The setting {name} is to blame: {better} would have prevented it."),
        }),
        None => {}
    }
    lines
}

/// The worst first: a silent loss outweighs everything.
fn headline(totals: &Totals, ui: &Ui) -> (String, Ink) {
    let Totals { attempted, told_ok, lost_after_ok, lost, duplicates, reordered, pending, .. } = *totals;
    let zh = ui.language == Language::Zh;
    let mark = ui.glyphs();
    if lost_after_ok > 0 {
        let text = if zh {
            format!("LOST! 收到 ok 的 {told_ok} 单里，有 {lost_after_ok} 单没了")
        } else {
            format!("LOST!  {lost_after_ok} of {told_ok} confirmed {} gone", are(lost_after_ok, "order"))
        };
        return (format!("{} {text}", mark.cross), Ink::Lost);
    }
    if lost > 0 {
        let text = if zh {
            format!("丢了 {lost} 单（共 {attempted} 单），没有一单收到过 ok")
        } else {
            format!("LOST  {lost} of {attempted} {} gone; none had been told ok", are(lost, "order"))
        };
        return (format!("{} {text}", mark.cross), Ink::Bad);
    }
    if duplicates > 0 {
        let text = if zh {
            format!("重复！一单没丢，但多处理了 {duplicates} 次")
        } else if duplicates == 1 {
            "TWICE!  nothing is lost, but one order was worked on again".to_owned()
        } else {
            format!("TWICE!  nothing is lost, but orders were worked on again {duplicates} times")
        };
        return (format!("{} {text}", mark.times), Ink::Warn);
    }
    if let Some(line) = of_compensation(totals, ui).or_else(|| of_reservations(totals, ui)) {
        return line;
    }
    if totals.refused > 0 {
        let refused = totals.refused;
        let text = if zh {
            format!("被拒 {refused} 单：没有收下，但生产者知道")
        } else {
            format!("REFUSED  {refused} {} not taken, and the producer knows it", are(refused, "order"))
        };
        return (format!("{} {text}", mark.dash), Ink::Warn);
    }
    if pending + totals.dead_lettered > 0 {
        let waiting = pending + totals.dead_lettered;
        let text = if zh {
            format!("没有丢；还有 {waiting} 单等着处理")
        } else {
            format!("Nothing is lost; {waiting} still {} to be worked on", if waiting == 1 { "waits" } else { "wait" })
        };
        return (format!("{} {text}", mark.half), Ink::Memory);
    }
    if reordered > 0 {
        let text = if zh {
            format!("一单不少，但有 {reordered} 单乱了顺序")
        } else {
            format!("All {attempted} orders are there, {reordered} of them out of order")
        };
        return (format!("{} {text}", mark.check), Ink::Warn);
    }
    let text = if zh {
        format!("一单不少：{attempted} 单都处理了，各一次")
    } else {
        format!("All {attempted} orders are there, each worked on once")
    };
    (format!("{} {text}", mark.check), Ink::Good)
}

/// What a run with orders that were undone came to, if that is the worst of it.
fn of_compensation(totals: &Totals, ui: &Ui) -> Option<(String, Ink)> {
    let Totals { compensated, overcompensated, pending, dead_lettered, residue, .. } = *totals;
    let (zh, mark) = (ui.language == Language::Zh, ui.glyphs());
    if overcompensated > 0 {
        let text = if zh {
            format!("撤销了 {compensated} 单，却多撤了 {overcompensated} 次：还回去的比拿走的多")
        } else {
            format!("UNDONE TWICE!  {compensated} undone, and put back {overcompensated} times too often")
        };
        return Some((format!("{} {text}", mark.times), Ink::Warn));
    }
    if residue > 0 && compensated > 0 {
        let text = if zh {
            format!("自相矛盾：撤销了 {compensated} 单，其中有的又处理了")
        } else {
            format!("AT ODDS  {compensated} undone, and some of that was worked on all the same")
        };
        return Some((format!("{} {text}", mark.times), Ink::Warn));
    }
    (compensated > 0 && pending + dead_lettered <= compensated).then(|| {
        let text = if zh {
            format!("没有丢；{compensated} 单做不成，已撤销，其余都处理了")
        } else {
            format!(
                "Nothing is lost; {compensated} could not be done and {} undone",
                if compensated == 1 { "is" } else { "are" }
            )
        };
        (format!("{} {text}", mark.check), Ink::Good)
    })
}

/// What a run came to in which reservations went wrong, if that is the worst of it.
fn of_reservations(totals: &Totals, ui: &Ui) -> Option<(String, Ink)> {
    let Totals { frozen, overreleased, .. } = *totals;
    let (zh, mark) = (ui.language == Language::Zh, ui.glyphs().times);
    let text = match (frozen, overreleased) {
        (0, 0) => return None,
        (_, 0) if zh => format!("冻住了 {frozen} 份：永远没人来解冻"),
        (_, 0) => format!("FROZEN  {frozen} reserved for ever"),
        (0, _) if zh => format!("多退了 {overreleased} 份：从没冻结过的也退了"),
        (0, _) => format!("GIVEN AWAY  {overreleased} given back that were never reserved"),
        _ if zh => format!("多退了 {overreleased} 份，又冻住了 {frozen} 份"),
        _ => format!("GIVEN AWAY  {overreleased} never reserved and given back, {frozen} reserved for ever"),
    };
    Some((format!("{mark} {text}"), Ink::Warn))
}

fn are(count: u64, noun: &str) -> String {
    if count == 1 { format!("{noun} is") } else { format!("{noun}s are") }
}

/// The first message that came to harm.
fn culprit(fates: &[Fate], events: &[Event]) -> Option<MessageId> {
    let find = |fate| fates.iter().position(|known| *known == fate).map(|at| MessageId(at as u32 + 1));
    let repeat = || {
        let repeated = events.iter().find(|event| matches!(event.kind, Kind::Applied { first: false }));
        repeated.and_then(Event::message)
    };
    find(Fate::LostAfterOk).or_else(|| find(Fate::Lost)).or_else(repeat).or_else(|| find(Fate::Refused))
}
