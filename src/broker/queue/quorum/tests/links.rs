//! Channels and a queue between them and a leader that changes, over connections
//! that break. Every publish is confirmed once and enqueued once, in order; every
//! delivery reaches its consumer once, in order.

use std::collections::VecDeque;

use bytes::Bytes;

use super::rig::{arguments, message};
use crate::broker::queue::quorum::client::{Act, Client};
use crate::broker::queue::quorum::command::{Deliveries, Entry, Session, stamp};
use crate::broker::queue::quorum::config::Config;
use crate::broker::queue::quorum::effect::{Effect, Effects};
use crate::broker::queue::quorum::machine::Machine;
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::random::{Draw, Purpose, Seed};
use crate::time::Time;

const CHANNELS: usize = 3;

struct Network {
    machine: Machine,
    index: u64,
    leader: NodeId,
    term: u64,
    clients: Vec<Client<u32>>,
    /// On their way to the leader.
    forth: VecDeque<Bytes>,
    /// In the leader's log, not committed.
    tail: VecDeque<Bytes>,
    /// On their way from a replica, in the order of each channel.
    back: VecDeque<Effect>,
    enqueued: Vec<u32>,
    published: u32,
    confirmed: Vec<u32>,
    /// Per channel: the numbers and messages handed to its consumer.
    handed: Vec<Vec<(u64, u32)>>,
    acked: usize,
}

impl Network {
    fn new() -> Self {
        let session = |number| Session { node: NodeId(number as u16 % 3), number };
        Self {
            machine: Machine::new(Config::of(&arguments())),
            index: 0,
            leader: NodeId(0),
            term: 0,
            clients: (0..CHANNELS as u64).map(|number| Client::new(session(number), Some((NodeId(0), 0)))).collect(),
            forth: VecDeque::new(),
            tail: VecDeque::new(),
            back: VecDeque::new(),
            enqueued: Vec::new(),
            published: 0,
            confirmed: Vec::new(),
            handed: vec![Vec::new(); CHANNELS],
            acked: 0,
        }
    }

    fn with(&mut self, channel: usize, call: impl FnOnce(&mut Client<u32>, &mut Vec<Act<u32>>)) {
        let mut acts = Vec::new();
        call(&mut self.clients[channel], &mut acts);
        let mut acts = VecDeque::from(acts);
        while let Some(act) = acts.pop_front() {
            let client = &mut self.clients[channel];
            let mut more = Vec::new();
            match act {
                Act::Send { command, .. } => self.forth.push_back(command),
                Act::Confirmed(ticket) => {
                    assert!(self.enqueued.contains(&ticket), "{ticket} is confirmed and not in the queue");
                    self.confirmed.push(ticket);
                }
                Act::Deliver { consumer, delivery, message, .. } => {
                    self.handed[channel].push((delivery, message.copy().message.0));
                    client.settle(consumer, Deliveries::from_iter([delivery]), &mut more);
                }
                Act::Fetch { consumer, from, to } => {
                    let found = self.machine.held_by(consumer, from, to).map(|(at, it)| (at, it.clone())).collect();
                    client.found(consumer, found, &mut more);
                }
                Act::Consuming { .. } => {}
                other => panic!("{other:?}"),
            }
            acts.extend(more);
        }
    }

    /// The leader takes the next command.
    fn take(&mut self) {
        if let Some(command) = self.forth.pop_front() {
            self.tail.push_back(stamp(Time::from_millis(1), &command));
        }
    }

    fn commit(&mut self) {
        let Some(entry) = self.tail.pop_front() else { return };
        self.index += 1;
        let mut effects = Effects { leading: true, me: self.leader, ..Effects::default() };
        self.machine.apply(self.index, &entry, &mut effects);
        assert!(Entry::decode(&entry).is_some());
        for effect in effects.list {
            match effect {
                Effect::Note(Kind::Enqueued, copy) => self.enqueued.push(copy.message.0),
                Effect::Note(Kind::Acked, _) => self.acked += 1,
                Effect::Note(..) => {}
                other => self.back.push_back(other),
            }
        }
    }

    fn arrive(&mut self) {
        let Some(effect) = self.back.pop_front() else { return };
        match effect {
            Effect::Applied { to, correlation, answer } => {
                self.with(to.number as usize, |client, acts| client.answered(correlation, answer, acts));
            }
            Effect::Deliver { to, consumer, tag, delivery, message } => {
                self.with(to.number as usize, |client, acts| {
                    client.delivered(tag, consumer, delivery, message, acts);
                });
            }
            other => panic!("{other:?}"),
        }
    }

    /// The leader dies. What a majority did not have may be gone, and everything
    /// that was on its way to or from it.
    fn change_leader(&mut self, draw: Draw) {
        self.leader = NodeId((self.leader.0 + 1) % 3);
        self.forth.clear();
        // Deliveries may come from a replica beside the channel: they arrive.
        let local = draw.by(3).chance(1, 2);
        self.back.retain(|effect| local && matches!(effect, Effect::Deliver { .. }));
        self.tail.truncate(draw.by(1).below(self.tail.len() as u64 + 1) as usize);
        while !self.tail.is_empty() {
            // The new leader commits what it has with its own first entry.
            self.commit();
        }
        if draw.by(2).chance(1, 3) {
            self.back.clear();
        }
        self.term += 1;
        let (leader, term) = (self.leader, self.term);
        for channel in 0..CHANNELS {
            self.with(channel, |client, acts| client.leader_is(leader, term, acts));
        }
    }

    /// The connections to the leader break and come back.
    fn cut(&mut self) {
        self.forth.clear();
        self.back.clear();
        for channel in 0..CHANNELS {
            self.with(channel, Client::reconnected);
        }
    }

    fn step(&mut self, draw: Draw) {
        match draw.by(1).below(60) {
            0 => self.change_leader(draw),
            1 => self.cut(),
            2..=15 => {
                let channel = draw.by(2).below(2) as usize;
                self.published += 1;
                let number = self.published;
                self.with(channel, |client, acts| client.publish(message(number), Some(number), acts));
            }
            16..=30 => self.take(),
            31..=45 => self.commit(),
            _ => self.arrive(),
        }
    }

    fn settle_down(&mut self) {
        while !(self.forth.is_empty() && self.tail.is_empty() && self.back.is_empty()) {
            self.take();
            self.commit();
            self.arrive();
        }
    }
}

fn run(seed: u64) -> Network {
    let draw = Seed(seed).draw(Purpose::Test);
    let mut network = Network::new();
    for channel in 1..CHANNELS {
        network.with(channel, |client, acts| client.checkout(7, 5, 0, false, acts));
    }
    (0..600).for_each(|step| network.step(draw.by(step)));
    network.cut();
    network.settle_down();
    network
}

fn check(seed: u64) {
    let mut network = run(seed);
    let all: Vec<_> = (1..=network.published).collect();
    network.confirmed.sort_unstable();
    assert_eq!(network.confirmed, all, "each publish is confirmed once");
    network.enqueued.sort_unstable();
    assert_eq!(network.enqueued, all, "each is enqueued once");
    assert!(network.clients.iter().all(Client::is_idle));
    assert_eq!(network.acked, all.len());
    for handed in &network.handed {
        assert!(handed.iter().enumerate().all(|(at, (delivery, _))| at as u64 == *delivery), "{handed:?}");
    }
    let mut handed: Vec<_> = network.handed.concat().into_iter().map(|(_, message)| message).collect();
    handed.sort_unstable();
    assert_eq!(handed, all, "each is handed out once");
}

#[test]
fn leaders_change_and_connections_break_and_nothing_is_lost_or_doubled() {
    (0..300).for_each(check);
}

#[test]
fn order_of_a_channel_survives_a_change_of_leader() {
    for seed in 0..100 {
        let network = run(seed);
        let mut last = [0; 2];
        let draw = Seed(seed).draw(Purpose::Test);
        // Which channel published which message.
        let mut owner = vec![0];
        for step in 0..600 {
            let draw = draw.by(step);
            if (2..=15).contains(&draw.by(1).below(60)) {
                owner.push(draw.by(2).below(2) as usize);
            }
        }
        for message in network.enqueued {
            let last = &mut last[owner[message as usize]];
            assert!(*last < message, "seed {seed}: {message} after {last}");
            *last = message;
        }
    }
}

#[test]
fn wrong_queues_and_channels_are_noticed() {
    for flaw in [Flaw::QuorumEnqueuesTwice, Flaw::QuorumHandsOutTwice, Flaw::QuorumConfirmsBeforeCommit] {
        let noticed = std::panic::catch_unwind(|| flaw::with(flaw, || (0..30).for_each(check)));
        assert!(noticed.is_err(), "{flaw:?}");
    }
}

#[test]
fn without_a_leader_publishes_wait_and_are_not_refused() {
    let mut client: Client<u32> = Client::new(Session { node: NodeId(1), number: 1 }, None);
    let mut acts = Vec::new();
    (1..=40).for_each(|number| client.publish(message(number), Some(number), &mut acts));
    assert!(acts.is_empty());
    assert!(client.is_slow());
    client.leader_is(NodeId(2), 1, &mut acts);
    assert!(matches!(acts[..], [Act::Send { to: NodeId(2), .. }]), "it asks whether the queue takes messages");
}
