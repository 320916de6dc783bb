//! Dead letters of quorum queues, on their leader's node: published to the
//! dead-letter exchange like any other message.
//!
//! At most once: and forgotten. At least once: the worker settles it in the queue
//! when every queue it went to has confirmed. When one refuses it, or there is
//! none, the letter stays in the queue and is published again after three
//! minutes, and so on for ever (`rabbit_fifo_dlx_worker`): nothing is lost, and
//! something may arrive twice.

use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::Ticket;
use crate::broker::queue::quorum::command::{Command, Deliveries};
use crate::broker::queue::quorum::message::Message;
use crate::event::{Kind, Reason};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Name;
use crate::protocol::queue::{DeathReason, Publish};
use crate::time::{Span, Time};

/// How long the worker waits for confirms
/// (`dead_letter_worker_publisher_confirm_timeout`).
const PATIENCE: Span = Span::from_secs(180);
/// Stands for the connection of the channel that publishes dead letters.
const NO_CONNECTION: ConnectionId = ConnectionId(u32::MAX);

/// The leader's worker for dead letters that must arrive.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// Its session with the queue.
    pub number: u64,
    letters: Vec<Letter>,
}

/// A letter under way.
#[derive(Clone, Debug)]
struct Letter {
    /// Its number in the queue.
    delivery: u64,
    /// The clerk's publish that waits for confirms.
    tag: u64,
    message: Message,
    reason: DeathReason,
    retry_at: Time,
}

impl Worker {
    pub const fn new(number: u64) -> Self {
        Self { number, letters: Vec::new() }
    }

    pub fn next_retry(&self) -> Option<Time> {
        self.letters.iter().map(|letter| letter.retry_at).min()
    }
}

impl QueueBroker {
    /// The channel of this node through which dead letters are published.
    pub(in crate::broker::queue) fn clerk(&mut self) -> u32 {
        if let Some(slot) = self.quorum.clerk {
            return slot;
        }
        let slot = self.channels.open(NO_CONNECTION, 0);
        self.channels[slot].confirms = true;
        self.quorum.clerk = Some(slot);
        slot
    }

    /// Publishes a dead letter. `delivery`: the worker's number for it, if it must
    /// arrive.
    pub(super) fn send_letter(
        &mut self,
        queue: Name,
        message: Message,
        reason: DeathReason,
        delivery: Option<u64>,
        now: Time,
        out: &mut Outputs,
    ) {
        let copy = message.copy();
        let Some(delivery) = delivery else {
            if !self.post(queue, &message, reason, None, now, out) {
                out.note(Kind::Dropped(Reason::DeadLetterUnroutable), Some(copy));
            }
            return;
        };
        let slot = self.clerk();
        let Some(ticket) = self.channels[slot].expect_answer(slot, copy) else { return };
        let Some(at) = self.quorum.place(queue) else { return };
        if let Some(worker) = &mut self.quorum.replicas[at].worker {
            worker.letters.retain(|letter| letter.delivery != delivery);
            let letter =
                Letter { delivery, tag: ticket.tag, message: message.clone(), reason, retry_at: now + PATIENCE };
            worker.letters.push(letter);
        }
        let taken = self.post(queue, &message, reason, Some(ticket), now, out);
        self.copy_decided(ticket, taken);
    }

    /// False: no queue takes it.
    fn post(
        &mut self,
        queue: Name,
        message: &Message,
        reason: DeathReason,
        ticket: Option<Ticket>,
        now: Time,
        out: &mut Outputs,
    ) -> bool {
        let Some(index) = self.queues.find(queue) else { return false };
        let Some(to) = self.queues.list[index as usize].arguments.dead_letter else { return false };
        let published = &message.published;
        let letter = Publish {
            exchange: to.exchange,
            key: to.key.unwrap_or(published.key),
            copy: published.copy,
            mandatory: false,
            persistent: published.persistent,
            properties: published.properties.clone(),
            payload: published.payload.clone(),
        };
        let slot = self.clerk();
        self.publish_letter(slot, letter, (queue, reason), ticket, now, out)
    }

    /// The queues have answered for letters.
    pub(in crate::broker::queue) fn letters_decided(&mut self, decided: &[(u64, bool)], now: Time, out: &mut Outputs) {
        for at in 0..self.quorum.replicas.len() {
            let replica = &mut self.quorum.replicas[at];
            let (queue, Some(worker)) = (replica.name, &mut replica.worker) else { continue };
            let arrived = |letter: &Letter| decided.contains(&(letter.tag, true));
            let deliveries: Vec<u64> = worker.letters.iter().filter(|it| arrived(it)).map(|it| it.delivery).collect();
            worker.letters.retain(|letter| !arrived(letter));
            if !deliveries.is_empty() {
                let number = worker.number;
                let deliveries = Deliveries::from_iter(deliveries);
                self.command_from(queue, number, &Command::WorkerSettle { deliveries }, now, out);
            }
        }
    }

    /// Publishes letters again that were not confirmed in time.
    pub(super) fn retry_letters(&mut self, now: Time, out: &mut Outputs) {
        for at in 0..self.quorum.replicas.len() {
            let replica = &self.quorum.replicas[at];
            let (queue, letters) = (replica.name, replica.worker.iter().flat_map(|worker| &worker.letters));
            let late: Vec<Letter> = letters.filter(|letter| letter.retry_at <= now).cloned().collect();
            for Letter { delivery, message, reason, .. } in late {
                self.send_letter(queue, message, reason, Some(delivery), now, out);
            }
        }
    }
}
