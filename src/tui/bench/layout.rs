//! Where the panes of the bench stand. A small screen shows one pane at a time;
//! the ledger and the timeline are always in sight.

use ratatui::layout::Rect;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    Topology,
    #[default]
    Settings,
    Events,
    Backlog,
}

impl Pane {
    pub const ALL: [Self; 4] = [Self::Topology, Self::Settings, Self::Events, Self::Backlog];

    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// An empty rectangle is a pane that is not in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The names of the panes, where one is shown at a time.
    pub tabs: Rect,
    /// What is asked of the learner; no frame.
    pub task: Rect,
    pub topology: Rect,
    pub settings: Rect,
    /// In a frame where there is room for one.
    pub ledger: Rect,
    pub timeline: Rect,
    /// The result of a finished run; no frame.
    pub result: Rect,
    pub events: Rect,
    pub backlog: Rect,
}

/// From here on all panes are in sight.
const ALL_PANES: (u16, u16) = (100, 28);

/// The topology is whole in a terminal of 80 columns.
const LEAST_TOPOLOGY: u16 = 80;

/// From here on events and backlog stand side by side.
const ROOM_FOR_TWO: u16 = 150;

impl Places {
    #[must_use]
    pub const fn has_all(area: Rect) -> bool {
        area.width >= ALL_PANES.0 && area.height >= ALL_PANES.1
    }

    /// Lays the panes out; `topology`, `task` and `result` are the rows these need.
    #[must_use]
    pub fn of(area: Rect, pane: Pane, topology: u16, task: u16, result: u16) -> Self {
        if Self::has_all(area) {
            Self::wide(area, topology, task, result)
        } else {
            Self::narrow(area, pane, task, result)
        }
    }

    /// Gives the settings the width that they need, as far as the topology can spare
    /// it.
    #[must_use]
    pub fn with_settings(mut self, needed: u16) -> Self {
        let spare = self.topology.width.saturating_sub(LEAST_TOPOLOGY);
        let more = needed.saturating_sub(self.settings.width).min(spare);
        if self.tabs.height == 0 {
            self.topology.width -= more;
            self.settings.x -= more;
            self.settings.width += more;
        }
        self
    }

    /// Gives the backlog its place where all panes are in sight: beside the
    /// events if there is room, else in their place while it has the keys.
    #[must_use]
    pub fn with_backlog(mut self, pane: Pane, is_worth_showing: bool) -> Self {
        if self.tabs.height > 0 {
            return self;
        }
        let has_keys = pane == Pane::Backlog;
        if self.events.width >= ROOM_FOR_TWO && (is_worth_showing || has_keys) {
            let half = self.events.width / 2;
            self.backlog = Rect { x: self.events.right() - half, width: half, ..self.events };
            self.events.width -= half;
        } else if has_keys {
            self.backlog = std::mem::take(&mut self.events);
        }
        self
    }

    fn wide(area: Rect, topology: u16, task: u16, result: u16) -> Self {
        let mut rest = area;
        let task = cut(&mut rest, task);
        let spare = rest.height.saturating_sub(4 + 1 + result + 6);
        let upper = (topology + 3).max(rest.height * 2 / 5).min(topology + 9).min(spare);
        let top = cut(&mut rest, upper);
        let settings = (area.width * 3 / 10).clamp(34, 54);
        let topology = Rect { width: top.width - settings, ..top };
        let settings = Rect { x: topology.right(), width: settings, ..top };
        let ledger = cut(&mut rest, 4);
        let timeline = inset(cut(&mut rest, 1));
        let result = inset(cut(&mut rest, result));
        Self {
            tabs: Rect::default(),
            task: inset(task),
            topology,
            settings,
            ledger,
            timeline,
            result,
            events: rest,
            backlog: Rect::default(),
        }
    }

    fn narrow(area: Rect, pane: Pane, task: u16, result: u16) -> Self {
        let mut rest = area;
        let tabs = cut(&mut rest, 1);
        let task = inset(cut(&mut rest, task.min(area.height.saturating_sub(10))));
        let below = (3 + result).min(rest.height / 2);
        let mut places = Self { tabs, task, ..Self::default() };
        let open = cut(&mut rest, area.height.saturating_sub(1 + task.height + below));
        match pane {
            Pane::Topology => places.topology = open,
            Pane::Settings => places.settings = open,
            Pane::Events => places.events = open,
            Pane::Backlog => places.backlog = open,
        }
        places.ledger = inset(cut(&mut rest, 2));
        places.timeline = inset(cut(&mut rest, 1));
        places.result = inset(rest);
        places
    }
}

/// Takes rows from the top of what is left.
fn cut(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let taken = Rect { height: rows, ..*rest };
    *rest = Rect { y: rest.y + rows, height: rest.height - rows, ..*rest };
    taken
}

const fn inset(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}
