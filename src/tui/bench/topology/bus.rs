//! What brokers of a cluster say to one another: one line below them with a tap
//! for each, in use where somebody talks across it.

use ratatui::layout::Rect;

use crate::event::NodeId;
use crate::picture::Role;
use crate::sim::LinkState;
use crate::tui::bench::scene::{NodeView, Scene};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

use super::links::{frame_look, look};

/// The line that brokers talk over, with a tap below each of them.
pub fn bus(canvas: &mut Canvas<'_>, area: Rect, centres: &[u16], scene: &Scene) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let brokers: Vec<_> = scene.of(Role::Broker).map(|at| &scene.nodes[at]).collect();
    let between = |one: NodeId, other: NodeId| scene.links.iter().find(|link| link.joins(one, other));
    let talk = |one: &NodeView, other: &NodeView| {
        between(one.id, other.id).is_some_and(|link| link.connected && link.state() != LinkState::Blocked)
    };
    for (at, pair) in centres.windows(2).enumerate() {
        // A stretch is in use if anyone left of it talks to anyone right of it.
        let (left, right) = brokers.split_at(at + 1);
        let used = left.iter().any(|one| right.iter().any(|other| talk(one, other)));
        let (sign, ink) = look(LinkState::Open, used, ui);
        canvas.repeat(pair[0], area.y, pair[1] - pair[0], sign, ink);
    }
    for (node, x) in brokers.iter().zip(centres) {
        let others = || brokers.iter().filter(|other| other.id != node.id);
        let blocked =
            |other: &&NodeView| between(node.id, other.id).is_some_and(|link| link.state() == LinkState::Blocked);
        let (sign, ink) = if others().any(|other| talk(node, other)) {
            (glyphs.vertical, Ink::Border)
        } else if others().any(blocked) {
            (glyphs.cross, Ink::Bad)
        } else {
            (glyphs.dot, Ink::Muted)
        };
        canvas.print(*x, area.y, 1, sign, ink);
    }
    let first = scene.topology.broker(0).0;
    let centre = |node: NodeId| node.0.checked_sub(first).and_then(|at| centres.get(usize::from(at)));
    for frame in &scene.moving {
        if let (Some(from), Some(to)) = (centre(frame.from), centre(frame.to)) {
            let (from, to) = (i32::from(*from), i32::from(*to));
            let x = from + (to - from) * frame.along.min(1000) as i32 / 1000;
            let (sign, ink) = frame_look(frame, ui);
            canvas.print(x as u16, area.y, 1, sign, ink);
        }
    }
    let name = ui.say("节点之间", "between");
    let room = centres.first().map_or(0, |first| first.saturating_sub(area.x + 1));
    if ui.width(name) <= usize::from(room) {
        canvas.print(area.x, area.y, room, name, Ink::Muted);
    }
}
