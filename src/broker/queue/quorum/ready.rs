//! What waits for delivery: returned messages first, in the order they came back,
//! then by priority, oldest first. A return goes before everything else however
//! low its priority is. (RabbitMQ 4.2 appended it at the back when the queue had
//! no delivery limit; 4.3 no longer does.)

use bytes::Buf;

use super::message::Message;
use crate::codec::{Coded, get_all, put_all};
use crate::flaw::{self, Flaw};
use crate::pages::Line;
use crate::time::Time;

/// Messages in the order they came.
type Row = Line<Message, 128>;

#[derive(Clone, Debug, Default)]
pub struct Ready {
    returned: Row,
    /// By falling priority; only priorities that were ever used.
    lanes: Vec<(u8, Row)>,
    length: usize,
}

impl Ready {
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn push(&mut self, message: Message) {
        let priority = message.published.priority();
        let at = match self.lanes.binary_search_by(|(it, _)| priority.cmp(it)) {
            Ok(at) => at,
            Err(at) => {
                self.lanes.insert(at, (priority, Row::default()));
                at
            }
        };
        self.lanes[at].1.push_back(message);
        self.length += 1;
    }

    pub fn take_back(&mut self, message: Message) {
        if flaw::is_on(Flaw::QuorumForgetsReturned) {
            return;
        }
        self.returned.push_back(message);
        self.length += 1;
    }

    /// The message that is next.
    #[must_use]
    pub fn first(&self) -> Option<&Message> {
        self.returned.front().or_else(|| self.lanes.iter().find_map(|(_, lane)| lane.front()))
    }

    pub fn pop(&mut self) -> Option<Message> {
        let message =
            self.returned.pop_front().or_else(|| self.lanes.iter_mut().find_map(|(_, lane)| lane.pop_front()))?;
        self.length -= 1;
        Some(message)
    }

    /// Takes out a message that is at the front of its lane and has expired.
    pub fn pop_expired(&mut self, now: Time) -> Option<Message> {
        let lanes = std::iter::once(&mut self.returned).chain(self.lanes.iter_mut().map(|(_, lane)| lane));
        let mut expired = lanes.filter(|lane| lane.front().is_some_and(|message| message.is_expired(now)));
        let message = expired.next()?.pop_front()?;
        self.length -= 1;
        Some(message)
    }

    /// When the first of the messages at the fronts expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        let lanes = std::iter::once(&self.returned).chain(self.lanes.iter().map(|(_, lane)| lane));
        lanes.filter_map(|lane| lane.front()?.expires).min()
    }

    /// In the order of delivery.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.returned.iter().chain(self.lanes.iter().flat_map(|(_, lane)| lane.iter()))
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Coded for Ready {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.returned.len() as u32).put(bytes);
        self.returned.iter().for_each(|message| message.put(bytes));
        let others: Vec<_> = self.lanes.iter().flat_map(|(_, lane)| lane.iter()).collect();
        put_all(others.iter().copied(), bytes);
    }

    fn get(reader: &mut impl Buf) -> Option<Self> {
        let returned: Row = get_all(reader)?;
        let mut ready = Self { length: returned.len(), returned, lanes: Vec::new() };
        for message in get_all::<Message, Vec<_>>(reader)? {
            ready.push(message);
        }
        Some(ready)
    }
}
