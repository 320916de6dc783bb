//! Who is alive. A broker registers when its process begins, and is fenced until
//! it has caught up with the metadata; then it must send heartbeats.
//!
//! Nobody tells the controller that a broker died. It notices that a session has
//! ended: 9 s after the last heartbeat, and it looks only every quarter of that. A
//! process that comes back sooner is another incarnation, and is turned away until
//! the session of the one before has ended: so leadership moves even then.
//!
//! Source: `ClusterControlManager.registerBroker`, `BrokerHeartbeatManager`,
//! `PeriodicTaskControlManager`.

use super::decide::Decisions;
use super::metadata::Broker;
use crate::event::NodeId;
use crate::protocol::log::{Change, Error};
use crate::time::Time;

impl Decisions {
    /// A broker's process began. Returns its epoch.
    ///
    /// # Errors
    /// `DuplicateBrokerRegistration` while an earlier process has a session.
    pub fn register(&mut self, now: Time, node: NodeId, incarnation: u64, is_clean: bool) -> Result<u64, Error> {
        if let Some(known) = self.metadata.broker(node) {
            if known.incarnation == incarnation {
                // The answer was lost; it asks again.
                return Ok(known.epoch);
            }
            if self.has_session(node, now) {
                return Err(Error::DuplicateBrokerRegistration);
            }
            self.broker_stopped(node, is_clean);
        }
        self.contacts.remove(&node);
        let epoch = self.metadata.offset();
        self.decide(Change::Broker { broker: node, epoch, incarnation, is_fenced: true });
        Ok(epoch)
    }

    /// A broker is alive and has the metadata before `offset`. Returns whether it
    /// is fenced now.
    ///
    /// # Errors
    /// `StaleBrokerEpoch` to an earlier incarnation.
    pub fn heartbeat(&mut self, now: Time, node: NodeId, epoch: u64, offset: u64) -> Result<bool, Error> {
        let broker = self.registered(node, epoch)?;
        self.contacts.insert(node, now);
        if !broker.is_fenced {
            return Ok(false);
        }
        let has_own_registration = offset > broker.epoch;
        if has_own_registration {
            self.set_fenced(node, broker, false);
            self.elect_for_leaderless();
        }
        Ok(!has_own_registration)
    }

    /// The registration that an epoch is of.
    pub fn registered(&self, node: NodeId, epoch: u64) -> Result<Broker, Error> {
        self.metadata.broker(node).filter(|broker| broker.epoch == epoch).ok_or(Error::StaleBrokerEpoch)
    }

    /// Fences those whose sessions have ended, one after the other, from the one
    /// that is silent for longest on: each election knows who was fenced before.
    pub fn fence_silent(&mut self, now: Time) {
        let ended = |(node, heard): (&NodeId, &Time)| (now.since(*heard) > self.session).then_some((*heard, *node));
        let mut silent: Vec<(Time, NodeId)> = self.contacts.iter().filter_map(ended).collect();
        silent.sort_unstable();
        for (_, node) in silent {
            self.contacts.remove(&node);
            if let Some(broker) = self.metadata.broker(node).filter(|broker| !broker.is_fenced) {
                self.broker_fenced(node);
                self.set_fenced(node, broker, true);
            }
        }
    }

    fn has_session(&self, node: NodeId, now: Time) -> bool {
        self.contacts.get(&node).is_some_and(|heard| now.since(*heard) <= self.session)
    }

    fn set_fenced(&mut self, node: NodeId, broker: Broker, is_fenced: bool) {
        let Broker { epoch, incarnation, .. } = broker;
        self.decide(Change::Broker { broker: node, epoch, incarnation, is_fenced });
    }
}
