//! Logical keys. A terminal under a Chinese input method sends full-width
//! letters and Chinese punctuation for the keys a learner means; they are mapped
//! back to those keys here. What cannot be mapped (a Han character, a pasted
//! sentence) becomes [`Key::Composed`], which the application answers with
//! advice instead of silence.
//!
//! A screen's keys are one table of [`Binding`]s. The screen looks its commands
//! up in it, and the footer and the help overlay are drawn from it, so what is
//! shown is what works.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::text::{Language, Text};

use super::glyphs::Glyphs;

/// A key as screens know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A printable key. Capital letters are themselves: `G` is Shift-g.
    Char(char),
    Ctrl(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// Text that an input method composed and that is no key.
    Composed,
}

/// A key press: the logical key, and the character as it was typed, for
/// places that take text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    pub key: Key,
    pub typed: Option<char>,
}

impl From<Key> for Press {
    fn from(key: Key) -> Self {
        let typed = if let Key::Char(character) = key { Some(character) } else { None };
        Self { key, typed }
    }
}

impl Press {
    /// Reads a terminal's key event. Releases (Windows, and terminals that
    /// report them) and keys nobody binds are `None`.
    #[must_use]
    pub fn from_event(event: &KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let key = match event.code {
            KeyCode::Char(typed) => return Self::from_character(typed, event.modifiers),
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc => Key::Esc,
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
            KeyCode::Tab => Key::Tab,
            KeyCode::BackTab => Key::BackTab,
            KeyCode::Backspace => Key::Backspace,
            KeyCode::Delete => Key::Delete,
            KeyCode::Up => Key::Up,
            KeyCode::Down => Key::Down,
            KeyCode::Left => Key::Left,
            KeyCode::Right => Key::Right,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            _ => return None,
        };
        Some(Self { key, typed: None })
    }

    fn from_character(typed: char, modifiers: KeyModifiers) -> Option<Self> {
        if modifiers.contains(KeyModifiers::CONTROL) {
            return Some(Self { key: Key::Ctrl(typed.to_ascii_lowercase()), typed: None });
        }
        if modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META) {
            return None;
        }
        // Some terminals report a capital as the small letter with Shift.
        let shifted = modifiers.contains(KeyModifiers::SHIFT) && typed.is_ascii_lowercase();
        let typed = if shifted { typed.to_ascii_uppercase() } else { typed };
        Some(Self { key: Key::of(typed), typed: Some(typed) })
    }
}

impl Key {
    /// The key a character means.
    #[must_use]
    pub const fn of(typed: char) -> Self {
        match typed {
            ' '..='~' => Self::Char(typed),
            // Full-width forms stand at a fixed distance from their keys.
            '\u{ff01}'..='\u{ff5e}' => match char::from_u32(typed as u32 - 0xfee0) {
                Some(plain) => Self::Char(plain),
                None => Self::Composed,
            },
            '\u{3000}' => Self::Char(' '),
            '、' => Self::Char('/'),
            '。' => Self::Char('.'),
            '【' | '「' => Self::Char('['),
            '】' | '」' => Self::Char(']'),
            '《' => Self::Char('<'),
            '》' => Self::Char('>'),
            '‘' | '’' => Self::Char('\''),
            '“' | '”' => Self::Char('"'),
            '·' => Self::Char('`'),
            '￥' | '¥' => Self::Char('$'),
            '…' => Self::Char('^'),
            '—' => Self::Char('_'),
            _ => Self::Composed,
        }
    }

    /// The digit this key is, if it is one.
    #[must_use]
    pub const fn digit(self) -> Option<usize> {
        match self {
            Self::Char(digit @ '0'..='9') => Some(digit as usize - '0' as usize),
            _ => None,
        }
    }

    /// The key's name on a screen.
    #[must_use]
    pub fn name(self, glyphs: &Glyphs, language: Language) -> String {
        let text = match self {
            Self::Char(' ') => Text { zh: "空格", en: "space" },
            Self::Char(character) => return character.to_string(),
            Self::Ctrl(character) => return format!("ctrl-{character}"),
            Self::Enter => Text { zh: "回车", en: "enter" },
            Self::Esc => return "esc".to_owned(),
            Self::Tab => return "tab".to_owned(),
            Self::BackTab => return "shift-tab".to_owned(),
            Self::Backspace => Text { zh: "退格", en: "backspace" },
            Self::Delete => return "del".to_owned(),
            Self::Up => return glyphs.up.to_owned(),
            Self::Down => return glyphs.down.to_owned(),
            Self::Left => return glyphs.left.to_owned(),
            Self::Right => return glyphs.right.to_owned(),
            Self::Home => return "home".to_owned(),
            Self::End => return "end".to_owned(),
            Self::PageUp => return "pgup".to_owned(),
            Self::PageDown => return "pgdn".to_owned(),
            Self::Composed => Text { zh: "输入法", en: "composed" },
        };
        text.in_language(language).to_owned()
    }
}

/// Where a binding is shown. Everything is in the help overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// In the footer too, if there is room.
    Footer,
    Help,
}

/// The digits: an entry of a list is chosen by its number.
pub const DIGIT_KEYS: [Key; 10] = [
    Key::Char('0'),
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

/// The keys of a list's entries, in order: digits, then the letters that no list
/// needs to be walked by and that look like no digit. Entries beyond have none.
pub const ENTRY_KEYS: [Key; 27] = {
    let signs = *b"1234567890acefhimnprstvwxyz";
    let mut keys = [Key::Composed; 27];
    let mut at = 0;
    while at < signs.len() {
        keys[at] = Key::Char(signs[at] as char);
        at += 1;
    }
    keys
};

/// One row of a key map: these keys give this command.
#[derive(Clone, Copy, Debug)]
pub struct Binding<C: 'static> {
    pub keys: &'static [Key],
    pub command: C,
    /// What it does, as a short verb.
    pub name: Text,
    pub shown: Shown,
}

/// A binding without its command, which is all that footer and help need.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    pub keys: &'static [Key],
    pub name: Text,
    pub shown: Shown,
}

impl<C: Copy> Binding<C> {
    /// A binding that the footer shows.
    #[must_use]
    pub const fn footer(keys: &'static [Key], command: C, zh: &'static str, en: &'static str) -> Self {
        Self { keys, command, name: Text { zh, en }, shown: Shown::Footer }
    }

    /// A binding that only the help overlay shows.
    #[must_use]
    pub const fn help(keys: &'static [Key], command: C, zh: &'static str, en: &'static str) -> Self {
        Self { keys, command, name: Text { zh, en }, shown: Shown::Help }
    }
}

/// The command a key gives in a table.
#[must_use]
pub fn command<C: Copy>(table: &[Binding<C>], key: Key) -> Option<C> {
    table.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.command)
}

/// What footer and help show of a table.
#[must_use]
pub fn hints<C: Copy>(table: &[Binding<C>]) -> Vec<Hint> {
    table.iter().map(|binding| Hint { keys: binding.keys, name: binding.name, shown: binding.shown }).collect()
}

/// A move through a list or a text. Every screen uses the same keys for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    HalfUp,
    HalfDown,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

pub const MOVES: &[Binding<Move>] = &[
    Binding::help(&[Key::Up, Key::Char('k')], Move::Up, "上移", "up"),
    Binding::help(&[Key::Down, Key::Char('j')], Move::Down, "下移", "down"),
    Binding::help(&[Key::Char('u')], Move::HalfUp, "上移半页", "half a page up"),
    Binding::help(&[Key::Char('d')], Move::HalfDown, "下移半页", "half a page down"),
    Binding::help(&[Key::PageUp, Key::Char('b')], Move::PageUp, "上一页", "page up"),
    Binding::help(&[Key::PageDown], Move::PageDown, "下一页", "page down"),
    Binding::help(&[Key::Home, Key::Char('g')], Move::Top, "到开头", "to the start"),
    Binding::help(&[Key::End, Key::Char('G')], Move::Bottom, "到结尾", "to the end"),
];

/// What works on every screen, whatever it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    Help,
    Language,
    Back,
    Suspend,
    Quit,
}

pub const GLOBALS: &[Binding<Global>] = &[
    Binding::help(&[Key::Char('L')], Global::Language, "切换语言", "switch language"),
    Binding::help(&[Key::Ctrl('z')], Global::Suspend, "挂起", "suspend"),
    Binding::help(&[Key::Ctrl('c')], Global::Quit, "退出，进度已保存", "quit, progress is saved"),
    Binding::footer(&[Key::Char('?')], Global::Help, "帮助", "help"),
    Binding::footer(&[Key::Char('q'), Key::Esc], Global::Back, "返回", "back"),
];

#[cfg(test)]
pub(crate) mod tests;
