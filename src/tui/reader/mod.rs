//! The lesson reader: a page to scroll, with predictions, questions and labs in
//! it. One of those at a time has the keys (the bar at its left is lit): digits
//! answer it, Enter opens it.
//!
//! - `model`: what a reader is given. - `keymap`, `walk`, `answer`: what keys do. - `page`: blocks to lines. - `ask`,
//!   `lab_card`: the lines of what can be answered and opened. - `outline`: the
//!   steps. - `colours`: code in colours. - `search`: finding words. - `links`: where a page leads. - `paint`:
//!   the picture.

mod answer;
mod ask;
mod colours;
mod keymap;
mod lab_card;
mod links;
mod model;
mod outline;
mod page;
mod paint;
mod search;
mod walk;

pub use model::{Choice, LabCard, Marks, PredictCard, Predicted, ReaderModel};

use std::cell::Cell;
use std::time::Duration;

use ratatui::layout::{Position, Rect, Size};

use crate::text::Language;

use super::canvas::Canvas;
use super::host::{Host, Request};
use super::keys::{Hint, Key, MOVES, hints};
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::widget::Scroll;

use colours::Colours;
use links::Links;
use outline::Outline;
use page::Page;
use search::Search;

/// A window too small to show a page keeps it laid out at this width.
const LEAST_TEXT: u16 = 20;

/// What lies over the page.
#[derive(Debug, Default)]
enum Inner {
    #[default]
    Page,
    Contents(Outline),
    Links(Links),
    /// A search: being typed, or walked through.
    Search(Search),
}

/// Where the reader is, in words that hold in both languages and at every width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Anchor {
    /// The block at the top.
    block: usize,
    /// How many of its rows are above the top.
    row: usize,
}

pub struct Reader {
    model: ReaderModel,
    marks: Marks,
    /// Questions and predictions being answered again, by block.
    reopened: Option<usize>,
    inner: Inner,
    colours: Colours,
    page: Page,
    language: Language,
    scroll: Scroll,
    anchor: Anchor,
    /// The block that has the keys.
    focus: Option<usize>,
    code_shift: usize,
    size: Size,
    /// The columns of the picture, from the last arrangement.
    plan: Cell<paint::Plan>,
    /// The step at the top when it was last remembered.
    step_seen: Option<String>,
}

impl Reader {
    /// Opens a lesson at a step, or where the learner left it.
    #[must_use]
    pub fn new(model: ReaderModel, step: Option<&str>, ui: &Ui) -> Self {
        let language = ui.language;
        let lesson = model.lesson(language);
        let block = step.and_then(|step| lesson.block_of(step)).or(model.place).unwrap_or(0);
        Self {
            marks: Marks::default(),
            reopened: None,
            inner: Inner::Page,
            colours: Colours::default(),
            page: Page::default(),
            language,
            scroll: Scroll::default(),
            anchor: Anchor { block: block.min(lesson.blocks.len().saturating_sub(1)), row: 0 },
            focus: None,
            code_shift: 0,
            size: Size::ZERO,
            plan: Cell::default(),
            step_seen: None,
            model,
        }
    }

    /// Lets code be coloured, on a helper thread.
    #[must_use]
    pub fn with_colours(mut self) -> Self {
        let language = self.language;
        self.colours = Colours::begin([self.model.lesson(language), self.model.lesson(language.other())]);
        self
    }

    fn lesson(&self) -> &crate::lesson::Lesson {
        self.model.lesson(self.language)
    }

    /// Lays the page out anew and comes back to the same place.
    fn lay_out(&mut self, ui: &Ui) {
        let plan = paint::plan(Rect::from((Position::ORIGIN, self.size)));
        self.plan.set(plan);
        let answers =
            page::Answers { model: &self.model, marks: &self.marks, reopened: self.reopened, colours: &self.colours };
        let width = plan.text.width.max(LEAST_TEXT);
        self.page = Page::lay_out(self.model.lesson(self.language), &answers, width, self.code_shift, ui);
        self.scroll.fit(self.page.lines.len(), usize::from(plan.text.height));
        self.scroll.top = self.page.row_of(self.anchor.block, self.anchor.row).min(self.scroll.last_top());
        self.refocus();
        if let Inner::Search(search) = &mut self.inner {
            search.find(&self.page);
        }
        self.arrange_inner();
    }

    fn arrange_inner(&mut self) {
        let height = usize::from(self.size.height.saturating_sub(4)).max(1);
        match &mut self.inner {
            Inner::Contents(outline) => outline.fit(height),
            Inner::Links(links) => links.fit(height),
            Inner::Page | Inner::Search(_) => {}
        }
    }
}

impl Screen for Reader {
    fn title(&self, ui: &Ui) -> String {
        format!("{} {}", self.model.number(), self.model.lesson(ui.language).title.value).trim().to_owned()
    }

    fn status(&self, ui: &Ui) -> String {
        let step = self.step_at_top().map_or("", |step| step.kind.name().in_language(ui.language));
        let percent = format!("{:>3}%", self.scroll.percent());
        if step.is_empty() { percent } else { format!("{step}  {percent}") }
    }

    fn hints(&self) -> Vec<Hint> {
        match &self.inner {
            Inner::Page => [self.page_hints(), hints(MOVES)].concat(),
            Inner::Contents(_) => outline::hints(),
            Inner::Links(_) => links::hints(),
            Inner::Search(search) => search.hints(),
        }
    }

    fn shown(&mut self, host: &mut dyn Host, _ui: &Ui) {
        self.marks = host.marks(&self.model.id);
    }

    fn arrange(&mut self, size: Size, ui: &Ui) {
        self.size = size;
        if self.language != ui.language {
            self.anchor =
                Anchor { block: self.model.same_block(self.anchor.block, self.language), row: self.anchor.row };
            self.focus = self.focus.map(|block| self.model.same_block(block, self.language));
            self.reopened = self.reopened.map(|block| self.model.same_block(block, self.language));
            self.language = ui.language;
            if matches!(self.inner, Inner::Contents(_) | Inner::Links(_)) {
                self.inner = Inner::Page;
            }
        }
        self.lay_out(ui);
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        self.paint(canvas, area);
    }

    fn key(&mut self, key: Key, ui: &Ui) -> Action {
        match self.inner {
            Inner::Page => self.key_on_page(key, ui),
            Inner::Contents(_) => self.key_in_contents(key),
            Inner::Links(_) => self.key_in_links(key),
            Inner::Search(_) => self.key_in_search(key, ui),
        }
    }

    fn takes_text(&self) -> bool {
        matches!(&self.inner, Inner::Search(search) if search.typing)
    }

    fn text(&mut self, text: &str, _ui: &Ui) -> Action {
        if let Inner::Search(search) = &mut self.inner {
            search.type_text(text);
            search.find(&self.page);
        }
        Action::Redraw
    }

    fn close_inner(&mut self) -> bool {
        !matches!(std::mem::take(&mut self.inner), Inner::Page)
    }

    fn animates(&self) -> bool {
        self.colours.are_coming()
    }

    fn tick(&mut self, _elapsed: Duration, ui: &Ui) -> bool {
        let coloured = self.colours.take();
        if coloured {
            self.lay_out(ui);
        }
        coloured
    }

    fn leaving(&mut self, _ui: &Ui) -> Action {
        Action::Ask(Request::Remember(self.place()))
    }
}
