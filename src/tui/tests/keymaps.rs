//! The key tables of every screen, in every state that has its own: no key means
//! two things, and every key that is shown does something.

use ratatui::layout::Size;

use crate::text::Language;
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::first_minute::FirstMinute;
use crate::tui::home::{Home, Labs};
use crate::tui::host::{Host, LabMode, Memory, Request};
use crate::tui::keys::tests::assert_each_key_once;
use crate::tui::keys::{GLOBALS, Key, MOVES, hints};
use crate::tui::notebook::{Notebook, NotebookModel};
use crate::tui::picker::Picker;
use crate::tui::reader::Reader;
use crate::tui::screen::{Action, Screen};
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::bench::lab;
use super::course::{Desk, home, reader_model};

fn ui() -> Ui {
    Ui::new(Language::En, Theme::Dark, Options::default())
}

/// A screen after some keys.
fn after(make: &dyn Fn() -> Box<dyn Screen>, keys: &[Key]) -> Box<dyn Screen> {
    let mut screen = make();
    screen.shown(&mut Desk::default(), &ui());
    screen.arrange(Size::new(80, 22), &ui());
    for key in keys {
        if let (true, Key::Char(letter)) = (screen.takes_text(), *key) {
            screen.text(&letter.to_string(), &ui());
        } else {
            screen.key(*key, &ui());
        }
    }
    screen
}

fn reader() -> Box<dyn Screen> {
    Box::new(Reader::new(reader_model(), None, &ui()))
}

fn bench() -> Box<dyn Screen> {
    let request =
        BenchRequest { mode: LabMode::Task { task: "survive-restart".to_owned() }, ..BenchRequest::default() };
    Box::new(Bench::open(lab("first-loss"), &request, &ui()).with_seeds(1))
}

fn asking() -> Box<dyn Screen> {
    let request = BenchRequest { first_time: true, ..BenchRequest::default() };
    Box::new(Bench::open(lab("first-loss"), &request, &ui()))
}

fn minute() -> Box<dyn Screen> {
    Box::new(FirstMinute::new(lab("first-loss"), &ui()))
}

type Make = fn() -> Box<dyn Screen>;

const STATES: &[(&str, Make, &[Key])] = &[
    ("home", || Box::new(Home::new(home())), &[]),
    ("labs", || Box::new(Labs::new(home().lessons[11].clone())), &[]),
    ("picker", || Box::new(Picker::new(None)), &[]),
    ("reader", reader, &[]),
    ("reader, predicting", reader, &[Key::Char('2')]),
    ("reader, at a lab", reader, &[Key::Tab]),
    ("reader, contents", reader, &[Key::Char('t')]),
    ("reader, links", reader, &[Key::Char('o')]),
    ("reader, typing a search", reader, &[Key::Char('/')]),
    ("bench", bench, &[]),
    ("bench, menu", bench, &[Key::Char('m')]),
    ("bench, faults", bench, &[Key::Char('f')]),
    ("bench, exercises", bench, &[Key::Char('e')]),
    ("bench, about", bench, &[Key::Char('2'), Key::Char('i')]),
    ("bench, flip", bench, &[Key::Char('t')]),
    ("bench, twin", bench, &[Key::Char('t'), Key::Char('1')]),
    ("bench, all", bench, &[Key::Char('s')]),
    ("bench, life", bench, &[Key::End, Key::Char('3'), Key::Home, Key::End, Key::Left, Key::Enter]),
    ("bench, predict", asking, &[]),
    ("bench, sure", asking, &[Key::Char('1')]),
    ("bench, verdict", asking, &[Key::Char('1'), Key::Char('1'), Key::End]),
    ("minute", minute, &[]),
    ("minute, asking", minute, &[Key::Enter]),
    ("minute, running", minute, &[Key::Enter, Key::Char('1')]),
    ("notebook", || Box::new(Notebook::new(NotebookModel::default())), &[]),
    ("reader, searching", reader, &[Key::Char('/'), Key::Char('t'), Key::Char('h'), Key::Enter]),
];

#[test]
fn no_key_means_two_things() {
    for (name, make, keys) in STATES {
        let screen = after(make, keys);
        let common = if screen.takes_text() { Vec::new() } else { hints(GLOBALS) };
        assert_each_key_once(name, &[screen.hints(), common].concat());
    }
}

/// Every key in a table reaches its command: no screen ignores a key it shows,
/// in at least one of its states.
#[test]
fn every_binding_is_reachable() {
    for (name, make, keys) in STATES {
        let shown = after(make, keys).hints();
        for key in shown.iter().flat_map(|hint| hint.keys) {
            if MOVES.iter().any(|step| step.keys.contains(key)) {
                continue;
            }
            let some_state = STATES.iter().filter(|state| state.0.split(',').next() == name.split(',').next());
            let answered =
                some_state.filter(|state| after(&state.1, state.2).hints().iter().any(|hint| hint.keys.contains(key)));
            let does = answered.into_iter().any(|state| {
                let mut screen = after(&state.1, state.2);
                !matches!(screen.key(*key, &ui()), Action::Ignored)
            });
            // The last digits answer only questions with that many options.
            let many = matches!(key, Key::Char('4'..='9'));
            assert!(does || many, "{name}: {key:?} does nothing");
        }
    }
}

#[test]
fn what_is_answered_is_remembered() {
    let mut screen = after(&reader, &[Key::Char('2')]);
    let action = screen.key(Key::Char('3'), &ui());
    let Action::Ask(Request::Remember(Memory::Predicted { lab, option, .. })) = action else {
        panic!("a prediction must be remembered")
    };
    assert_eq!((lab.as_str(), option), ("first-loss", 1));
    let mut screen = after(&reader, &[Key::Tab, Key::Tab]);
    let action = screen.key(Key::Char('1'), &ui());
    let Action::Ask(Request::Remember(Memory::Answered { question, right, .. })) = action else {
        panic!("an answer must be remembered")
    };
    assert_eq!((question.as_str(), right), ("power-saw", true));
}

#[test]
fn the_lab_opens_as_the_lesson_says() {
    let mut screen = after(&reader, &[Key::Tab]);
    let Action::Ask(Request::OpenLab(request)) = screen.key(Key::Enter, &ui()) else { panic!("Enter opens the lab") };
    assert_eq!(request.lab, "first-loss");
    assert_eq!(request.fault.as_deref(), Some("crash"));
    assert!(request.set.contains(&("confirms".to_owned(), "async".to_owned())));
}

#[test]
fn a_lesson_keeps_its_place_when_the_language_changes() {
    let mut screen = after(&reader, &[Key::Right, Key::Right, Key::Right, Key::Right]);
    let step = |screen: &mut Box<dyn Screen>, ui: &Ui| match screen.leaving(ui) {
        Action::Ask(Request::Remember(Memory::Place { step, block, .. })) => (step, block),
        _ => panic!("a reader says where it was"),
    };
    let before = step(&mut screen, &ui());
    let zh = Ui { language: Language::Zh, ..ui() };
    screen.arrange(Size::new(80, 22), &zh);
    assert_eq!(step(&mut screen, &zh), before);
    screen.arrange(Size::new(200, 58), &zh);
    screen.arrange(Size::new(80, 22), &ui());
    assert_eq!(step(&mut screen, &ui()), before, "nor does a wide window and back");
}

#[test]
fn the_desk_of_these_tests_gives_what_it_is_asked_for() {
    let mut desk = Desk::default();
    let request = Request::OpenLesson { lesson: "11-no-loss".to_owned(), step: None };
    assert!(matches!(desk.ask(request.clone(), &ui()), Action::Push(_)));
    assert_eq!(*desk.asked.borrow(), [request]);
}

#[cfg(feature = "highlight")]
#[test]
fn code_is_coloured_as_soon_as_colours_arrive() {
    let mut screen = Reader::new(reader_model(), None, &ui()).with_colours();
    screen.arrange(Size::new(80, 22), &ui());
    assert!(screen.animates());
    while screen.animates() {
        screen.tick(std::time::Duration::ZERO, &ui());
        std::thread::yield_now();
    }
    for _ in 0..7 {
        screen.key(Key::Right, &ui());
    }
    let mut buffer = ratatui::buffer::Buffer::empty(buffer_area());
    let ui = ui();
    screen.view(&mut crate::tui::canvas::Canvas::new(&mut buffer, &ui), buffer_area());
    let string = ui.style(crate::tui::theme::Ink::CodeString).fg;
    assert!(buffer.content.iter().any(|cell| Some(cell.fg) == string), "a string in the code has the ink of strings");
}

const fn buffer_area() -> ratatui::layout::Rect {
    ratatui::layout::Rect::new(0, 0, 80, 22)
}
