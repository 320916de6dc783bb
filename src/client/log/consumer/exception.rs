//! What becomes of a batch when the handler throws in the middle of it. The log
//! keeps every record; it is the position that decides what is read again. A
//! program that leaves its batch and polls on, or closes a consumer that commits
//! by itself, moves the position past records that nobody has worked on.

use std::collections::VecDeque;

use super::poll::State;
use super::{LogConsumer, OffsetCommit, OnPollException};
use crate::client::handler::Delivery;
use crate::node::Outputs;
use crate::protocol::log::TopicPartition;
use crate::time::Time;

/// How often a record is given to a handler that throws: as Spring's error handler.
const DELIVERIES: u32 = 10;

impl LogConsumer {
    pub(super) fn threw(&mut self, now: Time, delivery: Delivery, out: &mut Outputs) {
        let seeks = self.options.on_poll_exception == OnPollException::Seek;
        if seeks && self.throws_of(delivery) >= DELIVERIES {
            return self.skip(delivery, out);
        }
        match self.options.on_poll_exception {
            OnPollException::Close => {
                self.skip(delivery, out);
                self.close(now, out);
            }
            OnPollException::Swallow => {
                self.skip(delivery, out);
                if !self.hands_over() {
                    self.program.has_swallowed = true;
                    self.skip_queued(out);
                }
            }
            OnPollException::Seek if self.hands_over() => {
                let key = delivery.fact.map(|fact| fact.key).unwrap_or_default();
                let lane = self.lane_of(key);
                self.lanes[lane].push_front(delivery);
            }
            OnPollException::Seek => self.seek_back(delivery),
        }
    }

    /// How often this one has thrown, this time included.
    fn throws_of(&mut self, delivery: Delivery) -> u32 {
        let throws = &mut self.program.throws;
        let is_it = |(slot, offset, _): &&mut (u32, u64, u32)| (*slot, *offset) == (delivery.generation, delivery.tag);
        if let Some((.., count)) = throws.iter_mut().find(is_it) {
            *count += 1;
            return *count;
        }
        throws.push((delivery.generation, delivery.tag, 1));
        1
    }

    /// The program leaves it aside.
    fn skip(&mut self, delivery: Delivery, out: &mut Outputs) {
        let partition = self.of_slot(delivery.generation);
        self.find(partition)
            .into_iter()
            .for_each(|assigned| assigned.tracker.skipped(delivery.tag, delivery.copy, out));
    }

    /// And with it all that the program has and has not begun.
    pub(super) fn skip_queued(&mut self, out: &mut Outputs) {
        for lane in 0..self.lanes.len() {
            while let Some(delivery) = self.lanes[lane].pop_front() {
                self.skip(delivery, out);
            }
        }
    }

    /// Goes back to the record, and to the first of every other partition that was
    /// to come after it.
    fn seek_back(&mut self, delivery: Delivery) {
        let mut again: VecDeque<Delivery> = std::mem::take(&mut self.lanes[0]);
        again.push_front(delivery);
        // From the back, so that the first of each partition has the last word.
        for delivery in again.into_iter().rev() {
            let partition = self.of_slot(delivery.generation);
            self.find(partition).into_iter().for_each(|assigned| assigned.begin_at(delivery.tag, None));
        }
    }

    /// `close()`: what commits by itself does so a last time, and the member leaves.
    fn close(&mut self, now: Time, out: &mut Outputs) {
        self.skip_queued(out);
        let in_hand: Vec<Delivery> = self.handler.in_hand().map(|work| work.delivery).collect();
        in_hand.into_iter().for_each(|delivery| self.skip(delivery, out));
        self.handler.let_go();
        self.program.state = State::Closing;
        if self.commits_by_itself() {
            self.commit_positions(now, out);
        }
    }

    /// Records of partitions that are another's now need not be begun; a program
    /// that has handed them over does not know.
    pub(super) fn drop_queued(&mut self, partitions: &[TopicPartition]) {
        if self.options.offset_commit == OffsetCommit::AutoHandoff || !self.hands_over() {
            return;
        }
        let slots: Vec<u32> = partitions.iter().map(|partition| self.slot(*partition)).collect();
        for lane in &mut self.lanes {
            lane.retain(|delivery| !slots.contains(&delivery.generation));
        }
    }
}
