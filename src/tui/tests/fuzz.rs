//! A storm of keys at any size. Nothing may panic, whatever is pressed, pasted
//! or resized, and whichever language and signs are on.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use crate::random::{Draw, Purpose, Seed};
use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::home::Home;
use crate::tui::keys::{Key, Press};
use crate::tui::picker::Picker;
use crate::tui::reader::Reader;
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::course::{Desk, first_visit, home, reader_model};

const SPECIAL: [Key; 17] = [
    Key::Enter,
    Key::Esc,
    Key::Tab,
    Key::BackTab,
    Key::Backspace,
    Key::Delete,
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Composed,
    Key::Ctrl('z'),
    Key::Ctrl('x'),
];

fn message(draw: Draw) -> Msg {
    let value = draw.by(1).value();
    match draw.below(1000) {
        0..12 => Msg::Resize(size(draw)),
        12..20 => Msg::Paste(["", "消息", "q", "？", "a\nb\u{1b}[2J"][(value % 5) as usize].to_owned()),
        20..30 => Msg::Tick(Duration::from_millis(value % 5000)),
        30..34 => Msg::Focus(value.is_multiple_of(2)),
        34..400 => Msg::Press(SPECIAL[(value % SPECIAL.len() as u64) as usize].into()),
        _ => {
            let typed = match value % 20 {
                0 => '消',
                1 => '？',
                2 => '／',
                3 => '\u{301}',
                _ => char::from(b' ' + (value >> 8) as u8 % 95),
            };
            Msg::Press(Press { key: Key::of(typed), typed: Some(typed) })
        }
    }
}

fn size(draw: Draw) -> Size {
    let value = draw.by(2).value();
    let (x, y) = ((value >> 8) as u16, (value >> 24) as u16);
    match value % 8 {
        0 => Size::new(0, 0),
        1 => Size::new(1, 1),
        2 => Size::new(x % 40, y % 12),
        3 => Size::new(80, 24),
        4 => Size::new(120, 36),
        5 => Size::new(x % 300, y % 3),
        6 => Size::new(x % 3, y % 200),
        _ => Size::new(x % 260, y % 90),
    }
}

fn app(round: u64) -> App {
    let language = Language::ALL[(round % 2) as usize];
    let theme = [Theme::Dark, Theme::Light, Theme::Plain][(round % 3) as usize];
    let options = Options {
        ascii: round.is_multiple_of(5),
        wide: round.is_multiple_of(7),
        reduced_motion: round.is_multiple_of(11),
    };
    let desk = Desk { first_visit: round.is_multiple_of(4), ..Desk::default() };
    let model = if desk.first_visit { first_visit() } else { home() };
    let ui = Ui::new(language, theme, options);
    let top: Box<dyn Screen> = if round.is_multiple_of(3) {
        Box::new(Picker::new(None))
    } else {
        Box::new(Reader::new(reader_model(), None, &ui))
    };
    App::new(ui, Box::new(desk), vec![Box::new(Home::new(model)), top], Size::new(80, 24))
}

#[test]
fn a_million_keys_at_any_size_do_no_harm() {
    let steps: u64 = 1_000_000;
    let mut buffer = Buffer::empty(Rect::ZERO);
    let mut now = Size::new(80, 24);
    let mut app_now = app(0);
    let mut rounds = 0;
    let mut deepest = 0;
    for step in 0..steps {
        let draw = Seed(2026).draw(Purpose::Test).by(step);
        let msg = message(draw);
        if let Msg::Resize(size) = &msg {
            now = *size;
        }
        let effects = app_now.update(msg);
        deepest = deepest.max(app_now.depth());
        if effects.quit {
            rounds += 1;
            app_now = app(rounds);
            app_now.update(Msg::Resize(now));
        }
        // Drawing is what takes time: look now and then, and always after a resize.
        if step.is_multiple_of(97) {
            let area = Rect::from((ratatui::layout::Position::ORIGIN, now));
            buffer.resize(area);
            buffer.reset();
            let cursor = app_now.view(&mut buffer);
            assert!(cursor.is_none_or(|cursor| area.contains(cursor)));
        }
    }
    assert!(rounds > 100 && deepest > 2, "the storm got nowhere: {rounds} rounds, {deepest} deep");
}
