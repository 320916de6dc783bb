//! Coordinators on this broker: one for every partition of an internal topic that
//! it leads. A coordinator is loaded with what its partition holds, appends to it,
//! and is told when its records are below the high watermark.

use std::collections::VecDeque;

use crate::broker::log::coordinator::group::{GroupCoordinator, GroupOptions};
use crate::broker::log::coordinator::share::{ShareCoordinator, ShareOptions, SharePartitions};
use crate::broker::log::coordinator::transaction::{ProducerIds, TransactionCoordinator, TransactionOptions};
use crate::broker::log::coordinator::{Caller, Effect, Effects, Loaded, earlier};
use crate::broker::log::settings::Options;
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, ProducerId, TopicPartition};
use crate::time::Time;

/// Markers that a coordinator of this broker wants written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marking {
    /// The partition of the coordinator.
    pub slot: u32,
    pub producer: ProducerId,
    pub control: Control,
}

/// What a leader answered to markers.
pub(super) type Written = (Marking, Box<[(TopicPartition, Option<Error>)]>);

#[derive(Clone, Debug)]
pub(super) struct Coordination {
    /// Sorted by slot.
    pub offices: Vec<Office>,
    pub shares: SharePartitions,
    pub ids: ProducerIds,
    /// The controller has been asked for more of them.
    pub ids_asked: bool,
    /// What coordinators want done, with their slots; [`SHARES`] for share partitions.
    pub queue: VecDeque<(u32, Effect)>,
    pub markers_written: Vec<Written>,
    /// How many partitions topics have.
    topics: Vec<(Name, u16)>,
    scratch: Effects,
}

/// Stands for the slot of the share partitions, which live with their partitions.
pub(super) const SHARES: u32 = u32::MAX;

/// The coordinator that one partition is kept by.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub slot: u32,
    /// In which its broker leads.
    pub epoch: Option<u32>,
    pub is_loaded: bool,
    clerk: Clerk,
    /// Appended, above the high watermark, by end offset.
    pending: VecDeque<(u64, Awaited)>,
}

#[derive(Clone, Debug)]
enum Clerk {
    Group(Box<GroupCoordinator>),
    Transaction(Box<TransactionCoordinator>),
    Share(Box<ShareCoordinator>),
}

#[derive(Clone, Copy, Debug)]
enum Awaited {
    Append(u64),
    Marker(ProducerId, Control),
}

impl Coordination {
    pub fn new(_: &Options) -> Self {
        Self {
            offices: Vec::new(),
            shares: SharePartitions::new(ShareOptions { begins_at_start: true, ..ShareOptions::default() }),
            ids: ProducerIds::default(),
            ids_asked: false,
            queue: VecDeque::new(),
            markers_written: Vec::new(),
            topics: Vec::new(),
            scratch: Effects::new(),
        }
    }

    /// A topic has so many partitions.
    pub fn topic(&mut self, topic: Name, partitions: u16) {
        self.topics.retain(|(name, _)| *name != topic);
        self.topics.push((topic, partitions));
        for office in &mut self.offices {
            if let Clerk::Group(group) = &mut office.clerk {
                group.topic(topic, partitions);
            }
        }
    }

    pub fn at(&self, slot: u32) -> Option<usize> {
        self.offices.binary_search_by_key(&slot, |office| office.slot).ok()
    }

    /// The office of a partition, opened if this is the first time it leads.
    pub fn open(&mut self, slot: u32, topic: Name, options: &Options) -> usize {
        let at = match self.offices.binary_search_by_key(&slot, |office| office.slot) {
            Ok(at) => return at,
            Err(at) => at,
        };
        let clerk = if topic == options.offsets_topic {
            let mut group = GroupCoordinator::new(GroupOptions::default());
            self.topics.iter().for_each(|(name, count)| group.topic(*name, *count));
            Clerk::Group(Box::new(group))
        } else if topic == options.transactions_topic {
            let offsets = options.offsets_topic;
            let settings = TransactionOptions {
                timeout: options.transaction_timeout,
                ..TransactionOptions::new(offsets, options.partitions_of(offsets))
            };
            Clerk::Transaction(Box::new(TransactionCoordinator::new(settings)))
        } else {
            Clerk::Share(Box::default())
        };
        let office = Office { slot, epoch: None, is_loaded: false, clerk, pending: VecDeque::new() };
        self.offices.insert(at, office);
        at
    }

    /// Lets an office do something, and queues what it wants done.
    fn with(&mut self, at: usize, act: impl FnOnce(&mut Clerk, &mut ProducerIds, &mut Effects)) {
        let office = &mut self.offices[at];
        act(&mut office.clerk, &mut self.ids, &mut self.scratch);
        let slot = office.slot;
        self.queue.extend(self.scratch.drain(..).map(|effect| (slot, effect)));
    }

    /// Lets the share partitions do something.
    pub fn with_shares(&mut self, act: impl FnOnce(&mut SharePartitions, &mut Effects)) {
        act(&mut self.shares, &mut self.scratch);
        self.queue.extend(self.scratch.drain(..).map(|effect| (SHARES, effect)));
    }

    pub fn is_done(&self, group: Name, partition: TopicPartition, offset: u64) -> bool {
        self.shares.is_done(group, partition, offset)
    }

    /// A producer without a transactional id wants to know who it is.
    pub fn identify(&mut self, caller: Caller) {
        TransactionCoordinator::identify(caller, &mut self.ids, &mut self.scratch);
        self.queue.extend(self.scratch.drain(..).map(|effect| (SHARES, effect)));
    }

    /// Its broker leads in this epoch; nothing is known before the partition is read.
    pub fn lead(&mut self, at: usize, epoch: u32) {
        self.resign(at);
        self.offices[at].epoch = Some(epoch);
    }

    pub fn resign(&mut self, at: usize) {
        let office = &mut self.offices[at];
        office.pending.clear();
        office.is_loaded = false;
        if office.epoch.take().is_some() {
            self.with(at, |clerk, _, effects| match clerk {
                Clerk::Group(group) => group.resign(effects),
                Clerk::Transaction(transaction) => transaction.resign(effects),
                Clerk::Share(share) => share.resign(effects),
            });
        }
    }

    pub fn load(&mut self, at: usize, log: Vec<Loaded>, now: Time) {
        let office = &mut self.offices[at];
        office.is_loaded = true;
        office.pending.clear();
        let epoch = office.epoch.unwrap_or(0);
        self.with(at, |clerk, _, effects| match clerk {
            Clerk::Group(group) => group.load(now, epoch, log),
            Clerk::Transaction(transaction) => transaction.load(now, log, effects),
            Clerk::Share(share) => share.load(log),
        });
    }

    pub fn handle(&mut self, at: usize, caller: Caller, message: Message, now: Time) {
        self.with(at, |clerk, ids, effects| match clerk {
            Clerk::Group(group) => group.handle(now, caller, message, effects),
            Clerk::Transaction(transaction) => transaction.handle(now, caller, message, ids, effects),
            Clerk::Share(share) => share.handle(now, caller, message, effects),
        });
    }

    pub fn appended(&mut self, at: usize, token: u64, end: u64) {
        self.offices[at].pending.push_back((end, Awaited::Append(token)));
    }

    pub fn append_failed(&mut self, at: usize, token: u64, error: Error, now: Time) {
        self.with(at, |clerk, _, effects| match clerk {
            Clerk::Group(group) => group.append_failed(now, token, error, effects),
            Clerk::Transaction(transaction) => transaction.append_failed(now, token, error, effects),
            Clerk::Share(share) => share.append_failed(now, token, error, effects),
        });
    }

    /// The end of a transaction is in a coordinator's own partition.
    pub fn marker_appended(&mut self, slot: u32, end: u64, producer: ProducerId, control: Control) {
        if let Some(at) = self.at(slot).filter(|at| self.offices[*at].is_loaded) {
            self.offices[at].pending.push_back((end, Awaited::Marker(producer, control)));
        }
    }

    /// Everything below the high watermark counts.
    pub fn committed(&mut self, at: usize, high_watermark: u64, now: Time) {
        while let Some((_, awaited)) = self.offices[at].pending.front().filter(|it| it.0 <= high_watermark).copied() {
            self.offices[at].pending.pop_front();
            self.with(at, |clerk, _, effects| match (clerk, awaited) {
                (Clerk::Group(group), Awaited::Append(token)) => group.committed(now, token, effects),
                (Clerk::Group(group), Awaited::Marker(producer, control)) => {
                    group.marker(producer, control, effects);
                }
                (Clerk::Transaction(transaction), Awaited::Append(token)) => {
                    transaction.committed(now, token, effects);
                }
                (Clerk::Share(share), Awaited::Append(token)) => share.committed(now, token, effects),
                (_, Awaited::Marker(..)) => {}
            });
        }
    }

    pub fn markers_answered(
        &mut self,
        at: usize,
        marking: Marking,
        answers: &[(TopicPartition, Option<Error>)],
        now: Time,
    ) {
        self.with(at, |clerk, _, effects| {
            if let Clerk::Transaction(transaction) = clerk {
                transaction.markers_written(now, marking.producer, marking.control, answers, effects);
            }
        });
    }

    pub fn time_passed(&mut self, now: Time) {
        for at in 0..self.offices.len() {
            self.with(at, |clerk, _, effects| match clerk {
                Clerk::Group(group) => group.time_passed(now, effects),
                Clerk::Transaction(transaction) => transaction.time_passed(now, effects),
                Clerk::Share(_) => {}
            });
        }
    }

    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        let of = |office: &Office| match &office.clerk {
            Clerk::Group(group) => group.next_deadline(),
            Clerk::Transaction(transaction) => transaction.next_deadline(),
            Clerk::Share(_) => None,
        };
        self.offices.iter().map(of).fold(self.shares.next_deadline(), earlier)
    }

    /// Visits the group coordinators.
    pub fn groups(&self) -> impl Iterator<Item = &GroupCoordinator> {
        self.offices.iter().filter_map(|office| match &office.clerk {
            Clerk::Group(group) if office.epoch.is_some() => Some(&**group),
            _ => None,
        })
    }
}
