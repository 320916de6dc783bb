//! What the leaders of this broker propose to the controller: other in-sync
//! replicas. One request is under way at a time, with everything that waits. It is
//! sent again until it is answered, because the controller may have carried out
//! what it did not get to answer (`AlterPartitionManager`).

use super::LogBroker;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Controller, Error, IsrChange, Message, Partition, TopicPartition};
use crate::time::{Span, Time};

const RETRY: Span = Span::from_millis(50);

#[derive(Clone, Debug, Default)]
pub(super) struct Proposals {
    /// One a partition.
    waiting: Vec<IsrChange>,
    sent: Vec<IsrChange>,
    /// After a refusal that was not about the proposals.
    retry_at: Time,
}

impl Proposals {
    pub fn add(&mut self, change: IsrChange) {
        self.waiting.retain(|waiting| waiting.partition != change.partition);
        self.waiting.push(change);
    }

    /// What was sent must be sent again, unless something newer waits.
    pub fn connection_lost(&mut self) {
        if flaw::is_on(Flaw::ProposalForgotten) {
            return self.sent.clear();
        }
        for change in std::mem::take(&mut self.sent) {
            if !self.waiting.iter().any(|waiting| waiting.partition == change.partition) {
                self.waiting.push(change);
            }
        }
    }

    pub fn due(&self) -> Option<Time> {
        (!self.waiting.is_empty() && self.sent.is_empty() && self.retry_at > Time::ZERO).then_some(self.retry_at)
    }
}

impl LogBroker {
    pub(super) fn propose(&mut self, now: Time, out: &mut Outputs) {
        let proposals = &mut self.proposals;
        if proposals.waiting.is_empty() || !proposals.sent.is_empty() || proposals.retry_at > now {
            return;
        }
        // What an answer or a newer state has overtaken would only be refused.
        let (seats, options) = (&self.seats, &self.options);
        proposals.waiting.retain(|change| {
            let seat = seats.find(options, change.partition).map(|at| &seats.list[at]);
            let state = seat.and_then(|seat| seat.state.as_ref());
            state.is_none_or(|state| state.partition_epoch <= change.partition_epoch)
        });
        let Some(broker_epoch) = self.session.broker_epoch.filter(|_| !proposals.waiting.is_empty()) else { return };
        let Some((connection, correlation)) = self.session.active() else { return };
        proposals.retry_at = Time::ZERO;
        proposals.sent.append(&mut proposals.waiting);
        let request = Controller::AlterPartition { broker_epoch, changes: proposals.sent.as_slice().into() };
        out.send(connection, Message::from(request).on(correlation), None);
    }

    pub(super) fn partitions_altered(
        &mut self,
        answers: Box<[(TopicPartition, Result<Partition, Error>)]>,
        now: Time,
        out: &mut Outputs,
    ) {
        if answers.iter().any(|(_, answer)| matches!(answer, Err(Error::NotController))) {
            return self.leave_controller(now, out);
        }
        let is_stale = answers.iter().any(|(_, answer)| matches!(answer, Err(Error::StaleBrokerEpoch)));
        if is_stale {
            self.proposals.connection_lost();
            self.proposals.retry_at = now + RETRY;
            return;
        }
        for (partition, answer) in answers {
            let index = self.proposals.sent.iter().position(|sent| sent.partition == partition);
            let Some(proposed) = index.map(|index| self.proposals.sent.remove(index).partition_epoch) else { continue };
            let Some(at) = self.seats.find(&self.options, partition) else { continue };
            if let Ok(state) = &answer {
                self.note_in_sync(at, state, out);
            }
            self.seats.list[at].replica.isr_answer(now, proposed, answer, out, &mut self.effects);
            self.absorb(at, now, out);
        }
        // Left out of the answer: once more.
        self.proposals.connection_lost();
    }
}
