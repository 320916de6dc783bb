//! Where boxes do not fit: a line a node.

use ratatui::layout::Rect;

use crate::picture::{Role, Status};
use crate::text::Language;
use crate::tui::bench::partitions;
use crate::tui::bench::scene::{NodeView, Scene};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::tiers::{TIERS, tier_row, tiers_in_a_row, tiers_legend, tiers_width};
use super::words::{brief, condition, lines, plural, role_ink};
use super::{replicas, troubles};

pub fn list(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let mut rows = Rect { height: 1, ..area };
    if scene.topology.brokers > 1 {
        for at in scene.of(Role::Broker) {
            broker(canvas, row(&mut rows, area), &scene.nodes[at], scene);
        }
        for (text, ink) in troubles::troubles(scene, canvas.ui).into_iter().take(2) {
            let place = row(&mut rows, area);
            canvas.print(place.x, place.y, place.width, &canvas.ui.fit(&text, place.width), ink);
        }
        for line in partitions::group_lines(scene, canvas.ui) {
            let place = row(&mut rows, area);
            canvas.print(place.x, place.y, place.width, &canvas.ui.fit(&line, place.width), Ink::Text);
        }
        for role in [Role::Producer, Role::Consumer, Role::Store, Role::Controller] {
            clients(canvas, &mut rows, area, role, scene);
        }
        return;
    }
    for node in &scene.nodes {
        single(canvas, row(&mut rows, area), node, scene);
        if node.picture.role == Role::Broker {
            for tier in TIERS {
                let place = row(&mut rows, area);
                let place = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
                if place.height > 0 {
                    tier_row(canvas, place, &node.picture, tier);
                }
            }
        }
    }
}

/// The next row; an empty one below the last.
fn row(rows: &mut Rect, area: Rect) -> Rect {
    let place = if rows.y < area.bottom() { *rows } else { Rect { y: area.bottom(), height: 0, width: 0, ..*rows } };
    rows.y = rows.y.saturating_add(1);
    place
}

/// Below this a line has no room for every word.
const ROOMY: u16 = 50;

fn single(canvas: &mut Canvas<'_>, area: Rect, node: &NodeView, scene: &Scene) {
    let ui = canvas.ui;
    if area.width < ROOMY && node.picture.role != Role::Broker {
        return client(canvas, area, &node.name, node, scene);
    }
    let (sign, word, ink) = condition(&node.picture, ui);
    // Where there is little room, a sign is enough to say that all is well.
    let word = if area.width < ROOMY && node.picture.status == Status::Up { "" } else { word };
    let pieces = [(sign, ink), (" ", ink), (&node.name, role_ink(node.picture.role)), (" ", ink), (word, ink)];
    let at = canvas.print_all(area.x, area.y, area.width, &pieces);
    let words: Vec<_> = lines(node, scene, ui).into_iter().map(|(text, _)| text).collect();
    let at = at + if word.is_empty() { 0 } else { 2 };
    let room = area.right().saturating_sub(at);
    canvas.print(at, area.y, room, &ui.fit(&words.join("  "), room), Ink::Text);
}

/// A broker of a cluster: who it is, what it leads, what it holds where.
fn broker(canvas: &mut Canvas<'_>, area: Rect, node: &NodeView, scene: &Scene) {
    let ui = canvas.ui;
    let (sign, word, ink) = condition(&node.picture, ui);
    let mut x = canvas.print_all(area.x, area.y, area.width, &[(sign, ink), (" ", ink)]);
    let say = |canvas: &mut Canvas<'_>, x: &mut u16, text: &str, ink| {
        *x = canvas.print(*x, area.y, area.right().saturating_sub(*x), text, ink) + 1;
    };
    say(canvas, &mut x, &node.name, Ink::Broker);
    if node.picture.status != Status::Up || node.picture.is_minority {
        say(canvas, &mut x, word, ink);
    }
    if !node.picture.alarms.is_empty() {
        say(canvas, &mut x, "!", Ink::Bad);
    }
    // Of a log, who leads and where each replica ends matters more than the tiers.
    let of_log = partitions::summary(node, scene, area.right().saturating_sub(x), ui);
    let is_log = of_log.is_some();
    for (text, ink) in of_log.unwrap_or_else(|| replicas::summary(node, scene, ui)) {
        say(canvas, &mut x, &text, ink);
    }
    let room = Rect { x: x + 1, width: area.right().saturating_sub(x + 1), ..area };
    if !is_log || room.width >= tiers_width(&node.picture, ui) {
        tiers_in_a_row(canvas, room, &node.picture);
    }
}

/// What the signs in the lines of several brokers mean.
#[must_use]
pub fn legend(scene: &Scene, ui: &Ui) -> String {
    let glyphs = ui.glyphs();
    let (leader, check, down) = (glyphs.leader, glyphs.check, glyphs.down);
    let of_log = match ui.language {
        Language::Zh => format!("{leader} leader  {check}/{down} 在/不在 ISR  8/9 高水位/日志末尾  "),
        Language::En => format!("{leader} leader  {check}/{down} in/out of ISR  8/9 high watermark/log end  "),
    };
    let is_log = scene.topology.controllers > 0;
    format!("{}{}", if is_log { &of_log } else { "" }, tiers_legend(ui))
}

/// Clients of a role: a line each, or one for all.
fn clients(canvas: &mut Canvas<'_>, rows: &mut Rect, area: Rect, role: Role, scene: &Scene) {
    let nodes: Vec<_> = scene.of(role).map(|at| &scene.nodes[at]).collect();
    let left = area.bottom().saturating_sub(rows.y);
    if nodes.len() as u16 + 1 > left && nodes.len() > 1 {
        return crowd_line(canvas, row(rows, area), role, &nodes, scene);
    }
    for node in nodes {
        client(canvas, row(rows, area), &partitions::client_name(scene, node), node, scene);
    }
}

/// Many nodes of a role in one line: how many, how many of them are down, and
/// their figures added up.
pub fn crowd_line(canvas: &mut Canvas<'_>, area: Rect, role: Role, nodes: &[&NodeView], scene: &Scene) {
    let ui = canvas.ui;
    let count = plural(role, nodes.len(), ui);
    let mut x = canvas.print(area.x, area.y, area.width, &count, role_ink(role)) + 2;
    let down = nodes.iter().filter(|node| node.picture.status != Status::Up).count();
    let mut words = Vec::new();
    if down > 0 {
        words.push((format!("{} {down}", ui.glyphs().cross), Ink::Bad));
    }
    words.extend(brief(nodes.iter().map(|node| &node.picture), scene, ui));
    for (text, ink) in words {
        let cells = ui.width(&text) as u16;
        if x + cells <= area.right() {
            x = canvas.print(x, area.y, cells, &text, ink) + 2;
        }
    }
}

/// A client in one line: its sign, its name, its figures as far as they fit.
pub fn client(canvas: &mut Canvas<'_>, area: Rect, name: &str, node: &NodeView, scene: &Scene) {
    let ui = canvas.ui;
    let (sign, word, ink) = condition(&node.picture, ui);
    let pieces = [(sign, ink), (" ", ink), (name, role_ink(node.picture.role))];
    let mut x = canvas.print_all(area.x, area.y, area.width, &pieces) + 1;
    let mut words = brief(std::iter::once(&node.picture), scene, ui);
    if node.picture.status != Status::Up {
        words.insert(0, (word.to_owned(), ink));
    }
    for (text, ink) in words {
        let cells = ui.width(&text) as u16;
        if x + cells <= area.right() {
            x = canvas.print(x, area.y, cells, &text, ink) + 2;
        }
    }
}
