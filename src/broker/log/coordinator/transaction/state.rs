//! What is known of one transactional id, and its record in the transaction topic.
//!
//! ```text
//!              add                end                all markers written
//! Empty ──────────▶ Ongoing ──────────▶ Prepare… ──────────────────▶ Complete…
//!                      ▲                                                 │
//!                      └──────────────────── add ────────────────────────┘
//! ```
//!
//! The record of `Prepare…` decides: from then on the transaction ends that way,
//! whoever coordinates. Every arrow is an append that is committed first.

use bytes::Buf;

use super::super::Effect;
use crate::codec::{Coded, get_all, put_all};
use crate::event::{Kind, producer_detail};
use crate::protocol::Name;
use crate::protocol::log::{Control, ProducerId, TopicPartition};
use crate::time::Time;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Empty,
    Ongoing,
    Prepared(Control),
    Complete(Control),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    pub transactional_id: Name,
    pub producer: ProducerId,
    /// The epoch before the present one, unless a new process began since: whoever
    /// had it may ask once more how its transaction ended.
    pub last_epoch: Option<u16>,
    pub state: State,
    /// Where it has written, in order. Empty once it has ended.
    pub partitions: Vec<TopicPartition>,
    pub began: Time,
}

impl Metadata {
    /// The same with more partitions: a transaction begins, or goes on.
    pub fn with(&self, partitions: &[TopicPartition], now: Time) -> Self {
        let mut next = self.clone();
        if self.state != State::Ongoing {
            next.partitions.clear();
            next.began = now;
        }
        next.state = State::Ongoing;
        next.partitions.extend(partitions);
        next.partitions.sort_unstable();
        next.partitions.dedup();
        next
    }

    /// The decision. The epoch grows with it (KIP-890), so the markers shut out
    /// whatever is still under way from the transaction that they end.
    pub fn prepared(&self, control: Control) -> Self {
        let mut next = self.clone();
        next.last_epoch = Some(self.producer.epoch);
        next.producer.epoch = self.producer.epoch.saturating_add(1);
        next.state = State::Prepared(control);
        if self.state != State::Ongoing {
            next.partitions.clear();
        }
        next
    }

    /// What there is to tell of the decision, if this is one about anything.
    pub fn decision(&self) -> Option<Effect> {
        let State::Prepared(control) = self.state else { return None };
        let is_commit = control == Control::Commit;
        let detail = producer_detail(self.producer.number, self.producer.epoch.saturating_sub(1));
        (!self.partitions.is_empty()).then_some(Effect::Note(Kind::TransactionDecided { is_commit }, detail))
    }

    pub fn completed(&self, control: Control) -> Self {
        Self { state: State::Complete(control), partitions: Vec::new(), ..self.clone() }
    }
}

impl Coded for Metadata {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.transactional_id.put(bytes);
        self.producer.put(bytes);
        self.last_epoch.put(bytes);
        let state: u8 = match self.state {
            State::Empty => 0,
            State::Ongoing => 1,
            State::Prepared(Control::Commit) => 2,
            State::Prepared(Control::Abort) => 3,
            State::Complete(Control::Commit) => 4,
            State::Complete(Control::Abort) => 5,
        };
        state.put(bytes);
        put_all(self.partitions.iter(), bytes);
        self.began.put(bytes);
    }

    fn get(bytes: &mut impl Buf) -> Option<Self> {
        Some(Self {
            transactional_id: Name::get(bytes)?,
            producer: Coded::get(bytes)?,
            last_epoch: Coded::get(bytes)?,
            state: match u8::get(bytes)? {
                0 => State::Empty,
                1 => State::Ongoing,
                2 => State::Prepared(Control::Commit),
                3 => State::Prepared(Control::Abort),
                4 => State::Complete(Control::Commit),
                5 => State::Complete(Control::Abort),
                _ => return None,
            },
            partitions: get_all(bytes)?,
            began: Coded::get(bytes)?,
        })
    }
}
