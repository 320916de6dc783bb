//! An event as a sentence, in both languages. A history is exact and dry; a
//! learner reads it as a story: who did what to which message, and why it is
//! gone. A sentence says what its one event shows and no more. Whether another
//! copy lives elsewhere is not in a single event, so no sentence claims that
//! this was the only one.
//!
//! - [`sentence`]: the whole line. `english` and `chinese` each tell every kind
//!   of event in their own words; neither is translated from the other. What is
//!   called otherwise on a log is in `of_log`, what services call one another for in
//!   `of_calls`.
//! - [`explanation`]: what became of one message, and why. [`verdict`]: what a whole run
//!   came to; [`advice`]: what would have helped; [`defect`]: the names of what counts
//!   against a run.
//! - [`label`], [`reason`], [`tier`], [`fault`], [`answer`], [`closed`], [`resource`], [`given_up`]:
//!   the same things as short words, for lists, tables and legends.

mod chinese;
mod english;
mod explanation;
mod of_calls;
mod of_log;
mod scene;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

pub use explanation::{cause, explanation};
pub use verdict::{Verdict, advice, defect, verdict};
pub use words::{answer, closed, fault, given_up, label, reason, resource, tier};

use crate::event::Event;
use crate::lab::Topology;
use crate::text::Language;
use scene::Scene;

/// What happened, in one line without its time and without a full stop. It
/// begins with the node or with the message.
#[must_use]
pub fn sentence(event: &Event, topology: Topology, language: Language) -> String {
    let scene = Scene { event, topology };
    match language {
        Language::Zh => chinese::tell(&scene),
        Language::En => english::tell(&scene),
    }
}
