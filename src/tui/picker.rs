//! Asks 中文 / English, once, when the system's language says nothing. Drawn in
//! both languages, for it is not known yet which one is read.

use ratatui::layout::{Rect, Size};

use crate::text::Language;

use super::canvas::Canvas;
use super::host::Request;
use super::keys::{Hint, Key};
use super::screen::{Action, Screen};
use super::theme::Ink;
use super::ui::Ui;
use super::widget::{List, Step, centred, panel};

const NAMES: [(Language, &str, &str); 2] =
    [(Language::Zh, "中文", "用中文学消息队列"), (Language::En, "English", "learn message queues in English")];

/// The language picker. When a language is chosen it asks the host for what
/// comes next.
pub struct Picker {
    list: List,
    then: Option<Request>,
}

impl Picker {
    /// A picker that goes on to `then`, or goes back if there is nothing.
    #[must_use]
    pub fn new(then: Option<Request>) -> Self {
        Self { list: List::new(NAMES.len()), then }
    }

    fn choose(&mut self, entry: usize) -> Action {
        self.list.select(entry);
        let language = Action::SetLanguage(NAMES[self.list.selected].0);
        let next = self.then.take().map_or(Action::Ignored, Action::Ask);
        Action::All(vec![language, Action::Pop, next])
    }
}

impl Screen for Picker {
    fn title(&self, _ui: &Ui) -> String {
        "中文 / English".to_owned()
    }

    fn hints(&self) -> Vec<Hint> {
        self.list.hints()
    }

    fn arrange(&mut self, size: Size, ui: &Ui) {
        self.list.fit(NAMES.len(), usize::from(size.height).max(NAMES.len()));
        if let Some(at) = NAMES.iter().position(|(language, ..)| *language == ui.language) {
            self.list.select(at);
        }
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let place = centred(area, Size::new(54, 6));
        let inside = panel(canvas, place, "Ackademy", Ink::Focus);
        for (row, (_, name, about)) in NAMES.iter().enumerate() {
            let y = inside.y + 1 + row as u16;
            let chosen = row == self.list.selected;
            let pointer = if chosen { canvas.ui.glyphs().pointer } else { " " };
            let at = canvas.print(inside.x, y, 2, &format!("{pointer} "), Ink::Accent);
            let at = canvas.print(at, y, 3, &format!("{}  ", row + 1), Ink::Muted);
            canvas.print(at, y, 8, name, if chosen { Ink::Strong } else { Ink::Text });
            canvas.print(at + 9, y, inside.right().saturating_sub(at + 9), about, Ink::Muted);
        }
    }

    fn key(&mut self, key: Key, _ui: &Ui) -> Action {
        match self.list.press(key) {
            Step::Moved => Action::Redraw,
            Step::Chosen => self.choose(self.list.selected),
            Step::Nothing => Action::Ignored,
        }
    }
}
