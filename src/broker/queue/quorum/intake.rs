//! Deliveries as they reach a channel's node. Each consumer's are numbered, so
//! what comes a second time (after a change of leader, or from a snapshot) is
//! dropped, and what went missing is noticed at the next delivery and fetched:
//! the consumer is handed each delivery once, in order.
//!
//! Here a change of leader makes the channel ask as well. In RabbitMQ it waits
//! for the next delivery; on a node without a replica of the queue, one whose
//! every credit was lost with the old leader would wait for ever.

use super::client::{Act, Client};
use super::command::{Command, ConsumerKey, Deliveries};
use super::effect::Answer;
use super::message::Message;
use crate::event::CopyId;
use crate::flaw::{self, Flaw};

#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub tag: u16,
    auto_ack: bool,
    stage: Stage,
    /// Deliveries that came too early.
    early: Vec<(u64, Message)>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The queue has not answered yet.
    Beginning,
    /// `next`: the number of the next delivery.
    Running { consumer: ConsumerKey, next: u64 },
    /// Missed deliveries are being fetched.
    Fetching { consumer: ConsumerKey, next: u64 },
}

impl Subscription {
    pub const fn new(tag: u16, auto_ack: bool) -> Self {
        Self { tag, auto_ack, stage: Stage::Beginning, early: Vec::new() }
    }
}

impl<T: Copy> Client<T> {
    fn subscription(&mut self, tag: u16) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|it| it.tag == tag)
    }

    /// Ends a subscription on this side.
    pub(super) fn forget(&mut self, tag: u16) {
        let Some(at) = self.subscriptions.iter().position(|it| it.tag == tag) else { return };
        if let Stage::Running { consumer, next } | Stage::Fetching { consumer, next } = self.subscriptions[at].stage {
            self.former.retain(|(key, _)| *key != consumer);
            self.former.push((consumer, next));
        }
        self.subscriptions.remove(at);
    }

    /// The queue answered a checkout.
    pub(super) fn began(&mut self, tag: u16, answer: Answer, acts: &mut Vec<Act<T>>) {
        let Answer::Consuming { consumer, next: end } = answer else { return };
        // The same consumer may have been handed something before it was cancelled.
        let next = self.former.iter().find(|(key, _)| *key == consumer).map_or(0, |(_, next)| *next);
        let Some(it) = self.subscription(tag) else { return };
        acts.push(Act::Consuming { tag });
        if next < end {
            it.stage = Stage::Fetching { consumer, next };
            acts.push(Act::Fetch { consumer, from: next, to: end - 1 });
            return;
        }
        it.stage = Stage::Running { consumer, next };
        for (delivery, message) in std::mem::take(&mut it.early) {
            self.delivered(tag, consumer, delivery, message, acts);
        }
    }

    /// A delivery reached this node.
    pub fn delivered(
        &mut self,
        tag: u16,
        consumer: ConsumerKey,
        delivery: u64,
        message: Message,
        acts: &mut Vec<Act<T>>,
    ) {
        let Some(it) = self.subscription(tag) else {
            // Cancelled meanwhile: nobody is there to take it.
            let deliveries = Deliveries::from_iter([delivery]);
            return self.order(&Command::Return { consumer, deliveries, failed: false }, acts);
        };
        match it.stage {
            Stage::Beginning | Stage::Fetching { .. } => it.early.push((delivery, message)),
            Stage::Running { consumer: current, .. } if current != consumer => {}
            Stage::Running { next, .. } if delivery < next && !flaw::is_on(Flaw::QuorumHandsOutTwice) => {}
            Stage::Running { next, .. } if delivery > next => {
                it.stage = Stage::Fetching { consumer, next };
                it.early.push((delivery, message));
                acts.push(Act::Fetch { consumer, from: next, to: delivery - 1 });
            }
            Stage::Running { .. } => {
                it.stage = Stage::Running { consumer, next: delivery + 1 };
                let auto_ack = it.auto_ack;
                acts.push(Act::Deliver { tag, consumer, delivery, message });
                if auto_ack {
                    self.settle(consumer, Deliveries::from_iter([delivery]), acts);
                }
            }
        }
    }

    /// Deliveries may have been lost on their way.
    pub(super) fn ask_for_missed(&mut self, acts: &mut Vec<Act<T>>) {
        for it in &mut self.subscriptions {
            match it.stage {
                Stage::Running { consumer, next } | Stage::Fetching { consumer, next } => {
                    it.stage = Stage::Fetching { consumer, next };
                    let to = it.early.iter().map(|(delivery, _)| *delivery).max().unwrap_or(u64::MAX);
                    acts.push(Act::Fetch { consumer, from: next, to });
                }
                Stage::Beginning => {}
            }
        }
    }

    /// What a replica says the consumer holds of what it missed. There may be
    /// less than was asked for: it was taken back meanwhile.
    pub fn found(&mut self, consumer: ConsumerKey, missed: Vec<(u64, Message)>, acts: &mut Vec<Act<T>>) {
        let fetching =
            |it: &&mut Subscription| matches!(it.stage, Stage::Fetching { consumer: key, .. } if key == consumer);
        let Some(it) = self.subscriptions.iter_mut().find(fetching) else { return };
        let Stage::Fetching { next, .. } = it.stage else { return };
        let tag = it.tag;
        let mut early = std::mem::take(&mut it.early);
        early.extend(missed);
        early.retain(|(delivery, _)| *delivery >= next);
        early.sort_by_key(|(delivery, _)| *delivery);
        early.dedup_by_key(|(delivery, _)| *delivery);
        it.stage = Stage::Running { consumer, next };
        for (delivery, message) in early {
            // A hole that is left now is no hole: nothing was held there.
            if let Some(it) = self.subscription(tag) {
                it.stage = Stage::Running { consumer, next: delivery };
            }
            self.delivered(tag, consumer, delivery, message, acts);
        }
    }

    /// The queue took deliveries back because the consumer was too slow, and
    /// cancels it.
    pub fn timed_out(&mut self, tag: u16, copy: CopyId, acts: &mut Vec<Act<T>>) {
        if self.subscription(tag).is_some() {
            acts.push(Act::TimedOut { tag, copy });
        }
    }
}
