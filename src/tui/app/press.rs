//! Where a key goes: to the keys that work everywhere, to what lies over the
//! screen, to a text being typed, or to the screen.

use ratatui::layout::{Position, Rect};

use crate::text::Text;
use crate::tui::host::Request;
use crate::tui::keys::{GLOBALS, Global, Key, Press, command};
use crate::tui::screen::Action;
use crate::tui::widget::{Help, Verdict, is_too_small};

use super::{App, Overlay};

impl App {
    pub(super) fn press(&mut self, press: Press) {
        self.effects.redraw = true;
        self.notice = None;
        match command(GLOBALS, press.key) {
            Some(Global::Quit) => return self.quit(),
            Some(Global::Suspend) => {
                self.effects.suspend = true;
                return;
            }
            _ => {}
        }
        if is_too_small(Rect::from((Position::ORIGIN, self.size))) {
            return;
        }
        if self.overlay.is_some() {
            return self.press_overlay(press.key);
        }
        let takes_text = self.stack.last().is_some_and(|top| top.takes_text());
        if let (true, Some(typed)) = (takes_text, press.typed) {
            return self.typed(typed.encode_utf8(&mut [0; 4]));
        }
        match (command(GLOBALS, press.key), press.key) {
            (Some(Global::Help), _) if !takes_text => self.open_help(),
            (Some(Global::Language), _) if !takes_text => self.set_language(self.ui.language.other()),
            (Some(Global::Back), key) => self.back(key),
            (_, Key::Composed) => self.advise_english_input(),
            (_, key) => {
                if let Some(top) = self.stack.last_mut() {
                    let action = top.key(key, &self.ui);
                    self.remember();
                    self.perform(action);
                }
            }
        }
    }

    /// Hands on what the top screen wants remembered.
    pub(super) fn remember(&mut self) {
        let memories = self.stack.last_mut().map(|top| top.memories()).unwrap_or_default();
        for memory in memories {
            self.keep(Request::Remember(memory));
        }
    }

    /// Hands on what is to be remembered, and says so if it cannot be kept.
    pub(super) fn keep(&mut self, request: Request) {
        let answer = self.host.ask(request, &self.ui);
        self.perform(answer);
    }

    fn press_overlay(&mut self, key: Key) {
        let back = matches!(command(GLOBALS, key), Some(Global::Back));
        match self.overlay.take() {
            Some(Overlay::Help(mut help)) if !back => self.overlay = help.key(key).then_some(Overlay::Help(help)),
            Some(Overlay::Question { mut dialog, then }) if !back => match dialog.key(key) {
                Verdict::Open => self.overlay = Some(Overlay::Question { dialog, then }),
                Verdict::Yes => self.perform(*then),
                Verdict::No => {}
            },
            _ => {}
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.effects.redraw = true;
        if self.overlay.is_none() && self.stack.last().is_some_and(|top| top.takes_text()) {
            return self.typed(text);
        }
        // Some input methods deliver a single key as a paste.
        let mut characters = text.chars();
        if let (Some(first), None) = (characters.next(), characters.next())
            && Key::of(first) != Key::Composed
        {
            return self.press(Press { key: Key::of(first), typed: Some(first) });
        }
        self.advise_english_input();
    }

    fn typed(&mut self, text: &str) {
        if let Some(top) = self.stack.last_mut() {
            let action = top.text(text, &self.ui);
            self.perform(action);
        }
    }

    fn back(&mut self, key: Key) {
        let is_first = self.stack.len() == 1;
        let Some(top) = self.stack.last_mut() else { return };
        if top.close_inner() {
            self.arrange();
        } else if let (false, Some(question)) = (is_first, top.parting(&self.ui)) {
            let answers = [Text { zh: "离开", en: "leave" }, Text { zh: "留下", en: "stay" }];
            self.perform(Action::Confirm { question, answers, then: Box::new(Action::Pop) });
        } else if !is_first {
            self.pop();
        } else if key == Key::Esc {
            // Esc is pressed to get out of something; it should not end everything.
            let text = self.ui.say("按 q 退出", "press q to quit").to_owned();
            self.perform(Action::Notice(text));
        } else {
            self.quit();
        }
    }

    pub(super) fn open_help(&mut self) {
        let mut help = Help::default();
        let (own, common) = (self.stack.last().map(|top| top.hints()).unwrap_or_default(), self.common_hints());
        help.arrange(body(Rect::from((Position::ORIGIN, self.size))), &own, &common);
        self.overlay = Some(Overlay::Help(help));
    }

    fn advise_english_input(&mut self) {
        let text = self.ui.say("请切换到英文输入法，再按这个键", "please switch to English input, then press the key");
        self.perform(Action::Notice(text.to_owned()));
    }
}

/// What is left for a screen between the top line and the bottom line.
pub(super) const fn body(area: Rect) -> Rect {
    Rect { x: area.x, y: area.y + 1, width: area.width, height: area.height.saturating_sub(2) }
}
