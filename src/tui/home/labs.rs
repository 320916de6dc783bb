//! The labs of one lesson, to choose from. A lesson without a text may have labs
//! already, and a written one may have more than its text runs.

use ratatui::layout::{Rect, Size};

use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::host::{LabRequest, Request};
use crate::tui::keys::{Binding, DIGIT_KEYS, Hint, Key, MOVES, command, hints};
use crate::tui::screen::{Action, Screen};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, centred, panel};

use super::{LabState, LessonTile};

#[derive(Clone, Copy, Debug)]
enum Command {
    Open,
    Digit,
}

const DIGITS: &[Key] = &DIGIT_KEYS;

const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Open, "打开", "open"),
    Binding::help(DIGITS, Command::Digit, "按序号选", "select by number"),
];

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
        list.select(lesson.labs.iter().position(|lab| lab.state == LabState::New).unwrap_or(0));
        Self { lesson, list }
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
        [hints(KEYMAP), hints(MOVES)].concat()
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
                canvas.tint(Rect::new(inside.x, y, inside.width, 1), Ink::Selected);
            }
            let (mark, ink) = match lab.state {
                LabState::New => (glyphs.empty, Ink::Text),
                LabState::Run => (glyphs.half, Ink::Text),
                LabState::Solved => (glyphs.check, Ink::Good),
            };
            let pointer = if chosen { glyphs.pointer } else { " " };
            canvas.print(inside.x, y, 2, pointer, Ink::Accent);
            canvas.print(inside.x + 2, y, 2, mark, ink);
            let id_width = ui.width(&lab.id) as u16;
            let room = inside.width.saturating_sub(6 + id_width);
            let title = ui.fit(lab.title.in_language(ui.language), room);
            canvas.print(inside.x + 4, y, room, &title, if chosen { Ink::Strong } else { Ink::Text });
            canvas.print(inside.right().saturating_sub(id_width + 1), y, id_width, &lab.id, Ink::Muted);
        }
    }

    fn key(&mut self, key: Key, _ui: &Ui) -> Action {
        if let Some(step) = command(MOVES, key) {
            self.list.go(step);
            return Action::Redraw;
        }
        match command(KEYMAP, key) {
            Some(Command::Open) => self.lesson.labs.get(self.list.selected).map_or(Action::Ignored, |lab| {
                Action::Ask(Request::OpenLab(LabRequest { lab: lab.id.clone(), ..LabRequest::default() }))
            }),
            Some(Command::Digit) => {
                self.list.digit(key);
                Action::Redraw
            }
            None => Action::Ignored,
        }
    }
}
