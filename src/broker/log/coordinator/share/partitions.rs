//! The share partitions of one broker, and the fetches that wait in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Caller, Effect, Effects, earlier};
use super::ShareOptions;
use super::partition::SharePartition;
use super::window::Window;
use crate::event::{Kind, NodeId};
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::log::{
    AcquiredRange, Batch, Error, MemberId, Message, Share, ShareFetched, ShareState, TopicPartition,
};
use crate::time::Time;

/// The logs of the partitions this broker leads, as share partitions read them.
pub trait ShareLog {
    /// Where what may be read begins and ends (the high watermark, or the last
    /// stable offset). `None`: this broker does not lead the partition.
    fn bounds(&self, partition: TopicPartition) -> Option<(u64, u64)>;

    /// In which epoch it leads: what the share coordinator tells leaders apart by.
    fn leader_epoch(&self, partition: TopicPartition) -> u32;

    /// Batches from the one that holds `from` on, as many as are at hand. Those
    /// that hold nothing to deliver (markers) are to be left in.
    fn read(&self, partition: TopicPartition, from: u64, max_records: u32) -> Vec<Arc<Batch>>;
}

/// A fetch that found nothing yet.
#[derive(Clone, Debug)]
struct Fetch {
    caller: Caller,
    group: Name,
    member: MemberId,
    most: u32,
    partitions: Box<[TopicPartition]>,
    until: Time,
}

/// All share partitions of one broker: each belongs to a group and a partition
/// that this broker leads. There is one of these a broker.
#[derive(Clone, Debug)]
pub struct SharePartitions {
    options: ShareOptions,
    partitions: BTreeMap<(Name, TopicPartition), SharePartition>,
    fetches: Vec<Fetch>,
    /// Who each member is, and on which connection it was heard last.
    members: BTreeMap<(Name, MemberId), (NodeId, ConnectionId)>,
}

impl SharePartitions {
    #[must_use]
    pub const fn new(options: ShareOptions) -> Self {
        Self { options, partitions: BTreeMap::new(), fetches: Vec::new(), members: BTreeMap::new() }
    }

    /// Takes `Share::Fetch` and `Share::Acknowledge`. A fetch that finds nothing
    /// waits in here.
    pub fn handle(&mut self, now: Time, caller: Caller, message: Message, log: &impl ShareLog, effects: &mut Effects) {
        match message {
            Message::Share(Share::Fetch { group, member, max_wait, max_records, partitions }) => {
                self.members.insert((group, member), (caller.client, caller.connection));
                for partition in &partitions {
                    self.open(group, *partition, log, effects);
                }
                self.fetches.push(Fetch {
                    caller,
                    group,
                    member,
                    most: max_records,
                    partitions,
                    until: now + max_wait,
                });
                self.serve(now, log, effects);
            }
            Message::Share(Share::Acknowledge { group, member, partition, answers }) => {
                self.members.insert((group, member), (caller.client, caller.connection));
                self.open(group, partition, log, effects);
                match self.partitions.get_mut(&(group, partition)) {
                    Some(shared) => shared.acknowledge(now, caller, member, &answers, &self.options, effects),
                    None => {
                        let error = Some(Error::NotLeaderOrFollower);
                        effects.push(Effect::Reply(caller, Share::Acknowledged { partition, error }.into()));
                    }
                }
                self.serve(now, log, effects);
            }
            _ => {}
        }
    }

    /// Asks for what is known of a share partition, the first time in an epoch.
    fn open(&mut self, group: Name, partition: TopicPartition, log: &impl ShareLog, effects: &mut Effects) {
        if log.bounds(partition).is_none() {
            return;
        }
        let epoch = log.leader_epoch(partition);
        let key = (group, partition);
        if self.partitions.get(&key).is_some_and(|shared| shared.leader_epoch != epoch) {
            self.close(key, effects);
        }
        self.partitions.entry(key).or_insert_with(|| SharePartition::new(group, partition, epoch, effects));
    }

    fn close(&mut self, key: (Name, TopicPartition), effects: &mut Effects) {
        if let Some(shared) = self.partitions.remove(&key) {
            shared.resign(effects);
        }
    }

    /// Hands out what there is, to those who have waited longest first.
    fn serve(&mut self, now: Time, log: &impl ShareLog, effects: &mut Effects) {
        let mut at = 0;
        while at < self.fetches.len() {
            let found = self.find(now, at, log);
            let is_over = self.fetches[at].until <= now;
            if found.is_empty() && !is_over {
                at += 1;
                continue;
            }
            let caller = self.fetches.remove(at).caller;
            effects.push(Effect::Reply(caller, Share::Fetched { partitions: found.into() }.into()));
        }
    }

    fn find(&mut self, now: Time, at: usize, log: &impl ShareLog) -> Vec<ShareFetched> {
        let fetch = &self.fetches[at];
        let mut left = fetch.most;
        let mut found = Vec::new();
        for &partition in &fetch.partitions {
            let shared = self.partitions.get_mut(&(fetch.group, partition));
            let Some(((log_start, end), shared)) = log.bounds(partition).zip(shared) else {
                found.push(ShareFetched { partition, answer: Err(Error::NotLeaderOrFollower) });
                continue;
            };
            let Some(window) = &mut shared.window else { continue };
            window.advance(log_start);
            if left == 0 || !window.can_acquire(&self.options) || window.next_fetch() >= end {
                continue;
            }
            let batches = log.read(partition, window.next_fetch(), left);
            let ranges = window.acquire(now, fetch.member, left, &batches, end, &self.options);
            let count: u64 = ranges.iter().map(|range: &AcquiredRange| range.last - range.first + 1).sum();
            left = left.saturating_sub(count as u32);
            if !ranges.is_empty() {
                found.push(ShareFetched { partition, answer: Ok(ranges.into()) });
            }
        }
        found
    }

    /// The high watermark of a partition moved.
    pub fn progress(&mut self, now: Time, partition: TopicPartition, log: &impl ShareLog, effects: &mut Effects) {
        let epoch = log.leader_epoch(partition);
        let is_former = |(key, shared): (&(Name, TopicPartition), &SharePartition)| {
            key.1 == partition && shared.leader_epoch != epoch
        };
        if self.partitions.iter().any(is_former) {
            self.resign(partition, effects);
        }
        if self.fetches.iter().any(|fetch| fetch.partitions.contains(&partition)) {
            self.serve(now, log, effects);
        }
    }

    /// This broker leads the partition no more, or in another epoch.
    pub fn resign(&mut self, partition: TopicPartition, effects: &mut Effects) {
        let keys: Vec<_> = self.partitions.keys().filter(|key| key.1 == partition).copied().collect();
        for key in keys {
            self.fail(key, effects);
        }
    }

    /// Closes a share partition and refuses whoever waits for it.
    fn fail(&mut self, key: (Name, TopicPartition), effects: &mut Effects) {
        self.close(key, effects);
        self.fetches.retain(|fetch| {
            let waits = fetch.group == key.0 && fetch.partitions.contains(&key.1);
            if waits {
                let refused = ShareFetched { partition: key.1, answer: Err(Error::NotLeaderOrFollower) };
                effects.push(Effect::Reply(fetch.caller, Share::Fetched { partitions: [refused].into() }.into()));
            }
            !waits
        });
    }

    /// The share coordinator's answer; `None` when it could not be reached.
    pub fn answered(
        &mut self,
        now: Time,
        group: Name,
        answer: Option<Message>,
        log: &impl ShareLog,
        effects: &mut Effects,
    ) {
        match answer {
            Some(Message::Share(Share::StateRead { partition, answer })) => {
                let key = (group, partition);
                match (self.partitions.get_mut(&key), answer) {
                    (Some(shared), Ok(state)) if shared.window.is_none() => {
                        shared.window = log.bounds(partition).map(|bounds| self.options.begin(state, bounds));
                    }
                    (Some(_), Err(Error::FencedLeaderEpoch)) => self.fail(key, effects),
                    (Some(shared), Err(_)) => shared.not_answered(now, effects),
                    _ => {}
                }
            }
            Some(Message::Share(Share::StateWritten { partition, write, error })) => {
                let key = (group, partition);
                if let Some(shared) = self.partitions.get_mut(&key)
                    && shared.written(now, write, error, effects).is_err()
                {
                    self.fail(key, effects);
                }
            }
            _ => {
                let of_group = self.partitions.values_mut().filter(|shared| shared.is_of(group));
                of_group.for_each(|shared| shared.not_answered(now, effects));
            }
        }
        self.serve(now, log, effects);
    }

    /// A connection ended: what its members hold is released.
    pub fn disconnected(&mut self, now: Time, connection: ConnectionId, log: &impl ShareLog, effects: &mut Effects) {
        self.fetches.retain(|fetch| fetch.caller.connection != connection);
        let gone: Vec<_> = self.members.iter().filter(|(_, it)| it.1 == connection).map(|(key, _)| *key).collect();
        for (group, member) in gone {
            self.members.remove(&(group, member));
            for shared in self.partitions.values_mut().filter(|shared| shared.is_of(group)) {
                if shared.window.as_mut().is_some_and(|window| window.release(member, &self.options)) {
                    shared.write(effects);
                }
            }
        }
        self.serve(now, log, effects);
    }

    /// When `time_passed` must be called, and whether that is housekeeping only: a
    /// fetch that waits moves nothing, but the end of a lock may.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        let fetches = self.fetches.iter().map(|fetch| (fetch.until, true)).min();
        let locks = self.partitions.values().flat_map(|shared| {
            let lock = shared.window.as_ref().and_then(Window::next_deadline);
            [lock, shared.retry_at].into_iter().flatten()
        });
        earlier(fetches, locks.min().map(|at| (at, false)))
    }

    pub fn time_passed(&mut self, now: Time, log: &impl ShareLog, effects: &mut Effects) {
        for (&(group, partition), shared) in &mut self.partitions {
            for (offset, member) in shared.time_passed(now, &self.options, effects) {
                let holder = self.members.get(&(group, member)).map_or(NodeId::default(), |(node, _)| *node);
                let detail = u64::from(holder.0);
                effects.push(Effect::NoteRecord { kind: Kind::LockExpired, partition, offset, detail });
            }
        }
        self.serve(now, log, effects);
    }

    /// Whether a group is done with a record. Nothing is done for a group that has
    /// not read here yet.
    #[must_use]
    pub fn is_done(&self, group: Name, partition: TopicPartition, offset: u64) -> bool {
        let window = self.partitions.get(&(group, partition)).and_then(|shared| shared.window.as_ref());
        window.is_some_and(|window| window.is_done(offset))
    }

    /// Where each group goes on in each partition: before it, all is done for the group.
    pub fn starts(&self) -> impl Iterator<Item = (Name, TopicPartition, u64)> {
        let start = |shared: &SharePartition| shared.window.as_ref().map(Window::start);
        self.partitions.iter().filter_map(move |((group, part), shared)| Some((*group, *part, start(shared)?)))
    }

    #[cfg(test)]
    pub fn window_start(&self) -> Option<u64> {
        self.starts().map(|(_, _, start)| start).next()
    }
}

impl ShareOptions {
    /// Where a group begins in a partition, or goes on.
    fn begin(&self, state: Option<ShareState>, (start, end): (u64, u64)) -> Window {
        match state {
            Some(state) => Window::restore(&state),
            None => Window::new(if self.begins_at_start { start } else { end }),
        }
    }
}
