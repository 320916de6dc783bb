//! Predictions: none that was made is asked again, the right answer is marked once the
//! run was seen, and no key chooses that does not say so.

use ratatui::layout::Size;

use crate::text::Language;
use crate::tui::app::App;
use crate::tui::bench::BenchRequest;
use crate::tui::home::Home;
use crate::tui::host::{Confidence, Memory, Request};
use crate::tui::keys::Key;
use crate::tui::reader::{Marks, Predicted, Reader};
use crate::tui::screen::{Action, Screen};

use super::bench::lab;
use super::calls::open;
use super::course::{Desk, home, reader_model};
use super::pictures::{app, picture, press, ui};

const SIZE: (u16, u16) = (80, 24);
const SPACE: Key = Key::Char(' ');

/// The page of a lesson with its one prediction as it was made.
fn page(made: Predicted, language: Language) -> String {
    let (ui, model) = (ui(language), reader_model());
    let key = model.predictions.keys().next().cloned().expect("the lesson has one");
    let marks = Marks { predictions: [(key, made)].into(), ..Marks::default() };
    let reader = Reader::new(model, None, &ui);
    let screens: [Box<dyn Screen>; 2] = [Box::new(Home::new(home())), Box::new(reader)];
    let tall = (80, 60);
    picture(&app(ui, Desk { marks, ..Desk::default() }, screens.into(), tall), tall)
}

#[test]
fn a_choice_is_kept_before_it_is_said_how_sure() {
    let ui = ui(Language::En);
    let mut reader = Reader::new(reader_model(), None, &ui);
    reader.arrange(Size::new(80, 22), &ui);
    let action = reader.key(Key::Char('2'), &ui);
    let Action::Ask(Request::Remember(Memory::Predicted { option, confidence, .. })) = action else {
        panic!("a choice must be remembered")
    };
    assert_eq!((option, confidence), (1, None));
    let kept = Predicted { option: 1, confidence: None, right: None, proved: None };
    assert!(page(kept, Language::En).contains("How sure are you?"));
}

#[test]
fn the_lab_asks_only_what_the_lesson_did_not() {
    let predict = &lab("first-loss").predicts[0].id;
    for (confidence, asks) in [(None, true), (Some(Confidence::Guess), false)] {
        let predicted = Some((predict.clone(), 1, confidence));
        let request = BenchRequest { predicted, first_time: true, ..BenchRequest::default() };
        let shown = picture(&open("first-loss", &request, SIZE, Language::En), SIZE);
        assert_eq!(shown.contains("How sure are you?"), asks, "{shown}");
        assert!(!shown.contains("Guess first"), "{shown}");
    }
}

#[test]
fn the_right_answer_is_marked_once_the_run_was_seen() {
    let wrong = Predicted { option: 0, confidence: Some(Confidence::Guess), right: Some(false), proved: Some(1) };
    for language in Language::ALL {
        let shown = page(wrong, language);
        assert!(shown.contains("✗ 1") && shown.contains("✓ 2"), "{shown}");
        let before = page(Predicted { right: None, proved: None, ..wrong }, language);
        assert!(!before.contains("✗ 1") && !before.contains("✓ 2"), "{before}");
    }
}

fn asked(app: &mut App, keys: &[Key]) -> String {
    press(app, keys);
    picture(app, SIZE)
}

#[test]
fn the_key_that_plays_chooses_no_answer_and_the_way_back_is_named() {
    let request = BenchRequest { first_time: true, ..BenchRequest::default() };
    for (language, question, out, again) in [
        (Language::Zh, "先猜，再跑", "q 先不猜", "q 重选"),
        (Language::En, "Guess first", "q no guess", "q choose again"),
    ] {
        let mut app = open("lost-in-broker-rabbit", &request, SIZE, language);
        let shown = asked(&mut app, &[]);
        assert!(shown.contains(out), "{shown}");
        let shown = asked(&mut app, &[SPACE, SPACE, SPACE]);
        assert!(shown.contains(question), "{shown}");
        let shown = asked(&mut app, &[Key::Char('1')]);
        assert!(shown.contains(again), "{shown}");
        let shown = asked(&mut app, &[Key::Char('q')]);
        assert!(shown.contains(question), "{shown}");
    }
}
