//! Pictures of every screen, kept beside this file, so that a change of looks is
//! read by somebody before it is shipped.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Rect, Size};

use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::home::Home;
use crate::tui::keys::Key;
use crate::tui::picker::Picker;
use crate::tui::reader::Reader;
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::course::{Desk, first_visit, home, reader_model};

pub fn ui(language: Language) -> Ui {
    Ui::new(language, Theme::Dark, Options::default())
}

pub fn app(ui: Ui, desk: Desk, screens: Vec<Box<dyn Screen>>, size: (u16, u16)) -> App {
    App::new(ui, Box::new(desk), screens, Size::new(size.0, size.1))
}

pub fn press(app: &mut App, keys: &[Key]) {
    for key in keys {
        app.update(Msg::Press((*key).into()));
    }
}

/// The picture as text: what a learner sees, without colours.
pub fn picture(app: &App, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a buffer");
    terminal
        .draw(|frame| {
            if let Some(cursor) = app.view(frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })
        .expect("a buffer cannot fail");
    rows_of(terminal.backend().buffer())
}

/// What stands in a buffer, row by row.
pub fn rows_of(buffer: &Buffer) -> String {
    let Rect { width, height, .. } = buffer.area;
    let mut rows = Vec::new();
    for y in 0..height {
        let mut row = String::new();
        let mut x = 0;
        while x < width {
            let cell = &buffer[(x, y)];
            row.push_str(cell.symbol());
            // The cell behind a wide character is part of it.
            x += cell.cell_width().max(1);
        }
        rows.push(row.trim_end().to_owned());
    }
    rows.join("\n")
}

pub fn snapshot(name: &str, shown: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("pictures");
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

/// Keeps one picture of a screen for each size and language.
pub fn keep(name: &str, make: &dyn Fn(Ui, (u16, u16)) -> App) {
    for language in Language::ALL {
        for size in SIZES {
            let app = make(ui(language), size);
            snapshot(&format!("{name}_{language}_{}x{}", size.0, size.1), &picture(&app, size));
        }
    }
}

#[test]
fn home_with_progress() {
    keep("home", &|ui, size| app(ui, Desk::default(), vec![Box::new(Home::new(home()))], size));
}

#[test]
fn home_on_a_first_visit() {
    let make = |ui, size| {
        app(ui, Desk { first_visit: true, ..Desk::default() }, vec![Box::new(Home::new(first_visit()))], size)
    };
    keep("first_visit", &make);
}

#[test]
fn home_with_a_lesson_selected() {
    keep("home_lesson", &|ui, size| {
        let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home()))], size);
        press(&mut app, &[Key::Tab]);
        app
    });
}

#[test]
fn help_over_home() {
    keep("help", &|ui, size| {
        let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home()))], size);
        press(&mut app, &[Key::Char('?')]);
        app
    });
}

#[test]
fn labs_of_a_lesson() {
    keep("home_labs", &|ui, size| {
        let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home()))], size);
        press(&mut app, &[Key::Char('c'), Key::Esc, Key::Tab, Key::Char('l'), Key::Down]);
        app
    });
}

#[test]
fn language_picker() {
    let size = (80, 24);
    let app =
        app(ui(Language::En), Desk::default(), vec![Box::new(Home::new(home())), Box::new(Picker::new(None))], size);
    snapshot("picker", &picture(&app, size));
}

#[test]
fn small_and_ascii() {
    for (name, size) in [("small", (46, 14)), ("too_small", (30, 8))] {
        for language in Language::ALL {
            let app = app(ui(language), Desk::default(), vec![Box::new(Home::new(home()))], size);
            snapshot(&format!("{name}_{language}"), &picture(&app, size));
        }
    }
    let ascii = Ui::new(Language::Zh, Theme::Plain, Options { ascii: true, ..Options::default() });
    let app = app(ascii, Desk::default(), vec![Box::new(Home::new(home()))], (80, 24));
    let shown = picture(&app, (80, 24));
    assert!(!shown.chars().any(|sign| ('\u{2190}'..='\u{27bf}').contains(&sign)), "{shown}");
    snapshot("home_ascii", &shown);
}

fn reader(ui: Ui, size: (u16, u16), keys: &[Key]) -> App {
    let screens: Vec<Box<dyn Screen>> =
        vec![Box::new(Home::new(home())), Box::new(Reader::new(reader_model(), None, &ui))];
    let mut app = app(ui, Desk::default(), screens, size);
    press(&mut app, keys);
    app
}

const TAB: Key = Key::Tab;
const ONE: Key = Key::Char('1');
const TWO: Key = Key::Char('2');

#[test]
fn reading_from_the_start() {
    keep("reader", &|ui, size| reader(ui, size, &[]));
}

#[test]
fn a_prediction_asks_how_sure_and_keeps_the_answer() {
    keep("predict_sure", &|ui, size| reader(ui, size, &[TWO]));
    keep("predict_made", &|ui, size| reader(ui, size, &[TWO, ONE]));
}

#[test]
fn a_question_says_why_once_it_is_answered() {
    keep("see_answered", &|ui, size| reader(ui, size, &[TAB, TAB, TWO]));
}

#[test]
fn the_end_of_a_lesson() {
    keep("reader_end", &|ui, size| reader(ui, size, &[Key::Char('G')]));
}

#[test]
fn tables_and_code() {
    keep("reader_why", &|ui, size| reader(ui, size, &[Key::Right; 7]));
}

#[test]
fn lists_over_the_page() {
    keep("contents", &|ui, size| reader(ui, size, &[Key::Char('t')]));
    keep("links", &|ui, size| reader(ui, size, &[Key::Char('o')]));
}

#[test]
fn searching() {
    let mut app = reader(ui(Language::Zh), (80, 24), &[Key::Char('/')]);
    for letter in "确认".chars() {
        app.update(Msg::Press(crate::tui::keys::Press { key: Key::of(letter), typed: Some(letter) }));
    }
    snapshot("search_typing", &picture(&app, (80, 24)));
    press(&mut app, &[Key::Enter, Key::Char('n'), Key::Char('n')]);
    snapshot("search_next", &picture(&app, (80, 24)));
}

#[test]
fn reading_in_ascii_and_in_a_small_window() {
    let ascii = Ui::new(Language::Zh, Theme::Plain, Options { ascii: true, ..Options::default() });
    snapshot("reader_ascii", &picture(&reader(ascii, (80, 24), &[TWO]), (80, 24)));
    snapshot("reader_small", &picture(&reader(ui(Language::En), (44, 14), &[TAB]), (44, 14)));
}
