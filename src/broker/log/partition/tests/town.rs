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

use std::collections::BTreeMap;

use super::bench::{Bench, batch, by, consumer_asks, options, state};
use crate::broker::log::partition::{Effect, Options};
use crate::event::{Kind, NodeId, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::log::{
    Acks, Error, FetchPartition, FetchedPartition, Isolation, IsrChange, Partition, ReplicaState,
};
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

    fn act(&mut self, node: usize) {
        for effect in std::mem::take(&mut self.nodes[node].effects) {
            if let Effect::ProposeIsr(change) = effect {
                self.mail.push(Mail::Proposal { from: node, broker_epoch: self.broker_epochs[node], change });
            }
        }
    }

    fn ask_leader(&mut self, node: usize) {
        let leader = self.nodes[node].replica.state().and_then(|state| state.leader);
        if self.is_up[node]
            && self.mail.len() < 12
            && let Some(asked) = self.nodes[node].replica.next_fetch()
            && let Some(leader) = leader
        {
            let (broker_epoch, to) = (self.broker_epochs[node], usize::from(leader.0));
            self.mail.push(Mail::Fetch { from: node, broker_epoch, to, asked });
        }
    }

    fn deliver(&mut self, mail: Mail) {
        let to = match &mail {
            Mail::Fetch { to, .. } | Mail::Fetched { to, .. } | Mail::Decision { to, .. } => *to,
            Mail::Proposal { from, .. } => *from,
        };
        let (is_up, current) = (self.is_up[to], self.broker_epochs[to]);
        let node = &mut self.nodes[to];
        match mail {
            Mail::Fetch { from, broker_epoch, asked, .. } if is_up => {
                let follower = ReplicaState { replica: NodeId(from as u16), broker_epoch };
                let answer =
                    node.act(|it, now, out, effects| it.follower_fetch(now, follower, &asked, 200, out, effects));
                self.mail.push(Mail::Fetched { to: from, broker_epoch, asked, answer });
            }
            Mail::Fetched { broker_epoch, asked, answer, .. } if is_up && broker_epoch == current => {
                node.act(|it, now, out, effects| it.fetched(now, &asked, answer, out, effects));
            }
            Mail::Proposal { from, broker_epoch, change } => {
                let answer = self.decide(from, broker_epoch, &change);
                self.mail.push(Mail::Decision { to, broker_epoch, proposed: change.partition_epoch, answer });
            }
            Mail::Decision { broker_epoch, proposed, answer, .. } if is_up && broker_epoch == current => {
                node.isr_answer(proposed, answer);
            }
            _ => {}
        }
        self.act(to);
    }

    /// A lost fetch is asked again; of a lost proposal its leader is told.
    fn lose(&mut self, mail: Mail) {
        let (to, broker_epoch, proposed) = match mail {
            Mail::Fetch { .. } | Mail::Fetched { .. } => return,
            Mail::Proposal { from, broker_epoch, change } => (from, broker_epoch, change.partition_epoch),
            Mail::Decision { to, broker_epoch, proposed, .. } => (to, broker_epoch, proposed),
        };
        self.deliver(Mail::Decision { to, broker_epoch, proposed, answer: Err(Error::RequestTimedOut) });
    }

    /// The controller's answer to a proposal.
    fn decide(&mut self, from: usize, broker_epoch: u64, change: &IsrChange) -> Result<Partition, Error> {
        if broker_epoch != self.broker_epochs[from] || self.is_fenced[from] {
            return Err(Error::StaleBrokerEpoch);
        } else if change.leader_epoch != self.now.leader_epoch {
            return Err(Error::FencedLeaderEpoch);
        } else if change.partition_epoch != self.now.partition_epoch {
            return Err(Error::InvalidUpdateVersion);
        }
        let is_stale = |(node, epoch): &(NodeId, u64)| {
            let at = usize::from(node.0);
            self.is_fenced[at] || self.broker_epochs[at] != *epoch
        };
        if change.in_sync.iter().any(is_stale) {
            return Err(Error::IneligibleReplica);
        }
        self.seen.grown += u32::from(change.in_sync.len() > self.now.in_sync.len());
        self.now.in_sync = change.in_sync.iter().map(|(node, _)| *node).collect();
        self.publish(false);
        Ok(self.now.clone())
    }

    fn publish(&mut self, is_election: bool) {
        self.now.partition_epoch += 1;
        self.now.leader_epoch += u32::from(is_election);
        self.seen.elections += u32::from(is_election);
        self.news.push(News::State(self.now.clone()));
    }

    /// The controller knows that a broker is gone. The last one in sync stays so.
    fn fence(&mut self, node: usize) {
        if std::mem::replace(&mut self.is_fenced[node], true) {
            return;
        }
        self.news.push(News::Broker { broker: node, epoch: self.broker_epochs[node], is_fenced: true });
        let gone = NodeId(node as u16);
        let others: Vec<NodeId> = self.now.in_sync.iter().copied().filter(|one| *one != gone).collect();
        if !others.is_empty() {
            self.now.in_sync = others.into();
        }
        let led = self.now.leader == Some(gone);
        if led {
            self.now.leader = self.now.in_sync.iter().copied().find(|one| !self.is_fenced[usize::from(one.0)]);
        }
        self.publish(led);
    }

    fn crash(&mut self, node: usize, is_power_cut: bool) {
        let is_last = *self.now.in_sync == [NodeId(node as u16)];
        if !self.is_up[node] || is_power_cut && is_last {
            return;
        }
        self.is_up[node] = false;
        let (seed, draws) = (self.seed, self.draws);
        let keeps = |file: u32, unsynced: usize| {
            seed.draw(Purpose::Test).by(draws).by(file.into()).below(unsynced as u64 + 1) as usize
        };
        self.nodes[node].disk.crash(is_power_cut, keeps);
        self.seen.power_cuts += u32::from(is_power_cut);
        if is_power_cut {
            self.fence(node);
        }
    }

    /// A new incarnation. It knows the metadata log up to here, and may serve.
    fn restart(&mut self, node: usize) {
        if std::mem::replace(&mut self.is_up[node], true) {
            return;
        }
        self.fence(node);
        self.broker_epochs[node] += 1;
        self.is_fenced[node] = false;
        self.news.push(News::Broker { broker: node, epoch: self.broker_epochs[node], is_fenced: false });
        if self.now.leader.is_none() && self.now.in_sync.contains(&NodeId(node as u16)) {
            self.now.leader = Some(NodeId(node as u16));
            self.publish(true);
        }
        self.nodes[node].start();
        let last_state = self.news.iter().rposition(|news| matches!(news, News::State(_))).unwrap_or(0);
        for at in 0..self.news.len() {
            match self.news[at].clone() {
                News::State(_) if at != last_state => {}
                news => self.apply(node, news),
            }
        }
        self.applied[node] = self.news.len();
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
        for (offset, message) in super::bench::messages(&answer) {
            if u64::from(message) != offset || offset >= self.committed.len() as u64 {
                return Err(format!("a consumer reads message {message} at offset {offset}"));
            }
            self.has_read = self.has_read.max(offset + 1);
        }
        Ok(())
    }

    /// What must hold at every step.
    fn check(&mut self, node: usize) -> Verdict {
        if !self.is_up[node] {
            return Ok(());
        }
        let replica = &self.nodes[node].replica;
        let (reached, epoch) = (replica.high_watermark(), replica.leader_epoch());
        if replica.is_leader() {
            let before = self.watermarks.insert((node, self.broker_epochs[node], epoch), reached);
            if before.is_none() && epoch == self.now.leader_epoch && replica.log_end() < self.committed.len() as u64 {
                return Err(format!(
                    "the leader of epoch {epoch} has {} of {}",
                    replica.log_end(),
                    self.committed.len()
                ));
            }
            if before.is_some_and(|before| before > reached) {
                return Err(format!("the high watermark fell to {reached} in epoch {epoch}"));
            }
        } else if reached > self.committed.len() as u64 {
            return Err(format!("a follower takes {reached} of {} for committed", self.committed.len()));
        }
        let (committed, mut wrong) = (&mut self.committed, None);
        replica.batches(0, &mut |batch| {
            for (offset, record) in (batch.first_offset..reached).zip(batch.records.iter()) {
                if offset == committed.len() as u64 {
                    committed.push(batch.leader_epoch);
                }
                let known = committed.get(offset as usize);
                if u64::from(record.copy.message.0) != offset || known != Some(&batch.leader_epoch) {
                    wrong = Some(format!(
                        "offset {offset}: {} of epoch {}, {known:?}",
                        record.copy.message.0, batch.leader_epoch
                    ));
                }
            }
        });
        wrong.map_or(Ok(()), Err)
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
