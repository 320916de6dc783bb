//! What a node says of itself in words and signs.

use crate::event::Resource;
use crate::narrate;
use crate::picture::{Figure, Lane, LaneLabel, Picture, Role, Status};
use crate::tui::bench::partitions;
use crate::tui::bench::scene::{NodeView, Scene};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

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

/// The status of a node, with what keeps one that is up from serving.
pub fn condition(picture: &Picture, ui: &Ui) -> (&'static str, &'static str, Ink) {
    if picture.status == Status::Up && picture.is_minority {
        return (ui.glyphs().pause, ui.say("少数派，停服", "paused: minority"), Ink::Warn);
    }
    status(picture.status, ui)
}

/// A condition in a word of nine cells at most, where its own is longer.
pub fn in_short(picture: &Picture, ui: &Ui) -> Option<&'static str> {
    match picture.status {
        Status::Up if picture.is_minority => Some(ui.say("少数派", "minority")),
        Status::Crashed => Some(ui.say("死了", "dead")),
        Status::Recovering => Some(ui.say("恢复中", "recovers")),
        _ => None,
    }
}

/// What the node is short of: `! memory alarm`.
pub fn alarm(picture: &Picture, ui: &Ui) -> Option<String> {
    let name = |resource: &Resource| narrate::resource(*resource, ui.language);
    let names: Vec<_> = picture.alarms.iter().map(name).collect();
    let join = names.join(ui.say("、", ", "));
    (!names.is_empty()).then(|| format!("! {join}{}", ui.say("告警", " alarm")))
}

/// What a node says of itself in lines.
pub fn lines(node: &NodeView, scene: &Scene, ui: &Ui) -> Vec<(String, Ink)> {
    let picture = &node.picture;
    let queues = picture.lanes.iter().filter(|lane| matches!(lane.label, LaneLabel::Queue(_))).count();
    let mut lines = Vec::new();
    lines.extend(
        partitions::owned_label(scene, node).map(|parts| (format!("{} {parts}", ui.say("分区", "reads")), Ink::Text)),
    );
    for lane in &picture.lanes {
        if let LaneLabel::Queue(name) = lane.label
            && let Some(pieces) = partitions::offsets(node, name, scene, u16::MAX, ui)
        {
            lines.push((format!("{} {}", scene.queue_name(name), pieces.join(" ")), Ink::Text));
            continue;
        }
        if let (LaneLabel::Queue(name), true) = (lane.label, queues > 1) {
            lines.push((format!("{}  {}", scene.queue_name(name), backlog(lane, ui)), Ink::Text));
            continue;
        }
        let mut say = |name: &str, count: u64, ink| lines.push((format!("{name} {count}"), ink));
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
    figures(picture, scene, ui, &mut lines);
    lines
}

/// What waits in a queue, and what is handed out: `waiting 23, out 2`.
pub fn backlog(lane: &Lane, ui: &Ui) -> String {
    let waiting = format!("{} {}", ui.say("排队", "waiting"), lane.ready);
    if lane.unacked == 0 { waiting } else { format!("{waiting}  {} {}", ui.say("未确认", "out"), lane.unacked) }
}

/// What was told so far is of one process; what took effect, of one database. A repeat
/// is an effect too, and is counted by itself.
fn figures(picture: &Picture, scene: &Scene, ui: &Ui, lines: &mut Vec<(String, Ink)>) {
    let given_up = scene.given_up.in_language(ui.language);
    for figure in &picture.figures {
        let (name, count, ink) = match *figure {
            Figure::ToldOk(count) => (ui.say("收到 ok", "told ok"), count, Ink::Good),
            Figure::ToldRefused(count) if count > 0 => (given_up, count, Ink::Warn),
            Figure::ToldUnknown(count) if count > 0 => (ui.say("没回音", "unknown"), count, Ink::Warn),
            Figure::Applied(count) => (ui.say("已处理", "applied"), count - repeats(picture).min(count), Ink::Good),
            Figure::Duplicates(count) if count > 0 => (ui.say("重复", "twice"), count, Ink::Warn),
            _ => continue,
        };
        lines.push((format!("{name} {count}"), ink));
    }
}

fn repeats(picture: &Picture) -> u64 {
    picture.figures.iter().map(|figure| if let Figure::Duplicates(count) = figure { *count } else { 0 }).sum()
}

/// The same of one node or of several in one line, what matters most first; what
/// is zero is left out.
pub fn brief<'a>(pictures: impl Iterator<Item = &'a Picture>, scene: &Scene, ui: &Ui) -> Vec<(String, Ink)> {
    let [mut ok, mut refused, mut unknown, mut applied, mut twice, mut open, mut held, mut outbox] = [None::<u64>; 8];
    let add = |sum: &mut Option<u64>, count: u64| *sum = Some(sum.unwrap_or(0) + count);
    for picture in pictures {
        for figure in &picture.figures {
            match *figure {
                Figure::ToldOk(count) => add(&mut ok, count),
                Figure::ToldRefused(count) => add(&mut refused, count),
                Figure::ToldUnknown(count) => add(&mut unknown, count),
                Figure::Applied(count) => add(&mut applied, count - repeats(picture).min(count)),
                Figure::Duplicates(count) => add(&mut twice, count),
                Figure::Sent(_) => {}
            }
        }
        for lane in &picture.lanes {
            match lane.label {
                LaneLabel::Unconfirmed => add(&mut open, lane.ready + lane.unacked),
                LaneLabel::Unsettled => add(&mut held, lane.ready + lane.unacked),
                LaneLabel::Outbox => add(&mut outbox, lane.ready),
                LaneLabel::Queue(_) | LaneLabel::Applied => {}
            }
        }
    }
    let some = |sum: Option<u64>| sum.filter(|count| *count > 0);
    let words = [
        ("ok", ok, Ink::Good),
        (ui.glyphs().check, applied, Ink::Good),
        (ui.say("手里", "holds"), held, Ink::Text),
        (scene.given_up.in_language(ui.language), some(refused), Ink::Warn),
        (ui.say("没回音", "unknown"), some(unknown), Ink::Warn),
        (ui.say("重复", "twice"), some(twice), Ink::Warn),
        (ui.say("等", "open"), some(open), Ink::Text),
        (ui.say("待发", "unsent"), some(outbox), Ink::Text),
    ];
    words.into_iter().filter_map(|(name, count, ink)| Some((format!("{name} {}", count?), ink))).collect()
}

pub const fn role_ink(role: Role) -> Ink {
    match role {
        Role::Producer => Ink::Producer,
        Role::Broker => Ink::Broker,
        Role::Consumer => Ink::Consumer,
        Role::Store => Ink::Store,
        Role::Controller => Ink::Broker,
    }
}

/// The ink of a node's frame: what is broken stands out.
pub const fn frame_ink(picture: &Picture) -> Ink {
    match picture.status {
        Status::Up if picture.is_minority => Ink::Warn,
        Status::Up | Status::Recovering => role_ink(picture.role),
        _ => Ink::Bad,
    }
}

/// Nodes of one role as a noun: `3 consumers`.
pub fn plural(role: Role, count: usize, ui: &Ui) -> String {
    let noun = match role {
        Role::Producer => ui.say("个生产者", " producers"),
        Role::Broker => ui.say("个节点", " brokers"),
        Role::Consumer => ui.say("个消费者", " consumers"),
        Role::Store => ui.say("个服务", " services"),
        Role::Controller => ui.say("个控制器", " controllers"),
    };
    format!("{count}{}{noun}", ui.say(" ", ""))
}
