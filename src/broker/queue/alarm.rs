//! Resource alarms. A node that runs short of memory or disk blocks publishers
//! so that consumers can drain it: the first publish that arrives during an alarm
//! is still taken, then its connection gets `connection.blocked` and RabbitMQ
//! reads no more from that socket: neither publishes nor, on the same connection,
//! acknowledgements. What the client sent already waits unread and is taken, in
//! order, when the alarm clears; its heartbeats are not missed meanwhile.
//! Connections that never publish notice nothing (`rabbit_alarm`,
//! `rabbit_reader`, August 2026).
//!
//! Memory counts messages in memory with an estimate of their overhead, disk the
//! segments of the log. Both are looked at now and then, as `vm_memory_monitor`
//! and `rabbit_disk_monitor` do, so a short burst may pass unseen.

use super::QueueBroker;
use crate::event::{CopyId, Kind, NodeId, Resource, Tier};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::queue::Method;
use crate::time::{Span, Time};

/// How often a running node looks at its gauges; RabbitMQ: 2.5 s for memory, up
/// to 10 s for the disk.
const INTERVAL: Span = Span::from_millis(2500);

/// Who raised an alarm. One resource may be short on several nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// This node's own gauge.
    Gauge,
    /// A fault, or an operator who lowered the limit.
    Imposed,
    /// Another node of the cluster: one that is short blocks publishers everywhere.
    Peer(NodeId),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Alarms {
    raised: Vec<(Resource, Source)>,
    /// When the gauges are looked at next, if something has changed.
    look_at: Option<Time>,
}

impl Alarms {
    #[inline]
    pub const fn any(&self) -> bool {
        !self.raised.is_empty()
    }

    /// Whether this node itself is short of it.
    pub fn is_raised(&self, resource: Resource) -> bool {
        self.raised.iter().any(|(it, source)| *it == resource && !matches!(source, Source::Peer(_)))
    }

    /// Which alarms another node has raised.
    pub fn raised_by(&self, node: NodeId) -> impl Iterator<Item = Resource> {
        self.raised.iter().filter(move |(_, source)| *source == Source::Peer(node)).map(|(resource, _)| *resource)
    }
}

impl QueueBroker {
    /// Raises or clears an alarm of one source.
    pub(super) fn set_alarm(&mut self, resource: Resource, on: bool, source: Source, now: Time, out: &mut Outputs) {
        let was = self.alarms.is_raised(resource);
        self.alarms.raised.retain(|it| *it != (resource, source));
        if on {
            self.alarms.raised.push((resource, source));
        }
        match (was, self.alarms.is_raised(resource)) {
            (false, true) => out.note(Kind::AlarmRaised(resource), None),
            (true, false) => out.note(Kind::AlarmCleared(resource), None),
            _ => {}
        }
        if was != self.alarms.is_raised(resource) {
            self.tell_alarm(resource, out);
        }
        if !self.alarms.any() {
            self.unblock_publishers(now, out);
        } else if flaw::is_on(Flaw::AlarmBlocksConsumers) {
            for id in self.connections.ids() {
                self.connections.block(id);
            }
        }
    }

    /// Looks at the gauges soon if they disagree with the alarms.
    #[inline]
    pub(super) fn watch_resources(&mut self, now: Time, out: &mut Outputs) {
        if self.options.memory_limit.is_none() && self.options.disk_limit.is_none() {
            return;
        }
        let agree = [Resource::Memory, Resource::Disk].into_iter().all(|it| self.is_short_of(it) == self.has_gauge(it));
        if !agree && self.alarms.look_at.is_none() {
            let ticks = now.as_nanos() / INTERVAL.as_nanos() + 1;
            let next = Time::from_nanos(ticks * INTERVAL.as_nanos());
            self.alarms.look_at = Some(next);
            out.set_timer(super::GAUGES, next);
        }
    }

    /// The timer rang.
    pub(super) fn look_at_gauges(&mut self, now: Time, out: &mut Outputs) {
        self.alarms.look_at = None;
        for resource in [Resource::Memory, Resource::Disk] {
            let short = self.is_short_of(resource);
            if short != self.has_gauge(resource) {
                self.set_alarm(resource, short, Source::Gauge, now, out);
            }
        }
    }

    fn has_gauge(&self, resource: Resource) -> bool {
        self.alarms.raised.contains(&(resource, Source::Gauge))
    }

    fn is_short_of(&self, resource: Resource) -> bool {
        match resource {
            Resource::Memory => self.options.memory_limit.is_some_and(|limit| self.entries.bytes() > limit),
            Resource::Disk => self.options.disk_limit.is_some_and(|limit| self.store.bytes() > limit),
        }
    }

    /// A publish was taken during an alarm: nothing more is read from there.
    pub(super) fn block_publisher(&mut self, slot: u32, out: &mut Outputs) {
        let connection = self.channels[slot].connection;
        if self.connections.block(connection) {
            out.send(connection, Method::Blocked.on(0), None);
            self.connections.mark_sent(connection);
        }
    }

    /// Takes what waited unread, in order.
    fn unblock_publishers(&mut self, now: Time, out: &mut Outputs) {
        for id in self.connections.ids() {
            let Some(unread) = self.connections.unblock(id) else { continue };
            out.send(id, Method::Unblocked.on(0), None);
            for frame in unread {
                self.frame(now, id, frame, out);
            }
        }
    }

    /// A connection ended, and what it sent was never read.
    pub(super) fn never_read(&self, id: ConnectionId, out: &mut Outputs) {
        for copy in self.connections.unread(Some(id)) {
            out.note(Kind::Destroyed(Tier::Network), Some(copy));
        }
    }

    pub(super) fn unread_copies(&self, visit: &mut dyn FnMut(CopyId)) {
        self.connections.unread(None).for_each(visit);
    }
}
