//! What waited in the queues over the run, sampled while it is surveyed ahead.
//! The moments are those of the timeline, where dull time is squeezed: however
//! long the run is, there are no more than so many samples, and they lie where
//! something happens.

use crate::lab::Session;
use crate::picture::{LaneLabel, Picture};
use crate::protocol::Name;
use crate::time::Time;

use super::partitions;
use super::scene::Scene;

/// How many moments are sampled.
pub const SAMPLES: u16 = 160;
/// A queue that never held more than this is no backlog.
const WORTH_SHOWING: u64 = 20;

/// What one queue held at a moment, over all nodes that serve it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub ready: u64,
    pub unacked: u64,
}

impl Held {
    #[must_use]
    pub const fn sum(self) -> u64 {
        self.ready + self.unacked
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Sample {
    time: Time,
    held: Vec<(Name, Held)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    samples: Vec<Sample>,
    /// Every queue, with the most it ever held: the fullest first.
    pub queues: Vec<(Name, u64)>,
}

/// Adds what the queues of a node hold.
fn add(held: &mut Vec<(Name, Held)>, picture: &Picture) {
    for lane in &picture.lanes {
        let LaneLabel::Queue(name) = lane.label else { continue };
        let at = held.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            held.push((name, Held::default()));
            held.len() - 1
        });
        // Mirrors and followers may show the same backlog as their leader.
        let one = Held { ready: lane.ready, unacked: lane.unacked };
        held[at].1 = if one.sum() > held[at].1.sum() { one } else { held[at].1 };
    }
}

impl Backlog {
    /// Takes a session to these moments, one after another, and keeps what its
    /// queues held.
    pub fn survey(session: &mut Session, moments: impl Iterator<Item = Time>) -> Self {
        let mut backlog = Self::default();
        let mut picture = Picture::default();
        for moment in moments {
            session.seek(moment);
            backlog.take(session, &mut picture);
        }
        backlog.arrange();
        backlog
    }

    /// The fullest queue first.
    pub fn arrange(&mut self) {
        self.queues.sort_by_key(|(name, most)| (std::cmp::Reverse(*most), *name));
    }

    /// Forgets what was sampled after a time.
    pub fn truncate(&mut self, time: Time) {
        self.samples.retain(|sample| sample.time <= time);
    }

    /// Samples what the queues of a session hold now.
    pub fn take(&mut self, session: &Session, picture: &mut Picture) {
        let topology = session.plan().topology();
        let mut held: Vec<(Name, Held)> = Vec::new();
        if topology.controllers > 0 {
            let mut scene = Scene::new(topology);
            scene.nodes.iter_mut().for_each(|node| session.picture(node.id, &mut node.picture));
            partitions::add_lanes(&mut scene.nodes);
            scene.nodes.iter().for_each(|node| add(&mut held, &node.picture));
        } else {
            for node in topology.brokers() {
                session.picture(node, picture);
                add(&mut held, picture);
            }
        }
        for (name, held) in &held {
            match self.queues.iter_mut().find(|(known, _)| known == name) {
                Some((_, most)) => *most = (*most).max(held.sum()),
                None => self.queues.push((*name, held.sum())),
            }
        }
        let time = session.now();
        self.samples.push(Sample { time, held });
    }

    /// The most that any queue held.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.queues.iter().map(|(_, most)| *most).max().unwrap_or(0)
    }

    #[must_use]
    pub fn is_worth_showing(&self) -> bool {
        self.peak() > WORTH_SHOWING
    }

    /// What a queue held at a time, or at the last sample before it.
    #[must_use]
    pub fn at(&self, queue: Name, time: Time) -> Held {
        let at = self.samples.partition_point(|sample| sample.time <= time);
        let sample = at.checked_sub(1).and_then(|at| self.samples.get(at));
        let held = sample.and_then(|sample| sample.held.iter().find(|(name, _)| *name == queue));
        held.map_or_else(Held::default, |(_, held)| *held)
    }

    /// The most that a queue held in a stretch of time, its end included; a
    /// stretch without a sample is as the one before.
    #[must_use]
    pub fn most(&self, queue: Name, from: Time, to: Time) -> Held {
        let first = self.samples.partition_point(|sample| sample.time <= from);
        let last = self.samples.partition_point(|sample| sample.time <= to);
        let held = self.samples[first..last.max(first)].iter().flat_map(|sample| &sample.held);
        let most = held.filter(|(name, _)| *name == queue).map(|(_, held)| *held).max_by_key(|held| held.sum());
        most.unwrap_or_else(|| self.at(queue, to))
    }

    /// The times of the samples, for those who read rather than look: no more
    /// than `most` of them, evenly over the run up to `until`.
    #[must_use]
    pub fn times(&self, most: usize, until: Time) -> Vec<Time> {
        let count = self.samples.partition_point(|sample| sample.time <= until);
        let shown = most.min(count).max(1);
        (0..shown.min(count)).map(|row| self.samples[(row + 1) * count / shown - 1].time).collect()
    }
}
