//! One request at a time: to the replica, the coordinator or the metadata it is
//! about.

use super::LogBroker;
use super::fetch::Fetch;
use super::produce::Asker;
use crate::broker::log::coordinator::Caller;
use crate::broker::log::coordinator::share::ShareCoordinator;
use crate::event::NodeId;
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Name;
use crate::protocol::log::{Batch, Client, Control, Error, Group, Message, Sequence, Share, Transaction};
use crate::time::Time;

impl LogBroker {
    pub(super) fn request(
        &mut self,
        connection: ConnectionId,
        peer: NodeId,
        correlation: u32,
        message: Message,
        now: Time,
        out: &mut Outputs,
    ) {
        let caller = Caller { connection, correlation, client: peer };
        match message {
            Message::Client(client) => self.client_request(caller, client, now, out),
            Message::Group(Group::FindCoordinator { key, is_transaction }) => {
                let topic = if is_transaction { self.options.transactions_topic } else { self.options.offsets_topic };
                let state = self.image.partition(self.coordinator_of(topic, key));
                let broker = state.and_then(|state| state.leader).ok_or(Error::CoordinatorNotAvailable);
                self.connections.answer(connection, correlation, Group::Coordinator { broker }, None, out);
            }
            Message::Share(Share::Fetch { .. } | Share::Acknowledge { .. }) => {
                self.share_request(caller, message, now);
            }
            Message::Transaction(Transaction::InitProducerId { transactional_id: None }) => {
                self.coordination.identify(caller);
            }
            Message::Transaction(Transaction::WriteMarkers { producer, is_commit, partitions }) => {
                let control = if is_commit { Control::Commit } else { Control::Abort };
                let sequence = Some(Sequence { producer, first: 0 });
                let batch = Batch {
                    first_offset: 0,
                    leader_epoch: 0,
                    sequence,
                    is_transactional: true,
                    control: Some(control),
                    records: std::sync::Arc::default(),
                };
                let asker = Asker::Coordinator { connection, correlation };
                self.write_markers(asker, &batch, &partitions, now, out);
            }
            message => self.coordinator_request(caller, message, now, out),
        }
    }

    fn client_request(&mut self, caller: Caller, client: Client, now: Time, out: &mut Outputs) {
        let Caller { connection, correlation, .. } = caller;
        let answer = match client {
            Client::Produce { acks, timeout, partitions } => {
                return self.produce((connection, correlation), acks, timeout, partitions, now, out);
            }
            Client::Fetch { replica, max_wait, min_bytes, isolation, partitions } => {
                let deadline = now + max_wait;
                let fetch = Fetch { connection, correlation, replica, deadline, min_bytes, isolation, partitions };
                return self.fetch(fetch, now, out);
            }
            Client::Metadata => self.image.answer(),
            Client::ListOffsets { partition, isolation } => {
                let offsets = match self.seats.find(&self.options, partition) {
                    Some(at) => self.seats.list[at].replica.offsets(isolation),
                    None => Err(self.why_not_here(partition)),
                };
                Client::OffsetsListed { partition, offsets }
            }
            Client::OffsetForLeaderEpoch { partition, current_epoch, epoch } => {
                let end = match self.seats.find(&self.options, partition) {
                    Some(at) => self.seats.list[at].replica.epoch_end(Some(current_epoch), epoch),
                    None => Err(self.why_not_here(partition)),
                };
                Client::EpochEnd { partition, end }
            }
            // An answer, to nothing that was asked here.
            _ => return self.connections.done(connection),
        };
        self.connections.answer(connection, correlation, answer, None, out);
    }

    /// A request to the coordinator of a group or a transactional id, which may be
    /// somewhere else by now.
    fn coordinator_request(&mut self, caller: Caller, message: Message, now: Time, out: &mut Outputs) {
        let office = match key_of(&message) {
            Some((key, Keeper::Offsets)) => self.coordinator_of(self.options.offsets_topic, key),
            Some((key, Keeper::Transactions)) => self.coordinator_of(self.options.transactions_topic, key),
            Some((key, Keeper::Shares)) => self.coordinator_of(self.options.share_topic, key),
            None => return self.connections.done(caller.connection),
        };
        match self.office_of(office) {
            Some(at) => self.coordination.handle(at, caller, message, now),
            None => match refusal(message, Error::NotCoordinator) {
                Some(answer) => {
                    self.connections.answer(caller.connection, caller.correlation, answer, None, out);
                }
                None => self.connections.done(caller.connection),
            },
        }
    }
}

/// Which topic keeps what a request is about.
enum Keeper {
    Offsets,
    Transactions,
    Shares,
}

fn key_of(message: &Message) -> Option<(Name, Keeper)> {
    let keeper = match message {
        Message::Group(_) | Message::Share(Share::Heartbeat { .. } | Share::Leave { .. }) => Keeper::Offsets,
        Message::Share(_) => Keeper::Shares,
        Message::Transaction(_) => Keeper::Transactions,
        _ => return None,
    };
    let key = match message {
        Message::Group(
            Group::Sync { group, .. }
            | Group::Heartbeat { group, .. }
            | Group::Leave { group, .. }
            | Group::OffsetCommit { group, .. }
            | Group::TxnOffsetCommit { group, .. }
            | Group::OffsetFetch { group, .. },
        )
        | Message::Share(
            Share::Heartbeat { group, .. }
            | Share::Leave { group, .. }
            | Share::ReadState { group, .. }
            | Share::WriteState { group, .. },
        ) => *group,
        Message::Group(Group::Join(join)) => join.group,
        Message::Transaction(
            Transaction::AddPartitions { transactional_id, .. }
            | Transaction::AddOffsets { transactional_id, .. }
            | Transaction::End { transactional_id, .. },
        ) => *transactional_id,
        Message::Transaction(Transaction::InitProducerId { transactional_id }) => (*transactional_id)?,
        _ => return None,
    };
    Some((key, keeper))
}

/// The answer that a request gets with an error.
fn refusal(message: Message, error: Error) -> Option<Message> {
    Some(match message {
        Message::Group(group) => match group {
            Group::Join(join) => Group::Joined { member: join.member, answer: Err(error) },
            Group::Sync { .. } => Group::Synced { answer: Err(error) },
            Group::Heartbeat { .. } => Group::HeartbeatAnswer { error: Some(error) },
            Group::Leave { .. } => Group::Left,
            Group::OffsetCommit { .. } | Group::TxnOffsetCommit { .. } => Group::OffsetCommitted { error: Some(error) },
            Group::OffsetFetch { .. } => Group::OffsetsFetched { answer: Err(error) },
            _ => return None,
        }
        .into(),
        Message::Share(share) => match share {
            Share::Heartbeat { member, .. } => Share::HeartbeatAnswer { member, answer: Err(error) },
            other => return ShareCoordinator::refusal(&other.into(), error),
        }
        .into(),
        Message::Transaction(transaction) => match transaction {
            Transaction::InitProducerId { .. } => Transaction::ProducerIdGiven { answer: Err(error) },
            Transaction::End { .. } => Transaction::Ended { answer: Err(error) },
            _ => Transaction::Answer { error: Some(error) },
        }
        .into(),
        _ => return None,
    })
}
