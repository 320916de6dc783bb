//! The topology pane: producers, brokers with what they hold in each tier,
//! consumers, the services, and the messages between them. Drawn from pictures
//! alone, so that a new kind of broker costs no line here.
//!
//! - `boxes`: one broker, everyone beside it. `cluster`: several brokers side by
//!   side, clients above and below them (`rows`: how many rows each gets). `list`: a
//!   line a node, where boxes do not fit.
//! - `words`, `tiers`, `replicas`, `links`, `bus`, `troubles`: their pieces.

mod boxes;
mod bus;
mod cluster;
mod links;
mod list;
mod replicas;
mod rows;
mod tiers;
mod troubles;
mod words;

use ratatui::layout::Rect;

use crate::lab::Topology;
use crate::tui::canvas::Canvas;

use super::scene::Scene;

pub use list::legend;
pub use replicas::sign;
pub use words::status;

/// The rows that boxes around one broker need.
pub const ROWS: u16 = 11;
/// The same with the groups of a log below them.
const LOG_ROWS: u16 = 13;
/// The rows that a cluster likes to have; one of a log; and one whose boxes are narrow.
const CLUSTER_ROWS: u16 = 15;
const LOG_CLUSTER_ROWS: u16 = 17;
const NARROW_CLUSTER_ROWS: u16 = 19;

/// The rows that a topology needs to show all that it has to show.
#[must_use]
pub const fn rows(topology: Topology) -> u16 {
    match topology.brokers {
        0 | 1 if topology.controllers > 0 => LOG_ROWS,
        0 | 1 => ROWS,
        2..=4 if topology.controllers > 0 => LOG_CLUSTER_ROWS,
        2..=4 => CLUSTER_ROWS,
        _ => NARROW_CLUSTER_ROWS,
    }
}

/// Whether several brokers have no more than a line each in this room.
#[must_use]
pub fn is_terse(area: Rect, scene: &Scene) -> bool {
    scene.topology.brokers > 1 && !cluster::fits(area, scene)
}

/// Draws the topology into `area`, which has no frame of its own.
pub fn topology(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    if scene.topology.brokers > 1 && cluster::fits(area, scene) {
        cluster::cluster(canvas, area, scene);
    } else if scene.topology.brokers <= 1 && boxes::fits(area) {
        boxes::boxes(canvas, area, scene);
    } else {
        list::list(canvas, area, scene);
    }
}
