//! What waits for the coordinator's partition: each append, what follows once it is
//! committed, and who asked for offsets meanwhile. Nothing is said of an append, and
//! nothing read that depends on one, before it is below the high watermark.

use std::collections::VecDeque;

use bytes::Bytes;

use super::super::{Caller, Effect, Effects};
use crate::protocol::Name;
use crate::protocol::log::{Assignment, MemberId, OffsetAt, ProducerId};
use crate::time::{Span, Time};

/// `offset.commit.timeout.ms`: the asker is told by then that the coordinator is
/// not available, though what was appended may still be committed.
const TIMEOUT: Span = Span::from_secs(5);

/// What an append was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The group became empty.
    Empty,
    /// The leader's assignments of a generation.
    Assign {
        group: Name,
        generation: u32,
        assignments: Box<[(MemberId, Assignment)]>,
    },
    Offsets {
        group: Name,
        producer: Option<ProducerId>,
        offsets: Box<[OffsetAt]>,
        caller: Option<Caller>,
    },
}

/// A request for offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetFetch {
    pub caller: Caller,
    pub group: Name,
    pub partitions: Assignment,
}

#[derive(Clone, Debug)]
pub struct Waiting {
    pub token: u64,
    pub purpose: Purpose,
    pub fetches: Vec<OffsetFetch>,
    /// `None`: its time has passed.
    until: Option<Time>,
}

#[derive(Clone, Debug, Default)]
pub struct Appends {
    /// The token of the next append. It also orders what the log holds.
    pub next: u64,
    list: VecDeque<Waiting>,
}

impl Appends {
    pub fn append(
        &mut self,
        now: Time,
        records: Box<[Bytes]>,
        producer: Option<ProducerId>,
        purpose: Purpose,
        effects: &mut Effects,
    ) {
        let token = self.next;
        self.next += 1;
        self.list.push_back(Waiting { token, purpose, fetches: Vec::new(), until: Some(now + TIMEOUT) });
        effects.push(Effect::Append { token, records, producer });
    }

    /// Lets a request wait for what is on its way, if anything is.
    pub fn wait(&mut self, fetch: OffsetFetch) -> Result<(), OffsetFetch> {
        match self.list.back_mut() {
            Some(last) => {
                last.fetches.push(fetch);
                Ok(())
            }
            None => Err(fetch),
        }
    }

    /// Takes the append with this token out, and what waits for it. Appends are
    /// committed in order, so all before it are too.
    pub fn committed(&mut self, token: u64) -> Option<Waiting> {
        self.list.pop_front_if(|first| first.token <= token)
    }

    /// Takes an append out that never happened. Who waited for it waits for the one
    /// before.
    pub fn failed(&mut self, token: u64) -> Option<Waiting> {
        let at = self.list.iter().position(|waiting| waiting.token == token)?;
        let mut failed = self.list.remove(at)?;
        if let Some(before) = at.checked_sub(1) {
            self.list[before].fetches.append(&mut failed.fetches);
        }
        Some(failed)
    }

    pub fn next_deadline(&self) -> Option<Time> {
        self.list.iter().find_map(|waiting| waiting.until)
    }

    /// An append that has taken too long, for whoever waits for it. An offset stays
    /// in the list: it counts if it is committed after all.
    pub fn late(&mut self, now: Time) -> Option<Purpose> {
        let late = self.list.iter_mut().find(|waiting| waiting.until.is_some_and(|until| until <= now))?;
        late.until = None;
        Some(match &mut late.purpose {
            Purpose::Offsets { group, producer, caller, .. } => {
                let caller = caller.take();
                Purpose::Offsets { group: *group, producer: *producer, offsets: Box::default(), caller }
            }
            other => std::mem::replace(other, Purpose::Empty),
        })
    }

    /// Forgets everything; the next token stays the next.
    pub fn clear(&mut self) -> VecDeque<Waiting> {
        std::mem::take(&mut self.list)
    }
}
