//! What holds on every screen: the way back, the way out, the language, and
//! advice instead of silence.

use ratatui::layout::Size;

use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::home::Home;
use crate::tui::host::{Memory, Request};
use crate::tui::keys::{Key, Press};
use crate::tui::reader::Reader;

use super::course::{Asked, Desk, home, reader_model};
use super::pictures::{app, picture, press, ui};

const SIZE: (u16, u16) = (80, 24);

fn reading() -> (App, Asked) {
    let (ui, asked) = (ui(Language::En), Asked::default());
    let desk = Desk { asked: asked.clone(), ..Desk::default() };
    let reader = Reader::new(reader_model(), None, &ui);
    (app(ui, desk, vec![Box::new(Home::new(home())), Box::new(reader)], SIZE), asked)
}

fn quits(app: &mut App, key: Key) -> bool {
    app.update(Msg::Press(key.into())).quit
}

#[test]
fn q_goes_one_level_back_and_quits_only_from_home() {
    let (mut app, _) = reading();
    assert!(!quits(&mut app, Key::Char('q')) && app.depth() == 1);
    assert!(!quits(&mut app, Key::Esc), "Esc alone does not end everything");
    assert!(picture(&app, SIZE).contains("press q to quit"));
    assert!(quits(&mut app, Key::Char('q')));
}

#[test]
fn ctrl_c_quits_anywhere_and_the_place_is_kept() {
    for open in [vec![], vec![Key::Char('?')], vec![Key::Char('t')], vec![Key::Char('/')]] {
        let (mut app, asked) = reading();
        press(&mut app, &open);
        press(&mut app, &[Key::PageDown]);
        assert!(quits(&mut app, Key::Ctrl('c')), "after {open:?}");
        let last = asked.borrow().last().cloned();
        assert!(matches!(last, Some(Request::Remember(Memory::Place { .. }))), "{last:?}");
    }
}

#[test]
fn the_language_switches_anywhere_and_is_remembered() {
    let (mut app, asked) = reading();
    press(&mut app, &[Key::Char('L')]);
    assert!(picture(&app, SIZE).contains("消息不丢失"));
    assert!(asked.borrow().contains(&Request::Remember(Memory::Language(Language::Zh))));
}

/// It is said once by who keeps the progress, whatever the occasion was.
#[test]
fn a_learner_is_told_that_nothing_can_be_kept() {
    for key in [Key::Char('L'), Key::Char('q')] {
        let ui = ui(Language::En);
        let reader = Reader::new(reader_model(), None, &ui);
        let desk = Desk { is_full: true, ..Desk::default() };
        let mut app = app(ui, desk, vec![Box::new(Home::new(home())), Box::new(reader)], SIZE);
        press(&mut app, &[Key::PageDown, key]);
        assert!(picture(&app, SIZE).contains("nothing is saved"), "after {key:?}:\n{}", picture(&app, SIZE));
    }
}

#[test]
fn what_an_input_method_composed_is_answered_with_advice() {
    let (mut app, _) = reading();
    app.update(Msg::Press(Press { key: Key::of('运'), typed: Some('运') }));
    assert!(picture(&app, SIZE).contains("switch to English input"));
    app.update(Msg::Paste("运行".to_owned()));
    assert!(picture(&app, SIZE).contains("switch to English input"));
    // A full-width question mark is a question mark, even if it comes as a paste.
    app.update(Msg::Paste("？".to_owned()));
    assert!(picture(&app, SIZE).contains("Keys"));
}

#[test]
fn letters_are_text_while_a_search_is_typed() {
    let (mut app, _) = reading();
    press(&mut app, &[Key::Char('/'), Key::Char('q'), Key::Char('L'), Key::Char('?')]);
    assert_eq!(app.depth(), 2);
    assert!(picture(&app, SIZE).contains("/ qL?"));
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.depth(), 2, "Esc ends the search, not the lesson");
}

#[test]
fn a_text_to_take_along_is_shown_and_never_called_copied() {
    let (mut app, _) = reading();
    press(&mut app, &[Key::Char('o'), Key::Down]);
    let effects = app.update(Msg::Press(Key::Enter.into()));
    let address = "https://www.rabbitmq.com/docs/confirms";
    assert_eq!(effects.copy.as_deref(), Some(address));
    let shown = picture(&app, SIZE);
    assert!(shown.contains(address) && !shown.to_lowercase().contains("copied"), "{shown}");
}

#[test]
fn a_window_too_small_keeps_everything() {
    let (mut app, _) = reading();
    press(&mut app, &[Key::PageDown]);
    let before = picture(&app, SIZE);
    app.update(Msg::Resize(Size::new(20, 5)));
    press(&mut app, &[Key::PageDown, Key::Char('q'), Key::Char('1')]);
    app.update(Msg::Resize(Size::new(80, 24)));
    assert_eq!(picture(&app, SIZE), before);
}
