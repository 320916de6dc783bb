//! Several brokers side by side. A client stands above or below the broker that
//! it is connected to, so a failover is seen as a move; what brokers send one
//! another runs along one line below them. Rows that do not fit go in the order
//! of what is missed least.

use ratatui::layout::Rect;

use crate::picture::{Picture, Role, Status};
use crate::protocol::Name;
use crate::sim::LinkState;
use crate::tui::bench::partitions;
use crate::tui::bench::scene::{LinkView, Moving, NodeView, Scene};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::panel;

use super::bus::bus;
use super::links::{Way, lane};
use super::list::{client, crowd_line};
use super::tiers::{TIERS, tier_row, tiers_in_a_row};
use super::words::{alarm, condition, frame_ink, in_short};
use super::{replicas, troubles};

/// The narrowest box that says something.
const NARROWEST: u16 = 14;
/// In a narrower one every cell counts.
const NARROW: u16 = 18;
/// Rows without which a cluster cannot be drawn: clients above, a box of five,
/// the line between brokers, clients below, the services.
const LEAST: u16 = 9;

fn box_width(area: Rect, scene: &Scene) -> u16 {
    let brokers = scene.topology.brokers.max(1);
    ((area.width + 1) / brokers).saturating_sub(1)
}

pub fn fits(area: Rect, scene: &Scene) -> bool {
    area.height >= LEAST && box_width(area, scene) >= NARROWEST
}

/// How many rows everything gets.
struct Rows {
    producers: u16,
    lane_in: u16,
    full_tiers: bool,
    queues: u16,
    /// Second rows, for the queues that a broker decides about: what waits in them.
    waiting: u16,
    metadata: bool,
    troubles: u16,
    lane_out: u16,
    consumers: u16,
}

impl Rows {
    fn of(height: u16, scene: &Scene, troubles: usize, crowd: [u16; 2]) -> Self {
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

    const fn of_box(&self) -> u16 {
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

pub fn cluster(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let width = box_width(area, scene);
    let column = |at: u16| Rect { x: area.x + at * (width + 1), width, ..area };
    let mut told = troubles::troubles(scene, canvas.ui);
    told.extend(partitions::group_lines(scene, canvas.ui).into_iter().map(|line| (line, Ink::Text)));
    let crowds = [Role::Producer, Role::Consumer].map(|role| crowd(scene, role));
    let rows = Rows::of(area.height, scene, told.len(), crowds);
    let mut y = area.y;
    for at in 0..scene.topology.brokers {
        clients(canvas, Rect { y, height: rows.producers, ..column(at) }, scene, Role::Producer, at);
        let way = Rect { y: y + rows.producers, height: rows.lane_in, ..column(at) };
        client_lane(canvas, way, scene, Role::Producer, at);
    }
    y += rows.producers + rows.lane_in;
    let brokers: Vec<_> = scene.of(Role::Broker).collect();
    for (at, node) in (0..).zip(&brokers) {
        let place = Rect { y, height: rows.of_box(), ..column(at) };
        draw_broker(canvas, place, &scene.nodes[*node], scene, &rows);
    }
    y += rows.of_box();
    let centres: Vec<_> = (0..scene.topology.brokers).map(|at| column(at).x + width / 2).collect();
    bus(canvas, Rect { y, height: 1, ..area }, &centres, scene);
    y += 1;
    for (text, ink) in told.iter().take(usize::from(rows.troubles)) {
        canvas.print(area.x, y, area.width, &canvas.ui.fit(text, area.width), *ink);
        y += 1;
    }
    for at in 0..scene.topology.brokers {
        client_lane(canvas, Rect { y, height: rows.lane_out, ..column(at) }, scene, Role::Consumer, at);
        let place = Rect { y: y + rows.lane_out, height: rows.consumers, ..column(at) };
        clients(canvas, place, scene, Role::Consumer, at);
    }
    y += rows.lane_out + rows.consumers;
    services(canvas, Rect { y, height: 1, ..area }, scene);
}

/// The broker that a client stands at: the one it is connected to, else its own
/// by number.
fn home(scene: &Scene, node: &NodeView, ordinal: u16) -> u16 {
    if scene.topology.controllers > 0 {
        // A client of a log is connected to all leaders.
        return partitions::home(scene, node.id).unwrap_or(ordinal % scene.topology.brokers);
    }
    let brokers = scene.topology.brokers;
    let first = scene.topology.broker(0).0;
    let peers = node.picture.peers.iter().filter_map(|peer| peer.0.checked_sub(first));
    peers.filter(|at| *at < brokers).min().unwrap_or(ordinal % brokers)
}

fn at_broker(scene: &Scene, role: Role, broker: u16) -> Vec<&NodeView> {
    let nodes = (0..).zip(scene.of(role)).map(|(ordinal, at)| (ordinal, &scene.nodes[at]));
    nodes.filter(|(ordinal, node)| home(scene, node, *ordinal) == broker).map(|(_, node)| node).collect()
}

/// How many clients of a role stand at one broker at most.
fn crowd(scene: &Scene, role: Role) -> u16 {
    let at = |broker| at_broker(scene, role, broker).len() as u16;
    (0..scene.topology.brokers).map(at).max().unwrap_or(0)
}

/// The clients at one broker: a line each, the rest in one.
fn clients(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene, role: Role, broker: u16) {
    let mut nodes = at_broker(scene, role, broker);
    let rows = usize::from(area.height);
    if nodes.len() > rows {
        // What is broken is never hidden among the rest.
        nodes.sort_by_key(|node| node.picture.status == Status::Up);
        let rest = nodes.split_off(rows.saturating_sub(1));
        if rows > 0 {
            crowd_line(canvas, Rect { y: area.bottom() - 1, height: 1, ..area }, role, &rest, scene);
        }
    }
    for (row, node) in (0..).zip(nodes) {
        let mut name = partitions::client_name(scene, node);
        if canvas.ui.width(&name) as u16 + 2 > area.width {
            name = name.replace("consumer-", "c-");
        }
        client(canvas, Rect { y: area.y + row, height: 1, ..area }, &name, node, scene);
    }
}

/// What runs between a broker and its clients.
fn client_lane(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene, role: Role, broker: u16) {
    let clients: Vec<_> = at_broker(scene, role, broker).iter().map(|node| node.id).collect();
    if clients.is_empty() || area.height == 0 {
        return;
    }
    let broker = scene.topology.broker(broker);
    let joins = |link: &&LinkView| clients.iter().any(|client| link.joins(*client, broker));
    let way = Way::of(scene.links.iter().filter(joins)).unwrap_or(Way {
        forth: LinkState::Open,
        back: LinkState::Open,
        connected: false,
    });
    let of = |frame: &&Moving, comes: bool| {
        let (from, to) =
            if comes == (role == Role::Producer) { (frame.from, frame.to) } else { (frame.to, frame.from) };
        clients.contains(&from) && to == broker
    };
    let forth: Vec<_> = scene.moving.iter().filter(|frame| of(frame, true)).copied().collect();
    let back: Vec<_> = scene.moving.iter().filter(|frame| of(frame, false)).copied().collect();
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
    lane(canvas, area, way, &forth, &back);
}

fn draw_broker(canvas: &mut Canvas<'_>, area: Rect, node: &NodeView, scene: &Scene, rows: &Rows) {
    let ui = canvas.ui;
    let picture = &node.picture;
    let mut inside = panel(canvas, area, &node.name, frame_ink(picture));
    if area.width < NARROW {
        // There is no room for air.
        inside = Rect { x: inside.x - 1, width: inside.width + 2, ..inside };
    }
    let mut y = inside.y;
    let mut next = || {
        y += 1;
        Rect { y: y - 1, height: 1, ..inside }
    };
    status_line(canvas, next(), picture);
    if rows.full_tiers {
        for tier in TIERS {
            tier_row(canvas, next(), picture, tier);
        }
    } else {
        tiers_in_a_row(canvas, next(), picture);
    }
    if rows.queues == 1 && scene.queues.len() > 1 {
        let line = next();
        let mut x = line.x;
        for (text, ink) in replicas::summary(node, scene, ui) {
            x = canvas.print(x, line.y, line.right().saturating_sub(x), &text, ink) + 1;
        }
    } else {
        let mut left = rows.waiting;
        for at in 0..rows.queues {
            let line = next();
            let Some((queue, _)) = scene.queues.get(usize::from(at)) else { continue };
            let hidden = scene.queues.len().saturating_sub(usize::from(rows.queues));
            let more = if hidden > 0 && at + 1 == rows.queues { format!(" +{hidden}") } else { String::new() };
            let room = line.width.saturating_sub(ui.width(&more) as u16);
            if let Some((text, ink)) = replicas::line(node, *queue, scene, room, rows.waiting == 0, ui) {
                canvas.print(line.x, line.y, room, &text, ink);
            }
            canvas.print_right(line.x + room, line.right(), line.y, &more, Ink::Muted);
            let waits = replicas::waiting(node, *queue, scene, line.width, ui);
            if let Some(text) = waits.filter(|_| left > 0) {
                left -= 1;
                canvas.print(line.x, next().y, line.width, &text, Ink::Text);
            }
        }
    }
    if rows.metadata {
        let line = next();
        if let Some((text, _)) = replicas::line(node, Name::EMPTY, scene, line.width, false, ui) {
            canvas.print(line.x, line.y, line.width, &text, Ink::Muted);
        }
    }
}

/// How a broker is, with the alarms it has raised.
fn status_line(canvas: &mut Canvas<'_>, line: Rect, picture: &Picture) {
    let ui = canvas.ui;
    let (sign, mut word, ink) = condition(picture, ui);
    let warning = alarm(picture, ui);
    if ui.width(word) as u16 + 2 > line.width {
        word = in_short(picture, ui).unwrap_or(word);
    }
    // An alarm outweighs the word that all is well.
    if warning.is_some() && ink == Ink::Good {
        word = "";
    }
    let x = canvas.print_all(line.x, line.y, line.width, &[(sign, ink), (" ", ink), (word, ink)]);
    if let Some(text) = warning {
        let x = x + u16::from(!word.is_empty());
        let room = line.right().saturating_sub(x);
        canvas.print(x, line.y, room, &ui.fit(&text, room), Ink::Bad);
    }
}

/// What consumers write to, in one line.
fn services(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let nodes: Vec<_> = scene.of(Role::Store).chain(scene.of(Role::Controller)).collect();
    let width = area.width / nodes.len().max(1) as u16;
    for (at, node) in (0..).zip(nodes) {
        let place = Rect { x: area.x + at * width, width: width.saturating_sub(1), ..area };
        let node = &scene.nodes[node];
        let leads = node.picture.replicas.iter().find(|part| part.queue == Name::EMPTY);
        let sign = leads.map_or("", |part| replicas::sign(part, canvas.ui).0);
        client(canvas, place, format!("{} {sign}", node.name).trim_end(), node, scene);
    }
}
