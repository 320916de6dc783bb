//! A database that consumers write their effects to. It counts what was done:
//! every effect of every message for every subscription, and which version each
//! key stands at.
//!
//! In this version it is reliable. A commit is atomic and durable the moment it
//! is noted, no fault reaches it, and [`Node::reset`] keeps what is committed. A
//! later one gets a log on the simulated disk, locks and transactions; the facts
//! about half-done writes (inbox tables, SETNX) need those.
//!
//! It does not refuse repeats: that would be idempotence, which is the
//! consumer's business. A late repeat of an old version overwrites a newer one,
//! as an `UPDATE` without a version check does.

use crate::event::{CopyId, Kind, MessageId, NodeId};
use crate::node::{ConnectionId, Holding, Input, Node, Outputs};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Role};
use crate::protocol::Frame;
use crate::protocol::fact::Fact;
use crate::protocol::store::Method;
use crate::time::Time;

use super::tally::Tally;

/// A database. Make a new one for every run.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// By subscription.
    tables: Vec<Table>,
    effects: u64,
    duplicates: u64,
    clients: Vec<(ConnectionId, NodeId)>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    /// How often each message took effect.
    effects: Tally,
    /// The version that each key stands at.
    versions: Tally,
}

impl Database {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often a message took effect for a subscription.
    #[must_use]
    pub fn effects(&self, subscription: u16, message: MessageId) -> u32 {
        self.tables.get(usize::from(subscription)).map_or(0, |table| table.effects.get(message.0 as usize))
    }

    /// The version that a key stands at: that of the last effect, not of the
    /// newest fact. Zero if nothing was written.
    #[must_use]
    pub fn version(&self, subscription: u16, key: u32) -> u32 {
        self.tables.get(usize::from(subscription)).map_or(0, |table| table.versions.get(key as usize))
    }

    fn apply(&mut self, copy: CopyId, fact: Fact, subscription: u16, out: &mut Outputs) {
        let place = usize::from(subscription);
        if place >= self.tables.len() {
            self.tables.resize_with(place + 1, Table::default);
        }
        let table = &mut self.tables[place];
        let effects = table.effects.get_mut(fact.message.0 as usize);
        let first = *effects == 0;
        *effects += 1;
        *table.versions.get_mut(fact.key as usize) = fact.version;
        self.effects += 1;
        self.duplicates += u64::from(!first);
        out.note_with(Kind::Applied { first }, Some(copy), u64::from(subscription));
    }
}

impl Node for Database {
    fn handle(&mut self, _: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Frame {
                connection,
                frame: Frame::Store(Method::Apply { request, copy, fact, subscription }),
                ..
            } => {
                self.apply(copy, fact, subscription, out);
                out.send(connection, Method::Applied { request }, Some(copy));
            }
            Input::Opened { connection, peer, .. } => self.clients.push((connection, peer)),
            Input::Closed { connection, .. } => self.clients.retain(|(client, _)| *client != connection),
            _ => {}
        }
    }

    fn reset(&mut self) {
        self.clients.clear();
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Store;
        picture.lanes.push(Lane { label: LaneLabel::Applied, ready: self.effects - self.duplicates, unacked: 0 });
        picture.figures.extend([Figure::Applied(self.effects), Figure::Duplicates(self.duplicates)]);
        picture.peers.extend(self.clients.iter().map(|(_, peer)| *peer));
    }
}
