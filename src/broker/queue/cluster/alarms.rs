//! Resource alarms hold for the whole cluster: a message may be meant for a queue
//! on the node that is short, so publishers are blocked on every node
//! (`rabbit_alarm`). The alarms of a node that is gone go with it.

use crate::broker::queue::QueueBroker;
use crate::broker::queue::alarm::Source;
use crate::event::{NodeId, Resource};
use crate::node::Outputs;
use crate::protocol::cluster::Message;
use crate::time::Time;

impl QueueBroker {
    /// Tells the other nodes of an alarm of this one.
    pub(in crate::broker::queue) fn tell_alarm(&self, resource: Resource, out: &mut Outputs) {
        let on = self.alarms.is_raised(resource);
        for connection in self.cluster.peers.iter().filter_map(|peer| peer.connection()) {
            out.send(connection, Message::Alarm { resource, on }, None);
        }
    }

    /// Tells a node that has come into sight.
    pub(super) fn tell_alarms(&self, at: usize, out: &mut Outputs) {
        let Some(connection) = self.cluster.peers[at].connection() else { return };
        let raised = [Resource::Memory, Resource::Disk].into_iter().filter(|it| self.alarms.is_raised(*it));
        raised.for_each(|resource| out.send(connection, Message::Alarm { resource, on: true }, None));
    }

    pub(super) fn alarms_of_gone(&mut self, node: NodeId, now: Time, out: &mut Outputs) {
        for resource in self.alarms.raised_by(node).collect::<Vec<_>>() {
            self.set_alarm(resource, false, Source::Peer(node), now, out);
        }
    }
}
