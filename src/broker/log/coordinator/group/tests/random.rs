//! Random lives of a group: members join, work, fall silent, come back as zombies,
//! die; the coordinator moves and loses what was not committed. Whatever happens: in
//! a generation a partition has one owner, no former generation commits, and what
//! was answered stays.

use std::collections::BTreeMap;

use super::rig::{GROUP, Rig, at, commit, join, sync};
use crate::broker::log::coordinator::rig::{Seen, is_noticed, seen_in_many};
use crate::flaw::Flaw;
use crate::protocol::log::{Assignment, Error, Group, Joined, MemberId, Message};
use crate::random::{Draw, Purpose, Seed};
use crate::time::{Span, Time};

const PARTITIONS: u16 = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Out,
    Joined,
    Working,
}

struct Client {
    name: u16,
    member: MemberId,
    generation: u32,
    phase: Phase,
    /// What the leader has to deal out.
    group: Option<Joined>,
    owned: Assignment,
    waiting: Option<(u32, Sent)>,
    silent_until: Time,
}

#[derive(Clone, Copy)]
enum Sent {
    Join,
    Sync,
    Heartbeat,
    Commit { partition: u16, offset: u64 },
}

struct Life {
    rig: Rig,
    draw: Draw,
    clients: Vec<Client>,
    names: u16,
    /// Offsets that are committed: every one is larger than all before it.
    next_offset: u64,
    /// By generation and partition.
    owners: BTreeMap<(u32, u16), MemberId>,
    answered: BTreeMap<u16, u64>,
    seen: Seen,
}

impl Life {
    fn new(seed: u64) -> Self {
        let draw = Seed(seed).draw(Purpose::Test);
        let mut life = Self {
            rig: Rig::new(),
            draw,
            clients: Vec::new(),
            names: 0,
            next_offset: 1,
            owners: BTreeMap::new(),
            answered: BTreeMap::new(),
            seen: Seen::new(),
        };
        for _ in 0..1 + draw.by(1).below(4) {
            let client = life.fresh();
            life.clients.push(client);
        }
        life
    }

    fn fresh(&mut self) -> Client {
        self.names += 1;
        Client {
            name: self.names,
            member: MemberId::default(),
            generation: 0,
            phase: Phase::Out,
            group: None,
            owned: [].into(),
            waiting: None,
            silent_until: Time::ZERO,
        }
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn step(&mut self, step: u64) {
        let draw = self.draw.by(step);
        match draw.by(1).below(40) {
            0 => {
                self.rig.fail_over(draw.by(2).below(4) as usize);
                self.see("failover");
            }
            1 => self.rig.pass(draw.by(2).span(Span::ZERO, Span::from_secs(8))),
            2 if !self.rig.log.waiting.is_empty() => {
                self.rig.refuse_last(Error::NotEnoughReplicas);
                self.see("refused append");
            }
            3..=12 => self.rig.pass(draw.by(2).span(Span::ZERO, Span::from_secs(3))),
            13..=22 => {
                self.rig.commit_one();
            }
            _ => {
                let index = draw.by(2).below(self.clients.len() as u64) as usize;
                self.act(index, draw.by(3));
            }
        }
        self.take_answers();
        for (partition, offset) in &self.answered {
            assert!(self.rig.offset(*partition) >= Some(*offset), "an answered offset of {partition} is gone");
        }
    }

    fn act(&mut self, index: usize, draw: Draw) {
        let client = &mut self.clients[index];
        if client.silent_until > self.rig.now {
            return;
        }
        if client.waiting.is_some() {
            if draw.by(1).chance(1, 10) {
                client.waiting = None;
            }
            return;
        }
        match (client.phase, draw.by(2).below(40)) {
            (_, 0) => {
                let fresh = self.fresh();
                self.clients[index] = fresh;
                self.see("crash");
            }
            (_, 1 | 2) => client.silent_until = self.rig.now + draw.by(3).span(Span::ZERO, Span::from_secs(40)),
            (Phase::Working, 3) => {
                self.rig.send(client.name, Group::Leave { group: GROUP, member: client.member });
                let fresh = self.fresh();
                self.clients[index] = fresh;
            }
            (Phase::Out, _) => {
                let request = join(client.member);
                self.send(index, request, Sent::Join);
            }
            (Phase::Joined, _) => {
                let group = client.group.take();
                let members: Vec<_> = group.iter().flat_map(|group| group.members.iter().map(|it| it.id)).collect();
                let given = members.iter().enumerate().map(|(place, member)| {
                    let mine = (0..PARTITIONS).filter(|partition| usize::from(*partition) % members.len() == place);
                    (*member, mine.map(at).collect())
                });
                let request = sync(client.member, client.generation, given.collect());
                self.send(index, request, Sent::Sync);
            }
            (Phase::Working, 4..=24) => {
                let request = Group::Heartbeat { group: GROUP, member: client.member, generation: client.generation };
                self.send(index, request, Sent::Heartbeat);
            }
            (Phase::Working, _) => self.commit(index, draw),
        }
    }

    fn send(&mut self, index: usize, request: Group, sent: Sent) {
        let number = self.rig.send(self.clients[index].name, request);
        self.clients[index].waiting = Some((number, sent));
    }

    fn commit(&mut self, index: usize, draw: Draw) {
        let client = &self.clients[index];
        if client.owned.is_empty() {
            return;
        }
        let partition = client.owned[draw.by(4).below(client.owned.len() as u64) as usize].partition;
        let (offset, generation) = (self.next_offset, client.generation);
        self.next_offset += 1;
        let request = commit(Some((client.member, generation)), partition, offset);
        let before = self.rig.log.waiting.len();
        self.send(index, request, Sent::Commit { partition, offset });
        let is_former = self.owners.keys().next_back().is_some_and(|(newest, _)| *newest > generation);
        if is_former {
            self.see("zombie commit");
            assert_eq!(self.rig.log.waiting.len(), before, "a commit of generation {generation} was accepted");
        }
    }

    fn take_answers(&mut self) {
        for index in 0..self.clients.len() {
            let Some((number, sent)) = self.clients[index].waiting else { continue };
            if self.clients[index].silent_until > self.rig.now {
                continue;
            }
            if let Some(answer) = self.rig.answer(number) {
                self.clients[index].waiting = None;
                self.answered(index, sent, answer);
            }
        }
    }

    fn answered(&mut self, index: usize, sent: Sent, answer: Message) {
        let Message::Group(answer) = answer else { panic!("{answer:?}") };
        let client = &mut self.clients[index];
        let error = match (sent, answer) {
            (Sent::Join, Group::Joined { member, answer: Err(Error::MemberIdRequired) }) => {
                client.member = member;
                None
            }
            (Sent::Join, Group::Joined { member, answer: Ok(joined) }) => {
                assert_eq!(member, client.member);
                client.phase = Phase::Joined;
                client.generation = joined.generation;
                client.group = Some(joined);
                None
            }
            (Sent::Sync, Group::Synced { answer: Ok(owned) }) => {
                client.phase = Phase::Working;
                client.owned = owned;
                self.owns(index);
                None
            }
            (Sent::Commit { partition, offset }, Group::OffsetCommitted { error: None }) => {
                self.answered.insert(partition, offset);
                self.see("commit");
                None
            }
            (_, Group::Joined { answer: Err(error), .. } | Group::Synced { answer: Err(error) }) => Some(error),
            (_, Group::HeartbeatAnswer { error } | Group::OffsetCommitted { error }) => error,
            (_, other) => panic!("{other:?}"),
        };
        let client = &mut self.clients[index];
        match error {
            Some(Error::UnknownMemberId) => (client.member, client.phase) = (MemberId::default(), Phase::Out),
            Some(Error::IllegalGeneration | Error::RebalanceInProgress) => client.phase = Phase::Out,
            Some(_) if client.phase == Phase::Joined => client.phase = Phase::Out,
            _ => {}
        }
    }

    fn owns(&mut self, index: usize) {
        let (generation, member) = (self.clients[index].generation, self.clients[index].member);
        self.see("generation");
        for partition in self.clients[index].owned.iter() {
            let owner = *self.owners.entry((generation, partition.partition)).or_insert(member);
            assert_eq!(owner, member, "two owners of {partition:?} in generation {generation}");
        }
    }

    /// Everyone wakes up and nothing fails: the group finds together.
    fn heal(&mut self) {
        let draw = self.draw.by(u64::MAX);
        for round in 0..400 {
            self.rig.pass(Span::from_millis(500));
            self.rig.commit_all();
            self.take_answers();
            for index in 0..self.clients.len() {
                self.clients[index].silent_until = Time::ZERO;
                // Neither crashes nor naps: those are small draws.
                let mut number = round * 16 + index as u64;
                while draw.by(number).by(2).below(40) < 4 {
                    number += 1_000_000;
                }
                self.act(index, draw.by(number));
            }
        }
        let newest = self.clients.iter().map(|client| client.generation).max();
        let mut owned: Vec<_> = self.clients.iter().flat_map(|client| client.owned.to_vec()).collect();
        owned.sort_unstable();
        assert!(self.clients.iter().all(|client| client.phase == Phase::Working && Some(client.generation) == newest));
        assert_eq!(owned, (0..PARTITIONS).map(at).collect::<Vec<_>>());
    }
}

fn live(seed: u64) -> Seen {
    let mut life = Life::new(seed);
    (0..600).for_each(|step| life.step(step));
    life.heal();
    life.seen
}

#[test]
fn one_owner_a_generation_no_zombie_commits_and_answered_offsets_stay_at_every_seed() {
    let seen = seen_in_many(live);
    assert!(seen.len() == 6 && seen.values().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn wrong_coordinators_are_noticed() {
    for flaw in [Flaw::ZombieNotFenced, Flaw::OffsetAnsweredBeforeCommitted] {
        assert!(is_noticed(flaw, live), "{flaw:?}");
    }
}
