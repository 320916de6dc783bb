//! The bench is careful with what a learner did: changes can be taken back,
//! nothing is thrown away without a word, and no key does what was not meant.

use crate::text::Language;
use crate::tui::app::App;
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::home::Home;
use crate::tui::host::LabMode;
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::bench::{lab, wait};
use super::course::{Desk, home};
use super::pictures::{app, picture, press, snapshot, ui};

const SIZE: (u16, u16) = (120, 36);
const U: Key = Key::Char('u');

fn open_in(ui: Ui, request: &BenchRequest, keys: &[Key]) -> App {
    let bench = Bench::open(lab("lost-in-broker-rabbit"), request, &ui);
    let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(bench)], SIZE);
    press(&mut app, keys);
    app
}

fn open(keys: &[Key]) -> App {
    let request = BenchRequest { fault: Some("power-cut".to_owned()), ..BenchRequest::default() };
    open_in(ui(Language::En), &request, keys)
}

#[test]
fn changes_are_undone_one_after_another() {
    let mut app = open(&[Key::Char('2')]);
    let mut shown = vec![picture(&app, SIZE)];
    // A setting, another, a live fault, the seed.
    let changes: [&[Key]; 4] = [
        &[Key::Enter],
        &[Key::Down, Key::Enter, Key::Up],
        &[Key::Char('f'), Key::Char('5'), Key::Char('1')],
        &[Key::Char('n')],
    ];
    for change in changes {
        press(&mut app, change);
        shown.push(picture(&app, SIZE));
    }
    for before in shown.iter().rev().skip(1) {
        press(&mut app, &[U]);
        let told = picture(&app, SIZE);
        assert!(told.contains("undone") || told.contains("taken back"), "{told}");
        press(&mut app, &[Key::Char('2')]);
        assert_eq!(picture(&app, SIZE), *before);
    }
    press(&mut app, &[U]);
    assert!(picture(&app, SIZE).contains("no change to undo"));
}

#[test]
fn enter_after_a_task_that_held_leads_back_and_flips_nothing() {
    let mode = LabMode::Task { task: "survive-crash".to_owned() };
    let request = BenchRequest { mode, ..BenchRequest::default() };
    let mut app = open_in(ui(Language::En), &request, &[Key::Down, Key::Enter, Key::Char('a')]);
    super::bench::wait(&mut app);
    assert!(picture(&app, SIZE).contains("It holds!"), "{}", picture(&app, SIZE));
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.depth(), 1);
}

#[test]
fn leaving_a_changed_experiment_asks_first() {
    let mut app = open(&[Key::Char('q')]);
    assert_eq!(app.depth(), 1, "nothing was changed");
    app = open(&[Key::Char('2'), Key::Enter, Key::Esc]);
    assert_eq!(app.depth(), 2);
    assert!(picture(&app, SIZE).contains("Leave?"), "{}", picture(&app, SIZE));
    press(&mut app, &[Key::Char('n')]);
    assert_eq!(app.depth(), 2);
    press(&mut app, &[Key::Char('q'), Key::Char('y')]);
    assert_eq!(app.depth(), 1);
}

#[test]
fn a_prediction_is_not_left_out_by_one_key() {
    let request = BenchRequest { first_time: true, ..BenchRequest::default() };
    let mut app = open_in(ui(Language::En), &request, &[Key::Char('1')]);
    assert!(picture(&app, SIZE).contains("How sure"));
    press(&mut app, &[Key::Char('q')]);
    assert!(picture(&app, SIZE).contains("Guess first"), "back to the options");
    press(&mut app, &[Key::Char('q')]);
    let asked = picture(&app, SIZE);
    assert!(asked.contains("No guess yet"), "{asked}");
    press(&mut app, &[Key::Char('q')]);
    assert!(picture(&app, SIZE).contains("Ledger"), "and then to the bench");
}

/// A run that is over has nothing to break: it goes back, and says so.
#[test]
fn a_fault_after_the_end_goes_back_to_where_it_matters() {
    let mut app = open(&[Key::End, Key::Char('f'), Key::Char('5'), Key::Char('1')]);
    let shown = picture(&app, SIZE);
    assert!(shown.contains("The run was over"), "{shown}");
    press(&mut app, &[Key::End]);
    let ended = picture(&app, SIZE);
    assert_ne!(ended, picture(&open(&[Key::End]), SIZE), "the fault did something");
}

#[test]
fn enter_on_the_events_of_a_finished_run_shows_the_first_loss() {
    let app = open(&[Key::End, Key::Char('3'), Key::Enter]);
    let shown = picture(&app, SIZE);
    assert!(shown.contains("The life of order 10") && shown.contains("gone"), "{shown}");
}

#[test]
fn what_helps_is_offered_first() {
    let app = open(&[Key::End, Key::Char('t')]);
    let shown = picture(&app, SIZE);
    let first = shown.lines().find(|line| line.contains("▸ 1  ")).unwrap_or_default();
    assert!(first.contains("before-confirm") && first.contains("saves them"), "{shown}");
}

/// Who reads rather than looks has the backlog in words.
#[test]
fn the_backlog_stands_in_words_where_nothing_moves() {
    let still = Options { reduced_motion: true, ..Options::default() };
    for language in Language::ALL {
        let request = BenchRequest { fault: Some("power-cut".to_owned()), ..BenchRequest::default() };
        let app = open_in(Ui::new(language, Theme::Plain, still), &request, &[Key::End, Key::Char('4')]);
        snapshot(&format!("bench_backlog_words_{language}"), &picture(&app, SIZE));
    }
    let ascii = Options { ascii: true, ..Options::default() };
    let app =
        open_in(Ui::new(Language::En, Theme::Plain, ascii), &BenchRequest::default(), &[Key::End, Key::Char('4')]);
    let shown = picture(&app, SIZE);
    assert!(shown.is_ascii(), "{shown}");
    snapshot("bench_backlog_ascii", &shown);
}

/// Only what would be gone is asked about.
#[test]
fn what_was_undone_or_only_attacked_is_left_without_a_question() {
    let depth = |keys: &[Key]| open(keys).depth();
    assert_eq!(depth(&[Key::Char('2'), Key::Enter, U, Key::Esc]), 1, "a change that was undone");
    assert_eq!(depth(&[Key::Char('f'), Key::Char('1'), Key::Char('1'), Key::Esc, Key::Esc]), 1, "a fault put back");
    assert_eq!(depth(&[Key::Char('n'), Key::Esc]), 1, "a seed");
    let mode = LabMode::Task { task: "survive-crash".to_owned() };
    let request = BenchRequest { mode, fault: Some("power-cut".to_owned()), ..BenchRequest::default() };
    let mut app = open_in(ui(Language::En), &request, &[Key::Char('a')]);
    wait(&mut app);
    assert!(picture(&app, SIZE).contains("breaks it"), "{}", picture(&app, SIZE));
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.depth(), 1, "{}", picture(&app, SIZE));
}

#[test]
fn faults_add_up_and_none_is_offered_now_when_the_run_is_over() {
    for (language, adds, now, over) in [
        (Language::En, "Enter adds one or takes it away", "now (", "over; back at "),
        (Language::Zh, "回车加上或去掉", "现在（", "已跑完，退回 "),
    ] {
        let shown = |keys: &[Key]| picture(&open_in(ui(language), &BenchRequest::default(), keys), SIZE);
        let before = shown(&[Key::Right, Key::Char('f')]);
        assert!(before.contains(adds) && before.contains(now), "{before}");
        let after = shown(&[Key::End, Key::Char('f')]);
        assert!(after.contains(over) && !after.contains(now), "{after}");
    }
}
