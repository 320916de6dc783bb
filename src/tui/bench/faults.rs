//! The fault menu: the lab's own faults, to be scheduled from the start, and
//! live faults on any node or link at this moment.

use ratatui::layout::{Rect, Size};

use crate::event::{NodeId, Resource};
use crate::lab::{Lab, Topology};
use crate::picture::Role;
use crate::sim::Action;
use crate::text::Language;
use crate::time::{Span, Time};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, centred, clear_around, entry_sign, mark_selected, panel, scrollbar};

use super::scene::{is_expected, ways};
use super::setup::Setup;

/// The rows below the list that say in full what is selected, an empty one first.
const DETAIL: u16 = 4;
/// The widest that the menu grows.
const WIDEST: u16 = 90;

/// What a live fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Node(NodeId),
    Link(NodeId, NodeId),
}

/// When a live fault strikes. Nothing is left to break once a run is over: then that
/// is the last moment at which something was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Time,
    pub is_over: bool,
}

impl Moment {
    fn name(self, ui: &Ui) -> String {
        let at = self.at;
        match (self.is_over, ui.language) {
            (false, Language::Zh) => format!("现在（{at}s）"),
            (false, Language::En) => format!("now ({at}s)"),
            (true, Language::Zh) => format!("已跑完，退回 {at}s"),
            (true, Language::En) => format!("over; back at {at}s"),
        }
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A fault of the lab, by its index.
    Lab(usize),
    Target(Target),
    Live(Action, Option<Span>),
}

#[derive(Clone, Debug)]
pub struct FaultMenu {
    pub list: List,
    target: Option<Target>,
    entries: Vec<Entry>,
}

impl FaultMenu {
    #[must_use]
    pub fn new(lab: &Lab) -> Self {
        let topology = lab.topology;
        let mut entries: Vec<_> = (0..lab.faults.len()).map(Entry::Lab).collect();
        let nodes = topology.nodes().map(Target::Node);
        let ways = ways(topology).filter(|(from, to)| {
            let has_broker = [from, to].iter().any(|node| topology.role(**node) == Role::Broker);
            has_broker || is_expected(topology, *from, *to)
        });
        let links = ways.map(|(from, to)| Target::Link(from, to));
        entries.extend(nodes.chain(links).map(Entry::Target));
        let mut list = List::new(entries.len());
        list.fit(entries.len(), entries.len());
        Self { list, target: None, entries }
    }

    #[must_use]
    pub fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.list.selected)
    }

    /// Shows what can happen to a node or a link.
    pub fn enter(&mut self, target: Target, topology: Topology) {
        self.entries =
            actions(target, topology).into_iter().map(|(action, lasting)| Entry::Live(action, lasting)).collect();
        self.target = Some(target);
        self.list = List::new(self.entries.len());
        self.list.fit(self.entries.len(), self.entries.len());
    }

    /// Back from a node to the whole menu. False if it is there already.
    pub fn back(&mut self, lab: &Lab) -> bool {
        if self.target.is_none() {
            return false;
        }
        *self = Self::new(lab);
        true
    }

    pub fn arrange(&mut self, size: Size) {
        let height = usize::from(size.height.saturating_sub(DETAIL + 3)).max(1);
        self.list.fit(self.entries.len(), height);
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect, lab: &Lab, setup: &Setup, moment: Moment) {
        let ui = canvas.ui;
        let title = match self.target {
            None => ui
                .say("故障：可以叠加，回车加上或去掉", "Faults: they add up; Enter adds one or takes it away")
                .to_owned(),
            Some(target) => format!("{}: {}", moment.name(ui), target_name(target, lab.topology, ui)),
        };
        let rows = self.list.visible();
        let height = rows.len() as u16 + DETAIL + 3;
        let area = centred(screen, Size::new(screen.width.saturating_sub(6).min(WIDEST), height));
        clear_around(canvas, area);
        let inside = panel(canvas, area, &title, Ink::Focus);
        let detail = inside.bottom().saturating_sub(DETAIL);
        for (row, at) in rows.enumerate() {
            let y = inside.y + 1 + row as u16;
            if y < detail {
                self.view_entry(canvas, Rect { y, height: 1, ..inside }, at, lab, setup, moment);
            }
        }
        let track = Rect { y: inside.y + 1, height: detail.saturating_sub(inside.y + 1), ..inside };
        scrollbar(canvas, area.right().saturating_sub(1), track, self.list.scroll());
        let below = Rect { x: inside.x + 2, y: detail, width: inside.width.saturating_sub(2), height: DETAIL };
        self.view_detail(canvas, below, lab);
    }

    /// What the selected fault is, whole: in its row it may be cut.
    fn view_detail(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let text = match self.selected() {
            Some(Entry::Lab(index)) => {
                let fault = &lab.faults[*index];
                format!("{}{}{}", fault.title.in_language(ui.language), ui.say("：", ": "), fault.sentence)
            }
            Some(Entry::Target(_)) => {
                ui.say("回车：看看此刻能让它出什么事。", "Enter: what can go wrong with it now.").to_owned()
            }
            _ => return,
        };
        let rows = usize::from(area.height.saturating_sub(1));
        for (line, y) in ui.cut(&[text], rows, area.width).iter().zip(area.y + 1..area.bottom()) {
            canvas.print(area.x, y, area.width, line, Ink::Muted);
        }
    }

    fn view_entry(&self, canvas: &mut Canvas<'_>, area: Rect, at: usize, lab: &Lab, setup: &Setup, moment: Moment) {
        let ui = canvas.ui;
        let glyphs = ui.glyphs();
        let chosen = at == self.list.selected;
        if chosen {
            mark_selected(canvas, area);
        }
        canvas.print(area.x, area.y, 1, &entry_sign(self.list.keys(), at), Ink::Accent);
        let x = area.x + 2;
        let room = area.right().saturating_sub(x);
        match &self.entries[at] {
            Entry::Lab(index) => {
                let fault = &lab.faults[*index];
                let on = setup.faults.contains(&fault.id);
                let (mark, ink) = if on { ("[x] ", Ink::Accent) } else { ("[ ] ", Ink::Muted) };
                let x = canvas.print(x, area.y, room, mark, ink);
                let room = area.right().saturating_sub(x);
                let title = fault.title.in_language(ui.language);
                // As one text, so that it says where it is cut, wherever that is.
                let shown = ui.fit(&format!("{title}  {}", fault.sentence), room);
                let (title, sentence) = shown.split_at_checked(title.len()).unwrap_or((&shown, ""));
                canvas.print_all(x, area.y, room, &[(title, Ink::Text), (sentence, Ink::Muted)]);
            }
            Entry::Target(target) => {
                let name = target_name(*target, lab.topology, ui);
                let text = format!("{}{}{name} {}", moment.name(ui), ui.say("：", ": "), glyphs.ellipsis);
                canvas.print(x, area.y, room, &ui.fit(&text, room), Ink::Text);
            }
            Entry::Live(action, lasting) => {
                let x = canvas.print(x, area.y, room, &ui.fit(action_name(action, ui), room), Ink::Text);
                if let Some(span) = lasting {
                    let text = how_it_ends(action, *span, ui.language);
                    let room = area.right().saturating_sub(x + 2);
                    canvas.print(x + 2, area.y, room, &ui.fit(&text, room), Ink::Muted);
                }
            }
        }
    }
}

/// What died comes back by a restart; all else just ends.
fn how_it_ends(action: &Action, span: Span, language: Language) -> String {
    match (action.kills(), language) {
        (true, Language::Zh) => format!("{span} 后重启"),
        (true, Language::En) => format!("restarts after {span}"),
        (false, Language::Zh) => format!("持续 {span}"),
        (false, Language::En) => format!("for {span}"),
    }
}

const WHILE: Option<Span> = Some(Span::from_millis(2000));

/// What can happen, with how long it lasts.
fn actions(target: Target, topology: Topology) -> Vec<(Action, Option<Span>)> {
    match target {
        Target::Node(node) => {
            let mut list = vec![(Action::Crash(node), WHILE), (Action::Pause(node), WHILE)];
            if topology.role(node) == Role::Broker {
                list.extend([
                    (Action::PowerCut(vec![node]), WHILE),
                    (Action::DiskLoss(node), WHILE),
                    (Action::DiskFull(node), WHILE),
                    (Action::DiskSlow { node, factor: 10 }, WHILE),
                    (Action::SyncError(node), None),
                    (Action::TornWrite(node), WHILE),
                    (Action::BitRot(node), None),
                    (Action::Alarm { node, resource: Resource::Memory }, WHILE),
                ]);
                let others: Vec<_> = topology.nodes().filter(|other| *other != node).collect();
                if topology.brokers > 1 {
                    let isolated = Action::Split { one: vec![node], other: others };
                    list.insert(2, (isolated, Some(Span::from_secs(10))));
                }
            }
            list
        }
        Target::Link(from, to) => vec![
            (Action::Cut { from, to }, None),
            (Action::Partition { from, to, one_way: false }, WHILE),
            (Action::Partition { from, to, one_way: true }, WHILE),
            (Action::Partition { from: to, to: from, one_way: true }, WHILE),
            (Action::Delay { from, to, extra: Span::from_millis(200) }, WHILE),
        ],
    }
}

fn target_name(target: Target, topology: Topology, ui: &Ui) -> String {
    match target {
        Target::Node(node) => topology.name(node),
        Target::Link(from, to) => {
            format!("{} {} {}", topology.name(from), ui.glyphs().link, topology.name(to))
        }
    }
}

pub fn action_name(action: &Action, ui: &Ui) -> &'static str {
    match action {
        Action::Crash(_) => ui.say("进程崩溃", "process crash"),
        Action::Restart(_) => ui.say("启动", "start"),
        Action::Pause(_) => ui.say("停住（长 GC）", "pause (a long GC)"),
        Action::PowerCut(_) => ui.say("断电", "power cut"),
        Action::DiskLoss(_) => ui.say("磁盘报废", "disk loss"),
        Action::DiskFull(_) => ui.say("磁盘写满", "disk full"),
        Action::DiskSlow { .. } => ui.say("磁盘变慢十倍", "disk ten times slower"),
        Action::SyncError(_) => ui.say("fsync 报错", "fsync fails"),
        Action::TornWrite(_) => ui.say("断电，最后一次写入写了一半", "power cut that tears the last write"),
        Action::BitRot(_) => ui.say("盘上坏了一个字节", "a byte on disk rots"),
        Action::Cut { .. } => ui.say("连接断开", "connection cut"),
        Action::Partition { one_way: false, .. } => ui.say("网络分区（双向不通）", "partition, both ways"),
        Action::Partition { from, to, .. } if from < to => ui.say("去的方向不通", "silence on the way there"),
        Action::Partition { .. } => ui.say("回的方向不通", "silence on the way back"),
        Action::Delay { .. } => ui.say("每帧慢 200ms", "every frame 200ms later"),
        Action::LoseFrame { .. } => ui.say("丢一帧", "a frame lost"),
        Action::Throw { .. } => ui.say("处理时抛异常", "the handler throws"),
        Action::Split { one, .. } if one.len() == 1 => ui.say("与其他节点隔离", "cut off from all others"),
        Action::Split { .. } => ui.say("网络分区", "partition"),
        Action::Alarm { .. } => ui.say("资源告警", "resource alarm"),
        Action::GrowTopic { .. } => ui.say("增加分区", "more partitions"),
        Action::Together(parts) => parts.first().map_or("", |part| action_name(part, ui)),
        Action::OnLeader { action, .. } | Action::OnFollower { action, .. } => action_name(action, ui),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPOLOGY: Topology = Topology::new(1, 3, 1);

    #[test]
    fn whatever_kills_is_said_to_restart_and_whatever_lasts_to_last() {
        let (node, other) = (TOPOLOGY.broker(0), TOPOLOGY.broker(1));
        let entries = [Target::Node(node), Target::Link(node, other)].map(|target| actions(target, TOPOLOGY)).concat();
        for (action, lasting) in &entries {
            assert_eq!(lasting.is_some(), action.lasts(), "{action:?}");
            let Some(span) = *lasting else { continue };
            let says_restart = how_it_ends(action, span, Language::En).starts_with("restarts after");
            assert_eq!(says_restart, action.kills(), "{action:?}");
        }
        let torn = how_it_ends(&Action::TornWrite(node), Span::from_millis(2000), Language::En);
        assert_eq!(torn, "restarts after 2s");
    }
}
