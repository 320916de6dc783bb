//! What a finished run comes to, in one sentence about the worst of it, one about
//! whatever else counts against it, and what a reader needs to know besides. It goes
//! by the list in [`crate::lab::defect`]: as long as anything on it is above zero, no
//! sentence here says that all is well.

mod headline;
mod notes;

#[cfg(test)]
mod tests;

use crate::lab::{Defect, Measure, Plan, Remedy, Session, Totals, Weight};
use crate::text::Language;

/// What a run comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One sentence, without a full stop.
    pub headline: String,
    /// How bad the worst is; nothing if all is well.
    pub weight: Option<Weight>,
    /// What else counts against it, if anything does.
    pub beside: Option<String>,
    /// Why something waits, what will never come, which fault never happened.
    pub notes: Vec<String>,
}

/// Reads a finished session.
#[must_use]
pub fn verdict(session: &Session, language: Language) -> Verdict {
    let (totals, plan) = (session.totals(), session.plan());
    Verdict {
        headline: headline::headline(&totals, plan, language),
        weight: totals.weight(),
        beside: beside(&totals, plan, language),
        notes: notes::notes(session, &totals, language),
    }
}

/// How often, in English.
pub(super) fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// The name of what counts against a run, as it is called in this plan: a coordinator
/// that refuses an order cancels it.
#[must_use]
pub fn defect(defect: &Defect, plan: &Plan, language: Language) -> &'static str {
    match defect.measure {
        Measure::Refused => super::given_up(plan).in_language(language),
        _ => defect.name.in_language(language),
    }
}

fn beside(totals: &Totals, plan: &Plan, language: Language) -> Option<String> {
    let others = totals.defects().skip(1).map(|(known, count)| format!("{} {count}", defect(known, plan, language)));
    let others: Vec<_> = others.collect();
    match language {
        _ if others.is_empty() => None,
        Language::Zh => Some(format!("另外：{}", others.join("，"))),
        Language::En => Some(format!("Besides: {}", others.join(", "))),
    }
}

/// What would have helped, tried out at this very seed; `value` is how a screen calls
/// the remedy's value. Nothing if nothing went wrong or all that there is only waits;
/// or if no setting helps where the producer was told no, as that may be meant so.
#[must_use]
pub fn advice(session: &Session, remedy: Option<(&Remedy, &str)>, language: Language) -> Option<String> {
    let (totals, plan) = (session.totals(), session.plan());
    let weight = totals.weight().filter(|weight| *weight > Weight::Waits)?;
    if remedy.is_none() && weight == Weight::Told {
        return None;
    }
    let Some((Remedy { name, totals: after, .. }, value)) = remedy else {
        return Some(match language {
            Language::Zh => "同一个种子，同样的故障：这个实验的设置逐个试过，没有哪一个单独改了就能避免。".to_owned(),
            Language::En => {
                "Same seed, same fault: every setting of this lab was tried, and no single change prevents it."
                    .to_owned()
            }
        });
    };
    let left = after.defects().map(|(known, count)| format!("{} {count}", defect(known, plan, language)));
    let left: Vec<_> = left.collect();
    Some(match (left.is_empty(), language) {
        (true, Language::Zh) => format!("同一个种子，同样的故障，只把 {name} 改成“{value}”：就没有这回事。"),
        (true, Language::En) => format!("Same seed, same fault, only {name} = {value}: this does not happen."),
        (false, Language::Zh) => {
            format!(
                "同一个种子，同样的故障，只把 {name} 改成“{value}”：就没有这回事，只剩{}。",
                spaced(&left.join("，"))
            )
        }
        (false, Language::En) => {
            format!(
                "Same seed, same fault, only {name} = {value}: this does not happen; what is left is {}.",
                left.join(", ")
            )
        }
    })
}

/// With a space before it if it begins with a Latin letter.
fn spaced(text: &str) -> String {
    if text.starts_with(|first: char| first.is_ascii()) { format!(" {text}") } else { text.to_owned() }
}
