//! Connections: the handshake, heartbeats, and what happens when one ends.
//!
//! Heartbeats follow `rabbit_heartbeat`: the sender looks every half interval and
//! sends one if nothing else was sent; the receiver looks every interval and
//! gives the connection up at the second look in a row without news, so silence
//! is noticed after two to three intervals.

use std::collections::VecDeque;

use super::QueueBroker;
use crate::event::{Closed, CopyId, Kind, NodeId};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::Frame;
use crate::protocol::queue::{Method, code};
use crate::time::{Span, Time};

/// AMQP's reply code for a frame on a channel that is not open.
const CHANNEL_ERROR: u16 = 504;

#[derive(Clone, Debug)]
struct Connection {
    id: ConnectionId,
    peer: NodeId,
    stage: Stage,
    /// Number and slot of each open channel.
    channels: Vec<(u16, u32)>,
    /// Channels that the broker closed and the client has not agreed to yet.
    closing: Vec<u16>,
    heartbeat: Span,
    next_send_check: Time,
    next_receive_check: Time,
    sent: bool,
    received: bool,
    silent_checks: u8,
    /// It published during a resource alarm: nothing more is read from it.
    blocked: bool,
    /// What it sent since, in order.
    unread: VecDeque<Frame>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was said yet.
    New,
    /// Opened while the broker was still recovering.
    Held,
    Open,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    /// Sorted by id.
    list: Vec<Connection>,
    /// When the heartbeat timer rings.
    alarm: Option<Time>,
}

impl Connections {
    fn place(&self, id: ConnectionId) -> Option<usize> {
        self.list.binary_search_by_key(&id, |connection| connection.id).ok()
    }

    fn find(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.place(id).map(|at| &mut self.list[at])
    }

    pub fn add(&mut self, id: ConnectionId, peer: NodeId, now: Time) {
        let connection = Connection {
            id,
            peer,
            stage: Stage::New,
            channels: Vec::new(),
            closing: Vec::new(),
            heartbeat: Span::ZERO,
            next_send_check: now,
            next_receive_check: now,
            sent: false,
            received: false,
            silent_checks: 0,
            blocked: false,
            unread: VecDeque::new(),
        };
        if let Err(at) = self.list.binary_search_by_key(&id, |connection| connection.id) {
            self.list.insert(at, connection);
        }
    }

    pub fn mark_sent(&mut self, id: ConnectionId) {
        if let Some(connection) = self.find(id) {
            connection.sent = true;
        }
    }

    pub fn await_close_ok(&mut self, id: ConnectionId, channel: u16) {
        if let Some(connection) = self.find(id) {
            connection.closing.push(channel);
        }
    }

    pub fn forget_channel(&mut self, id: ConnectionId, channel: u16) {
        if let Some(connection) = self.find(id) {
            connection.channels.retain(|(number, _)| *number != channel);
        }
    }

    pub fn ids(&self) -> Vec<ConnectionId> {
        self.list.iter().map(|connection| connection.id).collect()
    }

    /// False: it was blocked before.
    pub fn block(&mut self, id: ConnectionId) -> bool {
        self.find(id).is_some_and(|connection| !std::mem::replace(&mut connection.blocked, true))
    }

    /// What was not read meanwhile, if it was blocked.
    pub fn unblock(&mut self, id: ConnectionId) -> Option<VecDeque<Frame>> {
        let connection = self.find(id).filter(|connection| connection.blocked)?;
        connection.blocked = false;
        connection.silent_checks = 0;
        Some(std::mem::take(&mut connection.unread))
    }

    /// Publishes that were not read, of one connection or of all.
    pub fn unread(&self, id: Option<ConnectionId>) -> impl Iterator<Item = CopyId> {
        let those = self.list.iter().filter(move |connection| id.is_none_or(|id| id == connection.id));
        those.flat_map(|connection| &connection.unread).filter_map(|frame| match frame {
            Frame::Queue { method: Method::Publish(publish) | Method::PublishHalf(publish), .. } => Some(publish.copy),
            _ => None,
        })
    }

    pub fn peers(&self) -> impl Iterator<Item = NodeId> {
        self.list.iter().filter(|connection| connection.stage == Stage::Open).map(|connection| connection.peer)
    }

    /// Sets the timer for the earliest check there is.
    fn arm(&mut self, out: &mut Outputs) {
        let beating = self.list.iter().filter(|connection| connection.beats());
        let Some(next) = beating.map(|it| it.next_send_check.min(it.next_receive_check)).min() else { return };
        if self.alarm.is_none_or(|alarm| next < alarm) {
            self.alarm = Some(next);
            out.set_periodic_timer(super::HEARTBEAT, next);
        }
    }
}

impl Connection {
    fn beats(&self) -> bool {
        self.stage == Stage::Open && !self.heartbeat.is_zero()
    }

    fn channel(&self, number: u16) -> Option<u32> {
        self.channels.iter().find(|(channel, _)| *channel == number).map(|(_, slot)| *slot)
    }
}

impl QueueBroker {
    pub(super) fn opened(&mut self, id: ConnectionId, peer: NodeId, now: Time, out: &mut Outputs) {
        if !self.link_opened(id, peer, now, out) {
            self.connections.add(id, peer, now);
        }
    }

    pub(super) fn closed(&mut self, id: ConnectionId, why: Closed, now: Time, out: &mut Outputs) {
        if !self.link_closed(id, now, out) {
            self.connection_ended(id, why, now, out);
        }
    }

    pub(super) fn frame(&mut self, now: Time, id: ConnectionId, frame: Frame, out: &mut Outputs) {
        let Some(connection) = self.connections.find(id) else { return };
        if connection.blocked {
            return connection.unread.push_back(frame);
        }
        let Frame::Queue { channel, method } = frame else { return };
        connection.received = true;
        match (connection.stage, channel, method) {
            (Stage::New, 0, Method::ConnectionOpen { heartbeat }) => self.open_connection(id, heartbeat, now, out),
            (_, 0, Method::Heartbeat) => {}
            (Stage::Open, 1.., method) => match connection.channel(channel) {
                Some(slot) => self.method(slot, method, now, out),
                None => self.frame_without_channel(id, channel, &method, now, out),
            },
            _ => self.end_connection(id, Closed::Protocol(code::COMMAND_INVALID), now, out),
        }
    }

    fn open_connection(&mut self, id: ConnectionId, heartbeat: Span, now: Time, out: &mut Outputs) {
        let ready = self.is_ready() && !self.cluster.is_paused;
        let Some(connection) = self.connections.find(id) else { return };
        connection.heartbeat = heartbeat;
        connection.stage = Stage::Held;
        if ready {
            self.answer_held_connections(now, out);
        }
    }

    /// Welcomes those who knocked during recovery.
    pub(super) fn answer_held_connections(&mut self, now: Time, out: &mut Outputs) {
        for connection in self.connections.list.iter_mut().filter(|it| it.stage == Stage::Held) {
            connection.stage = Stage::Open;
            connection.next_send_check = now + half(connection.heartbeat);
            connection.next_receive_check = now + connection.heartbeat;
            out.note_with(Kind::Connected, None, u64::from(connection.peer.0));
            out.send(connection.id, Method::ConnectionOpenOk.on(0), None);
        }
        self.connections.arm(out);
    }

    /// A method on a channel that is not open, unless it opens it.
    fn frame_without_channel(&mut self, id: ConnectionId, number: u16, method: &Method, now: Time, out: &mut Outputs) {
        let Some(connection) = self.connections.find(id) else { return };
        if let Some(at) = connection.closing.iter().position(|closing| *closing == number) {
            // Sent before the client knew, or in answer to the close.
            if *method == Method::ChannelCloseOk {
                connection.closing.swap_remove(at);
            } else if matches!(method, Method::ChannelClose { .. }) {
                out.send(id, Method::ChannelCloseOk.on(number), None);
            }
            return;
        }
        if *method == Method::ChannelOpen {
            let slot = self.channels.open(id, number);
            connection.channels.push((number, slot));
            self.send(slot, Method::ChannelOpenOk, None, out);
        } else {
            self.end_connection(id, Closed::Protocol(CHANNEL_ERROR), now, out);
        }
    }

    /// The broker ends a client's connection.
    pub(super) fn end_connection(&mut self, id: ConnectionId, why: Closed, now: Time, out: &mut Outputs) {
        if self.connections.place(id).is_none() {
            return;
        }
        out.close(id, why);
        self.connection_ended(id, why, now, out);
    }

    /// Forgets a connection, with its channels.
    pub(super) fn connection_ended(&mut self, id: ConnectionId, why: Closed, now: Time, out: &mut Outputs) {
        let Some(at) = self.connections.place(id) else { return };
        self.never_read(id, out);
        let connection = self.connections.list.remove(at);
        if connection.stage == Stage::Open {
            out.note_with(Kind::Disconnected(why), None, u64::from(connection.peer.0));
        }
        for (_, slot) in connection.channels {
            self.drop_channel(slot, now, out);
        }
        self.delete_queues_of(id, now, out);
    }

    pub(super) fn check_heartbeats(&mut self, now: Time, out: &mut Outputs) {
        self.connections.alarm = None;
        let mut at = 0;
        while let Some(connection) = self.connections.list.get_mut(at) {
            at += 1;
            if !connection.beats() {
                continue;
            }
            if now >= connection.next_receive_check {
                connection.next_receive_check = now + connection.heartbeat;
                connection.silent_checks =
                    if connection.received || connection.blocked { 0 } else { connection.silent_checks + 1 };
                connection.received = false;
                if connection.silent_checks == 2 {
                    let id = connection.id;
                    self.end_connection(id, Closed::HeartbeatMissed, now, out);
                    at -= 1;
                    continue;
                }
            }
            if now >= connection.next_send_check {
                connection.next_send_check = now + half(connection.heartbeat);
                if !std::mem::take(&mut connection.sent) {
                    out.send(connection.id, Method::Heartbeat.on(0), None);
                }
            }
        }
        self.connections.arm(out);
    }
}

fn half(span: Span) -> Span {
    Span::from_nanos(span.as_nanos() / 2)
}
