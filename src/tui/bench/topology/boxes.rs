//! One broker in the middle, producers at its left, consumers at its right, and
//! below them what consumers write to. Where a column holds too many nodes for a
//! box each, they share one with a line each.

use ratatui::layout::Rect;

use crate::picture::{Role, Status};
use crate::tui::bench::partitions;
use crate::tui::bench::scene::{LinkView, Moving, NodeView, Scene};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::panel;

use super::links::{Way, across, down};
use super::list::client;
use super::tiers::{TIERS, tier_row};
use super::words::{alarm, brief, condition, frame_ink, lines, plural, role_ink};

/// Below this the boxes do not fit beside one another.
const NARROWEST: u16 = 60;

pub const fn fits(area: Rect) -> bool {
    area.width >= NARROWEST && area.height >= 9
}

/// The rows above a broker that services call one another past.
const CALLS: u16 = 4;

/// A box, and who is in it.
struct Place {
    area: Rect,
    role: Role,
    nodes: Vec<usize>,
}

pub fn boxes(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let places = place(area, scene);
    for (at, from) in places.iter().enumerate() {
        for to in places.iter().skip(at + 1) {
            draw_ways(canvas, from, to, scene);
        }
    }
    for (y, line) in (lowest_broker(&places)..area.bottom()).zip(partitions::group_lines(scene, canvas.ui)) {
        let room = area.width - side(area) - 1;
        canvas.print(area.x, y, room, &canvas.ui.fit(&line, room), Ink::Text);
    }
    for place in &places {
        match *place.nodes {
            [node] => draw_node(canvas, place.area, &scene.nodes[node], scene),
            _ => draw_group(canvas, place, scene),
        }
    }
}

const fn side(area: Rect) -> u16 {
    let side = area.width * 2 / 9;
    if side < 17 {
        17
    } else if side > 28 {
        28
    } else {
        side
    }
}

/// Below the brokers' boxes.
fn lowest_broker(places: &[Place]) -> u16 {
    let bottom = |place: &Place| if place.role == Role::Store { 0 } else { place.area.bottom() };
    places.iter().filter(|place| place.role != Role::Consumer).map(bottom).max().unwrap_or(0)
}

/// Where the boxes stand: a column per role, services below the consumers.
fn place(area: Rect, scene: &Scene) -> Vec<Place> {
    let side = side(area);
    let gap = (area.width / 11).clamp(7, 22);
    let middle = area.width.saturating_sub(2 * side + 2 * gap);
    let left = Rect { width: side, ..area };
    // Room above it for what passes by it.
    let above = if scene.calls { CALLS } else { 0 };
    let centre = Rect { x: area.x + side + gap, y: area.y + above, width: middle, height: area.height - above };
    let right = Rect { x: area.right() - side, width: side, ..area };
    let mut places = stack(left, scene, Role::Producer, 7);
    places.extend(stack(centre, scene, Role::Broker, 10));
    let services = scene.of(Role::Store).count().max(1) as u16;
    let low = if services > 1 { services + 2 } else { (area.height / 2).min(5) };
    let high = area.height.saturating_sub(low);
    let most = if scene.of(Role::Consumer).count() > 1 { high.saturating_sub(1) } else { 5 };
    let upper = Rect { height: most.min(high).max(2), ..right };
    places.extend(stack(upper, scene, Role::Consumer, 5));
    // As low as the broker's box reaches, with room for the arrow.
    let bottom = area.height.min(10).max(upper.height + 1 + low).min(area.height);
    let y = area.y + bottom.saturating_sub(low).max(upper.height + 1);
    let lower = Rect { y, height: low.min(area.bottom().saturating_sub(y)), ..right };
    places.extend(stack(lower, scene, Role::Store, 5));
    places
}

/// The nodes of a role under one another; in one box if a box each is too much.
fn stack(column: Rect, scene: &Scene, role: Role, most: u16) -> Vec<Place> {
    let nodes: Vec<_> = scene.of(role).collect();
    let count = nodes.len() as u16;
    let height = (column.height / count.max(1)).min(most);
    if count > 1 && height < 5 {
        let area = Rect { height: (count + 2).min(column.height), ..column };
        return vec![Place { area, role, nodes }];
    }
    let each = |(at, node): (usize, usize)| {
        let y = column.y + at as u16 * height;
        let area = Rect { y, height: height.min(column.bottom().saturating_sub(y)), ..column };
        Place { area, role, nodes: vec![node] }
    };
    nodes.into_iter().enumerate().map(each).collect()
}

fn draw_node(canvas: &mut Canvas<'_>, area: Rect, node: &NodeView, scene: &Scene) {
    let ui = canvas.ui;
    let picture = &node.picture;
    let inside = panel(canvas, area, &node.name, frame_ink(picture));
    let (sign, word, ink) = condition(picture, ui);
    let mut y = inside.y;
    let x = canvas.print_all(inside.x, y, inside.width, &[(sign, ink), (" ", ink), (word, ink)]);
    if let Some(text) = alarm(picture, ui) {
        let room = inside.right().saturating_sub(x + 2);
        canvas.print(x + 2, y, room, &ui.fit(&text, room), Ink::Bad);
    }
    y += 1;
    let is_broker = picture.role == Role::Broker;
    // The tiers keep their rows, however many queues there are.
    let most = usize::from(inside.height.saturating_sub(if is_broker { 4 } else { 1 }));
    let mut told = lines(node, scene, ui);
    if told.len() > most && !is_broker {
        let words = brief(std::iter::once(picture), scene, ui);
        let ink = words.iter().map(|(_, ink)| *ink).find(|ink| *ink == Ink::Warn).unwrap_or(Ink::Text);
        told = vec![(words.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("  "), ink)];
    }
    let hidden = told.len().saturating_sub(most);
    for (at, (text, ink)) in told.iter().take(most).enumerate() {
        let more = format!("{} +{}", ui.glyphs().ellipsis, hidden + 1);
        let text = if hidden > 0 && at + 1 == most { &more } else { text };
        canvas.print(inside.x, y, inside.width, &ui.fit(text, inside.width), *ink);
        y += 1;
    }
    for tier in TIERS.into_iter().filter(|_| is_broker) {
        if y < inside.bottom() {
            tier_row(canvas, Rect { y, height: 1, ..inside }, picture, tier);
            y += 1;
        }
    }
}

fn draw_group(canvas: &mut Canvas<'_>, place: &Place, scene: &Scene) {
    let ui = canvas.ui;
    let title = plural(place.role, place.nodes.len(), ui);
    let broken = |node: &&usize| scene.nodes[**node].picture.status != Status::Up;
    let ink = if place.nodes.iter().any(|node| broken(&node)) { Ink::Bad } else { role_ink(place.role) };
    let inside = panel(canvas, place.area, &title, ink);
    let inside = Rect { x: inside.x.saturating_sub(1), width: inside.width + 2, ..inside };
    let rows = usize::from(inside.height);
    // The broken ones are never among those that do not fit.
    let mut nodes = place.nodes.clone();
    if nodes.len() > rows {
        nodes.sort_by_key(|node| !broken(&node));
    }
    for (row, node) in nodes.iter().take(rows).enumerate() {
        let line = Rect { y: inside.y + row as u16, height: 1, ..inside };
        if row + 1 == rows && nodes.len() > rows {
            let text = format!("{} +{}", ui.glyphs().ellipsis, nodes.len() - row);
            canvas.print(line.x, line.y, line.width, &text, Ink::Muted);
        } else {
            // The title says what they are.
            let node = &scene.nodes[*node];
            let name = node.name.rsplit_once('-').map_or(node.name.as_str(), |(_, number)| number);
            let named = match partitions::owned_label(scene, node) {
                _ if place.role == Role::Store => node.name.clone(),
                Some(label) => format!("{name} {label}"),
                None => name.to_owned(),
            };
            client(canvas, line, &named, node, scene);
        }
    }
}

/// What lies between two boxes, all links between their nodes as one.
fn draw_ways(canvas: &mut Canvas<'_>, from: &Place, to: &Place, scene: &Scene) {
    let (ids, peers) = (ids(from, scene), ids(to, scene));
    let joins = |link: &&LinkView| ids.contains(&link.from) && peers.contains(&link.to);
    let Some(way) = Way::of(scene.links.iter().filter(joins)) else { return };
    let forth = |moving: &&Moving| ids.contains(&moving.from) && peers.contains(&moving.to);
    let back = |moving: &&Moving| peers.contains(&moving.from) && ids.contains(&moving.to);
    let forth: Vec<_> = scene.moving.iter().filter(forth).copied().collect();
    let back: Vec<_> = scene.moving.iter().filter(back).copied().collect();
    let (one, other) = (from.area, to.area);
    if one.x == other.x {
        let rows = other.y.saturating_sub(one.bottom());
        return down(canvas, Rect::new(one.x + one.width / 2, one.bottom(), 1, rows), way, &forth);
    }
    if to.role == Role::Store && from.role == Role::Producer {
        return;
    }
    // Both rows stay inside the lower one of the two frames.
    let bottom = one.bottom().min(other.bottom()).saturating_sub(1);
    let top = one.y.max(other.y) + 1;
    let y = (top + 1).min(bottom.saturating_sub(2)).max(top);
    let ahead = Rect::new(one.right(), y, other.x.saturating_sub(one.right()), 1);
    if (from.role, to.role) == (Role::Producer, Role::Consumer) {
        let name = canvas.ui.say("直接调用，不经过 MQ", "called directly, past the broker");
        let cells = canvas.ui.width(name) as u16;
        canvas.print(ahead.x + ahead.width.saturating_sub(cells) / 2, y - 1, cells.min(ahead.width), name, Ink::Muted);
    }
    across(canvas, ahead, (way.forth, way.connected), true, &forth);
    if y + 1 < bottom {
        across(canvas, Rect { y: y + 1, ..ahead }, (way.back, way.connected), false, &back);
    }
}

fn ids(place: &Place, scene: &Scene) -> Vec<crate::event::NodeId> {
    place.nodes.iter().map(|node| scene.nodes[*node].id).collect()
}
