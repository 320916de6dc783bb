//! The length limit: what a full queue does. `drop-head` makes room at the front,
//! in silence. `reject-publish` tells those who publish to stop; what they had
//! already sent is still taken, so the queue may exceed its limit by that much.
//! They may go on once it has fallen to four fifths.
//!
//! Only what waits counts, and dead letters that are not confirmed; not what
//! consumers hold.

use super::effect::{Effect, Effects};
use super::machine::Machine;
use crate::protocol::queue::DeathReason;
use crate::protocol::queue::Overflow;

impl Machine {
    fn length(&self) -> u64 {
        (self.ready.len() + self.dead.len()) as u64
    }

    fn is_over(&self) -> bool {
        self.config.max_length.is_some_and(|most| self.length() > u64::from(most))
    }

    /// Whether publishes are refused now.
    pub(super) fn refuses(&self) -> bool {
        self.config.overflow == Overflow::RejectPublish && self.is_over()
    }

    /// Whether there is room again, so that those who were told to stop may go on.
    pub(super) fn is_low(&self) -> bool {
        self.config.max_length.is_some_and(|most| self.length() <= u64::from(most) * 4 / 5)
    }

    pub(super) fn hold_limit(&mut self, was_low: bool, effects: &mut Effects) {
        if self.config.max_length.is_none() {
            return;
        }
        if self.config.overflow == Overflow::DropHead {
            while self.is_over() {
                let Some(message) = self.ready.pop() else { return };
                self.bury(message, DeathReason::MaxLength, effects);
            }
        } else if self.is_over() {
            self.tell_enqueuers(true, effects);
        } else if !was_low && self.is_low() {
            self.tell_enqueuers(false, effects);
        }
    }

    fn tell_enqueuers(&mut self, full: bool, effects: &mut Effects) {
        for enqueuer in self.enqueuers.iter_mut().filter(|it| it.blocked != full) {
            enqueuer.blocked = full;
            effects.lead(|| Effect::Full { to: enqueuer.session, full });
        }
    }
}
