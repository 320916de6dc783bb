//! Committed changes on their way to brokers. Kafka's brokers fetch the metadata
//! log from its leader; here they say once from where on they need it, and changes
//! follow as they are committed. One that needs old changes gets only those that
//! no later change has replaced, as it would from a snapshot.

use super::LogController;
use crate::event::{Kind, NodeId};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{Change, Controller, Error, Message};

/// A broker that is told of every change.
#[derive(Clone, Debug)]
pub(super) struct Subscriber {
    connection: ConnectionId,
    node: NodeId,
    /// What its news refer to: its own request.
    correlation: u32,
}

impl LogController {
    pub(super) fn subscribe(
        &mut self,
        connection: ConnectionId,
        node: NodeId,
        correlation: u32,
        offset: u64,
        out: &mut Outputs,
    ) {
        self.subscribers.retain(|subscriber| subscriber.node != node);
        self.subscribers.push(Subscriber { connection, node, correlation });
        let changes: Box<[Change]> = self.committed.since(offset).into_iter().map(|(_, change)| change).collect();
        if !changes.is_empty() {
            let first = self.committed.offset() - changes.len() as u64;
            out.send(connection, Message::from(Controller::News { first, changes }).on(correlation), None);
        }
    }

    pub(super) fn unsubscribe(&mut self, connection: ConnectionId) {
        self.subscribers.retain(|subscriber| subscriber.connection != connection);
    }

    /// There will be no more news from here.
    pub(super) fn dismiss_subscribers(&mut self, out: &mut Outputs) {
        for Subscriber { connection, correlation, .. } in self.subscribers.drain(..) {
            let answer = Controller::HeartbeatAnswer { error: Some(Error::NotController), is_fenced: true };
            out.send(connection, Message::from(answer).on(correlation), None);
        }
    }

    /// Tells of an entry that was just committed.
    pub(super) fn publish(&self, first: u64, changes: &[Change], out: &mut Outputs) {
        if !flaw::is_on(Flaw::MetadataBeforeCommit) {
            self.tell(first, changes, out);
        }
    }

    /// The wrong time to tell of it: when it is written, and may yet be overwritten.
    pub(super) fn publish_early(&self, changes: &[Change], out: &mut Outputs) {
        let Some(active) = self.active.as_ref().filter(|_| flaw::is_on(Flaw::MetadataBeforeCommit)) else { return };
        self.tell(active.metadata.offset() - changes.len() as u64, changes, out);
    }

    fn tell(&self, first: u64, changes: &[Change], out: &mut Outputs) {
        for Subscriber { connection, correlation, .. } in &self.subscribers {
            let news = Controller::News { first, changes: changes.into() };
            out.send(*connection, Message::from(news).on(*correlation), None);
        }
    }

    /// Notes what a change means, before it is carried out; the active controller
    /// alone does.
    pub(super) fn note_change(&self, change: &Change, out: &mut Outputs) {
        if self.active.is_none() {
            return;
        }
        match change {
            Change::Broker { broker, is_fenced, .. } => {
                let was_fenced = self.committed.broker(*broker).is_none_or(|broker| broker.is_fenced);
                if was_fenced != *is_fenced {
                    let kind = if *is_fenced { Kind::BrokerFenced } else { Kind::BrokerUnfenced };
                    out.note_with(kind, None, u64::from(broker.0));
                }
            }
            Change::Partition { .. } | Change::ProducerIds { .. } | Change::Leader { .. } | Change::Topic { .. } => {}
        }
    }
}
