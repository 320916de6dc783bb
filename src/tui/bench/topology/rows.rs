//! How many rows everything in the picture of a cluster gets. What is missed least
//! goes first where there are few.

use crate::picture::Role;
use crate::protocol::Name;
use crate::tui::bench::scene::Scene;

use super::replicas;

/// Rows without which a cluster cannot be drawn: clients above, a box of five,
/// the line between brokers, clients below, the services.
pub const LEAST: u16 = 9;

/// How many rows everything gets.
pub struct Rows {
    pub producers: u16,
    pub lane_in: u16,
    pub full_tiers: bool,
    pub queues: u16,
    /// Second rows, for the queues that a broker decides about: what waits in them.
    pub waiting: u16,
    pub metadata: bool,
    pub troubles: u16,
    pub lane_out: u16,
    pub consumers: u16,
}

impl Rows {
    pub fn of(height: u16, scene: &Scene, troubles: usize, crowd: [u16; 2]) -> Self {
        let mut left = height - LEAST;
        let mut take = |rows: u16| {
            let taken = rows <= left;
            left -= if taken { rows } else { 0 };
            taken
        };
        let mut rows = Self {
            producers: 1,
            lane_in: 0,
            full_tiers: false,
            queues: 1,
            waiting: 0,
            metadata: false,
            troubles: 0,
            lane_out: 0,
            consumers: 1,
        };
        let queues = scene.queues.len() as u16;
        rows.troubles += u16::from(troubles > 0 && take(1));
        // Of a log its partitions matter most, all of them.
        let partitions = if scene.topology.controllers > 0 { queues.clamp(1, 4) - 1 } else { 0 };
        rows.queues += if take(partitions) { partitions } else { 0 };
        // A box does not shrink because nobody leads for a moment.
        let waiting = |shown: u16| most_decided(scene, shown).max(queues.min(1));
        if scene.topology.controllers > 0 && take(waiting(rows.queues)) {
            rows.waiting = waiting(rows.queues);
        }
        rows.full_tiers = take(2);
        rows.lane_in += u16::from(take(1));
        rows.lane_out += u16::from(take(1));
        while rows.queues < queues.min(4) && take(1) {
            rows.queues += 1;
        }
        rows.troubles += u16::from(troubles > 1 && take(1));
        let has_metadata =
            scene.nodes.iter().any(|node| node.picture.replicas.iter().any(|replica| replica.queue == Name::EMPTY));
        if rows.waiting == 0 && take(waiting(rows.queues)) {
            rows.waiting = waiting(rows.queues);
        }
        rows.metadata = has_metadata && take(1);
        while rows.consumers < crowd[1] && take(1) {
            rows.consumers += 1;
        }
        while rows.producers < crowd[0] && take(1) {
            rows.producers += 1;
        }
        while rows.queues < queues && rows.waiting == 0 && take(1) {
            rows.queues += 1;
        }
        rows
    }

    pub const fn of_box(&self) -> u16 {
        let tiers = if self.full_tiers { 3 } else { 1 };
        2 + 1 + tiers + self.queues + self.waiting + self.metadata as u16
    }
}

/// About how many of the first queues one broker decides at most.
fn most_decided(scene: &Scene, queues: u16) -> u16 {
    let first = || scene.queues.iter().take(usize::from(queues));
    let decided = |at: usize| first().filter(|(queue, _)| replicas::decides_about(&scene.nodes[at], *queue)).count();
    scene.of(Role::Broker).map(decided).max().unwrap_or(0) as u16
}
