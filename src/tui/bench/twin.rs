//! A twin run: the same seed and the same faults, one setting flipped, side by
//! side, and stopped at the first thing that differs.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::event::EventId;
use crate::lab::{Lab, first_difference};
use crate::text::Language;
use crate::time::Time;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::panel;

use super::outcome::{Outcome, outcome};
use super::player::Player;
use super::run::Run;
use super::scene::Scene;
use super::setup::value_name;
use super::{Bench, Over, events, ledger, topology};
use crate::tui::ui::Ui;

pub struct Side {
    pub run: Run,
    pub value: String,
    scene: Scene,
    /// Where it first differs.
    first: Option<EventId>,
    outcome: Option<Outcome>,
}

pub struct Twin {
    pub name: String,
    pub sides: [Side; 2],
    pub player: Player,
    /// The time of the first difference.
    pub at: Option<Time>,
}

impl Twin {
    /// Two runs up to their first difference.
    #[must_use]
    pub fn new(lab: &Lab, name: &str, left: (Run, String), right: (Run, String), ui: &Ui) -> Self {
        let side = |(run, value): (Run, String)| Side {
            run,
            value,
            scene: Scene::new(lab.topology),
            first: None,
            outcome: None,
        };
        let mut twin =
            Self { name: name.to_owned(), sides: [side(left), side(right)], player: Player::default(), at: None };
        for side in &mut twin.sides {
            side.run.session.finish();
            side.outcome = Some(outcome(&side.run.session, false, ui));
        }
        let [left, right] = &mut twin.sides;
        let difference = first_difference(&left.run.session, &right.run.session);
        let mut to = left.run.end().max(right.run.end());
        if let Some(difference) = difference {
            (left.first, right.first) = (difference.left, difference.right);
            twin.at = Some(difference.at);
            to = difference.at;
        }
        twin.seek(to);
        twin
    }

    /// The outcomes are texts: they follow the language.
    pub fn retell(&mut self, ui: &Ui) {
        for side in &mut self.sides {
            let now = side.run.session.now();
            side.run.session.finish();
            side.outcome = Some(outcome(&side.run.session, false, ui));
            side.run.session.seek(now);
        }
    }

    #[must_use]
    pub fn now(&self) -> Time {
        self.sides.iter().map(|side| side.run.session.now()).max().unwrap_or_default()
    }

    #[must_use]
    pub fn end(&self) -> Time {
        self.sides.iter().map(|side| side.run.end()).max().unwrap_or_default()
    }

    pub fn seek(&mut self, to: Time) {
        for side in &mut self.sides {
            side.run.session.seek(to.min(side.run.end()));
            side.scene.take(&side.run.session);
        }
    }

    pub fn step(&mut self, forward: bool) {
        let next = |side: &Side| if forward { side.run.next_time() } else { Some(side.run.previous_time()) };
        let times = self.sides.iter().filter_map(next);
        let to = if forward { times.min() } else { times.max() };
        if let Some(to) = to {
            self.seek(to);
        }
    }

    pub fn tick(&mut self, elapsed: Duration) {
        let next = self.sides.iter().filter_map(|side| side.run.next_time()).min();
        let (now, end) = (self.now(), self.end());
        let target = self.player.target(now, next, end, elapsed);
        for side in &mut self.sides {
            side.run.session.advance(target.min(side.run.end()));
            side.scene.take(&side.run.session);
        }
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let text = match (self.at, ui.language) {
            (Some(at), Language::Zh) => format!("同一个种子，同样的故障，只有 {} 不同。第一处差别在 {at}s", self.name),
            (Some(at), Language::En) => {
                format!("Same seed, same faults; only {} differs. The first difference is at {at}s", self.name)
            }
            (None, Language::Zh) => format!("同一个种子，同样的故障，只有 {} 不同：两次运行没有任何差别", self.name),
            (None, Language::En) => {
                format!("Same seed, same faults; only {} differs, and the two runs do not differ at all", self.name)
            }
        };
        let lines = ui.wrap(&text, area.width.saturating_sub(2));
        for (row, line) in lines.iter().enumerate() {
            canvas.print(area.x + 1, area.y + row as u16, area.width, line, Ink::Strong);
        }
        let mut used = lines.len() as u16;
        let half = area.width / 2;
        let inside = Rect { width: half.saturating_sub(4), height: area.height.saturating_sub(used + 2), ..area };
        let scene = &self.sides[0].scene;
        if topology::is_terse(Rect { height: rows_of_topology(inside), ..inside }, scene) {
            let legend = topology::legend(scene, ui);
            for line in ui.wrap(&legend, area.width.saturating_sub(2)) {
                canvas.print(area.x + 1, area.y + used, area.width, &line, Ink::Muted);
                used += 1;
            }
        }
        let height = area.height.saturating_sub(used);
        for (at, side) in self.sides.iter().enumerate() {
            let x = area.x + at as u16 * half;
            let width = if at == 0 { half } else { area.width - half };
            self.view_side(canvas, Rect { x, y: area.y + used, width, height }, side, lab);
        }
    }

    fn view_side(&self, canvas: &mut Canvas<'_>, area: Rect, side: &Side, lab: &Lab) {
        let ui = canvas.ui;
        let title = format!("{} = {}", self.name, value_name(&side.value, ui));
        let inside = panel(canvas, area, &title, Ink::Border);
        if inside.height < 6 {
            return;
        }
        let rows = rows_of_topology(inside);
        topology::topology(canvas, Rect { height: rows, ..inside }, &side.scene);
        let y = inside.y + rows;
        ledger::short_sum(canvas, Rect { y, height: 1, ..inside }, &side.scene);
        ledger::strip(canvas, Rect { y: y + 1, height: 1, ..inside }, &side.scene, None);
        let told = side.outcome.as_ref().filter(|_| side.run.is_at_end());
        let lines = told.map(|told| ui.wrap(&told.headline, inside.width)).unwrap_or_default();
        for (row, line) in lines.iter().take(3).enumerate() {
            let ink = told.map_or(Ink::Text, |told| told.ink);
            canvas.print(inside.x, y + 2 + row as u16, inside.width, line, ink);
        }
        let top = y + 3 + lines.len().min(3) as u16;
        let list = Rect { y: top, height: inside.bottom().saturating_sub(top), ..inside };
        let history = side.run.session.history();
        let rows = usize::from(list.height);
        let first = side.first.map(|id| id.0 as usize);
        // At the first difference it stands in the middle, else the latest last.
        let end = if self.at == Some(side.run.session.now()) {
            first.map_or(history.len(), |at| (at + rows / 2).min(history.len()))
        } else {
            history.len()
        };
        let shown = end.saturating_sub(rows)..end;
        let events = history.slice(shown.clone()).unwrap_or_default();
        events::list(canvas, list, events, lab.topology, shown, first);
    }
}

/// The rows that the nodes get of the inside of a frame.
const fn rows_of_topology(inside: Rect) -> u16 {
    let boxes = if inside.width >= 60 && inside.height >= 28 { topology::ROWS } else { 7 };
    if boxes < inside.height / 2 { boxes } else { inside.height / 2 }
}

impl Bench {
    pub(super) fn begin_twin(&mut self, flip: &[(String, String)], ui: &Ui) {
        if self.is_long() {
            return;
        }
        let flipped = self.setup.clone().with(&self.lab, flip);
        let Some((name, _)) = flip.iter().find(|(name, _)| flipped.value(name) != self.setup.value(name)) else {
            return;
        };
        let (Some(left), Some(right)) = (self.setup.plan(&self.lab), flipped.plan(&self.lab)) else { return };
        let live = &self.run.live;
        let sides = [(left, &self.setup), (right, &flipped)]
            .map(|(plan, setup)| (Run::new(plan, setup.seed, live), setup.value(name).to_owned()));
        let [left, right] = sides;
        self.player.playing = false;
        self.over = Over::Twin(Box::new(Twin::new(&self.lab, name, left, right, ui)));
    }
}
