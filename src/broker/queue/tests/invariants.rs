//! The broker against a model of what it must hold, over random histories with
//! crashes. The model knows only what a message is entitled to; how the broker
//! gets there is its own affair. Each deliberate flaw of this room must be
//! noticed here.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{CopyId, Kind, MessageId, Reason};
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::queue::{Deliver, Method, Publish};
use crate::random::{Draw, Purpose, Seed};
use crate::time::Span;

const PREFETCH: u16 = 3;
const STEPS: u64 = 300;
const CONSUMERS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ready,
    /// By which consumer, under which tag.
    Held(usize, u64),
    Settled,
    /// Settled, and the record of it is with the operating system.
    SettledForGood,
    /// A crash destroyed it, rightly.
    Lost,
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    persistent: bool,
    stage: Stage,
    /// It was handed out before, or may have been.
    returned: bool,
    confirmed: bool,
    refused: bool,
}

struct Trial {
    rig: Rig,
    draw: Draw,
    /// By message, in order of publishing.
    messages: BTreeMap<u32, Expected>,
    publisher: ConnectionId,
    /// The tag of the publisher's last publish, and which message each tag is.
    published: Vec<u32>,
    consumers: [ConnectionId; CONSUMERS],
    /// How many notes were looked at.
    seen: usize,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let draw = Seed(seed).draw(Purpose::Test);
        let options = Options {
            sync_before_confirm: draw.by(1).chance(1, 2),
            segment_length: [200, 2_000, 1 << 20][draw.by(2).below(3) as usize],
            ..Options::default()
        };
        let mut rig = Rig::with(options);
        let publisher = rig.publisher();
        let consumers = [(); CONSUMERS].map(|()| rig.consumer(PREFETCH));
        rig.disk_is_fast = draw.by(3).chance(1, 2);
        Self { rig, draw, messages: BTreeMap::new(), publisher, published: Vec::new(), consumers, seen: 0 }
    }

    fn run(mut self) {
        for step in 0..STEPS {
            let draw = self.draw.by(1_000 + step);
            self.step(draw);
            self.listen();
            self.agree();
        }
        self.drain();
    }

    fn step(&mut self, draw: Draw) {
        let consumer = draw.by(1).below(CONSUMERS as u64) as usize;
        match draw.below(100) {
            0..40 => self.publish(draw.by(2).chance(3, 4)),
            40..60 => self.settle(consumer, draw, true),
            60..66 => self.settle(consumer, draw, false),
            66..72 => self.requeue(consumer, draw),
            72..75 => self.reconnect(consumer),
            75..85 => self.rig.wait(Span::from_micros(draw.by(2).below(1_000))),
            85..88 => self.rig.wait(Span::from_millis(draw.by(2).below(2_000))),
            88..93 => drop(self.rig.disk_step()),
            93 => self.rig.disk_is_full = draw.by(2).chance(1, 2),
            94 => self.rig.sync_fails = draw.by(2).chance(1, 2),
            95..97 => self.quiet(),
            _ => self.crash(draw, draw.by(2).chance(1, 2)),
        }
    }

    fn publish(&mut self, persistent: bool) {
        let message = self.messages.len() as u32 + 1;
        let expected = Expected { persistent, stage: Stage::Ready, returned: false, confirmed: false, refused: false };
        self.messages.insert(message, expected);
        self.published.push(message);
        let copy = CopyId { message: MessageId(message), attempt: 1, branch: 0 };
        self.rig.say(self.publisher, Method::Publish(Publish { persistent, copy, ..super::rig::persistent(message) }));
    }

    /// One of the tags a consumer holds.
    fn some_tag(&self, consumer: usize, draw: Draw) -> Option<u64> {
        let tags: Vec<u64> = self.held_by(consumer).map(|(_, tag)| tag).collect();
        tags.get(draw.by(5).below(tags.len() as u64) as usize).copied()
    }

    fn held_by(&self, consumer: usize) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.messages.iter().filter_map(move |(message, expected)| match expected.stage {
            Stage::Held(by, tag) if by == consumer => Some((*message, tag)),
            _ => None,
        })
    }

    /// Moves what a consumer holds under `tag` (or all up to it) on.
    fn release(&mut self, consumer: usize, tag: u64, multiple: bool, stage: Stage) {
        for expected in self.messages.values_mut() {
            if matches!(expected.stage, Stage::Held(by, t) if by == consumer && (t == tag || multiple && t < tag)) {
                expected.stage = stage;
                expected.returned |= stage == Stage::Ready;
            }
        }
    }

    fn settle(&mut self, consumer: usize, draw: Draw, by_ack: bool) {
        let Some(tag) = self.some_tag(consumer, draw) else { return };
        let multiple = draw.by(6).chance(1, 4);
        self.release(consumer, tag, multiple, Stage::Settled);
        let nack = Method::Nack { tag, multiple, requeue: false };
        self.rig.say(self.consumers[consumer], if by_ack { Method::Ack { tag, multiple } } else { nack });
    }

    fn requeue(&mut self, consumer: usize, draw: Draw) {
        let Some(tag) = self.some_tag(consumer, draw) else { return };
        let multiple = draw.by(6).chance(1, 2);
        self.release(consumer, tag, multiple, Stage::Ready);
        self.rig.say(self.consumers[consumer], Method::Nack { tag, multiple, requeue: true });
    }

    fn reconnect(&mut self, consumer: usize) {
        self.release(consumer, u64::MAX, true, Stage::Ready);
        let old = self.consumers[consumer];
        self.rig.hang_up(old);
        self.listen();
        self.consumers[consumer] = self.rig.consumer(PREFETCH);
    }

    /// Time enough to write everything.
    fn quiet(&mut self) {
        let fast = self.rig.disk_is_fast;
        self.heal_disk();
        self.rig.settle();
        self.rig.disk_is_fast = fast;
        self.listen();
        for expected in self.messages.values_mut().filter(|it| it.stage == Stage::Settled) {
            expected.stage = Stage::SettledForGood;
        }
    }

    fn heal_disk(&mut self) {
        (self.rig.disk_is_full, self.rig.sync_fails) = (false, false);
    }

    fn crash(&mut self, draw: Draw, power: bool) {
        self.listen();
        // Unless every confirm waited for a sync, a power cut may take anything.
        let power = power && self.rig.broker.options.sync_before_confirm;
        let fast = std::mem::replace(&mut self.rig.disk_is_fast, true);
        self.heal_disk();
        if power {
            self.rig.torn_power_cut(draw.by(3))
        } else {
            self.rig.crash()
        }
        let notes = self.rig.notes[self.seen..].iter().filter(|note| note.kind == Kind::Recovered);
        let recovered: Vec<u32> = notes.filter_map(|note| note.copy).map(|copy| copy.message.0).collect();
        self.seen = self.rig.notes.len();
        assert!(recovered.is_sorted_by(|a, b| a < b), "recovered in order and once each: {recovered:?}");
        let recovered: BTreeSet<u32> = recovered.into_iter().collect();
        for (message, expected) in &mut self.messages {
            expected.after_crash(*message, recovered.contains(message), power);
        }
        self.published.clear();
        self.publisher = self.rig.publisher();
        self.rig.disk_is_fast = fast;
        let connect = |rig: &mut Rig| rig.consumer(PREFETCH);
        self.consumers = [(); CONSUMERS].map(|()| connect(&mut self.rig));
    }

    /// Takes in what the broker said.
    fn listen(&mut self) {
        for note in self.rig.notes.drain(self.seen..) {
            if note.kind == Kind::Dropped(Reason::DiskError) {
                let expected = self.messages.get_mut(&note.copy.unwrap().message.0).unwrap();
                assert_eq!(expected.stage, Stage::Ready, "what a consumer holds is not dropped");
                expected.stage = Stage::Settled;
            }
        }
        for (connection, _, method) in std::mem::take(&mut self.rig.sent) {
            match method {
                Method::Deliver(deliver) => {
                    if let Some(consumer) = self.consumers.iter().position(|it| *it == connection) {
                        self.delivered(consumer, &deliver);
                    }
                }
                Method::Confirm { tag, multiple } if connection == self.publisher => self.answered(tag, multiple, true),
                Method::ConfirmNack { tag, multiple } if connection == self.publisher => {
                    self.answered(tag, multiple, false);
                }
                Method::ChannelClose { code } => panic!("the broker closed a channel: {code}"),
                _ => {}
            }
        }
    }

    fn delivered(&mut self, consumer: usize, deliver: &Deliver) {
        let message = deliver.copy.message.0;
        let next = self.messages.iter().find(|(_, expected)| expected.stage == Stage::Ready);
        assert_eq!(next.map(|(message, _)| *message), Some(message), "the oldest ready message is next");
        let expected = self.messages.get_mut(&message).unwrap();
        assert_eq!(deliver.redelivered, expected.returned, "redelivered says whether it was out before");
        expected.stage = Stage::Held(consumer, deliver.tag);
        assert!(self.held_by(consumer).count() <= usize::from(PREFETCH), "prefetch bounds what is held");
    }

    fn answered(&mut self, tag: u64, multiple: bool, positive: bool) {
        let first = if multiple { 1 } else { tag };
        for tag in first..=tag {
            let expected = self.messages.get_mut(&self.published[tag as usize - 1]).unwrap();
            if !expected.confirmed && !expected.refused {
                (expected.confirmed, expected.refused) = (positive, !positive);
            } else {
                assert!(multiple, "one answer for each publish");
            }
        }
    }

    /// The broker holds exactly what it must.
    fn agree(&self) {
        let alive = |(_, expected): &(&u32, &Expected)| matches!(expected.stage, Stage::Ready | Stage::Held(..));
        let must: Vec<u32> = self.messages.iter().filter(alive).map(|(message, _)| *message).collect();
        assert_eq!(self.rig.holds(), must, "what the broker holds");
        let lanes = self.rig.picture().lanes;
        let out = CONSUMERS as u64 * u64::from(PREFETCH);
        assert!(lanes[0].unacked <= out);
        assert_eq!(lanes[0].ready + lanes[0].unacked, must.len() as u64, "what the picture says");
        assert!(lanes[0].ready == 0 || lanes[0].unacked == out, "nobody with credit is kept waiting");
    }

    /// In the end everything alive is delivered and everything sent is answered.
    fn drain(mut self) {
        self.quiet();
        self.listen();
        for message in &self.published {
            let expected = self.messages[message];
            assert!(expected.confirmed || expected.refused, "{message} was never answered");
        }
        while !self.rig.holds().is_empty() {
            for consumer in 0..CONSUMERS {
                let Some(tag) = self.held_by(consumer).map(|(_, tag)| tag).max() else { continue };
                self.release(consumer, tag, true, Stage::Settled);
                self.rig.say(self.consumers[consumer], Method::Ack { tag, multiple: true });
            }
            self.listen();
            self.agree();
        }
        self.rig.settle();
        self.rig.crash();
        assert!(self.rig.holds().is_empty(), "nothing settled comes back");
        assert!(self.rig.files.len() <= 3, "no segment is kept for nothing: {:?}", self.rig.files.keys());
    }
}

impl Expected {
    fn after_crash(&mut self, message: u32, recovered: bool, power: bool) {
        let alive = matches!(self.stage, Stage::Ready | Stage::Held(..));
        if recovered {
            assert!(self.persistent, "{message} was transient");
            // Settlements are written, never synced: only a power cut undoes them.
            assert!(power || self.stage != Stage::SettledForGood, "{message} was settled for good");
            assert_ne!(self.stage, Stage::Lost, "{message} was gone");
            // What the confirm promised was kept when it was settled: a double that
            // comes back may be lost again.
            self.confirmed &= alive;
            self.stage = Stage::Ready;
            self.returned = true;
        } else if alive {
            assert!(!(self.persistent && self.confirmed), "{message} was persistent and confirmed");
            self.stage = Stage::Lost;
        } else if self.stage == Stage::Settled {
            self.stage = Stage::SettledForGood;
        }
    }
}

#[test]
fn the_broker_holds_what_it_must_through_random_histories() {
    for seed in 0..300 {
        let run = catch_unwind(AssertUnwindSafe(|| Trial::new(seed).run()));
        assert!(run.is_ok(), "seed {seed}");
    }
}

#[test]
fn every_flaw_of_this_room_is_noticed() {
    for flaw in [
        Flaw::ConfirmBeforeWrite,
        Flaw::ConfirmsNothing,
        Flaw::RequeueAtBack,
        Flaw::CloseDropsUnacked,
        Flaw::RedeliveredNeverSet,
        Flaw::PrefetchIgnored,
        Flaw::AckOfWrongTag,
        Flaw::AutoAckIgnored,
        Flaw::RecoversAcked,
    ] {
        let noticed = |seed| flaw::with(flaw, || catch_unwind(|| Trial::new(seed).run()).is_err());
        let first = (0..100).find(|seed| noticed(*seed));
        assert!(first.is_some(), "{flaw:?} went unnoticed in 100 histories");
    }
}
