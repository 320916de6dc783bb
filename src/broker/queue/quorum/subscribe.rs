//! Consumers come and go: they subscribe, cancel, die with their channel, or are
//! cut off with their node.

use super::command::{ConsumerKey, Session};
use super::consumer::{Consumer, Status, Trouble};
use super::effect::{Answer, Effect, Effects};
use super::machine::Machine;
use crate::event::NodeId;
use crate::time::Time;

impl Machine {
    fn everyone(&mut self) -> impl Iterator<Item = &mut Consumer> {
        self.consumers.iter_mut().chain(&mut self.waiting)
    }

    pub(super) fn checkout(&mut self, index: u64, session: Session, tag: u16, prefetch: u16, priority: i16) -> Answer {
        // Cancelled, but still holding something, while another one is active: it
        // comes back as a new consumer.
        let taken = self.config.single_active && self.consumers.iter().any(Consumer::is_active);
        let returns = |it: &Consumer| it.status != Status::Cancelled || !taken;
        let known = self.everyone().find(|it| it.session == session && it.tag == tag && returns(it));
        let answer = |it: &Consumer| Answer::Consuming { consumer: it.key, next: it.next };
        if let Some(consumer) = known {
            consumer.renew(prefetch, priority);
            let (key, answer) = (consumer.key, answer(consumer));
            self.queue_for_service(key);
            self.sort_waiting();
            return answer;
        }
        let consumer = Consumer::new(index, session, tag, prefetch, priority);
        let answer = answer(&consumer);
        if self.config.single_active {
            self.wait(consumer);
        } else {
            // Keys are log indices, which grow: the list stays sorted.
            self.consumers.push(consumer);
            self.queue_for_service(index);
        }
        answer
    }

    pub(super) fn cancel(&mut self, session: Session, tag: u16) -> Answer {
        let is_it = |it: &Consumer| it.session == session && it.tag == tag;
        if let Some(at) = self.waiting.iter().position(is_it) {
            self.waiting.remove(at);
            return Answer::Done;
        }
        let Some(consumer) = self.consumers.iter_mut().find(|it| is_it(it)) else { return Answer::NoSuchConsumer };
        consumer.status = Status::Cancelled;
        consumer.credit = 0;
        let key = consumer.key;
        self.tidy_consumer(key);
        Answer::Done
    }

    /// A channel is gone for good. What its consumers held counts as failed: for
    /// all the queue knows, the message killed them.
    pub(super) fn down(&mut self, session: Session, effects: &mut Effects) {
        self.enqueuers.retain(|it| it.session != session);
        self.waiting.retain(|it| it.session != session);
        let theirs = |it: &&Consumer| it.session == session;
        let keys: Vec<ConsumerKey> = self.consumers.iter().filter(theirs).map(|it| it.key).collect();
        for key in keys {
            self.return_all(key, true, effects);
            self.consumers.retain(|it| it.key != key);
        }
    }

    fn return_all(&mut self, key: ConsumerKey, failed: bool, effects: &mut Effects) {
        while let Some(delivery) = self.find(key).and_then(|it| it.held.front().map(|held| held.delivery)) {
            self.return_one(key, delivery, failed, effects);
        }
    }

    /// Nobody of that node is served until it is heard again. What its consumers
    /// hold they keep for a while: they may be working on it.
    pub(super) fn disconnected(&mut self, node: NodeId, now: Time) {
        let until = now + self.config.disconnected_timeout;
        for consumer in self.everyone().filter(|it| it.session.node == node) {
            consumer.suspect(until);
        }
        self.sort_waiting();
    }

    pub(super) fn reconnected(&mut self, node: NodeId) {
        let mut back = Vec::new();
        for consumer in self.everyone().filter(|it| it.session.node == node) {
            if consumer.trouble == Some(Trouble::Suspected) {
                consumer.trust();
                back.push(consumer.key);
            }
            consumer.suspected_until = None;
        }
        back.into_iter().for_each(|key| self.queue_for_service(key));
        self.sort_waiting();
    }

    /// Consumers whose node has been silent for too long lose what they hold. It
    /// does not count as failed.
    pub(super) fn take_from_the_lost(&mut self, now: Time, effects: &mut Effects) {
        self.waiting.iter_mut().filter(|it| it.suspected_until.is_some_and(|at| now >= at)).for_each(|it| {
            it.suspected_until = None;
        });
        let lost = |it: &&Consumer| it.suspected_until.is_some_and(|until| now >= until);
        let keys: Vec<ConsumerKey> = self.consumers.iter().filter(lost).map(|it| it.key).collect();
        for key in keys {
            self.return_all(key, false, effects);
            let Ok(at) = self.consumers.binary_search_by_key(&key, |it| it.key) else { continue };
            self.consumers[at].suspected_until = None;
            if self.config.single_active {
                let mut consumer = self.consumers.remove(at);
                if consumer.status != Status::Cancelled {
                    consumer.status = Status::Up;
                    self.wait(consumer);
                }
            }
            self.tidy_consumer(key);
        }
    }

    /// Consumers that held a delivery for too long lose it, and are passed over
    /// until they settle it. It does not count as failed.
    pub(super) fn take_from_the_slow(&mut self, now: Time, effects: &mut Effects) {
        let keys: Vec<ConsumerKey> = self.consumers.iter().map(|it| it.key).collect();
        for key in keys {
            let Some(consumer) = self.find(key) else { continue };
            let late = |held: &&super::consumer::Held| now >= held.until;
            let taken: Vec<u64> = consumer.held.iter().filter(late).map(|held| held.delivery).collect();
            let Some(first) = consumer.held.iter().find(late) else { continue };
            let (to, tag, copy) = (consumer.session, consumer.tag, first.message.copy());
            if consumer.trouble.is_none() {
                consumer.trouble = Some(Trouble::TimedOut);
            }
            consumer.timed_out.extend_from_slice(&taken);
            effects.tell(to, || Effect::TimedOut { to, consumer: key, tag, copy });
            for delivery in taken {
                self.return_one(key, delivery, false, effects);
            }
            self.step_aside(key);
        }
    }
}
