//! Random lives of a queue. Whatever happens to it: no message is lost or handed
//! to two, replicas agree, and a snapshot is as good as the log.

use std::collections::BTreeMap;

use super::rig::{Rig, WORKER, answer, arguments, message, special};
use crate::broker::queue::quorum::command::{Command, ConsumerKey, Deliveries, Session};
use crate::broker::queue::quorum::effect::{Answer, Effect};
use crate::broker::queue::quorum::machine::Machine;
use crate::event::{Kind, NodeId, Reason};
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, Overflow};
use crate::random::{Draw, Purpose, Seed};
use crate::time::Span;

/// A queue of random kind.
fn random_arguments(draw: Draw) -> Arguments {
    let reject = draw.by(1).chance(1, 2);
    let letters = draw.by(2).below(3);
    Arguments {
        overflow: if reject { Overflow::RejectPublish } else { Overflow::DropHead },
        max_length: draw.by(3).chance(1, 3).then(|| 2 + draw.by(4).below(20) as u32),
        message_ttl: draw.by(5).chance(1, 3).then(|| Span::from_secs(1 + draw.by(6).below(60))),
        single_active_consumer: draw.by(7).chance(1, 3),
        delivery_limit: draw.by(8).chance(1, 2).then(|| draw.by(9).below(4) as u32),
        dead_letter: (letters > 0).then_some(DeadLetter { exchange: Name(9), key: None, at_least_once: letters == 2 }),
        ..arguments()
    }
}

struct Life {
    rig: Rig,
    draw: Draw,
    /// Next sequence of each publisher.
    sequences: [u64; 2],
    published: u32,
    consumers: Vec<(Session, ConsumerKey)>,
    /// What the history says became of each message.
    ended: BTreeMap<u32, u32>,
    workers: u64,
}

impl Life {
    fn new(seed: u64) -> Self {
        let draw = Seed(seed).draw(Purpose::Test);
        Self {
            rig: Rig::with(random_arguments(draw.by(1))),
            draw: draw.by(2),
            sequences: [1; 2],
            published: 0,
            consumers: Vec::new(),
            ended: BTreeMap::new(),
            workers: 0,
        }
    }

    fn step(&mut self, step: u64) {
        let draw = self.draw.by(step);
        let effects = match draw.by(1).below(20) {
            0..=7 => self.publish(draw),
            8 | 9 => self.consume(draw),
            10..=15 => self.answer_deliveries(draw),
            16 => self.lose(draw),
            17 => self.rig.tick_after(Span::from_millis(draw.by(2).below(40_000))),
            18 if self.rig.machine.config().dead_letters == super::super::config::Strategy::AtLeastOnce => {
                self.work(draw)
            }
            _ => self.rig.apply(WORKER, &Command::Tick),
        };
        for effect in &effects {
            let ended = match effect {
                Effect::Note(Kind::Acked | Kind::Dropped(_), copy) => Some(copy),
                Effect::DeadLetter { message, .. } => Some(&message.published.copy),
                _ => None,
            };
            if let Some(copy) = ended {
                *self.ended.entry(copy.message.0).or_default() += 1;
            }
        }
    }

    fn publish(&mut self, draw: Draw) -> Vec<Effect> {
        let who = draw.by(2).below(2) as usize;
        let from = Session { node: NodeId(1), number: who as u64 + 1 };
        // Now and then one is sent again, or comes before its turn.
        let sequence = match draw.by(3).below(10) {
            0 if self.sequences[who] > 1 => self.sequences[who] - 1,
            1 => self.sequences[who] + 1,
            _ => self.sequences[who],
        };
        let fresh = sequence == self.sequences[who];
        let number = if fresh { self.published + 1 } else { 1_000_000 };
        let expiration = draw.by(6).chance(1, 5).then(|| Span::from_secs(draw.by(7).below(30)));
        let message = match draw.by(4).chance(1, 3) || expiration.is_some() {
            true => special(number, draw.by(5).below(40) as u8, expiration),
            false => message(number),
        };
        let effects = self.rig.apply(from, &Command::Enqueue { sequence, message });
        let expected = if sequence > self.sequences[who] { Answer::OutOfSequence } else { Answer::Done };
        assert_eq!(answer(&effects), Some(expected));
        if fresh {
            self.sequences[who] += 1;
            self.published += 1;
        }
        effects
    }

    fn session(draw: Draw) -> Session {
        Session { node: NodeId(2 + draw.by(3).below(2) as u16), number: 1 + draw.by(4).below(2) }
    }

    fn consume(&mut self, draw: Draw) -> Vec<Effect> {
        let session = Self::session(draw);
        let tag = draw.by(5).below(2) as u16;
        if draw.by(6).chance(1, 4) {
            return self.rig.apply(session, &Command::Cancel { tag });
        }
        let (prefetch, priority) = (1 + draw.by(7).below(4) as u16, draw.by(8).below(2) as i16);
        let effects = self.rig.apply(session, &Command::Checkout { tag, prefetch, priority });
        if let Some(Answer::Consuming { consumer, .. }) = answer(&effects) {
            self.consumers.push((session, consumer));
        }
        effects
    }

    /// A consumer says something of deliveries it may or may not hold.
    fn answer_deliveries(&mut self, draw: Draw) -> Vec<Effect> {
        if self.consumers.is_empty() {
            return Vec::new();
        }
        let (session, consumer) = self.consumers[draw.by(2).below(self.consumers.len() as u64) as usize];
        let from = draw.by(3).below(1 + self.rig.machine.held_by(consumer, 0, u64::MAX).last().map_or(3, |it| it.0));
        let deliveries: Deliveries = (from..from + 1 + draw.by(4).below(3)).collect();
        let failed = draw.by(5).chance(1, 2);
        let command = match draw.by(6).below(4) {
            0 | 1 => Command::Settle { consumer, deliveries },
            2 => Command::Return { consumer, deliveries, failed },
            _ => Command::Discard { consumer, deliveries, failed },
        };
        self.rig.apply(session, &command)
    }

    fn lose(&mut self, draw: Draw) -> Vec<Effect> {
        let session = Self::session(draw);
        match draw.by(5).below(4) {
            0 => self.rig.apply(session, &Command::Down),
            1 => self.rig.apply(WORKER, &Command::Reconnected { node: session.node }),
            2 => self.rig.apply(WORKER, &Command::Disconnected { node: session.node }),
            _ => self.rig.tick_after(Span::from_secs(70)),
        }
    }

    fn work(&mut self, draw: Draw) -> Vec<Effect> {
        if self.workers == 0 || draw.by(2).chance(1, 5) {
            self.workers += 1;
            let session = Session { node: NodeId(0), number: self.workers };
            return self.rig.apply(session, &Command::WorkerCheckout);
        }
        let session = Session { node: NodeId(0), number: self.workers };
        let before: Vec<_> = self.rig.machine.dead_letters().collect();
        let deliveries: Deliveries = (draw.by(3).below(8)..draw.by(4).below(12)).collect();
        let effects = self.rig.apply(session, &Command::WorkerSettle { deliveries });
        let after: Vec<_> = self.rig.machine.dead_letters().collect();
        for copy in before.iter().filter(|copy| !after.contains(copy)) {
            *self.ended.entry(copy.message.0).or_default() += 1;
        }
        effects
    }

    /// Every message is in one place, or came to one end.
    fn count(&self) {
        let mut places = self.ended.clone();
        let machine = &self.rig.machine;
        let here = machine.messages().map(|message| message.copy()).chain(machine.dead_letters());
        here.for_each(|copy| *places.entry(copy.message.0).or_default() += 1);
        let expected: Vec<_> = (1..=self.published).map(|number| (number, 1)).collect();
        assert!(places.iter().map(|(number, count)| (*number, *count)).eq(expected), "{places:?}");
    }

    fn agree(&self) {
        assert_eq!(self.rig.machine.encode(), self.rig.follower.encode());
    }

    /// A replica that starts from a snapshot now is as good as any.
    fn restore(&mut self) {
        let config = *self.rig.machine.config();
        self.rig.follower = Machine::decode(config, self.rig.machine.encode()).expect("its own snapshot");
        assert_eq!(self.rig.follower.held_count(), self.rig.machine.held_count());
    }

    fn limits(&self) {
        let config = self.rig.machine.config();
        for (_, consumer) in &self.consumers {
            assert!(self.rig.machine.held_by(*consumer, 0, u64::MAX).count() <= 4, "more than its prefetch");
        }
        if let (Some(most), Overflow::DropHead) = (config.max_length, config.overflow) {
            assert!(self.rig.machine.ready_count() <= most as usize);
        }
    }
}

fn live(seed: u64) {
    let mut life = Life::new(seed);
    for step in 0..400 {
        life.step(step);
        life.count();
        life.limits();
        if step % 20 == 7 {
            life.agree();
        }
        if step % 50 == 33 {
            life.restore();
        }
    }
    life.agree();
}

#[test]
fn no_message_is_lost_or_doubled_and_replicas_agree_at_every_seed() {
    (0..150).for_each(live);
}

#[test]
fn wrong_queues_are_noticed() {
    for flaw in [Flaw::QuorumEnqueuesTwice, Flaw::QuorumForgetsReturned, Flaw::QuorumSnapshotDropsCheckedOut] {
        let noticed = std::panic::catch_unwind(|| flaw::with(flaw, || (0..20).for_each(live)));
        assert!(noticed.is_err(), "{flaw:?}");
    }
}

#[test]
fn lives_see_every_end() {
    let mut ends = BTreeMap::new();
    for seed in 0..40 {
        let mut life = Life::new(seed);
        (0..400).for_each(|step| life.step(step));
        for effect in &life.rig.effects {
            let end = match effect {
                Effect::Note(Kind::Acked, _) => "acked",
                Effect::Note(Kind::Dropped(Reason::Expired), _) => "expired",
                Effect::Note(Kind::Dropped(Reason::Overflowed), _) => "overflowed",
                Effect::Note(Kind::Dropped(Reason::DeliveryLimit), _) => "limit",
                Effect::Note(Kind::Dropped(Reason::Rejected), _) => "rejected",
                Effect::DeadLetter { .. } => "letter",
                Effect::Forward { .. } => "forwarded",
                Effect::Full { full: true, .. } => "full",
                Effect::Full { full: false, .. } => "free again",
                Effect::TimedOut { .. } => "timed out",
                _ => continue,
            };
            *ends.entry(end).or_insert(0) += 1;
        }
    }
    let rare: Vec<_> = ends.iter().filter(|(_, count)| **count < 5).collect();
    // Half an hour passes rarely here; its own test is in `serving`.
    assert!(ends.len() >= 9 && rare.iter().all(|(end, _)| **end == "timed out"), "{ends:?}");
}
