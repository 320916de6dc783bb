//! Random lives of a share group: members that take, answer, fall silent and hang
//! up; leaders and share coordinators that move. Whatever happens: a record is with
//! one member at a time, is tried no more often than it may, and once its acceptance
//! was answered it is never seen again.

use std::collections::{BTreeMap, BTreeSet};

use super::rig::{Rig, acknowledge, fetch, ranges};
use crate::broker::log::coordinator::rig::{Seen, is_noticed, seen_in_many};
use crate::flaw::Flaw;
use crate::protocol::log::{Share, ShareAnswer};
use crate::random::{Draw, Purpose, Seed};
use crate::time::{Span, Time};

const MEMBERS: u16 = 3;

struct Life {
    rig: Rig,
    draw: Draw,
    /// Who believes to hold what, until when.
    held: BTreeMap<u64, (u16, Time)>,
    fetches: Vec<(u16, u32)>,
    answers: Vec<(u16, u32, u64, ShareAnswer)>,
    accepted: BTreeSet<u64>,
    seen: Seen,
}

impl Life {
    fn new(seed: u64) -> Self {
        Self {
            rig: Rig::new(),
            draw: Seed(seed).draw(Purpose::Test),
            held: BTreeMap::new(),
            fetches: Vec::new(),
            answers: Vec::new(),
            accepted: BTreeSet::new(),
            seen: Seen::new(),
        }
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn step(&mut self, step: u64) {
        let draw = self.draw.by(step);
        let client = draw.by(2).below(u64::from(MEMBERS)) as u16;
        match draw.by(1).below(60) {
            0 => {
                self.rig.move_leader();
                self.held.clear();
                (self.fetches, self.answers) = (Vec::new(), Vec::new());
                self.see("leader moved");
            }
            1 => {
                self.rig.move_coordinator(draw.by(3).below(3) as usize);
                self.see("coordinator moved");
            }
            2 => {
                self.rig.disconnect(client);
                self.held.retain(|_, (holder, _)| *holder != client);
                self.fetches.retain(|(asker, _)| *asker != client);
                self.answers.retain(|(asker, ..)| *asker != client);
            }
            3 => self.rig.pass(draw.by(3).span(Span::ZERO, Span::from_secs(20))),
            4 => self.rig.refuse_last(),
            5..=9 => self.rig.append(1 + draw.by(3).below(3) as usize),
            10..=15 => self.rig.pass(draw.by(3).span(Span::ZERO, Span::from_millis(800))),
            16..=35 => drop(self.rig.step_state()),
            36..=45 => {
                let number = self.rig.send(client, fetch(client, 1 + draw.by(3).below(6) as u32));
                self.fetches.push((client, number));
            }
            _ => self.acknowledge(client, draw),
        }
        self.take_answers();
    }

    fn acknowledge(&mut self, client: u16, draw: Draw) {
        let mine: Vec<_> = self.held.iter().filter(|(_, (holder, _))| *holder == client).map(|(at, _)| *at).collect();
        let Some(offset) = mine.get(draw.by(3).below(mine.len() as u64) as usize).copied() else { return };
        if self.answers.iter().any(|(_, _, answered, _)| *answered == offset) {
            return;
        }
        let answer = match draw.by(4).below(10) {
            0..=1 => ShareAnswer::Release,
            2 => ShareAnswer::Reject,
            3 => ShareAnswer::Renew,
            _ => ShareAnswer::Accept,
        };
        let number = self.rig.send(client, acknowledge(client, offset, offset, answer));
        self.answers.push((client, number, offset, answer));
    }

    fn take_answers(&mut self) {
        for (client, number) in std::mem::take(&mut self.fetches) {
            match self.rig.answer(number) {
                Some(answer) => self.taken(client, answer),
                None => self.fetches.push((client, number)),
            }
        }
        for (client, number, offset, answer) in std::mem::take(&mut self.answers) {
            let Some(Share::Acknowledged { error, .. }) = self.rig.answer(number) else {
                self.answers.push((client, number, offset, answer));
                continue;
            };
            match (error, answer) {
                (None, ShareAnswer::Renew) => {
                    self.held.insert(offset, (client, self.rig.now + self.rig.options.lock_duration));
                }
                (None, _) => {
                    self.held.remove(&offset);
                    if answer == ShareAnswer::Accept {
                        self.accepted.insert(offset);
                        self.see("accepted");
                    }
                }
                // Its lock was over, or goes on.
                (Some(_), _) => self.see("refused"),
            }
        }
    }

    fn taken(&mut self, client: u16, answer: Share) {
        for range in ranges(answer) {
            assert!(range.deliveries <= self.rig.options.delivery_limit);
            for offset in range.first..=range.last {
                assert!(!self.accepted.contains(&offset), "record {offset} was accepted, and comes again");
                let until = self.rig.now + self.rig.options.lock_duration;
                let before = self.held.insert(offset, (client, until));
                let is_free = before.is_none_or(|(_, until)| until <= self.rig.now);
                // Its answer may be under way: settled, and not heard of yet.
                let is_settled = self.answers.iter().any(|(_, _, answered, _)| *answered == offset);
                assert!(is_free || is_settled, "record {offset} is with two members");
                if range.deliveries > 1 {
                    self.see("redelivered");
                }
            }
        }
    }

    /// Members that hang up no more and accept everything: nothing is left over.
    fn heal(&mut self) {
        for _ in 0..40 {
            self.rig.settle_state();
            self.take_answers();
            self.rig.pass(Span::from_secs(10));
            let taken = self.rig.take(0, 1000);
            for range in taken {
                assert_eq!(self.rig.say(0, range.first, range.last, ShareAnswer::Accept), None);
            }
        }
        let number = self.rig.send(1, fetch(1, 1));
        self.rig.append(1);
        self.rig.settle_state();
        let last = self.rig.answer(number).map(ranges).unwrap_or_default();
        assert_eq!(last.iter().map(|range| range.first).collect::<Vec<_>>(), [self.rig.topic.end - 1]);
        let settled = self.rig.shares.window_start();
        assert_eq!(settled, Some(self.rig.topic.end - 1), "something is left behind");
    }
}

fn live(seed: u64) -> Seen {
    let mut life = Life::new(seed);
    (0..1000).for_each(|step| life.step(step));
    life.heal();
    life.seen
}

#[test]
fn one_holder_no_return_after_acceptance_and_nothing_left_over_at_every_seed() {
    let seen = seen_in_many(live);
    assert!(seen.len() == 5 && seen.values().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn wrong_shares_are_noticed() {
    for flaw in [Flaw::ShareLockNeverEnds, Flaw::ShareAnsweredBeforeWritten] {
        assert!(is_noticed(flaw, live), "{flaw:?}");
    }
}
