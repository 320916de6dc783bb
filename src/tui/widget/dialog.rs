//! A question with two answers, asked before what cannot be undone. The careful
//! answer is the selected one. Only keys that stand beside an answer give it: a
//! digit or a space, which do something else everywhere, give none.

use ratatui::layout::{Rect, Size};

use crate::text::Text;
use crate::tui::canvas::Canvas;
use crate::tui::keys::{Binding, Hint, Key, command, hints};
use crate::tui::theme::Ink;

use super::panel::{centred, clear_around, panel};

#[derive(Clone, Debug)]
pub struct Dialog {
    question: String,
    /// What the two answers are called: going on, and staying.
    answers: [Text; 2],
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
    Select(bool),
    Switch,
    Accept,
    Yes,
    No,
}

const YES: &[Key] = &[Key::Char('y')];
const NO: &[Key] = &[Key::Char('n')];

const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Enter], Command::Accept, "确定", "accept"),
    Binding::footer(YES, Command::Yes, "是", "yes"),
    Binding::footer(NO, Command::No, "否", "no"),
    Binding::footer(&[Key::Tab], Command::Switch, "换一个", "the other"),
    Binding::help(&[Key::Left], Command::Select(true), "左边", "the left one"),
    Binding::help(&[Key::Right], Command::Select(false), "右边", "the right one"),
];

impl Dialog {
    #[must_use]
    pub const fn new(question: String, answers: [Text; 2]) -> Self {
        Self { question, answers, yes: false }
    }

    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        let mut hints = hints(KEYMAP);
        for hint in &mut hints {
            match hint.keys {
                YES => hint.name = self.answers[0],
                NO => hint.name = self.answers[1],
                _ => {}
            }
        }
        hints
    }

    pub fn key(&mut self, key: Key) -> Verdict {
        match command(KEYMAP, key) {
            Some(Command::Select(yes)) => {
                self.yes = yes;
                Verdict::Open
            }
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
        for (yes, key, text) in [(true, "y", self.answers[0]), (false, "n", self.answers[1])] {
            let chosen = self.yes == yes;
            let pointer = if chosen { ui.glyphs().pointer } else { " " };
            let ink = if chosen { Ink::Strong } else { Ink::Text };
            let room = inside.right().saturating_sub(at);
            let pieces = [
                (pointer, Ink::Accent),
                (" ", ink),
                (key, Ink::Accent),
                ("  ", ink),
                (text.in_language(ui.language), ink),
            ];
            at = canvas.print_all(at, y, room, &pieces) + 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::tests::assert_each_key_once;

    fn dialog() -> Dialog {
        Dialog::new(String::new(), [Text { zh: "离开", en: "leave" }, Text { zh: "留下", en: "stay" }])
    }

    #[test]
    fn enter_alone_never_says_yes() {
        assert_eq!(dialog().key(Key::Enter), Verdict::No);
        let mut dialog = dialog();
        assert_eq!(dialog.key(Key::Left), Verdict::Open);
        assert_eq!(dialog.key(Key::Enter), Verdict::Yes);
    }

    #[test]
    fn only_enter_and_the_keys_beside_the_answers_answer() {
        for typed in ' '..='~' {
            let verdict = dialog().key(Key::Char(typed));
            let meant = match typed {
                'y' => Verdict::Yes,
                'n' => Verdict::No,
                _ => Verdict::Open,
            };
            assert_eq!(verdict, meant, "{typed:?}");
        }
    }

    #[test]
    fn keys_are_bound_once() {
        assert_each_key_once("dialog", &dialog().hints());
    }
}
