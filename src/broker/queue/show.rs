//! What the broker shows of itself: to the audit, to faults, to screens.

use super::QueueBroker;
use super::cluster::Place as Home;
use super::entry::{Entry, Location};
use crate::event::{CopyId, Resource};
use crate::node::Holding;
use crate::picture::{Lane, LaneLabel, Picture, Place, Role, Status};

impl QueueBroker {
    pub(super) fn show_in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.unread_copies(visit);
        self.uncommitted(visit);
        self.show_quorum_memory(visit);
        for entry in self.entries.iter() {
            // A copy on its way to the disk counts: the system may not have it.
            if !matches!(entry.location, Location::File { .. }) {
                visit(entry.copy);
            }
        }
    }

    pub(super) fn show_holdings(&self, visit: &mut dyn FnMut(Holding)) {
        for entry in self.entries.iter() {
            let it = &self.queues.list[entry.queue as usize];
            if it.place != Home::Here {
                // A mirror hands nothing out.
                continue;
            }
            let queue = it.name;
            if let Some(subscription) = self.options.subscription(queue) {
                visit(Holding { copy: entry.copy, subscription, dead_lettered: false });
            } else if let Some(subscription) = self.options.dead_letter_queue(queue) {
                visit(Holding { copy: entry.copy, subscription, dead_lettered: true });
            }
        }
        self.show_halves(visit);
        self.show_quorum_holdings(visit);
    }

    pub(super) fn show_picture(&self, picture: &mut Picture) {
        picture.role = Role::Broker;
        picture.status = if self.is_ready() { Status::Up } else { Status::Recovering };
        let mut held = 0;
        for queue in self.queues.alive().filter(|queue| queue.place == Home::Here || queue.mirrored.is_some()) {
            let ready = queue.ready.len() as u64;
            picture.lanes.push(Lane { label: LaneLabel::Queue(queue.name), ready, unacked: queue.unacked });
            held += ready + queue.unacked;
        }
        // What is handed out is usually older than what waits.
        let mut unacked: Vec<_> = self.channels.iter().flat_map(|channel| channel.held()).collect();
        unacked.sort_unstable_by_key(|&index| (self.entries[index].queue, self.entries[index].sequence));
        let ready = self.queues.list.iter().flat_map(|queue| queue.ready.iter());
        let counted = Picture::LIMIT + Picture::BEYOND;
        for index in unacked.into_iter().chain(ready).take(counted) {
            let entry = &self.entries[index];
            picture.hold(entry.copy, place(entry));
        }
        picture.more += held.saturating_sub(counted as u64);
        picture.peers.extend(self.connections.peers());
        let short = [Resource::Memory, Resource::Disk].into_iter().filter(|it| self.alarms.is_raised(*it));
        picture.alarms.extend(short);
        picture.is_minority = self.cluster.is_paused;
        picture.peers.extend(self.cluster.reachable());
        self.show_replicas(picture);
        self.show_quorum_queues(picture);
    }
}

fn place(entry: &Entry) -> Place {
    match entry.location {
        Location::File { file, offset } => Place::File { file, offset: u64::from(offset) },
        Location::Memory | Location::Writing { .. } => Place::Memory,
    }
}
