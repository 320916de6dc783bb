//! One share partition at its leader: the records in hand, and their way to the
//! share coordinator. One write is under way at a time; what is settled meanwhile
//! goes with the next, and a member is answered when its own is written.

use super::super::{Caller, Effect, Effects};
use super::window::Window;
use super::{Flaw, ShareOptions, flaw};
use crate::event::Kind;
use crate::protocol::Name;
use crate::protocol::log::{Error, MemberId, Share, ShareAnswer, TopicPartition};
use crate::time::{Span, Time};

/// How long to wait before the share coordinator is asked again, and how often a
/// write is tried (`PersisterStateManager`: five times, from one second on).
const BACK_OFF: Span = Span::from_secs(1);
const TRIES: u32 = 5;

#[derive(Clone, Debug)]
pub struct SharePartition {
    group: Name,
    partition: TopicPartition,
    pub leader_epoch: u32,
    /// `None`: not read yet.
    pub window: Option<Window>,
    /// The write that what is settled from now on belongs to.
    next_write: u64,
    under_way: Option<u64>,
    tries: u32,
    must_write: bool,
    /// When to ask again what was not answered.
    pub retry_at: Option<Time>,
    /// Members that wait, with their write.
    waiting: Vec<(u64, Caller)>,
}

impl SharePartition {
    pub fn new(group: Name, partition: TopicPartition, leader_epoch: u32, effects: &mut Effects) -> Self {
        let new = Self {
            group,
            partition,
            leader_epoch,
            window: None,
            next_write: 1,
            under_way: None,
            tries: 0,
            must_write: false,
            retry_at: None,
            waiting: Vec::new(),
        };
        new.ask(effects);
        new
    }

    pub fn is_of(&self, group: Name) -> bool {
        self.group == group
    }

    /// Reads the state, or writes it once it is read.
    fn ask(&self, effects: &mut Effects) {
        let (group, partition, leader_epoch) = (self.group, self.partition, self.leader_epoch);
        let message = match (&self.window, self.under_way) {
            (None, _) => Share::ReadState { group, partition, leader_epoch },
            (Some(_), None) => return,
            (Some(window), Some(write)) => {
                Share::WriteState { group, partition, leader_epoch, write, state: window.snapshot() }
            }
        };
        effects.push(Effect::AskShareCoordinator { group, message: message.into() });
    }

    /// Something changed that must outlive this leader.
    pub fn write(&mut self, effects: &mut Effects) {
        self.must_write = true;
        self.go_on(effects);
    }

    fn go_on(&mut self, effects: &mut Effects) {
        if self.must_write && self.under_way.is_none() {
            (self.must_write, self.tries) = (false, 0);
            self.under_way = Some(self.next_write);
            self.next_write += 1;
            self.ask(effects);
        }
    }

    pub fn acknowledge(
        &mut self,
        now: Time,
        caller: Caller,
        member: MemberId,
        answers: &[(u64, u64, ShareAnswer)],
        options: &ShareOptions,
        effects: &mut Effects,
    ) {
        let next_write = self.next_write;
        let settled = match &mut self.window {
            Some(window) => window.acknowledge(now, member, answers, next_write, options),
            None => Err(Error::InvalidRecordState),
        };
        match settled {
            Ok(true) if flaw::is_on(Flaw::ShareAnsweredBeforeWritten) => self.reply(caller, None, effects),
            Ok(true) => self.waiting.push((next_write, caller)),
            Ok(false) => self.reply(caller, None, effects),
            Err(error) => {
                let offsets = answers.iter().flat_map(|(first, last, _)| *first..=*last);
                let (kind, partition, detail) = (Kind::AckRefused, self.partition, u64::from(caller.client.0));
                effects.extend(offsets.map(|offset| Effect::NoteRecord { kind, partition, offset, detail }));
                self.reply(caller, Some(error), effects);
            }
        }
        if settled == Ok(true) {
            self.write(effects);
        }
    }

    fn reply(&self, caller: Caller, error: Option<Error>, effects: &mut Effects) {
        let answer = Share::Acknowledged { partition: self.partition, error };
        effects.push(Effect::Reply(caller, answer.into()));
    }

    /// What became of a write. `Err`: this broker does not lead any more.
    pub fn written(&mut self, now: Time, write: u64, error: Option<Error>, effects: &mut Effects) -> Result<(), Error> {
        if self.under_way != Some(write) {
            return Ok(());
        }
        match error {
            None => self.settle(now, write, None, effects),
            Some(Error::FencedLeaderEpoch) => return Err(Error::NotLeaderOrFollower),
            Some(_) => self.not_answered(now, effects),
        }
        Ok(())
    }

    /// Ends a write: its members are answered.
    fn settle(&mut self, now: Time, write: u64, error: Option<Error>, effects: &mut Effects) {
        self.under_way = None;
        if let Some(window) = &mut self.window {
            window.written(now, write, error.is_none());
        }
        self.answer(|waiting| waiting == write, error, effects);
        self.go_on(effects);
    }

    fn answer(&mut self, which: impl Fn(u64) -> bool, error: Option<Error>, effects: &mut Effects) {
        let waiting = std::mem::take(&mut self.waiting);
        let (answered, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(write, _)| which(*write));
        self.waiting = rest;
        answered.into_iter().for_each(|(_, caller)| self.reply(caller, error, effects));
    }

    /// The share coordinator could not be reached, or not serve.
    pub fn not_answered(&mut self, now: Time, effects: &mut Effects) {
        if self.retry_at.is_some() {
            return;
        }
        self.tries += 1;
        match self.under_way {
            Some(write) if self.tries >= TRIES => {
                self.settle(now, write, Some(Error::CoordinatorNotAvailable), effects)
            }
            None if self.window.is_some() => {}
            _ => self.retry_at = Some(now + BACK_OFF),
        }
    }

    /// Ends with everyone who waits.
    pub fn resign(mut self, effects: &mut Effects) {
        self.answer(|_| true, Some(Error::NotLeaderOrFollower), effects);
    }

    /// The records whose locks ended, and who had them.
    pub fn time_passed(&mut self, now: Time, options: &ShareOptions, effects: &mut Effects) -> Vec<(u64, MemberId)> {
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            self.ask(effects);
        }
        let ended = self.window.as_mut().map_or_else(Vec::new, |window| window.time_passed(now, options));
        if !ended.is_empty() {
            // Nobody waits for this: who held it is beyond being told.
            self.write(effects);
        }
        ended
    }
}
