//! The sends of one channel that are not answered yet, found by publish tag.
//! Tags count the publishes of a channel from 1, so the window is a queue and a
//! tag is a place in it: nothing is searched and nothing allocated per message.

use std::collections::VecDeque;

use crate::time::Time;

/// A message that the producer keeps: its place in the workload, and which
/// attempt this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub index: u32,
    /// Counted from 1.
    pub attempt: u16,
    /// An earlier attempt went unanswered, so a copy may be with the broker.
    pub unanswered: bool,
}

impl Held {
    /// A message that was never sent.
    pub const fn first(index: u32) -> Self {
        Self { index, attempt: 1, unanswered: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub held: Held,
    pub sent: Time,
    /// It came back as unroutable; its confirm is still to come.
    pub returned: bool,
    settled: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Window {
    slots: VecDeque<Slot>,
    /// The tag before that of the first slot.
    before: u64,
    open: usize,
}

impl Window {
    /// A new channel begins: tags count from 1 again.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.before = 0;
        self.open = 0;
    }

    /// How many sends are unanswered.
    pub const fn open(&self) -> usize {
        self.open
    }

    /// A publish goes out; it gets the next tag.
    pub fn push(&mut self, held: Held, sent: Time) {
        self.slots.push_back(Slot { held, sent, returned: false, settled: false });
        self.open += 1;
    }

    /// The tags that an answer covers. In AMQP, `multiple` with tag 0 means all
    /// that is outstanding. What is not in the window is settled already, or a
    /// mistake, and [`Window::settle`] passes over it.
    pub fn covered(&self, tag: u64, multiple: bool) -> std::ops::RangeInclusive<u64> {
        let last = self.before + self.slots.len() as u64;
        match (multiple, tag) {
            (true, 0) => self.before + 1..=last,
            (true, tag) => self.before + 1..=tag.min(last),
            (false, tag) => tag..=tag.min(last),
        }
    }

    /// Settles one send. `None` if it was settled before.
    pub fn settle(&mut self, tag: u64) -> Option<Slot> {
        let at = usize::try_from(tag.checked_sub(self.before + 1)?).ok()?;
        let slot = self.slots.get_mut(at).filter(|slot| !slot.settled)?;
        slot.settled = true;
        self.open -= 1;
        Some(*slot)
    }

    /// Forgets what is settled at the front. Confirms may come out of order, so
    /// a settled send stays until all before it are settled too.
    pub fn trim(&mut self) {
        while self.slots.front().is_some_and(|slot| slot.settled) {
            self.slots.pop_front();
            self.before += 1;
        }
    }

    /// Marks an open send as returned. A `basic.return` names no tag, but it
    /// comes before the confirm, so the send is near the front.
    pub fn mark_returned(&mut self, is_it: impl Fn(Held) -> bool) -> bool {
        let found = self.slots.iter_mut().find(|slot| !slot.settled && is_it(slot.held));
        found.map(|slot| slot.returned = true).is_some()
    }

    /// When the oldest unanswered send went out. Call [`Window::trim`] first.
    pub fn oldest(&self) -> Option<Time> {
        self.slots.front().map(|slot| slot.sent)
    }

    /// The unanswered sends, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        self.slots.iter().copied().filter(|slot| !slot.settled)
    }

    /// Takes the oldest unanswered send out, when the channel is lost.
    pub fn pop(&mut self) -> Option<Slot> {
        loop {
            let slot = self.slots.pop_front()?;
            self.before += 1;
            if !slot.settled {
                self.open -= 1;
                return Some(slot);
            }
        }
    }
}
