//! The topology pane: producers, brokers with what they hold in each tier,
//! consumers, the database, and the messages between them. Drawn from pictures
//! alone, so that a new kind of broker costs no line here.

use ratatui::layout::Rect;

use crate::event::{NodeId, Tier};
use crate::picture::{Figure, LaneLabel, Picture, Place, Role, Status};
use crate::sim::LinkState;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::panel;

use super::scene::{LinkView, Moving, NodeView, Scene};

/// Below this the boxes do not fit beside one another.
const NARROWEST: u16 = 60;

/// The rows that the boxes need.
pub const ROWS: u16 = 11;

/// Draws the topology into `area`, which has no frame of its own.
pub fn topology(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    if area.width < NARROWEST || area.height < 9 {
        return as_list(canvas, area, scene);
    }
    let places = place(area, scene);
    for link in &scene.links {
        draw_link(canvas, link, scene, &places);
    }
    for (node, place) in scene.nodes.iter().zip(&places) {
        draw_node(canvas, *place, node);
    }
}

/// Where each node's box stands: a column per role, the database below the
/// consumers.
fn place(area: Rect, scene: &Scene) -> Vec<Rect> {
    let side = (area.width * 2 / 9).clamp(17, 28);
    let gap = (area.width / 11).clamp(7, 22);
    let middle = area.width.saturating_sub(2 * side + 2 * gap);
    let columns = [
        Rect { width: side, ..area },
        Rect { x: area.x + side + gap, width: middle, ..area },
        Rect { x: area.right() - side, width: side, ..area },
    ];
    let topology = scene.topology;
    let count = |role| topology.nodes().filter(|node| topology.role(*node) == role).count() as u16;
    let mut at = [0_u16; 3];
    let each = |column: Rect, count: u16, most: u16| (column.height / count.max(1)).min(most);
    scene
        .nodes
        .iter()
        .map(|node| {
            let (index, count, most) = match topology.role(node.id) {
                Role::Producer => (0, count(Role::Producer), 7),
                Role::Broker => (1, count(Role::Broker), 10),
                Role::Consumer | Role::Store => (2, count(Role::Consumer) + 1, 5),
            };
            let column = columns[index];
            let height = each(column, count, most);
            let y = if topology.role(node.id) == Role::Store {
                // As low as the broker's box reaches, with room for the arrow.
                column.y + (at[index] + 1).max(column.height.min(10).saturating_sub(height))
            } else {
                column.y + at[index]
            };
            at[index] += height;
            Rect { y, height: height.min(area.bottom().saturating_sub(y)), ..column }
        })
        .collect()
}

fn draw_node(canvas: &mut Canvas<'_>, area: Rect, node: &NodeView) {
    let ui = canvas.ui;
    let picture = &node.picture;
    let broken = !matches!(picture.status, Status::Up | Status::Recovering);
    let inside = panel(canvas, area, &node.name, if broken { Ink::Bad } else { role_ink(picture.role) });
    let (sign, word, ink) = status(picture.status, ui);
    let mut y = inside.y;
    canvas.print_all(inside.x, y, inside.width, &[(sign, ink), (" ", ink), (word, ink)]);
    y += 1;
    for (text, ink) in lines(node, ui) {
        if y >= inside.bottom() {
            return;
        }
        canvas.print(inside.x, y, inside.width, &ui.fit(&text, inside.width), ink);
        y += 1;
    }
    if picture.role == Role::Broker {
        for tier in TIERS {
            if y >= inside.bottom() {
                return;
            }
            draw_tier(canvas, Rect { y, height: 1, ..inside }, picture, tier);
            y += 1;
        }
    }
}

const TIERS: [Tier; 3] = [Tier::Memory, Tier::PageCache, Tier::Disk];

/// One tier: its name, a cell per copy, and how many there are.
fn draw_tier(canvas: &mut Canvas<'_>, area: Rect, picture: &Picture, tier: Tier) {
    let ui = canvas.ui;
    let count = picture.copies.iter().filter(|(_, place)| tier_of(*place) == tier).count();
    let (name, glyph, ink) = tier_look(tier, ui);
    let after = area.x + if ui.say("", "x").is_empty() { 7 } else { 11 };
    canvas.print(area.x, area.y, after - area.x, name, ink);
    let number = if picture.more > 0 && tier == Tier::Memory { format!("{count}+") } else { count.to_string() };
    let digits = ui.width(&number) as u16 + 1;
    let room = area.right().saturating_sub(after + digits);
    let cells = (count as u16).min(room);
    canvas.repeat(after, area.y, cells, glyph, ink);
    canvas.repeat(after + cells, area.y, room - cells, ui.glyphs().dot, Ink::Border);
    let shown = if count > 0 { Ink::Strong } else { Ink::Muted };
    canvas.print_right(after + room, area.right(), area.y, &number, shown);
}

const fn tier_of(place: Place) -> Tier {
    match place {
        Place::Memory => Tier::Memory,
        Place::Tier(tier) => tier,
        Place::File { .. } => Tier::PageCache,
    }
}

fn tier_look(tier: Tier, ui: &Ui) -> (&'static str, &'static str, Ink) {
    let glyphs = ui.glyphs();
    match tier {
        Tier::Network => (ui.say("网络", "network"), glyphs.frame, Ink::Network),
        Tier::Memory => (ui.say("内存", "memory"), glyphs.shade, Ink::Memory),
        Tier::PageCache => (ui.say("页缓存", "page cache"), glyphs.shade_dark, Ink::PageCache),
        Tier::Disk => (ui.say("磁盘", "disk"), glyphs.block, Ink::Disk),
    }
}

/// What a node says of itself in words.
fn lines(node: &NodeView, ui: &Ui) -> Vec<(String, Ink)> {
    let picture = &node.picture;
    let mut lines = Vec::new();
    let mut say = |name: &str, count: u64, ink| lines.push((format!("{name} {count}"), ink));
    for lane in &picture.lanes {
        match lane.label {
            LaneLabel::Queue(_) => {
                say(ui.say("排队", "waiting"), lane.ready, Ink::Text);
                say(ui.say("已投递未确认", "handed out"), lane.unacked, Ink::Text);
            }
            LaneLabel::Unconfirmed => {
                say(ui.say("待发", "to send"), lane.ready, Ink::Text);
                say(ui.say("等回复", "unanswered"), lane.unacked, Ink::Text);
            }
            LaneLabel::Unsettled => say(ui.say("手里", "in hand"), lane.ready + lane.unacked, Ink::Text),
            LaneLabel::Applied => {}
            LaneLabel::Outbox => say(ui.say("待发", "unsent"), lane.ready, Ink::Text),
        }
    }
    for figure in &picture.figures {
        match *figure {
            Figure::ToldOk(count) => say(ui.say("收到 ok", "told ok"), count, Ink::Good),
            Figure::ToldRefused(count) if count > 0 => say(ui.say("被拒", "refused"), count, Ink::Warn),
            Figure::ToldUnknown(count) if count > 0 => say(ui.say("没回音", "unknown"), count, Ink::Warn),
            Figure::Applied(count) => say(ui.say("已处理", "applied"), count, Ink::Good),
            Figure::Duplicates(count) if count > 0 => say(ui.say("重复", "twice"), count, Ink::Warn),
            _ => {}
        }
    }
    lines
}

/// A status as a sign and a word: colour is never the only carrier.
pub fn status(status: Status, ui: &Ui) -> (&'static str, &'static str, Ink) {
    let glyphs = ui.glyphs();
    match status {
        Status::Up => (glyphs.full, ui.say("运行中", "up"), Ink::Good),
        Status::Crashed => (glyphs.cross, ui.say("进程死了", "process dead"), Ink::Bad),
        Status::Off => (glyphs.empty, ui.say("没电", "no power"), Ink::Bad),
        Status::Paused => (glyphs.pause, ui.say("停住了", "paused"), Ink::Warn),
        Status::Recovering => (glyphs.half, ui.say("正在恢复", "recovering"), Ink::Warn),
    }
}

const fn role_ink(role: Role) -> Ink {
    match role {
        Role::Producer => Ink::Producer,
        Role::Broker => Ink::Broker,
        Role::Consumer => Ink::Consumer,
        Role::Store => Ink::Store,
    }
}

fn draw_link(canvas: &mut Canvas<'_>, link: &LinkView, scene: &Scene, places: &[Rect]) {
    let (from, to) = (places[usize::from(link.from.0)], places[usize::from(link.to.0)]);
    let between =
        |from: NodeId, to: NodeId| scene.moving.iter().filter(move |moving| moving.from == from && moving.to == to);
    if scene.topology.role(link.to) == Role::Store {
        let x = from.x + from.width / 2;
        let rows = to.y.saturating_sub(from.bottom());
        let line = Rect::new(x, from.bottom(), 1, rows);
        draw_down(canvas, line, link, between(link.from, link.to));
        return;
    }
    let (left, right) = (from.right(), to.x);
    let y = if places.iter().filter(|place| place.x == from.x).count() > 1 { from.y + 1 } else { to.y + 2 };
    let y = y.min(from.bottom().saturating_sub(2)).max(from.y + 1);
    let cells = right.saturating_sub(left);
    let forth = Rect::new(left, y, cells, 1);
    draw_across(canvas, forth, link, true, between(link.from, link.to));
    if y + 1 < from.bottom() {
        let back = Rect::new(left, y + 1, cells, 1);
        draw_across(canvas, back, link, false, between(link.to, link.from));
    }
}

fn look(link: &LinkView, ui: &Ui) -> (&'static str, Ink) {
    let glyphs = ui.glyphs();
    match (link.state, link.connected) {
        (LinkState::Blocked, _) => (glyphs.cross, Ink::Bad),
        (_, false) => (glyphs.dot, Ink::Muted),
        (LinkState::Slow, true) => ("~", Ink::Warn),
        (LinkState::Open, true) => (glyphs.link, Ink::Border),
    }
}

fn draw_across<'a>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    link: &LinkView,
    forth: bool,
    moving: impl Iterator<Item = &'a Moving>,
) {
    let glyphs = canvas.ui.glyphs();
    let (sign, ink) = look(link, canvas.ui);
    if area.width < 3 {
        return;
    }
    canvas.repeat(area.x, area.y, area.width, sign, ink);
    if link.connected && link.state != LinkState::Blocked {
        let (x, head) = if forth { (area.right() - 1, glyphs.arrow_head) } else { (area.x, glyphs.left) };
        canvas.print(x, area.y, 1, head, ink);
    }
    for frame in moving {
        let last = u32::from(area.width) - 1;
        let step = (frame.along * last / 1000).min(last) as u16;
        let x = if forth { area.x + step } else { area.right() - 1 - step };
        let (sign, ink) = if frame.lost { (glyphs.lost, Ink::Lost) } else { (glyphs.frame, Ink::Network) };
        canvas.print(x, area.y, 1, sign, ink);
    }
}

fn draw_down<'a>(canvas: &mut Canvas<'_>, area: Rect, link: &LinkView, moving: impl Iterator<Item = &'a Moving>) {
    let glyphs = canvas.ui.glyphs();
    let (sign, ink) = look(link, canvas.ui);
    let sign = if sign == glyphs.link { glyphs.vertical } else { sign };
    canvas.repeat_down(area.x, area.y, area.height, sign, ink);
    if area.height > 0 && link.connected {
        canvas.print(area.x, area.bottom() - 1, 1, glyphs.down, ink);
    }
    for frame in moving {
        let last = u32::from(area.height.saturating_sub(1));
        let y = area.y + (frame.along * last / 1000).min(last) as u16;
        if area.height > 0 {
            canvas.print(area.x, y, 1, glyphs.frame, Ink::Network);
        }
    }
}

/// Where boxes do not fit: a line a node.
fn as_list(canvas: &mut Canvas<'_>, area: Rect, scene: &Scene) {
    let ui = canvas.ui;
    let mut y = area.y;
    for node in &scene.nodes {
        if y >= area.bottom() {
            return;
        }
        let (sign, word, ink) = status(node.picture.status, ui);
        let at = canvas.print_all(
            area.x,
            y,
            area.width,
            &[(sign, ink), (" ", ink), (&node.name, role_ink(node.picture.role)), (" ", ink), (word, ink)],
        );
        let words: Vec<_> = lines(node, ui).into_iter().map(|(text, _)| text).collect();
        let room = area.right().saturating_sub(at + 2);
        canvas.print(at + 2, y, room, &ui.fit(&words.join("  "), room), Ink::Text);
        y += 1;
        if node.picture.role == Role::Broker {
            for tier in TIERS {
                if y < area.bottom() {
                    draw_tier(canvas, Rect::new(area.x + 2, y, area.width.saturating_sub(2), 1), &node.picture, tier);
                    y += 1;
                }
            }
        }
    }
}
