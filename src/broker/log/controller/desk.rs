//! Brokers' requests. What was decided for one is answered once it is committed,
//! and so is everything asked after it: an answer must not speak of a state that
//! may never be. Controllers that are not active say so.

use super::LogController;
use super::decide::Decisions;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{Controller, Error, Message};
use crate::time::Time;

/// An answer that waits for a commit.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// The last entry it depends on.
    index: u64,
    connection: ConnectionId,
    correlation: u32,
    answer: Controller,
}

impl LogController {
    pub(super) fn request(
        &mut self,
        connection: ConnectionId,
        correlation: u32,
        message: Message,
        now: Time,
        out: &mut Outputs,
    ) {
        let client = self.clients.iter().find(|(id, _)| *id == connection);
        let (Some((_, node)), Message::Controller(request)) = (client.copied(), message) else { return };
        let Some(active) = &mut self.active else {
            if let Some(answer) = not_controller(&request) {
                out.send(connection, Message::from(answer).on(correlation), None);
            }
            return;
        };
        let answer = match request {
            Controller::Subscribe { offset } => return self.subscribe(connection, node, correlation, offset, out),
            request => decide(active, node, request, now),
        };
        active.create_topics(&self.options, self.wanted_partitions, now);
        self.write(now, out);
        if let Some(answer) = answer {
            self.waiting.push_back(Waiting { index: self.written, connection, correlation, answer });
        }
        self.answer_waiting(out);
    }

    /// Answers those whose entries are committed, in the order in which they asked.
    pub(super) fn answer_waiting(&mut self, out: &mut Outputs) {
        let can_tell = |index, applied| index <= applied || flaw::is_on(Flaw::MetadataBeforeCommit);
        while self.waiting.front().is_some_and(|first| can_tell(first.index, self.applied)) {
            let Some(Waiting { connection, correlation, answer, .. }) = self.waiting.pop_front() else { return };
            out.send(connection, Message::from(answer).on(correlation), None);
        }
    }

    /// It is active no more. Whoever waits for an answer or for news is told so; what
    /// was decided for them may yet be committed by the next leader.
    pub(super) fn resign(&mut self, out: &mut Outputs) {
        (self.active, self.claim) = (None, None);
        self.dismiss_subscribers(out);
        for Waiting { connection, correlation, answer, .. } in std::mem::take(&mut self.waiting) {
            if let Some(answer) = not_controller(&answer) {
                out.send(connection, Message::from(answer).on(correlation), None);
            }
        }
    }

    pub(super) fn client_gone(&mut self, connection: ConnectionId) {
        self.clients.retain(|(id, _)| *id != connection);
        self.waiting.retain(|waiting| waiting.connection != connection);
        self.unsubscribe(connection);
    }
}

fn decide(active: &mut Decisions, node: NodeId, request: Controller, now: Time) -> Option<Controller> {
    Some(match request {
        Controller::Register { incarnation, is_clean } => {
            Controller::Registered { answer: active.register(now, node, incarnation, is_clean) }
        }
        Controller::Heartbeat { broker_epoch, offset } => match active.heartbeat(now, node, broker_epoch, offset) {
            Ok(is_fenced) => Controller::HeartbeatAnswer { error: None, is_fenced },
            Err(error) => Controller::HeartbeatAnswer { error: Some(error), is_fenced: true },
        },
        Controller::AlterPartition { broker_epoch, changes } => {
            let alter = |change| active.alter_partition(node, broker_epoch, change);
            let partitions = changes.iter().map(|change| change.partition);
            let answers: Vec<_> = changes.iter().map(alter).collect();
            Controller::PartitionAltered { answers: partitions.zip(answers).collect() }
        }
        Controller::AllocateProducerIds => {
            Controller::ProducerIdsAllocated { answer: Ok(active.allocate_producer_ids()) }
        }
        _ => return None,
    })
}

/// What a controller that is not active says to a request, or instead of an answer.
/// A subscriber gets no answers of its own, so it is told as if by a heartbeat.
fn not_controller(to: &Controller) -> Option<Controller> {
    let error = Error::NotController;
    Some(match to {
        Controller::Register { .. } | Controller::Registered { .. } => Controller::Registered { answer: Err(error) },
        Controller::Heartbeat { .. } | Controller::HeartbeatAnswer { .. } | Controller::Subscribe { .. } => {
            Controller::HeartbeatAnswer { error: Some(error), is_fenced: true }
        }
        Controller::AlterPartition { changes, .. } => {
            let answers = changes.iter().map(|change| (change.partition, Err(error))).collect();
            Controller::PartitionAltered { answers }
        }
        Controller::PartitionAltered { answers } => {
            let answers = answers.iter().map(|(partition, _)| (*partition, Err(error))).collect();
            Controller::PartitionAltered { answers }
        }
        Controller::AllocateProducerIds | Controller::ProducerIdsAllocated { .. } => {
            Controller::ProducerIdsAllocated { answer: Err(error) }
        }
        Controller::News { .. } => return None,
    })
}
