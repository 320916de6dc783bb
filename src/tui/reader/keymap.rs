//! The keys of a page, and of what lies over it.

use crate::lesson::Block;
use crate::tui::keys::{Binding, DIGIT_KEYS, Hint, Key, MOVES, Move, Shown, command, hints};
use crate::tui::screen::Action;
use crate::tui::ui::Ui;

use super::links::{self, Links};
use super::outline::Outline;
use super::search::{self, Search};
use super::{Inner, Reader};

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

const ANSWERS: &[Key] = DIGIT_KEYS.split_at(1).1;

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

impl Reader {
    fn shift_code(&mut self, right: bool, ui: &Ui) -> Action {
        self.code_shift = if right { (self.code_shift + 8).min(160) } else { self.code_shift.saturating_sub(8) };
        self.lay_out(ui);
        Action::Redraw
    }

    pub(super) fn key_on_page(&mut self, key: Key, ui: &Ui) -> Action {
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
    pub(super) fn page_hints(&self) -> Vec<Hint> {
        let block = self.focus.and_then(|focus| self.lesson().blocks.get(focus));
        let is_lab = matches!(block, Some(Block::Lab(_)));
        let asks = self.focus.is_some_and(|focus| !self.is_answered(focus) || self.reopened == Some(focus)) && !is_lab;
        let mut own = hints(KEYMAP);
        for hint in &mut own {
            let idle = hint.keys == ANSWERS && !asks || hint.keys == [Key::Enter] && !is_lab;
            if idle {
                hint.shown = Shown::Help;
            }
        }
        own
    }

    fn open_inner(&mut self, inner: Inner) -> Action {
        self.inner = inner;
        self.arrange_inner();
        Action::Redraw
    }

    pub(super) fn key_in_search(&mut self, key: Key, ui: &Ui) -> Action {
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

    pub(super) fn key_in_contents(&mut self, key: Key) -> Action {
        let Inner::Contents(outline) = &mut self.inner else { return Action::Ignored };
        match outline.key(key) {
            Some(block) => {
                self.inner = Inner::Page;
                self.go_to_block(block)
            }
            None => Action::Redraw,
        }
    }

    pub(super) fn key_in_links(&mut self, key: Key) -> Action {
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
