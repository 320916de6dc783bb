//! Dead letters that must not be lost on their way (`at-least-once`): the queue
//! keeps them until a worker on the leader's node has published them and every
//! queue they went to has confirmed. If the leader changes meanwhile, the new
//! one's worker publishes them again: they may arrive twice.

use std::collections::VecDeque;

use bytes::Buf;

use super::command::{Deliveries, Session};
use super::effect::{Effect, Effects};
use super::message::Message;
use crate::codec::{Coded, get_all};
use crate::flaw::{self, Flaw};
use crate::pages::{Line, Spot};
use crate::protocol::queue::DeathReason;

/// How many dead letters the worker has under way
/// (`dead_letter_worker_consumer_prefetch`).
const PREFETCH: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Dead {
    message: Message,
    reason: DeathReason,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeadLetters {
    waiting: Line<Dead, 128>,
    worker: Option<Worker>,
}

#[derive(Clone, Debug)]
struct Worker {
    session: Session,
    next: u64,
    /// By number.
    held: VecDeque<(u64, Dead)>,
}

impl DeadLetters {
    pub fn len(&self) -> usize {
        self.waiting.len() + self.worker.as_ref().map_or(0, |worker| worker.held.len())
    }

    pub fn add(&mut self, message: Message, reason: DeathReason) {
        self.waiting.push_back(Dead { message, reason });
    }

    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        let held = self.worker.iter().flat_map(|worker| worker.held.iter().map(|(_, dead)| dead));
        held.chain(self.waiting.iter()).map(|dead| &dead.message)
    }

    /// There is one worker: a new one gets what the old one had, in order.
    pub fn start_worker(&mut self, session: Session) {
        let former = self.worker.replace(Worker { session, next: 0, held: VecDeque::new() });
        for (_, dead) in former.into_iter().flat_map(|worker| worker.held).rev() {
            self.waiting.insert(Spot::Front(0), dead);
        }
    }

    /// Hands the worker what it can take.
    pub fn serve(&mut self, effects: &mut Effects) {
        let Some(worker) = &mut self.worker else { return };
        while worker.held.len() < PREFETCH {
            let Some(dead) = self.waiting.pop_front() else { return };
            let delivery = worker.next;
            worker.next += 1;
            effects.lead(|| Effect::Forward { delivery, message: dead.message.clone(), reason: dead.reason });
            if !flaw::is_on(Flaw::QuorumDeadLettersWithoutConfirm) {
                worker.held.push_back((delivery, dead));
            }
        }
    }

    /// Confirmed dead letters are done with. An old worker has no say.
    pub fn settle(&mut self, from: Session, deliveries: &Deliveries) -> Vec<Message> {
        let Some(worker) = self.worker.as_mut().filter(|worker| worker.session == from) else { return Vec::new() };
        let mut settled = Vec::new();
        for delivery in deliveries.iter() {
            if let Ok(at) = worker.held.binary_search_by_key(&delivery, |(number, _)| *number) {
                settled.extend(worker.held.remove(at).map(|(_, dead)| dead.message));
            }
        }
        settled
    }

    pub fn purge(&mut self) {
        self.waiting = Line::default();
        if let Some(worker) = &mut self.worker {
            worker.held.clear();
        }
    }
}

impl Coded for Dead {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.reason.put(bytes);
        self.message.put(bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        Some(Self { reason: Coded::get(reader)?, message: Message::get(reader)? })
    }
}

impl Coded for DeadLetters {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.waiting.len() as u32).put(bytes);
        self.waiting.iter().for_each(|dead| dead.put(bytes));
        self.worker.is_some().put(bytes);
        if let Some(worker) = &self.worker {
            worker.session.put(bytes);
            worker.next.put(bytes);
            (worker.held.len() as u32).put(bytes);
            for (number, dead) in &worker.held {
                number.put(bytes);
                dead.put(bytes);
            }
        }
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        let waiting = get_all(reader)?;
        let worker = if bool::get(reader)? {
            let (session, next) = (Session::get(reader)?, u64::get(reader)?);
            let length = u32::get(reader)?;
            let mut held = VecDeque::new();
            for _ in 0..length {
                held.push_back((u64::get(reader)?, Dead::get(reader)?));
            }
            Some(Worker { session, next, held })
        } else {
            None
        };
        Some(Self { waiting, worker })
    }
}
