//! The lesson reader: a page to scroll, with predictions, questions and labs in
//! it. One of those at a time has the keys (the bar at its left is lit): digits
//! answer it, Enter opens it.
//!
//! - [`model`]: what a reader is given. - `page`: blocks to lines. - `ask`,
//!   `lab_card`: the lines of what can be answered and opened. - `outline`: the
//!   steps. - `colours`: code in colours. - `search`: finding words. - `links`: where a page leads. - `paint`:
//!   the picture.

mod ask;
mod colours;
mod lab_card;
mod links;
mod model;
mod outline;
mod page;
mod paint;
mod search;

pub use model::{Choice, LabCard, Marks, PredictCard, Predicted, ReaderModel};

use std::cell::Cell;
use std::time::Duration;

use ratatui::layout::{Position, Rect, Size};

use crate::lesson::Block;
use crate::text::Language;

use super::canvas::Canvas;
use super::host::{Confidence, Host, Memory, Request};
use super::keys::{Binding, Hint, Key, MOVES, Move, command, hints};
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::widget::Scroll;

use colours::Colours;
use links::Links;
use outline::Outline;
use page::Page;
use search::Search;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Act,
    Answer,
    NextFocus,
    PreviousFocus,
    NextHeading,
    PreviousHeading,
    PageDown,
    Contents,
    Links,
    Search,
    Again,
    CodeLeft,
    CodeRight,
}

const ANSWERS: &[Key] = &[
    Key::Char('1'),
    Key::Char('2'),
    Key::Char('3'),
    Key::Char('4'),
    Key::Char('5'),
    Key::Char('6'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
];

const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(ANSWERS, Command::Answer, "作答", "answer"),
    Binding::footer(&[Key::Enter], Command::Act, "打开实验", "open the lab"),
    Binding::footer(&[Key::Char(' ')], Command::PageDown, "翻页", "page"),
    Binding::footer(&[Key::Tab], Command::NextFocus, "下一处", "next block"),
    Binding::help(&[Key::BackTab], Command::PreviousFocus, "上一处题目或实验", "previous question or lab"),
    Binding::footer(&[Key::Right, Key::Char('n'), Key::Char(']')], Command::NextHeading, "下一节", "next step"),
    Binding::help(&[Key::Left, Key::Char('p'), Key::Char('[')], Command::PreviousHeading, "上一节", "previous step"),
    Binding::footer(&[Key::Char('t')], Command::Contents, "目录", "contents"),
    Binding::footer(&[Key::Char('/')], Command::Search, "查找", "search"),
    Binding::footer(&[Key::Char('o')], Command::Links, "链接", "links"),
    Binding::help(&[Key::Backspace], Command::Again, "重新作答", "answer again"),
    Binding::help(&[Key::Char('>'), Key::Char('.')], Command::CodeRight, "代码右移", "code to the right"),
    Binding::help(&[Key::Char('<'), Key::Char(',')], Command::CodeLeft, "代码左移", "code to the left"),
];

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
    /// Predictions whose option was chosen, but not how sure: by block.
    pending: Option<(usize, usize)>,
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
            pending: None,
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
        let answers = page::Answers {
            model: &self.model,
            marks: &self.marks,
            pending: self.pending,
            reopened: self.reopened,
            colours: &self.colours,
        };
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

    /// After a move: what is at the top, what has the keys, and what to remember.
    fn moved(&mut self) -> Action {
        self.anchor = self.page.anchor_at(self.scroll.top);
        self.refocus();
        self.remember_progress()
    }

    /// Which block has the keys after a move. The one that had them keeps them
    /// while all of it is in sight; else the first whole one takes them, an
    /// unanswered one before all others. Part of a block is better than none.
    fn refocus(&mut self) {
        let sight = self.scroll.top..self.scroll.top + self.scroll.height;
        let rows = |block: &usize| self.page.rows_of(*block).unwrap_or_default();
        let whole = |block: &usize| rows(block).start >= sight.start && rows(block).end <= sight.end;
        let part = |block: &usize| rows(block).start < sight.end && rows(block).end > sight.start;
        if self.focus.as_ref().is_some_and(whole) {
            return;
        }
        let blocks = &self.page.active;
        let open = blocks.iter().find(|block| whole(block) && !self.is_answered(**block));
        let seen = open.or_else(|| blocks.iter().find(|block| whole(block)));
        let kept = self.focus.as_ref().filter(|block| part(block));
        self.focus = seen.or(kept).or_else(|| blocks.iter().find(|block| part(block))).copied();
    }

    fn is_answered(&self, block: usize) -> bool {
        match self.lesson().blocks.get(block) {
            Some(Block::Predict(predict)) => self.marks.predicted(predict).is_some(),
            Some(Block::Quiz(quiz) | Block::See(quiz)) => self.marks.answers.contains_key(&quiz.id.value),
            _ => false,
        }
    }

    /// The steps that have been read to their end, and the place.
    fn remember_progress(&mut self) -> Action {
        let bottom = self.scroll.top + self.scroll.height;
        let steps = self.lesson().steps();
        let mut actions = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let next = steps.get(index + 1).map_or(self.lesson().blocks.len(), |next| next.block);
            let end = self.page.rows_of(next.saturating_sub(1)).map_or(usize::MAX, |rows| rows.end);
            if end <= bottom && self.marks.steps_done.insert(step.id.clone()) {
                let (lesson, step) = (self.model.id.clone(), step.id.clone());
                actions.push(Action::Ask(Request::Remember(Memory::StepDone { lesson, step })));
            }
        }
        let here = self.step_at_top().map(|step| step.id);
        if here != self.step_seen {
            self.step_seen = here;
            actions.push(Action::Ask(Request::Remember(self.place())));
        }
        if actions.is_empty() { Action::Redraw } else { Action::All(actions) }
    }

    fn place(&self) -> Memory {
        let step = self.step_at_top().map(|step| step.id).unwrap_or_default();
        Memory::Place { lesson: self.model.id.clone(), block: self.anchor.block, step }
    }

    fn step_at_top(&self) -> Option<crate::lesson::Step> {
        // A heading just below the top is what the eye reads.
        let block = self.page.block_at(self.scroll.top + 2).unwrap_or(self.anchor.block);
        self.lesson().steps().into_iter().rev().find(|step| step.block <= block)
    }

    fn go_to_block(&mut self, block: usize) -> Action {
        self.scroll.top = self.page.row_of(block, 0).min(self.scroll.last_top());
        self.moved()
    }

    fn walk(&mut self, step: Move) -> Action {
        self.scroll.go(step);
        self.moved()
    }

    fn go_heading(&mut self, forward: bool) -> Action {
        let top = self.scroll.top;
        let rows: Vec<_> = self.page.headings.iter().map(|block| self.page.row_of(*block, 0)).collect();
        let target =
            if forward { rows.iter().find(|row| **row > top) } else { rows.iter().rev().find(|row| **row < top) };
        match target {
            Some(row) => self.scroll.top = (*row).min(self.scroll.last_top()),
            None => {
                self.scroll.go(if forward { Move::Bottom } else { Move::Top });
            }
        }
        self.moved()
    }

    fn go_focus(&mut self, forward: bool) -> Action {
        let active = &self.page.active;
        let here = self.focus.unwrap_or(self.anchor.block);
        let target = if forward {
            active.iter().find(|block| **block > here)
        } else {
            active.iter().rev().find(|block| **block < here)
        };
        let Some(block) = target.copied() else { return Action::Redraw };
        self.focus = Some(block);
        let Some(rows) = self.page.rows_of(block) else { return Action::Redraw };
        if rows.start < self.scroll.top || rows.end > self.scroll.top + self.scroll.height {
            // Show the whole block, and a little of what leads to it.
            let slack = self.scroll.height.saturating_sub(rows.len()).min(3);
            self.scroll.top = rows.start.saturating_sub(slack).min(self.scroll.last_top());
        }
        self.moved()
    }

    /// Enter: opens a lab. A prediction and a question are answered by digits,
    /// so there it says so.
    fn act(&mut self, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return self.walk(Move::PageDown) };
        match self.lesson().blocks.get(block) {
            Some(Block::Lab(lab)) => Action::Ask(Request::OpenLab(lab_card::request(lab))),
            Some(Block::Predict(_) | Block::Quiz(_) | Block::See(_)) if !self.is_answered(block) => {
                Action::Notice(ui.say("按数字键作答", "answer with a digit").to_owned())
            }
            _ => self.walk(Move::PageDown),
        }
    }

    fn answer(&mut self, digit: usize, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return Action::Ignored };
        if self.is_answered(block) && self.reopened != Some(block) {
            return Action::Ignored;
        }
        let action = match self.lesson().blocks.get(block) {
            Some(Block::Predict(predict)) => {
                let key = (predict.lab.value.clone(), predict.predict.value.clone());
                self.predict(block, key, digit)
            }
            Some(Block::Quiz(quiz) | Block::See(quiz)) => {
                let question = quiz.id.value.clone();
                let right = quiz.options.get(digit - 1).map(|option| option.right);
                self.answer_question(question, right, digit)
            }
            _ => return Action::Ignored,
        };
        self.lay_out(ui);
        action
    }

    fn predict(&mut self, block: usize, key: (String, String), digit: usize) -> Action {
        let options = self.model.predictions.get(&key).map_or(0, |card| card.options.len());
        match self.pending {
            Some((pending, option)) if pending == block => {
                let confidence = match digit {
                    1 => Confidence::Guess,
                    2 => Confidence::Fairly,
                    3 => Confidence::Certain,
                    _ => return Action::Ignored,
                };
                self.pending = None;
                self.reopened = None;
                let predicted = Predicted { option, confidence, right: None };
                self.marks.predictions.insert(key.clone(), predicted);
                let (lab, predict) = key;
                Action::Ask(Request::Remember(Memory::Predicted { lab, predict, option, confidence }))
            }
            _ if digit <= options => {
                self.pending = Some((block, digit - 1));
                Action::Redraw
            }
            _ => Action::Ignored,
        }
    }

    fn answer_question(&mut self, question: String, right: Option<bool>, digit: usize) -> Action {
        let Some(right) = right else { return Action::Ignored };
        self.reopened = None;
        self.marks.answers.insert(question.clone(), digit - 1);
        let lesson = self.model.id.clone();
        Action::Ask(Request::Remember(Memory::Answered { lesson, question, option: digit - 1, right }))
    }

    /// Takes an answer back, to give another one. What was remembered first
    /// stays remembered until then.
    fn answer_again(&mut self, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return Action::Ignored };
        if self.pending.take().is_none() {
            if !self.is_answered(block) {
                return Action::Ignored;
            }
            self.reopened = Some(block);
        }
        self.lay_out(ui);
        Action::Redraw
    }

    fn shift_code(&mut self, right: bool, ui: &Ui) -> Action {
        self.code_shift = if right { (self.code_shift + 8).min(160) } else { self.code_shift.saturating_sub(8) };
        self.lay_out(ui);
        Action::Redraw
    }

    fn key_on_page(&mut self, key: Key, ui: &Ui) -> Action {
        if let Some(step) = command(MOVES, key) {
            return self.walk(step);
        }
        let Some(command) = command(KEYMAP, key) else { return Action::Ignored };
        match command {
            Command::Act => self.act(ui),
            Command::Answer => key.digit().map_or(Action::Ignored, |digit| self.answer(digit, ui)),
            Command::NextFocus => self.go_focus(true),
            Command::PreviousFocus => self.go_focus(false),
            Command::NextHeading => self.go_heading(true),
            Command::PreviousHeading => self.go_heading(false),
            Command::PageDown => self.walk(Move::PageDown),
            Command::Again => self.answer_again(ui),
            Command::CodeLeft => self.shift_code(false, ui),
            Command::CodeRight => self.shift_code(true, ui),
            Command::Contents => {
                let here = self.page.block_at(self.scroll.top + 2).unwrap_or(0);
                self.open_inner(Inner::Contents(Outline::new(self.lesson(), here)))
            }
            Command::Links => {
                let links = Links::new(self.lesson(), &self.page, self.scroll.top);
                if links.is_empty() {
                    return Action::Notice(ui.say("这一课没有链接", "this lesson has no links").to_owned());
                }
                self.open_inner(Inner::Links(links))
            }
            Command::Search => self.open_inner(Inner::Search(Search::default())),
        }
    }

    /// The keys of the page; the footer leaves out those that would do nothing.
    fn page_hints(&self) -> Vec<Hint> {
        let block = self.focus.and_then(|focus| self.lesson().blocks.get(focus));
        let is_lab = matches!(block, Some(Block::Lab(_)));
        let asks = self.focus.is_some_and(|focus| !self.is_answered(focus) || self.reopened == Some(focus)) && !is_lab;
        let mut own = hints(KEYMAP);
        for hint in &mut own {
            let idle = hint.keys == ANSWERS && !asks || hint.keys == [Key::Enter] && !is_lab;
            if idle {
                hint.shown = super::keys::Shown::Help;
            }
        }
        own
    }

    fn open_inner(&mut self, inner: Inner) -> Action {
        self.inner = inner;
        self.arrange_inner();
        Action::Redraw
    }

    fn key_in_search(&mut self, key: Key, ui: &Ui) -> Action {
        let Inner::Search(search) = &mut self.inner else { return Action::Ignored };
        if search.typing {
            return match key {
                Key::Enter if search.query.is_empty() => self.open_inner(Inner::Page),
                Key::Enter => {
                    search.typing = false;
                    search.find(&self.page);
                    search.begin_at(self.scroll.top);
                    self.go_match(ui)
                }
                Key::Backspace => {
                    search.query.pop();
                    search.find(&self.page);
                    Action::Redraw
                }
                _ => Action::Ignored,
            };
        }
        match command(search::KEYMAP, key) {
            Some(search::Command::Next) => {
                search.step(true);
                self.go_match(ui)
            }
            Some(search::Command::Previous) => {
                search.step(false);
                self.go_match(ui)
            }
            Some(search::Command::Type) => {
                search.typing = true;
                Action::Redraw
            }
            None => match command(MOVES, key) {
                Some(step) => self.walk(step),
                None => Action::Ignored,
            },
        }
    }

    fn go_match(&mut self, ui: &Ui) -> Action {
        let Inner::Search(search) = &self.inner else { return Action::Ignored };
        let Some(row) = search.row() else {
            return Action::Notice(ui.say("没有找到", "nothing found").to_owned());
        };
        if row < self.scroll.top || row >= self.scroll.top + self.scroll.height {
            self.scroll.top = row.saturating_sub(self.scroll.height / 3).min(self.scroll.last_top());
        }
        self.moved()
    }

    fn key_in_contents(&mut self, key: Key) -> Action {
        let Inner::Contents(outline) = &mut self.inner else { return Action::Ignored };
        match outline.key(key) {
            Some(block) => {
                self.inner = Inner::Page;
                self.go_to_block(block)
            }
            None => Action::Redraw,
        }
    }

    fn key_in_links(&mut self, key: Key) -> Action {
        let Inner::Links(links) = &mut self.inner else { return Action::Ignored };
        match links.key(key) {
            Some(target) => {
                self.inner = Inner::Page;
                links::follow(target)
            }
            None => Action::Redraw,
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
            self.pending = self.pending.map(|(block, option)| (self.model.same_block(block, self.language), option));
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
