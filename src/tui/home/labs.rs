//! The labs of one lesson, to choose from. A lesson without a text may have labs
//! already, and a written one may have more than its text runs.

use ratatui::layout::{Rect, Size};

use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::host::{Host, LabRequest, Request};
use crate::tui::keys::{Hint, Key};
use crate::tui::screen::{Action, Screen};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, Step, centred, entry_sign, mark_selected, panel, scrollbar};

use super::{LabState, LessonTile};

/// The widest that the list grows.
const WIDEST: u16 = 76;

/// A list of labs. The first that was not run is selected.
pub struct Labs {
    lesson: LessonTile,
    list: List,
}

impl Labs {
    #[must_use]
    pub fn new(lesson: LessonTile) -> Self {
        let mut list = List::new(lesson.labs.len());
        list.fit(lesson.labs.len(), lesson.labs.len());
        let mut labs = Self { lesson, list };
        labs.select_next();
        labs
    }

    /// The next lab that was not run, from the selected one on and round.
    fn select_next(&mut self) {
        let (labs, from) = (&self.lesson.labs, self.list.selected);
        let is_new = |at: &usize| labs.get(*at).is_some_and(|lab| lab.state == LabState::New);
        if let Some(next) = (from..labs.len()).chain(0..from).find(is_new) {
            self.list.select(next);
        }
    }
}

impl Screen for Labs {
    fn title(&self, ui: &Ui) -> String {
        match ui.language {
            Language::Zh => format!("{} 实验", self.lesson.number()),
            Language::En => format!("{} labs", self.lesson.number()),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        self.list.hints()
    }

    /// A lab that was run is marked, and the next one is under the pointer.
    fn shown(&mut self, host: &mut dyn Host, _ui: &Ui) {
        let lesson = host.home().lessons.into_iter().find(|lesson| lesson.id == self.lesson.id);
        let Some(lesson) = lesson.filter(|lesson| lesson.labs != self.lesson.labs) else { return };
        self.lesson = lesson;
        self.list.fit(self.lesson.labs.len(), self.list.scroll().height);
        self.select_next();
    }

    fn arrange(&mut self, size: Size, _ui: &Ui) {
        self.list.fit(self.lesson.labs.len(), usize::from(size.height.saturating_sub(4)).max(1));
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let height = (self.lesson.labs.len() as u16 + 4).min(area.height);
        let place = centred(area, Size::new(WIDEST.min(area.width), height));
        let inside = panel(canvas, place, self.lesson.title.in_language(ui.language), Ink::Focus);
        let air = u16::from(usize::from(inside.height) > self.list.visible().len());
        for (row, at) in self.list.visible().enumerate() {
            let (Some(lab), y) = (self.lesson.labs.get(at), inside.y + air + row as u16) else { break };
            if y >= inside.bottom() {
                break;
            }
            let chosen = at == self.list.selected;
            let glyphs = ui.glyphs();
            if chosen {
                mark_selected(canvas, Rect { y, height: 1, ..inside });
            }
            let (mark, ink) = match lab.state {
                LabState::New => (glyphs.empty, Ink::Text),
                LabState::Run => (glyphs.half, Ink::Text),
                LabState::Solved => (glyphs.check, Ink::Good),
            };
            canvas.print(inside.x + 1, y, 1, &entry_sign(self.list.keys(), at), Ink::Accent);
            canvas.print(inside.x + 3, y, 2, mark, ink);
            let id_width = ui.width(&lab.id) as u16;
            let room = inside.width.saturating_sub(7 + id_width);
            let title = ui.fit(lab.title.in_language(ui.language), room);
            canvas.print(inside.x + 5, y, room, &title, if chosen { Ink::Strong } else { Ink::Text });
            canvas.print(inside.right().saturating_sub(id_width + 1), y, id_width, &lab.id, Ink::Muted);
        }
        scrollbar(canvas, place.right().saturating_sub(1), inside, self.list.scroll());
    }

    fn key(&mut self, key: Key, _ui: &Ui) -> Action {
        match self.list.press(key) {
            Step::Moved => Action::Redraw,
            Step::Chosen => self.lesson.labs.get(self.list.selected).map_or(Action::Ignored, |lab| {
                Action::Ask(Request::OpenLab(LabRequest { lab: lab.id.clone(), ..LabRequest::default() }))
            }),
            Step::Nothing => Action::Ignored,
        }
    }
}
