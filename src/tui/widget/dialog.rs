//! A question with yes and no, asked before what cannot be undone. The careful
//! answer is the selected one.

use ratatui::layout::{Rect, Size};

use crate::tui::canvas::Canvas;
use crate::tui::keys::{Binding, Hint, Key, command, hints};
use crate::tui::theme::Ink;

use super::panel::{centred, clear_around, panel};

#[derive(Clone, Debug)]
pub struct Dialog {
    question: String,
    yes: bool,
}

/// What a key did to a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Open,
    Yes,
    No,
}

#[derive(Clone, Copy, Debug)]
enum Command {
    Switch,
    Accept,
    Yes,
    No,
}

const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Left, Key::Right, Key::Tab], Command::Switch, "选择", "choose"),
    Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Accept, "确定", "accept"),
    Binding::footer(&[Key::Char('y'), Key::Char('1')], Command::Yes, "是", "yes"),
    Binding::footer(&[Key::Char('n'), Key::Char('2')], Command::No, "否", "no"),
];

impl Dialog {
    #[must_use]
    pub const fn new(question: String) -> Self {
        Self { question, yes: false }
    }

    #[must_use]
    pub fn hints() -> Vec<Hint> {
        hints(KEYMAP)
    }

    pub fn key(&mut self, key: Key) -> Verdict {
        match command(KEYMAP, key) {
            Some(Command::Switch) => {
                self.yes = !self.yes;
                Verdict::Open
            }
            Some(Command::Accept) if self.yes => Verdict::Yes,
            Some(Command::Yes) => Verdict::Yes,
            Some(Command::Accept | Command::No) => Verdict::No,
            None => Verdict::Open,
        }
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect) {
        let ui = canvas.ui;
        let lines = ui.wrap(&self.question, screen.width.saturating_sub(10).min(52));
        let cells = lines.iter().map(|line| ui.width(line)).max().unwrap_or(0).max(24) as u16;
        let area = centred(screen, Size::new(cells + 8, lines.len() as u16 + 6));
        clear_around(canvas, area);
        let inside = panel(canvas, area, "", Ink::Focus);
        for (row, line) in lines.iter().enumerate() {
            canvas.print(inside.x + 2, inside.y + 1 + row as u16, inside.width.saturating_sub(2), line, Ink::Text);
        }
        let y = inside.bottom().saturating_sub(2);
        let mut at = inside.x + 2;
        for (yes, text) in [(true, ui.say("是", "yes")), (false, ui.say("否", "no"))] {
            let chosen = self.yes == yes;
            let pointer = if chosen { ui.glyphs().pointer } else { " " };
            at = canvas.print(at, y, 2, &format!("{pointer} "), Ink::Accent);
            at = canvas.print(at, y, 8, text, if chosen { Ink::Accent } else { Ink::Muted }) + 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::tests::assert_each_key_once;

    #[test]
    fn enter_alone_never_says_yes() {
        assert_eq!(Dialog::new(String::new()).key(Key::Enter), Verdict::No);
        let mut dialog = Dialog::new(String::new());
        assert_eq!(dialog.key(Key::Left), Verdict::Open);
        assert_eq!(dialog.key(Key::Enter), Verdict::Yes);
    }

    #[test]
    fn keys_are_bound_once() {
        assert_each_key_once("dialog", &Dialog::hints());
    }
}
