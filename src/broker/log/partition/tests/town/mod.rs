//! Three replicas, a controller that is only its decisions, and an idempotent
//! producer, in an order drawn at random: what is said arrives late, out of order
//! or not at all, processes crash, power fails. What must hold at every step:
//!
//! - the record at offset n below anybody's high watermark is message n, of one and
//!   the same epoch everywhere: nothing is lost, doubled, reordered or rewritten;
//! - within an epoch a leader's high watermark never falls;
//! - what was acknowledged is committed, and every new leader has it;
//! - what a consumer reads is message n at offset n, and stays so.
//!
//! At last all faults end, and all three logs must become one.

mod check;
mod control;
mod post;

use std::collections::BTreeMap;

use crate::broker::log::partition::Options;
use crate::broker::log::partition::tests::bench::{Bench, batch, by, consumer_asks, options, state};
use crate::event::{Kind, NodeId, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Error, FetchPartition, FetchedPartition, Isolation, IsrChange, Partition};
use crate::random::{Purpose, Seed};
use crate::time::{Span, Time};

/// Something on its way between two processes.
enum Mail {
    Fetch { from: usize, broker_epoch: u64, to: usize, asked: FetchPartition },
    Fetched { to: usize, broker_epoch: u64, asked: FetchPartition, answer: FetchedPartition },
    Proposal { from: usize, broker_epoch: u64, change: IsrChange },
    Decision { to: usize, broker_epoch: u64, proposed: u32, answer: Result<Partition, Error> },
}

#[derive(Clone)]
enum News {
    State(Partition),
    Broker { broker: usize, epoch: u64, is_fenced: bool },
}

#[derive(Default)]
struct Seen {
    committed: usize,
    elections: u32,
    cuts: usize,
    power_cuts: u32,
    grown: u32,
}

struct Town {
    seed: Seed,
    draws: u64,
    nodes: [Bench; 3],
    is_up: [bool; 3],
    broker_epochs: [u64; 3],
    is_fenced: [bool; 3],
    /// The metadata log, and how much of it each node has applied.
    news: Vec<News>,
    applied: [usize; 3],
    now: Partition,
    mail: Vec<Mail>,
    /// The epoch of each committed record.
    committed: Vec<u32>,
    /// By (node, broker epoch, leader epoch): the high watermark.
    watermarks: BTreeMap<(usize, u64, u32), u64>,
    /// How many messages are acknowledged, and the request under way.
    acked: u32,
    request: Option<(usize, u64, u32, u64)>,
    has_read: u64,
    seen: Seen,
}

type Verdict = Result<(), String>;

impl Town {
    fn new(seed: u64) -> Self {
        let options = Options { min_insync: 1 + (seed % 2) as u16, replica_lag_max: Span::from_secs(4), ..options() };
        let now = state(Some(0), 1, 1, &[0, 1, 2]);
        let mut town = Self {
            seed: Seed(seed),
            draws: 0,
            nodes: [0, 1, 2].map(|me| Bench::new(me, options)),
            is_up: [true; 3],
            broker_epochs: [1; 3],
            is_fenced: [false; 3],
            news: vec![News::State(now.clone())],
            applied: [0; 3],
            now,
            mail: Vec::new(),
            committed: Vec::new(),
            watermarks: BTreeMap::new(),
            acked: 0,
            request: None,
            has_read: 0,
            seen: Seen::default(),
        };
        (0..3).for_each(|node| town.hear_news(node));
        town
    }

    fn draw(&mut self, bound: u64) -> u64 {
        self.draws += 1;
        self.seed.draw(Purpose::Test).by(self.draws).below(bound)
    }

    fn step(&mut self) -> Verdict {
        let node = self.draw(3) as usize;
        match self.draw(100) {
            0..20 if self.is_up[node] => {
                self.nodes[node].hear_disk();
            }
            20..50 if !self.mail.is_empty() => {
                let at = self.draw(self.mail.len() as u64) as usize;
                let mail = self.mail.remove(at);
                if self.draw(20) > 0 { self.deliver(mail) } else { self.lose(mail) }
            }
            50..68 => self.ask_leader(node),
            68..82 => self.produce(node)?,
            82..91 => self.hear_news(node),
            91..93 => self.let_time_pass(500),
            93..95 if self.draw(3) == 0 => {
                let is_power_cut = self.draw(3) == 0;
                self.crash(node, is_power_cut);
            }
            95..97 => self.restart(node),
            97..98 if !self.is_up[node] => self.fence(node),
            98..100 => self.read(node)?,
            _ => {}
        }
        (0..3).try_for_each(|node| self.check(node))
    }

    fn hear_news(&mut self, node: usize) {
        if self.is_up[node]
            && let Some(news) = self.news.get(self.applied[node]).cloned()
        {
            self.applied[node] += 1;
            self.apply(node, news);
        }
    }

    fn apply(&mut self, node: usize, news: News) {
        match news {
            News::Broker { broker, epoch, is_fenced } => {
                self.nodes[node].replica.broker_changed(NodeId(broker as u16), epoch, is_fenced);
            }
            News::State(state) if state.leader == Some(NodeId(node as u16)) => self.nodes[node].lead(&state),
            News::State(state) => self.nodes[node].follow(&state),
        }
        self.act(node);
    }

    fn let_time_pass(&mut self, most_ms: u64) {
        let span = Span::from_millis(self.draw(most_ms));
        for node in 0..3 {
            let bench = &mut self.nodes[node];
            bench.now += span;
            if self.is_up[node] && bench.replica.next_deadline().is_some_and(|(due, _)| due <= bench.now) {
                bench.act(|it, now, out, effects| it.time_passed(now, out, effects));
                self.act(node);
            }
        }
    }

    /// One or two messages at a time, again and again until they are acknowledged.
    fn produce(&mut self, node: usize) -> Verdict {
        if let Some((to, broker_epoch, leader_epoch, end)) = self.request {
            let replica = &self.nodes[to].replica;
            let is_there = self.is_up[to] && self.broker_epochs[to] == broker_epoch;
            if !is_there || replica.leader_epoch() != leader_epoch {
                self.request = None;
            } else if let Some(answer) = replica.answer(Acks::All, end) {
                self.request = None;
                if answer.is_ok() {
                    self.acked = end as u32;
                }
            } else if self.draw(8) == 0 {
                self.request = None;
            }
            let known = self.committed.len();
            return if self.acked as usize > known {
                Err(format!("{} acknowledged of {known}", self.acked))
            } else {
                Ok(())
            };
        }
        if !self.is_up[node] {
            return Ok(());
        }
        let (first, count) = (self.acked, 1 + self.acked % 2);
        let batch = by((1, 0), first, batch(first..first + count));
        match self.nodes[node].act(|it, now, out, effects| it.produce(now, batch, Acks::All, out, effects)) {
            Ok(appended) if appended.first != u64::from(first) => {
                return Err(format!("message {first} is at offset {}", appended.first));
            }
            Ok(appended) => {
                let leader_epoch = self.nodes[node].replica.leader_epoch();
                self.request = Some((node, self.broker_epochs[node], leader_epoch, appended.end));
            }
            Err(Error::OutOfOrderSequenceNumber) => return Err(format!("message {first} is out of order")),
            Err(_) => {}
        }
        Ok(())
    }

    fn read(&mut self, node: usize) -> Verdict {
        let from = self.draw(self.has_read + 1);
        let answer = self.nodes[node].replica.read(&consumer_asks(from), Isolation::ReadUncommitted, u32::MAX);
        if !self.is_up[node] {
            return Ok(());
        }
        for (offset, message) in crate::broker::log::partition::tests::bench::messages(&answer) {
            if u64::from(message) != offset || offset >= self.committed.len() as u64 {
                return Err(format!("a consumer reads message {message} at offset {offset}"));
            }
            self.has_read = self.has_read.max(offset + 1);
        }
        Ok(())
    }

    /// All faults end.
    fn heal(&mut self) -> Verdict {
        for _ in 0..400 {
            for node in 0..3 {
                self.restart(node);
                self.nodes[node].settle();
                self.hear_news(node);
                self.ask_leader(node);
                self.act(node);
            }
            for mail in std::mem::take(&mut self.mail) {
                self.deliver(mail);
            }
            self.let_time_pass(50);
            (0..3).try_for_each(|node| self.check(node))?;
        }
        let logs: Vec<Vec<u32>> = self.nodes.iter().map(Bench::log).collect();
        let is_one = logs.iter().all(|log| *log == logs[0] && log.len() == self.committed.len());
        if !is_one || self.now.in_sync.len() < 3 {
            return Err(format!("{logs:?} {:?}", self.now));
        }
        self.seen.committed = self.committed.len();
        self.seen.cuts = self.nodes.iter().map(|node| node.noted(Kind::Dropped(Reason::Overwritten)).len()).sum();
        Ok(())
    }
}

fn run(seed: u64) -> Result<Seen, String> {
    let mut town = Town::new(seed);
    let steps = (0..2_000).try_for_each(|_| town.step());
    steps.and_then(|()| town.heal()).map_err(|what| format!("seed {seed}: {what}"))?;
    assert!(town.nodes[0].now > Time::ZERO);
    Ok(town.seen)
}

#[test]
fn three_replicas_keep_their_promises_at_every_seed() {
    let mut all = Seen::default();
    for seed in 0..1_000 {
        let seen = run(seed).unwrap_or_else(|what| panic!("{what}"));
        all.committed += seen.committed;
        all.elections += seen.elections;
        all.cuts += seen.cuts;
        all.power_cuts += seen.power_cuts;
        all.grown += seen.grown;
    }
    assert!(all.committed > 5_000 && all.elections > 2_000, "{} {}", all.committed, all.elections);
    assert!(all.cuts > 500 && all.power_cuts > 500 && all.grown > 2_000);
}

fn is_noticed(flaw: Flaw) -> bool {
    flaw::with(flaw, || (0..1_000).any(|seed| run(seed).is_err()))
}

#[test]
fn every_flaw_of_replication_is_noticed() {
    assert!(is_noticed(Flaw::HighWatermarkFromLeaderAlone));
    assert!(is_noticed(Flaw::TruncateToWatermark));
    assert!(is_noticed(Flaw::SequenceForgottenAtFailover));
    assert!(is_noticed(Flaw::FollowerReadsAhead));
    assert!(is_noticed(Flaw::AckBeforeIsr));
}
