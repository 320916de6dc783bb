//! The group coordinator: consumer groups by the classic protocol (the default of
//! the clients), their committed offsets, and who is in which share group.
//!
//! - `classic`, `member`: a group, its state and its members.
//! - `join`, `rebalance`, `membership`: how a generation comes about and ends.
//! - `offsets`: committed offsets, and those of open transactions.
//! - `appends`: what waits for the coordinator's partition.
//! - `record`: what is kept there.
//! - `requests`: which request goes where.
//! - `share_members`: members of share groups.
//! - `show`: what can be seen from outside.
//!
//! The coordinator hands out no partition: it collects who is there, makes one
//! member the leader, and passes on what that one decides. What protects a group
//! from a member that was put out and does not know it, is the **generation**: a
//! commit of a former one is refused. A generation and its assignments are records
//! of the log like offsets, so both outlive the coordinator.
//!
//! Left out: static members (`group.instance.id`), several strategies in one join,
//! a largest size of groups, deletion of groups and expiry of offsets.
//! Source: `GroupMetadataManager`, `OffsetMetadataManager`, `ClassicGroup`.

mod appends;
mod classic;
mod join;
mod member;
mod membership;
mod offsets;
mod rebalance;
mod record;
mod requests;
mod share_members;
mod show;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use appends::{Appends, OffsetFetch, Purpose};
use classic::{ClassicGroup, Desk};
use offsets::Offsets;
use record::Record;
use share_members::ShareMembers;

use super::{Effect, Effects, Loaded, earlier};
use crate::codec::decode;
use crate::event::{Kind, commit_detail};
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Group, MemberId, ProducerId};
use crate::time::{Span, Time};

/// What an operator may set. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupOptions {
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay: Span,
    /// How long a share group's member may be silent (`group.share.session.timeout.ms`).
    pub share_session_timeout: Span,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self { initial_rebalance_delay: Span::from_secs(3), share_session_timeout: Span::from_secs(45) }
    }
}

/// The coordinator of the groups that one partition of the offsets topic holds.
#[derive(Clone, Debug)]
pub struct GroupCoordinator {
    options: GroupOptions,
    is_active: bool,
    /// The leader epoch, and how many numbers of members were given out in it.
    epoch: u32,
    given: u32,
    groups: BTreeMap<Name, ClassicGroup>,
    offsets: Offsets,
    shares: ShareMembers,
    appends: Appends,
    /// Partitions of each topic.
    topics: BTreeMap<Name, u16>,
}

impl GroupCoordinator {
    #[must_use]
    pub fn new(options: GroupOptions) -> Self {
        Self {
            options,
            is_active: false,
            epoch: 0,
            given: 0,
            groups: BTreeMap::new(),
            offsets: Offsets::default(),
            shares: ShareMembers::default(),
            appends: Appends::default(),
            topics: BTreeMap::new(),
        }
    }

    /// Becomes active in `epoch` (the leader epoch of its partition, which makes
    /// the member ids it gives out its own) with what the partition holds.
    pub fn load(&mut self, now: Time, epoch: u32, log: impl IntoIterator<Item = Loaded>) {
        self.forget();
        (self.epoch, self.given, self.is_active) = (epoch, 0, true);
        for loaded in log {
            match loaded {
                Loaded::Marker { producer, control } => self.offsets.end(producer, control, &mut |_, _, _| {}),
                Loaded::Record { producer, bytes } => match decode(bytes) {
                    Some(Record::Offset { .. }) if flaw::is_on(Flaw::OffsetsForgottenAtReload) => {}
                    Some(Record::Offset { group, at }) => {
                        let order = self.appends.next;
                        self.appends.next += 1;
                        self.offsets.put(group, at, producer, order);
                    }
                    Some(Record::Generation { group, generation, leader, strategy, members }) => {
                        let restored = self.groups.entry(group).or_insert_with(|| ClassicGroup::new(group));
                        restored.strategy = strategy;
                        restored.restore(now, generation, leader, members);
                    }
                    None => {}
                },
            }
        }
    }

    fn forget(&mut self) {
        self.is_active = false;
        self.groups.clear();
        self.offsets = Offsets::default();
        self.shares = ShareMembers::default();
    }

    /// Another broker leads now: whoever waits is told so, and all is forgotten.
    pub fn resign(&mut self, effects: &mut Effects) {
        let error = Error::NotCoordinator;
        for group in self.groups.values() {
            for member in group.members.values() {
                let joining = Group::Joined { member: member.id, answer: Err(error) };
                effects.extend(member.awaiting_join.map(|caller| Effect::Reply(caller, joining.into())));
                let syncing = Group::Synced { answer: Err(error) };
                effects.extend(member.awaiting_sync.map(|caller| Effect::Reply(caller, syncing.into())));
            }
        }
        for waiting in self.appends.clear() {
            if let Purpose::Offsets { caller: Some(caller), .. } = waiting.purpose {
                effects.push(Effect::Reply(caller, Group::OffsetCommitted { error: Some(error) }.into()));
            }
            let fetches = waiting.fetches.into_iter();
            effects.extend(
                fetches.map(|it| Effect::Reply(it.caller, Group::OffsetsFetched { answer: Err(error) }.into())),
            );
        }
        self.forget();
    }

    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// How many partitions a topic has, whenever the host learns it.
    pub fn topic(&mut self, topic: Name, partitions: u16) {
        self.topics.insert(topic, partitions);
    }

    /// The append with this token, and all before it, are below the high watermark.
    pub fn committed(&mut self, now: Time, token: u64, effects: &mut Effects) {
        while let Some(waiting) = self.appends.committed(token) {
            match waiting.purpose {
                Purpose::Empty => {}
                Purpose::Assign { group, generation, ref assignments } => {
                    self.at_group(now, group, effects, |group, desk| {
                        group.assigned(generation, Ok(assignments), desk);
                    });
                }
                Purpose::Offsets { group, producer, ref offsets, caller } => {
                    for at in offsets {
                        self.offsets.put(group, *at, producer, waiting.token);
                        if producer.is_none() {
                            let detail = commit_detail(group, at.partition.partition, at.offset);
                            effects.push(Effect::Note(Kind::OffsetCommitted, detail));
                        }
                    }
                    let answer = Group::OffsetCommitted { error: None };
                    if !flaw::is_on(Flaw::OffsetAnsweredBeforeCommitted) {
                        effects.extend(caller.map(|caller| Effect::Reply(caller, answer.into())));
                    }
                }
            }
            self.answer_fetches(&waiting.fetches, effects);
        }
    }

    fn answer_fetches(&self, fetches: &[OffsetFetch], effects: &mut Effects) {
        effects.extend(fetches.iter().map(|fetch| {
            let answer = self.offsets.fetch(fetch.group, &fetch.partitions);
            Effect::Reply(fetch.caller, Group::OffsetsFetched { answer }.into())
        }));
    }

    pub fn append_failed(&mut self, now: Time, token: u64, error: Error, effects: &mut Effects) {
        let Some(waiting) = self.appends.failed(token) else { return };
        self.answer_fetches(&waiting.fetches, effects);
        self.give_up(now, waiting.purpose, error, effects);
    }

    /// An append failed, or takes too long.
    fn give_up(&mut self, now: Time, purpose: Purpose, error: Error, effects: &mut Effects) {
        let error = match error {
            Error::NotLeaderOrFollower | Error::KafkaStorageError => Error::NotCoordinator,
            Error::NotEnoughReplicas | Error::NotEnoughReplicasAfterAppend | Error::RequestTimedOut => {
                Error::CoordinatorNotAvailable
            }
            other => other,
        };
        match purpose {
            Purpose::Empty => {}
            Purpose::Assign { group, generation, .. } => {
                self.at_group(now, group, effects, |group, desk| group.assigned(generation, Err(error), desk));
            }
            Purpose::Offsets { caller, .. } => {
                let answer = Group::OffsetCommitted { error: Some(error) };
                effects.extend(caller.map(|caller| Effect::Reply(caller, answer.into())));
            }
        }
    }

    /// Works on a group, if there is one of that name.
    fn at_group(
        &mut self,
        now: Time,
        name: Name,
        effects: &mut Effects,
        work: impl FnOnce(&mut ClassicGroup, &mut Desk),
    ) {
        let initial_delay = self.options.initial_rebalance_delay;
        if let Some(group) = self.groups.get_mut(&name) {
            work(group, &mut Desk { now, initial_delay, appends: &mut self.appends, effects });
        }
    }

    /// A transaction's marker in the coordinator's partition is below the high
    /// watermark: the offsets that were part of it count now, or never.
    pub fn marker(&mut self, producer: ProducerId, control: Control, effects: &mut Effects) {
        self.offsets.end(producer, control, &mut |group, partition, offset| {
            effects.push(Effect::Note(Kind::OffsetCommitted, commit_detail(group, partition.partition, offset)));
        });
    }

    /// When `time_passed` must be called, and whether that is housekeeping only.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        let groups = self.groups.values().filter_map(ClassicGroup::next_deadline).min();
        let shares = self.shares.next_deadline().map(|at| (at, true));
        earlier(earlier(groups, shares), self.appends.next_deadline().map(|at| (at, false)))
    }

    pub fn time_passed(&mut self, now: Time, effects: &mut Effects) {
        while let Some(late) = self.appends.late(now) {
            self.give_up(now, late, Error::RequestTimedOut, effects);
        }
        let initial_delay = self.options.initial_rebalance_delay;
        for group in self.groups.values_mut() {
            group.time_passed(&mut Desk { now, initial_delay, appends: &mut self.appends, effects });
        }
        self.shares.time_passed(now);
    }

    /// A number that no other coordinator of this partition has given out.
    const fn next_member(epoch: u32, given: &mut u32) -> MemberId {
        *given += 1;
        MemberId((epoch as u64) << 32 | *given as u64)
    }
}
