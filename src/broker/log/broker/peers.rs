//! What coordinators ask of other brokers: to write the ends of transactions, to
//! keep the state of share groups. One connection a broker, made when needed.

use std::sync::Arc;

use super::LogBroker;
use super::coordination::Marking;
use super::link::Link;
use crate::event::NodeId;
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, Message, TopicPartition, Transaction};
use crate::time::{Span, Time};

/// `request.timeout.ms` between brokers.
const PATIENCE: Span = Span::from_secs(30);
/// `reconnect.backoff.ms`.
const RECONNECT: Span = Span::from_millis(50);

#[derive(Clone, Debug)]
pub(super) struct Peer {
    node: NodeId,
    pub link: Link,
    correlation: u32,
    /// Not sent yet, then sent and not answered yet.
    waiting: Vec<(Asked, Message)>,
    sent: Vec<(u32, Asked)>,
    until: Time,
}

/// Who wants the answer.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Markers(Marking, Arc<[TopicPartition]>),
    ShareState { group: Name },
}

impl LogBroker {
    pub(super) fn ask(&mut self, node: NodeId, asked: Asked, message: Message, now: Time, out: &mut Outputs) {
        let at = self.peers.iter().position(|peer| peer.node == node).unwrap_or_else(|| {
            let peer =
                Peer { node, link: Link::NEW, correlation: 0, waiting: Vec::new(), sent: Vec::new(), until: Time::MAX };
            self.peers.push(peer);
            self.peers.len() - 1
        });
        self.peers[at].waiting.push((asked, message));
        self.peer_goes_on(at, now, out);
    }

    pub(super) fn peer_goes_on(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.peers[at];
        match peer.link {
            Link::Idle { until } if until <= now && !peer.waiting.is_empty() => {
                peer.link.connect(peer.node, now, PATIENCE, out);
            }
            Link::Opening { until, .. } if until <= now => self.peer_lost(at, now, out),
            Link::Open { .. } if peer.until <= now => self.peer_lost(at, now, out),
            Link::Open { connection } => {
                for (asked, message) in peer.waiting.drain(..) {
                    peer.correlation += 1;
                    peer.sent.push((peer.correlation, asked));
                    peer.until = now + PATIENCE;
                    out.send(connection, message.on(peer.correlation), None);
                }
            }
            _ => {}
        }
    }

    /// What it was asked for is asked again by whoever needs it.
    pub(super) fn peer_lost(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let peer = &mut self.peers[at];
        peer.link.drop_until(now + RECONNECT, out);
        peer.until = Time::MAX;
        let sent = std::mem::take(&mut peer.sent).into_iter().map(|(_, asked)| asked);
        let waiting = std::mem::take(&mut peer.waiting).into_iter().map(|(asked, _)| asked);
        for asked in sent.chain(waiting) {
            match asked {
                Asked::ShareState { group } => self.share_state_answered(group, None, now),
                Asked::Markers(marking, partitions) => {
                    let lost = partitions.iter().map(|partition| (*partition, Some(Error::NotLeaderOrFollower)));
                    self.coordination.markers_written.push((marking, lost.collect()));
                }
            }
        }
    }

    pub(super) fn peer_answered(&mut self, at: usize, correlation: u32, message: Message, now: Time) {
        let peer = &mut self.peers[at];
        let Some(index) = peer.sent.iter().position(|(sent, _)| *sent == correlation) else { return };
        let (_, asked) = peer.sent.remove(index);
        peer.until = if peer.sent.is_empty() { Time::MAX } else { now + PATIENCE };
        match (asked, message) {
            (Asked::Markers(marking, _), Message::Transaction(Transaction::MarkersWritten { answers })) => {
                self.coordination.markers_written.push((marking, answers));
            }
            (Asked::ShareState { group }, message) => self.share_state_answered(group, Some(message), now),
            _ => {}
        }
    }

    pub(super) fn peers_due(&self) -> Option<Time> {
        let due = |peer: &Peer| match peer.link {
            Link::Idle { until } => (!peer.waiting.is_empty()).then_some(until),
            Link::Opening { until, .. } => Some(until),
            Link::Open { .. } => Some(peer.until).filter(|until| *until < Time::MAX),
        };
        self.peers.iter().filter_map(due).min()
    }
}

/// The request that a marking is, to the leader of some partitions.
pub(super) fn markers(marking: Marking, partitions: Vec<crate::protocol::log::TopicPartition>) -> Message {
    let is_commit = marking.control == Control::Commit;
    let partitions = partitions.into_boxed_slice();
    Transaction::WriteMarkers { producer: marking.producer, is_commit, partitions }.into()
}
