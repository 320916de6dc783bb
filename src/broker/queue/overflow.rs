//! The length limit (`x-max-length`, in messages that wait; what consumers hold
//! does not count). A queue that is full either drops its oldest message for the
//! newest, in silence and after having confirmed it (`drop-head`, the default),
//! or refuses the newest, which its publisher hears as a nack if it asked for
//! confirms (`reject-publish`). Left out: limits in bytes, `reject-publish-dlx`.

use super::QueueBroker;
use super::cluster::Place;
use super::entry::EntryIndex;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::queue::{DeathReason, Overflow};
use crate::time::Time;

impl QueueBroker {
    /// Whether a full queue refuses one more message.
    pub(super) fn refuses(&self, queue: u32) -> bool {
        let queue = &self.queues.list[queue as usize];
        queue.place == Place::Here
            && queue.arguments.overflow == Overflow::RejectPublish
            && queue.arguments.max_length.is_some_and(|most| queue.ready.len() >= most as usize)
    }

    /// Drops the oldest until the rest fits.
    #[inline]
    pub(super) fn trim(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let arguments = &self.queues.list[queue as usize].arguments;
        if let (Some(most), Overflow::DropHead) = (arguments.max_length, arguments.overflow) {
            self.trim_to(queue, most as usize, now, out);
        }
    }

    fn trim_to(&mut self, queue: u32, most: usize, now: Time, out: &mut Outputs) {
        while self.queues.list[queue as usize].ready.len() > most {
            let Some(victim) = self.victim(queue) else { return };
            let it = &mut self.queues.list[queue as usize];
            if it.arguments.dead_letter.is_some() && !self.entries[victim].is_resident() {
                return self.read_back(queue, out);
            }
            if flaw::is_on(Flaw::DropTailInsteadOfHead) {
                it.ready.withdraw(victim, &self.entries);
            } else {
                it.ready.pop();
            }
            self.die(victim, DeathReason::MaxLength, now, out);
        }
    }

    fn victim(&self, queue: u32) -> Option<EntryIndex> {
        let ready = &self.queues.list[queue as usize].ready;
        if flaw::is_on(Flaw::DropTailInsteadOfHead) { ready.tail() } else { ready.head() }
    }
}
