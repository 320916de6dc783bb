//! Random lives of a transactional id: processes that replace each other and live
//! on as zombies, coordinators that move, markers that get lost. Partitions are
//! modelled by their rule alone: they refuse an epoch older than the last marker.
//! Whatever happens: a transaction is everywhere what its producer was told, or
//! everywhere aborted.

use std::collections::BTreeMap;

use super::rig::{Rig, add, at, end, init};
use crate::broker::log::coordinator::rig::{Seen, is_noticed, seen_in_many};
use crate::flaw::Flaw;
use crate::protocol::log::{Control, Error, ProducerId, TopicPartition, Transaction};
use crate::random::{Draw, Purpose, Seed};
use crate::time::Span;

/// A record in a partition: which transaction wrote it, and under which producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    transaction: u32,
    producer: ProducerId,
    /// How it ended here.
    ended: Option<Control>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Starting,
    Open,
    Ending(bool),
    Fenced,
}

struct Process {
    phase: Phase,
    producer: ProducerId,
    transaction: u32,
    /// Partitions the coordinator knows it writes to.
    added: Vec<u16>,
    wrote: bool,
    waiting: Option<u32>,
    asked: Vec<u16>,
}

struct Life {
    rig: Rig,
    draw: Draw,
    processes: Vec<Process>,
    partitions: BTreeMap<TopicPartition, Vec<Written>>,
    epochs: BTreeMap<(TopicPartition, u64), u16>,
    /// Markers of `rig.written` that took effect.
    applied: BTreeMap<TopicPartition, usize>,
    transactions: u32,
    told: BTreeMap<u32, Control>,
    seen: Seen,
}

impl Life {
    fn new(seed: u64) -> Self {
        Self {
            rig: Rig::new(),
            draw: Seed(seed).draw(Purpose::Test),
            processes: Vec::new(),
            partitions: BTreeMap::new(),
            epochs: BTreeMap::new(),
            applied: BTreeMap::new(),
            transactions: 0,
            told: BTreeMap::new(),
            seen: Seen::new(),
        }
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn begin(&mut self) {
        let producer = ProducerId { number: 0, epoch: 0 };
        let (added, asked) = (Vec::new(), Vec::new());
        let phase = Phase::Starting;
        let process = Process { phase, producer, transaction: 0, added, wrote: false, waiting: None, asked };
        self.processes.push(process);
    }

    fn step(&mut self, step: u64) {
        let draw = self.draw.by(step);
        match draw.by(1).below(40) {
            0 => self.begin(),
            1 => {
                // What the old coordinator sent arrives all the same, or not.
                if draw.by(3).chance(1, 2) {
                    self.rig.sent.clear();
                }
                self.rig.fail_over(draw.by(2).below(3) as usize);
                self.see("failover");
            }
            2 => self.rig.pass(draw.by(2).span(Span::ZERO, Span::from_secs(30))),
            3 if !self.rig.log.waiting.is_empty() => {
                self.rig.refuse_last(Error::NotEnoughReplicas);
                self.see("refused append");
            }
            4..=6 => self.rig.pass(draw.by(2).span(Span::ZERO, Span::from_millis(300))),
            7..=14 => {
                self.rig.commit_one();
            }
            15..=22 if !self.rig.sent.is_empty() => {
                let index = draw.by(2).below(self.rig.sent.len() as u64) as usize;
                let error = draw.by(3).chance(1, 4).then_some(Error::NotLeaderOrFollower);
                match draw.by(4).chance(1, 10) {
                    true => drop(self.rig.sent.remove(index)),
                    false => self.rig.deliver(index, error),
                }
            }
            _ if !self.processes.is_empty() => {
                // Mostly the newest, now and then a zombie.
                let count = self.processes.len() as u64;
                let back = if draw.by(2).chance(1, 3) { draw.by(3).below(count) } else { 0 };
                self.act((count - 1 - back) as usize, draw.by(4));
            }
            _ => self.begin(),
        }
        self.take_markers();
        self.check();
    }

    /// Markers end what their producer has open in the partition.
    fn take_markers(&mut self) {
        for (partition, markers) in &self.rig.written {
            let applied = self.applied.entry(*partition).or_default();
            for (producer, control) in &markers[*applied..] {
                let epoch = self.epochs.entry((*partition, producer.number)).or_default();
                *epoch = producer.epoch.max(*epoch);
                let records = self.partitions.entry(*partition).or_default().iter_mut();
                let open = records.filter(|written| written.ended.is_none());
                open.filter(|written| written.producer.epoch < producer.epoch)
                    .for_each(|written| written.ended = Some(*control));
            }
            *applied = markers.len();
        }
    }

    fn act(&mut self, index: usize, draw: Draw) {
        if let Some(number) = self.processes[index].waiting {
            match self.rig.answer(number) {
                Some(answer) => {
                    self.processes[index].waiting = None;
                    self.answered(index, answer);
                }
                None if draw.by(1).chance(1, 8) => self.processes[index].waiting = None,
                None => {}
            }
            return;
        }
        let process = &mut self.processes[index];
        let producer = process.producer;
        let request = match (process.phase, draw.by(2).below(6)) {
            (Phase::Fenced, _) => return,
            (Phase::Starting, _) => init(),
            (Phase::Ending(is_commit), _) => end(producer, is_commit),
            (Phase::Open, 0 | 1) => {
                process.asked = vec![draw.by(3).below(4) as u16];
                add(producer, &process.asked)
            }
            (Phase::Open, 2..=4) => return self.write(index, draw),
            (Phase::Open, _) if process.added.is_empty() => return,
            (Phase::Open, _) => {
                process.phase = Phase::Ending(draw.by(3).chance(2, 3));
                return;
            }
        };
        self.processes[index].waiting = Some(self.rig.send(request));
    }

    fn write(&mut self, index: usize, draw: Draw) {
        let process = &mut self.processes[index];
        let Some(partition) = process.added.get(draw.by(3).below(4) as usize) else { return };
        let producer = process.producer;
        let known = self.epochs.entry((at(*partition), producer.number)).or_default();
        if producer.epoch < *known {
            process.phase = Phase::Fenced;
            return self.see("zombie write");
        }
        *known = producer.epoch;
        process.wrote = true;
        let written = Written { transaction: process.transaction, producer, ended: None };
        self.partitions.entry(at(*partition)).or_default().push(written);
    }

    fn answered(&mut self, index: usize, answer: Transaction) {
        let process = &mut self.processes[index];
        let error = match answer {
            Transaction::ProducerIdGiven { answer: Ok(producer) } => {
                self.next(index, producer);
                let older = self.processes[..index].iter().chain(&self.processes[index + 1..]);
                let is_alone = older.into_iter().all(|it| it.producer != producer || it.phase == Phase::Starting);
                return assert!(is_alone, "two processes are {producer:?}");
            }
            Transaction::Answer { error: None } => {
                process.added.append(&mut process.asked);
                process.added.dedup();
                return;
            }
            Transaction::Ended { answer: Ok(producer) } => {
                let Phase::Ending(is_commit) = process.phase else { return };
                let control = if is_commit { Control::Commit } else { Control::Abort };
                let transaction = process.transaction;
                self.told.insert(transaction, control);
                self.next(index, producer);
                return self.see("ended");
            }
            Transaction::ProducerIdGiven { answer: Err(error) } | Transaction::Ended { answer: Err(error) } => error,
            Transaction::Answer { error: Some(error) } => error,
            other => panic!("{other:?}"),
        };
        match error {
            Error::ConcurrentTransactions | Error::CoordinatorNotAvailable | Error::NotCoordinator => {}
            Error::ProducerFenced | Error::InvalidTxnState => {
                process.phase = Phase::Fenced;
                self.see("fenced");
            }
            other => panic!("{other:?}"),
        }
    }

    fn next(&mut self, index: usize, producer: ProducerId) {
        self.transactions += 1;
        let process = &mut self.processes[index];
        process.producer = producer;
        process.transaction = self.transactions;
        process.phase = Phase::Open;
        process.added.clear();
        process.wrote = false;
    }

    /// No partition says otherwise than another, or than the producer was told.
    fn check(&self) {
        let mut ends = self.told.clone();
        for (partition, records) in &self.partitions {
            for written in records.iter().filter(|written| written.ended.is_some()) {
                let ended = written.ended.unwrap_or(Control::Abort);
                let other = *ends.entry(written.transaction).or_insert(ended);
                assert_eq!(other, ended, "{partition:?} {written:?}");
            }
        }
    }

    /// The last process goes away as well: everything open is aborted or finished.
    fn heal(&mut self) {
        for _ in 0..8 {
            for _ in 0..20 {
                self.rig.finish();
                self.rig.pass(Span::from_millis(200));
            }
            self.rig.pass(Span::from_secs(70));
        }
        self.take_markers();
        self.check();
        for (partition, records) in &self.partitions {
            let open = records.iter().find(|written| written.ended.is_none());
            assert_eq!(open, None, "left open in {partition:?}");
        }
    }
}

fn live(seed: u64) -> Seen {
    let mut life = Life::new(seed);
    (0..800).for_each(|step| life.step(step));
    life.heal();
    life.seen
}

#[test]
fn transactions_are_all_or_nothing_at_every_seed() {
    let seen = seen_in_many(live);
    assert!(seen.len() == 5 && seen.values().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn wrong_coordinators_are_noticed() {
    for flaw in [Flaw::MarkerForgotten, Flaw::EpochNotBumped, Flaw::PreparedForgottenAtReload] {
        assert!(is_noticed(flaw, live), "{flaw:?}");
    }
}
