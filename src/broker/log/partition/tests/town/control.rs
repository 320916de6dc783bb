//! The controller, and processes that end and begin.

use super::{News, Town};
use crate::event::NodeId;
use crate::protocol::log::{Error, IsrChange, Partition};
use crate::random::Purpose;

impl Town {
    /// The controller's answer to a proposal.
    pub(super) fn decide(&mut self, from: usize, broker_epoch: u64, change: &IsrChange) -> Result<Partition, Error> {
        if broker_epoch != self.broker_epochs[from] || self.is_fenced[from] {
            return Err(Error::StaleBrokerEpoch);
        } else if change.leader_epoch != self.now.leader_epoch {
            return Err(Error::FencedLeaderEpoch);
        } else if change.partition_epoch != self.now.partition_epoch {
            return Err(Error::InvalidUpdateVersion);
        }
        let is_stale = |(node, epoch): &(NodeId, u64)| {
            let at = usize::from(node.0);
            self.is_fenced[at] || self.broker_epochs[at] != *epoch
        };
        if change.in_sync.iter().any(is_stale) {
            return Err(Error::IneligibleReplica);
        }
        self.seen.grown += u32::from(change.in_sync.len() > self.now.in_sync.len());
        self.now.in_sync = change.in_sync.iter().map(|(node, _)| *node).collect();
        self.publish(false);
        Ok(self.now.clone())
    }

    pub(super) fn publish(&mut self, is_election: bool) {
        self.now.partition_epoch += 1;
        self.now.leader_epoch += u32::from(is_election);
        self.seen.elections += u32::from(is_election);
        self.news.push(News::State(self.now.clone()));
    }

    /// The controller knows that a broker is gone. The last one in sync stays so.
    pub(super) fn fence(&mut self, node: usize) {
        if std::mem::replace(&mut self.is_fenced[node], true) {
            return;
        }
        self.news.push(News::Broker { broker: node, epoch: self.broker_epochs[node], is_fenced: true });
        let gone = NodeId(node as u16);
        let others: Vec<NodeId> = self.now.in_sync.iter().copied().filter(|one| *one != gone).collect();
        if !others.is_empty() {
            self.now.in_sync = others.into();
        }
        let led = self.now.leader == Some(gone);
        if led {
            self.now.leader = self.now.in_sync.iter().copied().find(|one| !self.is_fenced[usize::from(one.0)]);
        }
        self.publish(led);
    }

    pub(super) fn crash(&mut self, node: usize, is_power_cut: bool) {
        let is_last = *self.now.in_sync == [NodeId(node as u16)];
        if !self.is_up[node] || is_power_cut && is_last {
            return;
        }
        self.is_up[node] = false;
        let (seed, draws) = (self.seed, self.draws);
        let keeps = |file: u32, unsynced: usize| {
            seed.draw(Purpose::Test).by(draws).by(file.into()).below(unsynced as u64 + 1) as usize
        };
        self.nodes[node].disk.crash(is_power_cut, keeps);
        self.seen.power_cuts += u32::from(is_power_cut);
        if is_power_cut {
            self.fence(node);
        }
    }

    /// A new incarnation. It knows the metadata log up to here, and may serve.
    pub(super) fn restart(&mut self, node: usize) {
        if std::mem::replace(&mut self.is_up[node], true) {
            return;
        }
        self.fence(node);
        self.broker_epochs[node] += 1;
        self.is_fenced[node] = false;
        self.news.push(News::Broker { broker: node, epoch: self.broker_epochs[node], is_fenced: false });
        if self.now.leader.is_none() && self.now.in_sync.contains(&NodeId(node as u16)) {
            self.now.leader = Some(NodeId(node as u16));
            self.publish(true);
        }
        self.nodes[node].start();
        let last_state = self.news.iter().rposition(|news| matches!(news, News::State(_))).unwrap_or(0);
        for at in 0..self.news.len() {
            match self.news[at].clone() {
                News::State(_) if at != last_state => {}
                news => self.apply(node, news),
            }
        }
        self.applied[node] = self.news.len();
    }
}
