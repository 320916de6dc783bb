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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Output;

    /// Applies one effect and returns what the database noted and answered.
    fn apply(database: &mut Database, subscription: u16, fact: Fact) -> (Kind, u64, Frame) {
        let copy = CopyId { message: fact.message, attempt: 1, branch: 0 };
        let frame = Method::Apply { request: 41, copy, fact, subscription }.into();
        let mut out = Outputs::default();
        database.handle(Time::ZERO, Input::Frame { connection: ConnectionId(1), frame, about: Some(copy) }, &mut out);
        match &out.list[..] {
            [Output::Note(note), Output::Send { frame, .. }] => (note.kind, note.detail, frame.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn fact(message: u32, key: u32, version: u32) -> Fact {
        Fact { message: MessageId(message), key, version }
    }

    #[test]
    fn an_effect_is_noted_for_its_subscription_and_answered() {
        let mut database = Database::new();
        let answer = Frame::from(Method::Applied { request: 41 });
        assert_eq!(apply(&mut database, 2, fact(7, 0, 1)), (Kind::Applied { first: true }, 2, answer));
    }

    #[test]
    fn a_repeat_is_applied_again_and_counted_for_its_own_subscription_only() {
        let mut database = Database::new();
        apply(&mut database, 0, fact(7, 0, 1));
        assert_eq!(apply(&mut database, 0, fact(7, 0, 1)).0, Kind::Applied { first: false });
        assert_eq!(apply(&mut database, 1, fact(7, 0, 1)).0, Kind::Applied { first: true });
        let effects = |subscription, message| database.effects(subscription, MessageId(message));
        assert_eq!((effects(0, 7), effects(1, 7), effects(0, 8), effects(9, 7)), (2, 1, 0, 0));
        let mut picture = Picture::default();
        database.picture(&mut picture);
        assert_eq!(picture.figures, [Figure::Applied(3), Figure::Duplicates(1)]);
    }

    #[test]
    fn a_late_repeat_of_an_old_version_overwrites_the_newer_one() {
        let mut database = Database::new();
        for version in [1, 2, 1] {
            apply(&mut database, 0, fact(version, 5, version));
        }
        assert_eq!((database.version(0, 5), database.version(0, 4)), (1, 0));
    }

    #[test]
    fn what_is_committed_outlives_the_process() {
        let mut database = Database::new();
        apply(&mut database, 0, fact(7, 0, 1));
        database.reset();
        assert_eq!(apply(&mut database, 0, fact(7, 0, 1)).0, Kind::Applied { first: false });
    }
}
