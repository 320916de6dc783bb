//! Random lives of a queue with random arguments: whatever happens, every copy
//! that entered a queue is still held or has left it once, for one reason.

use proptest::collection::vec;
use proptest::prelude::*;

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, Deliver, Method, Overflow, Properties};
use crate::time::Span;

#[derive(Clone, Debug)]
enum Act {
    Publish {
        priority: u8,
        expiration: Option<u64>,
    },
    Wait(u64),
    Subscribe {
        prefetch: u16,
        priority: i16,
    },
    /// The consumer, and which of its outstanding deliveries.
    Ack(usize, usize),
    Nack(usize, usize, bool),
    HangUp(usize),
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0u8..6, prop::option::weighted(0.3, 0u64..4_000))
            .prop_map(|(priority, expiration)| Act::Publish { priority, expiration }),
        3 => (0u64..2_000).prop_map(Act::Wait),
        2 => (0u16..4, -1i16..2).prop_map(|(prefetch, priority)| Act::Subscribe { prefetch, priority }),
        4 => (0usize..4, 0usize..4).prop_map(|(who, which)| Act::Ack(who, which)),
        3 => (0usize..4, 0usize..4, any::<bool>()).prop_map(|(who, which, again)| Act::Nack(who, which, again)),
        1 => (0usize..4).prop_map(Act::HangUp),
        1 => Just(Act::Crash),
    ]
}

prop_compose! {
    fn arguments()(
        ttl in prop::option::of(1_000u64..5_000),
        max_length in prop::option::of(0u32..6),
        refuses in any::<bool>(),
        dies in any::<bool>(),
        max_priority in prop_oneof![Just(0u8), Just(4)],
        single_active_consumer in any::<bool>(),
    ) -> Arguments {
        let to = DeadLetter { exchange: Name::EMPTY, key: Some(OTHER_QUEUE), at_least_once: false };
        Arguments {
            message_ttl: ttl.map(Span::from_millis),
            max_length,
            overflow: if refuses { Overflow::RejectPublish } else { Overflow::DropHead },
            dead_letter: dies.then_some(to),
            max_priority,
            single_active_consumer,
            ..Arguments::default()
        }
    }
}

struct Life {
    rig: Rig,
    publisher: ConnectionId,
    consumers: Vec<ConnectionId>,
    /// Deliveries of each, not yet settled.
    outstanding: Vec<Vec<u64>>,
    /// Messages in the order in which each priority was first handed out.
    fresh: Vec<Vec<u32>>,
    priorities: Vec<u8>,
    arguments: Arguments,
}

impl Life {
    fn new(arguments: Arguments) -> Self {
        let mut rig = Rig::new();
        let publisher = rig.client();
        rig.say(publisher, Method::ConfirmSelect);
        rig.say(publisher, Method::declare(OTHER_QUEUE, true));
        rig.declare(publisher, QUEUE, arguments);
        let (consumers, outstanding, priorities) = (Vec::new(), Vec::new(), Vec::new());
        Self { rig, publisher, consumers, outstanding, fresh: vec![Vec::new(); 5], priorities, arguments }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Publish { priority, expiration } => {
                self.priorities.push(priority.min(self.arguments.max_priority));
                let properties =
                    Properties { priority, expiration: expiration.map(Span::from_millis), ..Properties::default() };
                self.rig.say(self.publisher, with_properties(self.priorities.len() as u32, properties));
            }
            Act::Wait(millis) => self.rig.wait(Span::from_millis(millis)),
            Act::Subscribe { prefetch, priority } if self.consumers.len() < 4 => {
                let client = self.rig.client();
                self.rig.say(client, Method::Qos { prefetch });
                let (consumer, auto_ack, exclusive) = (1, false, false);
                self.rig.say(client, Method::Consume { queue: QUEUE, consumer, auto_ack, priority, exclusive });
                self.consumers.push(client);
                self.outstanding.push(Vec::new());
            }
            Act::Subscribe { .. } => {}
            Act::Ack(who, which) => self.settle(who, which, |tag| Method::Ack { tag, multiple: false }),
            Act::Nack(who, which, requeue) => self.settle(who, which, |tag| Method::Reject { tag, requeue }),
            Act::HangUp(who) if who < self.consumers.len() => {
                let client = self.consumers.remove(who);
                self.outstanding.remove(who);
                self.rig.hang_up(client);
            }
            Act::HangUp(_) => {}
            Act::Crash => {
                // What was settled last and is not written yet would come back.
                self.rig.settle();
                while !self.rig.broker.store.buffer.is_empty() {
                    self.rig.settle();
                }
                self.rig.crash();
                self.consumers.clear();
                self.outstanding.clear();
                self.publisher = self.rig.client();
            }
        }
        self.listen();
    }

    fn settle(&mut self, who: usize, which: usize, method: impl Fn(u64) -> Method) {
        let Some(tags) = self.outstanding.get_mut(who).filter(|tags| !tags.is_empty()) else { return };
        let tag = tags.remove(which % tags.len());
        self.rig.say(self.consumers[who], method(tag));
    }

    fn listen(&mut self) {
        for (&client, tags) in self.consumers.iter().zip(&mut self.outstanding) {
            for method in self.rig.heard(client) {
                let Method::Deliver(Deliver { tag, redelivered, copy, .. }) = method else { continue };
                tags.push(tag);
                if !redelivered {
                    let priority = self.priorities[copy.message.0 as usize - 1];
                    self.fresh[usize::from(priority)].push(copy.message.0);
                }
            }
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let mut held = vec![0; self.priorities.len() + 1];
        self.rig.broker.entries.iter().for_each(|entry| held[entry.copy.message.0 as usize] += 1);
        let refusals_are_drops = self.arguments.overflow == Overflow::RejectPublish;
        for note in &self.rig.notes {
            let Some(copy) = note.copy else { continue };
            match note.kind {
                Kind::Enqueued => held[copy.message.0 as usize] -= 1,
                Kind::Dropped(Reason::Overflowed) if refusals_are_drops => {}
                Kind::Acked | Kind::Dropped(_) | Kind::DeadLettered => held[copy.message.0 as usize] += 1,
                _ => {}
            }
        }
        prop_assert!(held.iter().all(|balance| *balance == 0), "{held:?}");
        prop_assert!(self.fresh.iter().all(|line| line.is_sorted()), "{:?}", self.fresh);
        let ready = self.rig.picture().lanes.iter().map(|lane| lane.ready).max().unwrap_or(0);
        if let (Some(most), None) = (self.arguments.max_length, self.arguments.dead_letter) {
            prop_assert!(ready <= u64::from(most) || refusals_are_drops);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_copy_is_held_or_has_left_once(arguments in arguments(), acts in vec(act(), 1..60)) {
        let mut life = Life::new(arguments);
        for act in &acts {
            life.act(act);
            life.check()?;
        }
        let confirmed = life.rig.noted(Kind::Confirmed).len() + life.rig.noted(Kind::Nacked).len();
        prop_assert!(confirmed <= life.priorities.len());
        life.act(&Act::Crash);
        life.check()?;
    }
}
