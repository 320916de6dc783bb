//! Settings that change nothing at the moment, and why: no sweep varies them, no advice
//! is sought in them, and the bench draws them faint.

use super::cast::model_of;
use super::file::Lab;
use crate::client::pattern::Pattern;

/// Why a setting changes nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It is of the model that was not chosen.
    OtherModel,
    /// The pattern that was chosen has no use for it.
    Pattern,
    /// Kafka's idempotence is on by default and asks for `acks=all`. Without that the
    /// default is quietly off; one that was written keeps a producer from starting.
    WithoutAcksAll,
}

impl Lab {
    /// Why a setting changes nothing where others are chosen so, if that is known.
    /// `chosen` gives the word of a setting, or nothing as long as it is open.
    pub fn idle<'a>(&self, setting: &str, chosen: impl Fn(&str) -> Option<&'a str>) -> Option<Idle> {
        let is_open = chosen("model").is_none() && self.setting("model").is_some();
        let model = (!is_open).then(|| self.models.chosen(chosen("model").unwrap_or_default()));
        let has_no_use = |word| !Pattern::named(word).uses(setting);
        if model_of(setting).zip(model).is_some_and(|(its, chosen)| its != chosen) {
            Some(Idle::OtherModel)
        } else if self.setting("pattern").and_then(|_| chosen("pattern")).is_some_and(has_no_use) {
            Some(Idle::Pattern)
        } else if setting == "idempotence" && chosen("acks").is_some_and(|word| word != "all") {
            Some(Idle::WithoutAcksAll)
        } else {
            None
        }
    }
}
