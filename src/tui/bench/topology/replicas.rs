//! A node's part in a queue of the cluster, in one line: who leads, who is in
//! step, who lags and by how much.

use crate::picture::{Lane, LaneLabel, Replica, ReplicaRole};
use crate::protocol::Name;
use crate::tui::bench::partitions;
use crate::tui::bench::scene::{NodeView, Scene};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::words::backlog;

/// The sign of a part, and its ink.
pub fn sign(replica: &Replica, ui: &Ui) -> (&'static str, Ink) {
    let glyphs = ui.glyphs();
    match replica.role {
        ReplicaRole::Leader | ReplicaRole::Master => (glyphs.leader, Ink::Accent),
        ReplicaRole::Candidate => ("?", Ink::Warn),
        ReplicaRole::Learner => ("+", Ink::Warn),
        ReplicaRole::Only => (glyphs.full, Ink::Text),
        ReplicaRole::Elsewhere => (glyphs.right, Ink::Muted),
        ReplicaRole::Down => (glyphs.cross, Ink::Bad),
        ReplicaRole::Follower | ReplicaRole::Mirror if replica.in_step => (glyphs.check, Ink::Good),
        ReplicaRole::Follower | ReplicaRole::Mirror => (glyphs.down, Ink::Warn),
    }
}

fn role(replica: &Replica, ui: &Ui) -> &'static str {
    match replica.role {
        ReplicaRole::Leader => "leader",
        ReplicaRole::Master => ui.say("主", "master"),
        ReplicaRole::Candidate => ui.say("竞选中", "electing"),
        ReplicaRole::Learner => "learner",
        ReplicaRole::Only => ui.say("只此一份", "only copy"),
        ReplicaRole::Follower => "follower",
        ReplicaRole::Mirror => ui.say("镜像", "mirror"),
        ReplicaRole::Elsewhere => ui.say("只有名字", "name only"),
        ReplicaRole::Down => "state: down",
    }
}

/// What matters of a part beside its sign, the most important first. `backlog`
/// belongs to it if it has no line of its own.
fn facts(replica: &Replica, backlog: Option<String>, is_disputed: bool, ui: &Ui) -> Vec<String> {
    let lag = if replica.behind > 0 {
        Some(format!("{} {}", ui.say("落后", "behind"), replica.behind))
    } else {
        let counts = !matches!(replica.role, ReplicaRole::Candidate | ReplicaRole::Learner);
        (!replica.in_step && counts).then(|| ui.say("未同步", "not in step").to_owned())
    };
    // A follower's term is its leader's as a rule. Two leaders are told apart by it.
    let is_plain = matches!(replica.role, ReplicaRole::Follower | ReplicaRole::Mirror);
    let term = (replica.term > 0 && !is_plain).then(|| term(replica, ui));
    let role = Some(role(replica, ui).to_owned());
    let facts = if is_disputed { [lag, term, backlog, role] } else { [lag, backlog, role, term] };
    facts.into_iter().flatten().collect()
}

fn term(replica: &Replica, ui: &Ui) -> String {
    format!("{}{}", ui.say("任期 ", "term "), replica.term)
}

const fn decides(role: ReplicaRole) -> bool {
    matches!(role, ReplicaRole::Leader | ReplicaRole::Master | ReplicaRole::Only)
}

/// The part of a node in a queue, as much of it as fits into `cells`; what waits
/// in it too if `all`. Nothing if the node has no part.
pub fn line(node: &NodeView, queue: Name, scene: &Scene, cells: u16, all: bool, ui: &Ui) -> Option<(String, Ink)> {
    let name = if queue == Name::EMPTY { ui.say("元数据", "metadata") } else { scene.queue_name(queue) };
    let Some(replica) = part_of(node, queue) else {
        lane_of(node, queue)?;
        return Some((ui.fit(&format!("  {name}"), cells), Ink::Text));
    };
    let lane = lane_of(node, queue).filter(|lane| all && lane.ready + lane.unacked > 0 && decides(replica.role));
    let leaders = scene.nodes.iter().filter(|node| part_of(node, queue).is_some_and(|part| decides(part.role)));
    let is_disputed = decides(replica.role) && leaders.count() > 1;
    let (sign, ink) = sign(replica, ui);
    let mut pieces = facts(replica, lane.map(|lane| backlog(lane, ui)), is_disputed, ui);
    if matches!(replica.role, ReplicaRole::Elsewhere | ReplicaRole::Down) {
        let home = replica.leader.map(|home| format!("{}{}", ui.say("在 ", "on "), scene.topology.name(home)));
        pieces = std::iter::once(role(replica, ui).to_owned()).chain(home).collect();
    }
    if let Some(log) = partitions::facts(node, queue, scene, cells, ui).filter(|_| all) {
        pieces = log;
    }
    if !all && queue != Name::EMPTY {
        // It stands in the line of what waits.
        pieces.retain(|piece| *piece != term(replica, ui));
        if let Some(log) = partitions::standing(node, queue, scene, cells, ui) {
            pieces = log;
        }
    }
    Some((fitting(&format!("{sign} {name}"), &pieces, cells, ui), ink))
}

/// Whether this node decides about a queue, or has it to itself.
#[must_use]
pub fn decides_about(node: &NodeView, queue: Name) -> bool {
    match part_of(node, queue) {
        Some(part) => decides(part.role),
        None => lane_of(node, queue).is_some(),
    }
}

/// What waits in a queue on the node that decides, and its term: a line of its own.
pub fn waiting(node: &NodeView, queue: Name, scene: &Scene, cells: u16, ui: &Ui) -> Option<String> {
    if !decides_about(node, queue) {
        return None;
    }
    if let Some(pieces) = partitions::offsets(node, queue, scene, cells, ui) {
        return Some(fitting("", &pieces, cells, ui));
    }
    let part = part_of(node, queue);
    let lane = lane_of(node, queue);
    let term = part.filter(|part| decides(part.role) && part.term > 0).map(|part| term(part, ui));
    let waits = lane.map(|lane| format!("{} {}", ui.say("排队", "waiting"), lane.ready));
    let out = lane.filter(|lane| lane.unacked > 0).map(|lane| format!("{} {}", ui.say("未确认", "out"), lane.unacked));
    let pieces: Vec<_> = [term, waits, out].into_iter().flatten().collect();
    (!pieces.is_empty()).then(|| fitting("", &pieces, cells, ui))
}

/// A head and as many of the pieces as fit, in their order; closer together if that
/// lets one more of them in.
fn fitting(head: &str, pieces: &[String], cells: u16, ui: &Ui) -> String {
    let with = |gap: &str| {
        let (mut text, mut count) = (head.to_owned(), 0);
        for piece in pieces {
            // A line of its own is indented if there is room.
            let gap = if text.is_empty() && gap == " " { "" } else { gap };
            let longer = format!("{text}{gap}{piece}");
            if ui.width(&longer) <= usize::from(cells) {
                (text, count) = (longer, count + 1);
            }
        }
        (count, text)
    };
    let (wide, close) = (with("  "), with(" "));
    ui.fit(&if close.0 > wide.0 { close.1 } else { wide.1 }, cells)
}

fn part_of(node: &NodeView, queue: Name) -> Option<&Replica> {
    node.picture.replicas.iter().find(|replica| replica.queue == queue)
}

fn lane_of(node: &NodeView, queue: Name) -> Option<&Lane> {
    node.picture.lanes.iter().find(|lane| lane.label == LaneLabel::Queue(queue))
}

/// All parts of a node in signs and names, for a line among others.
pub fn summary(node: &NodeView, scene: &Scene, ui: &Ui) -> Vec<(String, Ink)> {
    let parts = node.picture.replicas.iter().filter(|replica| replica.queue != Name::EMPTY);
    let shown = parts.map(|replica| {
        let (sign, ink) = sign(replica, ui);
        let behind = if replica.behind > 0 { format!(" -{}", replica.behind) } else { String::new() };
        (format!("{sign} {}{behind}", scene.queue_name(replica.queue)), ink)
    });
    shown.collect()
}
