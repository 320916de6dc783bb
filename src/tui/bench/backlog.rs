//! What waited over the run, sampled while it is surveyed ahead: in a queue, what is
//! ready and what is handed out; in a log, the lag of each group in each partition.
//! The moments are those of the timeline, where dull time is squeezed: however
//! long the run is, there are no more than so many samples, and they lie where
//! something happens.

use crate::lab::Session;
use crate::picture::{LaneLabel, Picture};
use crate::protocol::Name;
use crate::time::Time;

use super::partitions;
use super::scene::{NodeView, Scene};

/// How many moments are sampled.
pub const SAMPLES: u16 = 160;
/// A queue that never held more than this is no backlog.
const WORTH_SHOWING: u64 = 20;

/// Where something waits: in a queue, or for a group in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// [`Name::EMPTY`] for a queue.
    pub group: Name,
    pub queue: Name,
}

/// What one queue held at a moment, over all nodes that serve it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Of a log: the lag.
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
    held: Vec<(Series, Held)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    samples: Vec<Sample>,
    /// Every queue, with the most it ever held, the fullest first; of a log, every
    /// partition that a group reads, in order.
    pub series: Vec<(Series, u64)>,
}

/// What waits at this moment, as far as any node that is up can tell. With the broker
/// of a queue, or the leader of a partition, or the coordinator of a group gone, nobody
/// knows: then it is left out, which is not the same as nothing.
#[must_use]
pub fn held_now(nodes: &[NodeView], is_log: bool) -> Vec<(Series, Held)> {
    if is_log {
        let lags = partitions::lags(nodes).into_iter();
        return lags.map(|(group, queue, lag)| (Series { group, queue }, Held { ready: lag, unacked: 0 })).collect();
    }
    let mut held = Vec::new();
    nodes.iter().for_each(|node| add(&mut held, &node.picture));
    held
}

/// Adds what the queues of a node hold.
fn add(held: &mut Vec<(Series, Held)>, picture: &Picture) {
    for lane in &picture.lanes {
        let LaneLabel::Queue(queue) = lane.label else { continue };
        let series = Series { group: Name::EMPTY, queue };
        let at = held.iter().position(|(known, _)| *known == series).unwrap_or_else(|| {
            held.push((series, Held::default()));
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
        let mut scene = Scene::new(session.plan().topology());
        for moment in moments {
            session.seek(moment);
            backlog.take(session, &mut scene.nodes);
        }
        backlog.arrange();
        backlog
    }

    /// The fullest queue first; partitions as they are counted.
    pub fn arrange(&mut self) {
        let fullest = |(series, most): &(Series, u64)| (series.group == Name::EMPTY).then_some(*most);
        self.series.sort_by_key(|one| (std::cmp::Reverse(fullest(one)), one.0));
    }

    /// Forgets what was sampled after a time.
    pub fn truncate(&mut self, time: Time) {
        self.samples.retain(|sample| sample.time <= time);
    }

    /// Samples what the queues of a session hold now. `nodes` are room for pictures.
    pub fn take(&mut self, session: &Session, nodes: &mut [NodeView]) {
        let topology = session.plan().topology();
        for node in nodes.iter_mut() {
            node.picture.clear();
            session.picture(node.id, &mut node.picture);
        }
        let held = held_now(nodes, topology.controllers > 0);
        for (series, held) in &held {
            match self.series.iter_mut().find(|(known, _)| known == series) {
                Some((_, most)) => *most = (*most).max(held.sum()),
                None => self.series.push((*series, held.sum())),
            }
        }
        let time = session.now();
        self.samples.push(Sample { time, held });
    }

    /// The most that any queue held.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.series.iter().map(|(_, most)| *most).max().unwrap_or(0)
    }

    #[must_use]
    pub fn is_worth_showing(&self) -> bool {
        self.peak() > WORTH_SHOWING
    }

    /// What was held at a time, or at the last sample before it, if anybody knew.
    #[must_use]
    pub fn at(&self, series: Series, time: Time) -> Option<Held> {
        let at = self.samples.partition_point(|sample| sample.time <= time);
        let sample = at.checked_sub(1).and_then(|at| self.samples.get(at));
        sample.and_then(|sample| sample.held.iter().find(|(known, _)| *known == series)).map(|(_, held)| *held)
    }

    /// The most that was held in a stretch of time, its end included; a stretch
    /// without a sample is as the one before.
    #[must_use]
    pub fn most(&self, series: Series, from: Time, to: Time) -> Option<Held> {
        let first = self.samples.partition_point(|sample| sample.time <= from);
        let last = self.samples.partition_point(|sample| sample.time <= to);
        let held = self.samples[first..last.max(first)].iter().flat_map(|sample| &sample.held);
        let most = held.filter(|(known, _)| *known == series).map(|(_, held)| *held).max_by_key(|held| held.sum());
        most.or_else(|| self.at(series, to))
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
