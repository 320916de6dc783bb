//! The share coordinator: what must outlive the leader of a shared partition. It
//! knows nothing of members and locks; it keeps the last state it was told, in its
//! own partition, and refuses who led before.

use std::collections::{BTreeMap, VecDeque};

use bytes::Buf;

use super::super::{Caller, Effect, Effects, Loaded};
use crate::codec::{Coded, decode, encode, get_all, put_all};
use crate::protocol::Name;
use crate::protocol::log::{Error, Message, Share, ShareRange, ShareState, TopicPartition};
use crate::time::Time;

type Key = (Name, TopicPartition);

/// The record of the share state topic: the whole state each time. (Kafka writes
/// what has changed, and a snapshot now and then.)
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    key: Key,
    leader_epoch: u32,
    state: Option<ShareState>,
}

/// A record that waits for the log.
#[derive(Clone, Debug)]
struct Waiting {
    token: u64,
    caller: Caller,
    kept: Kept,
    /// The number of a write. `None`: a read.
    write: Option<u64>,
    /// What was known before.
    former: Option<Kept>,
}

/// Keeps the state of share partitions in one partition of the share state topic.
#[derive(Clone, Debug, Default)]
pub struct ShareCoordinator {
    is_active: bool,
    /// With what is on its way to the log.
    newest: BTreeMap<Key, Kept>,
    waiting: VecDeque<Waiting>,
    next_token: u64,
}

impl ShareCoordinator {
    /// Becomes active with what its partition holds.
    pub fn load(&mut self, log: impl IntoIterator<Item = Loaded>) {
        self.is_active = true;
        self.newest.clear();
        for loaded in log {
            if let Loaded::Record { bytes, .. } = loaded
                && let Some(kept) = decode::<Kept>(bytes)
            {
                self.newest.insert(kept.key, kept);
            }
        }
    }

    /// Another broker leads now: whoever waits is told so, and all is forgotten.
    pub fn resign(&mut self, effects: &mut Effects) {
        self.is_active = false;
        self.newest.clear();
        for waiting in std::mem::take(&mut self.waiting) {
            waiting.answer(Some(Error::NotCoordinator), effects);
        }
    }

    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// How a request that belongs to a share coordinator is refused.
    #[must_use]
    pub fn refusal(request: &Message, error: Error) -> Option<Message> {
        match request {
            Message::Share(Share::ReadState { partition, .. }) => {
                Some(Share::StateRead { partition: *partition, answer: Err(error) }.into())
            }
            Message::Share(Share::WriteState { partition, write, .. }) => {
                Some(Share::StateWritten { partition: *partition, write: *write, error: Some(error) }.into())
            }
            _ => None,
        }
    }

    /// Takes `Share::ReadState` and `Share::WriteState`, from brokers.
    pub fn handle(&mut self, _now: Time, caller: Caller, message: Message, effects: &mut Effects) {
        let message = &message;
        let (key, leader_epoch, written) = match message {
            Message::Share(Share::ReadState { group, partition, leader_epoch }) => {
                ((*group, *partition), *leader_epoch, None)
            }
            Message::Share(Share::WriteState { group, partition, leader_epoch, write, state }) => {
                ((*group, *partition), *leader_epoch, Some((*write, state.clone())))
            }
            _ => return,
        };
        let known = self.newest.get(&key);
        let error = match known {
            _ if !self.is_active => Some(Error::CoordinatorLoadInProgress),
            Some(known) if known.leader_epoch > leader_epoch => Some(Error::FencedLeaderEpoch),
            _ => None,
        };
        if let Some(error) = error {
            effects.extend(Self::refusal(message, error).map(|refusal| Effect::Reply(caller, refusal)));
            return;
        }
        // A read is written too: from then on the former leader is refused.
        let (write, state) = written.unzip();
        let state = state.or_else(|| known.and_then(|known| known.state.clone()));
        let kept = Kept { key, leader_epoch, state };
        let token = self.next_token;
        self.next_token += 1;
        effects.push(Effect::Append { token, records: [encode(&kept)].into(), producer: None });
        let former = self.newest.insert(key, kept.clone());
        self.waiting.push_back(Waiting { token, caller, kept, write, former });
    }

    /// The append with this token, and all before it, are below the high watermark.
    pub fn committed(&mut self, _now: Time, token: u64, effects: &mut Effects) {
        while let Some(waiting) = self.waiting.pop_front_if(|first| first.token <= token) {
            waiting.answer(None, effects);
        }
    }

    /// The log refused what was appended last: it was never asked for.
    pub fn append_failed(&mut self, _now: Time, token: u64, _error: Error, effects: &mut Effects) {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.token == token)
            && let Some(mut waiting) = self.waiting.remove(at)
        {
            match waiting.former.take() {
                Some(former) => self.newest.insert(former.key, former),
                None => self.newest.remove(&waiting.kept.key),
            };
            waiting.answer(Some(Error::CoordinatorNotAvailable), effects);
        }
    }
}

impl Waiting {
    fn answer(self, error: Option<Error>, effects: &mut Effects) {
        let partition = self.kept.key.1;
        let answer = match self.write {
            None => Share::StateRead { partition, answer: error.map_or(Ok(self.kept.state), Err) },
            Some(write) => Share::StateWritten { partition, write, error },
        };
        effects.push(Effect::Reply(self.caller, answer.into()));
    }
}

impl Coded for Kept {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.key.0.put(bytes);
        self.key.1.put(bytes);
        self.leader_epoch.put(bytes);
        self.state.is_some().put(bytes);
        if let Some(state) = &self.state {
            state.start.put(bytes);
            put_all(state.ranges.iter(), bytes);
        }
    }

    fn get(bytes: &mut impl Buf) -> Option<Self> {
        let key = (Name::get(bytes)?, TopicPartition::get(bytes)?);
        let leader_epoch = u32::get(bytes)?;
        let state = match bool::get(bytes)? {
            false => None,
            true => Some(ShareState { start: u64::get(bytes)?, ranges: get_all(bytes)? }),
        };
        Some(Self { key, leader_epoch, state })
    }
}

impl Coded for ShareRange {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.first.put(bytes);
        self.last.put(bytes);
        self.deliveries.put(bytes);
        self.is_done.put(bytes);
    }

    fn get(bytes: &mut impl Buf) -> Option<Self> {
        Some(Self {
            first: u64::get(bytes)?,
            last: u64::get(bytes)?,
            deliveries: u16::get(bytes)?,
            is_done: bool::get(bytes)?,
        })
    }
}
