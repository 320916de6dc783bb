//! The bench, the first minute and the notebook, with the labs that ship.

use std::sync::Arc;
use std::time::Duration;

use crate::lab::Lab;
use crate::random::{Purpose, Seed};
use crate::source::Source;
use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::first_minute::FirstMinute;
use crate::tui::home::Home;
use crate::tui::host::{Confidence, LabMode, Memory, Request};
use crate::tui::keys::Key;
use crate::tui::notebook::{Due, Entry, Notebook, NotebookModel};
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::course::{Asked, Desk, home};
use super::pictures::{app, keep, picture, press, snapshot, ui};

pub const LABS: [(&str, &str); 5] = [
    ("first-loss", include_str!("../../../labs/first-loss.toml")),
    ("lost-in-broker-rabbit", include_str!("../../../labs/lost-in-broker-rabbit.toml")),
    ("lost-at-consumer-rabbit", include_str!("../../../labs/lost-at-consumer-rabbit.toml")),
    ("lost-at-producer-rabbit", include_str!("../../../labs/lost-at-producer-rabbit.toml")),
    ("dup-producer", include_str!("../../../labs/dup-producer.toml")),
];

pub fn lab(id: &str) -> Arc<Lab> {
    let text = LABS.iter().find(|(known, _)| *known == id).map(|(_, text)| *text).expect("a lab that ships");
    Arc::new(Lab::parse(&Source::new(format!("{id}.toml"), text)).expect("the labs that ship can be read"))
}

fn over_home(ui: Ui, top: Box<dyn Screen>, size: (u16, u16)) -> App {
    app(ui, Desk::default(), vec![Box::new(Home::new(home())), top], size)
}

fn bench(ui: Ui, size: (u16, u16), request: &BenchRequest, keys: &[Key]) -> App {
    let bench = Bench::open(lab("lost-in-broker-rabbit"), request, &ui);
    let mut app = over_home(ui, Box::new(bench), size);
    press(&mut app, keys);
    app
}

fn minute(ui: Ui, size: (u16, u16), keys: &[Key]) -> App {
    let mut app = over_home(ui, Box::new(FirstMinute::new(lab("first-loss"), &ui)), size);
    press(&mut app, keys);
    app
}

/// Power cut, everything else as the lab has it.
fn power_cut() -> BenchRequest {
    BenchRequest { fault: Some("power-cut".to_owned()), ..BenchRequest::default() }
}

fn tick(app: &mut App, millis: u64) {
    for _ in 0..millis / 33 {
        app.update(Msg::Tick(Duration::from_millis(33)));
    }
}

/// Lets what works on a helper thread come to its end.
pub fn wait(app: &mut App) {
    while app.next_tick().is_some() {
        std::thread::yield_now();
        app.update(Msg::Tick(Duration::from_millis(1)));
    }
}

const SPACE: Key = Key::Char(' ');

#[test]
fn the_bench() {
    keep("bench_begin", &|ui, size| bench(ui, size, &power_cut(), &[]));
    keep("bench_plays", &|ui, size| {
        let mut app = bench(ui, size, &power_cut(), &[SPACE]);
        tick(&mut app, 990);
        app
    });
    keep("bench_down", &|ui, size| {
        let mut app = bench(ui, size, &power_cut(), &[SPACE]);
        tick(&mut app, 2200);
        app
    });
    keep("bench_lost", &|ui, size| bench(ui, size, &power_cut(), &[Key::End]));
    keep("bench_settings", &|ui, size| bench(ui, size, &power_cut(), &[Key::Char('2'), Key::End, Key::Up, Key::Enter]));
    keep("bench_backlog", &|ui, size| bench(ui, size, &power_cut(), &[Key::End, Key::Char('4')]));
    keep("bench_backlog_past", &|ui, size| {
        bench(ui, size, &power_cut(), &[[Key::PageDown; 12].as_slice(), &[Key::Char('4')]].concat())
    });
    keep("bench_events", &|ui, size| bench(ui, size, &power_cut(), &[Key::PageDown; 3]));
}

#[test]
fn what_lies_over_the_bench() {
    keep("bench_faults", &|ui, size| bench(ui, size, &power_cut(), &[Key::PageDown, Key::PageDown, Key::Char('f')]));
    keep("bench_broker_faults", &|ui, size| {
        bench(ui, size, &power_cut(), &[Key::PageDown, Key::Char('f'), Key::Char('5')])
    });
    keep("bench_menu", &|ui, size| bench(ui, size, &power_cut(), &[Key::Enter]));
    keep("bench_flips", &|ui, size| bench(ui, size, &power_cut(), &[Key::Char('t')]));
    keep("bench_flips_helped", &|ui, size| bench(ui, size, &power_cut(), &[Key::End, Key::Char('t')]));
    keep("bench_twin", &|ui, size| bench(ui, size, &power_cut(), &[Key::Char('t'), Key::Char('5')]));
    keep("bench_twin_end", &|ui, size| bench(ui, size, &power_cut(), &[Key::Char('t'), Key::Char('5'), Key::End]));
    keep("bench_life", &|ui, size| {
        let keys = [Key::End, Key::Char('3'), Key::Up, Key::Up, Key::Up, Key::Enter];
        bench(ui, size, &power_cut(), &keys)
    });
}

#[test]
fn a_prediction_on_the_bench() {
    let asked = BenchRequest { first_time: true, ..power_cut() };
    keep("bench_asks", &|ui, size| bench(ui, size, &asked, &[]));
    keep("bench_sure", &|ui, size| bench(ui, size, &asked, &[Key::Char('1')]));
    keep("bench_verdict", &|ui, size| bench(ui, size, &asked, &[Key::Char('1'), Key::Char('3'), Key::End]));
}

#[test]
fn a_task_on_the_bench() {
    let request = BenchRequest { mode: LabMode::Task { task: "survive-crash".to_owned() }, ..BenchRequest::default() };
    keep("bench_task_broken", &|ui, size| {
        let mut app = bench(ui, size, &request, &[Key::Char('a')]);
        wait(&mut app);
        app
    });
    keep("bench_task_held", &|ui, size| {
        let mut app = bench(ui, size, &request, &[Key::Down, Key::Enter, Key::Char('a')]);
        wait(&mut app);
        app
    });
}

#[test]
fn all_combinations() {
    keep("bench_sweep", &|ui, size| {
        let bench = Bench::open(lab("first-loss"), &BenchRequest::default(), &ui).with_seeds(100);
        let mut app = over_home(ui, Box::new(bench), size);
        press(&mut app, &[Key::Char('s')]);
        wait(&mut app);
        app
    });
}

#[test]
fn the_first_minute() {
    keep("minute_incident", &|ui, size| minute(ui, size, &[]));
    keep("minute_asks", &|ui, size| minute(ui, size, &[Key::Enter]));
    keep("minute_runs", &|ui, size| {
        let mut app = minute(ui, size, &[Key::Enter, Key::Char('1')]);
        tick(&mut app, 1500);
        app
    });
    keep("minute_lost", &|ui, size| minute(ui, size, &[Key::Enter, Key::Char('1'), Key::Enter]));
    keep("minute_saved", &|ui, size| {
        minute(ui, size, &[Key::Enter, Key::Char('1'), Key::Enter, Key::Enter, Key::Enter])
    });
}

fn notebook() -> NotebookModel {
    let lab = lab("lost-in-broker-rabbit");
    let entry = |predict: usize, option: usize, confidence, right| {
        let (predict, title) = (&lab.predicts[predict], lab.title.clone());
        let (said, why) = (predict.options[option].text.clone(), predict.options[option].why.clone());
        let (ask, predict) = (predict.ask.clone(), predict.id.clone());
        Entry { lab: lab.id.clone(), predict, title, ask, said, why, confidence, right, seed: 42 }
    };
    let due = |days| Due {
        lab: lab.id.clone(),
        predict: "survive".to_owned(),
        title: lab.title.clone(),
        ask: lab.predicts[0].ask.clone(),
        seed: 4711,
        days,
    };
    NotebookModel {
        entries: vec![
            entry(0, 0, Confidence::Certain, false),
            entry(1, 1, Confidence::Fairly, true),
            entry(1, 0, Confidence::Guess, false),
        ],
        reviews: vec![due(0), due(3)],
        first_lab: "first-loss".to_owned(),
    }
}

#[test]
fn the_notebook() {
    let make = |model: NotebookModel, keys: &'static [Key]| {
        move |ui: Ui, size: (u16, u16)| {
            let mut app = over_home(ui, Box::new(Notebook::new(model.clone())), size);
            press(&mut app, keys);
            app
        }
    };
    keep("notebook", &make(notebook(), &[]));
    keep("notebook_entry", &make(notebook(), &[Key::Down, Key::Down]));
    keep("notebook_empty", &make(NotebookModel::default(), &[]));
}

#[test]
fn in_ascii_and_in_a_small_window() {
    let ascii = Ui::new(Language::Zh, Theme::Plain, Options { ascii: true, ..Options::default() });
    let states: [(&str, Vec<Key>); 4] = [
        ("plays", vec![Key::PageDown, Key::PageDown, Key::PageDown]),
        ("lost", vec![Key::End]),
        ("faults", vec![Key::Char('f')]),
        ("twin", vec![Key::Char('t'), Key::Char('5')]),
    ];
    for (name, keys) in states {
        for size in [(80, 24), (120, 36)] {
            let shown = picture(&bench(ascii, size, &power_cut(), &keys), size);
            let drawn = |sign: char| ('\u{2190}'..='\u{27bf}').contains(&sign);
            assert!(!shown.chars().any(drawn), "{shown}");
            snapshot(&format!("bench_ascii_{name}_{}x{}", size.0, size.1), &shown);
        }
        let shown = picture(&bench(ui(Language::En), (46, 14), &power_cut(), &keys), (46, 14));
        snapshot(&format!("bench_small_{name}"), &shown);
    }
}

/// Four keys at most from the start to the loss.
#[test]
fn the_loss_is_four_keys_away() {
    for language in Language::ALL {
        let mut app = minute(ui(language), (80, 24), &[Key::Enter, Key::Char('1'), Key::Enter]);
        let shown = picture(&app, (80, 24));
        assert!(shown.contains("LOST!"), "{language}: {shown}");
        press(&mut app, &[Key::Enter, Key::Enter, Key::Enter]);
        assert_eq!(app.depth(), 1, "and then home");
    }
}

/// Without a key the run plays itself, and in less than four seconds.
#[test]
fn the_first_run_takes_less_than_four_seconds() {
    let mut app = minute(ui(Language::En), (80, 24), &[Key::Enter, Key::Char('3')]);
    tick(&mut app, 4000);
    let shown = picture(&app, (80, 24));
    assert!(shown.contains("LOST!") && shown.contains("You saw it coming"), "{shown}");
}

#[test]
fn a_wrong_prediction_is_remembered_with_its_seed() {
    let (ui, asked) = (ui(Language::En), Asked::default());
    let desk = Desk { asked: asked.clone(), ..Desk::default() };
    let request = BenchRequest { first_time: true, ..power_cut() };
    let bench = Bench::open(lab("lost-in-broker-rabbit"), &request, &ui);
    let mut app = app(ui, desk, vec![Box::new(Home::new(home())), Box::new(bench)], (80, 24));
    press(&mut app, &[Key::Char('1'), Key::Char('3'), Key::End]);
    let told = asked.borrow();
    let judged = told.iter().find_map(|request| match request {
        Request::Remember(Memory::PredictionJudged { predict, option, right, confidence, seed, .. }) => {
            Some((predict.clone(), *option, *right, *confidence, *seed))
        }
        _ => None,
    });
    assert_eq!(judged, Some(("survive".to_owned(), 0, false, Confidence::Certain, 42)));
    let ran = Request::Remember(Memory::LabRun { lab: "lost-in-broker-rabbit".to_owned() });
    assert!(told.contains(&ran), "and the run is counted: {told:?}");
}

#[test]
fn a_task_that_holds_is_remembered_with_its_settings() {
    let (ui, asked) = (ui(Language::En), Asked::default());
    let desk = Desk { asked: asked.clone(), ..Desk::default() };
    let mode = LabMode::Task { task: "survive-restart".to_owned() };
    let bench = Bench::open(lab("first-loss"), &BenchRequest { mode, ..BenchRequest::default() }, &ui);
    let mut app = app(ui, desk, vec![Box::new(Home::new(home())), Box::new(bench)], (80, 24));
    press(&mut app, &[Key::Char('a')]);
    wait(&mut app);
    let solved = |request: &Request| matches!(request, Request::Remember(Memory::TaskSolved { .. }));
    assert!(!asked.borrow().iter().any(solved), "it begins unsolved");
    press(&mut app, &[Key::Char('2'), Key::Down, Key::Enter, Key::Char('a')]);
    wait(&mut app);
    assert!(asked.borrow().iter().any(solved), "{}", picture(&app, (80, 24)));
}

/// Wherever one goes and comes from, the same time shows the same picture.
#[test]
fn going_back_shows_the_same_picture_again() {
    let size = (120, 36);
    for (id, _) in LABS {
        let ui = ui(Language::En);
        let bench = Bench::open(lab(id), &BenchRequest::default(), &ui);
        let mut app = over_home(ui, Box::new(bench), size);
        let mut forth = vec![picture(&app, size)];
        for _ in 0..12 {
            press(&mut app, &[Key::PageDown]);
            forth.push(picture(&app, size));
        }
        // To the end and back to the start, and the same way again.
        press(&mut app, &[Key::End, Key::PageUp, Key::Left, Key::Left, Key::Home]);
        for (step, shown) in forth.iter().enumerate() {
            assert_eq!(picture(&app, size), *shown, "{id}, stride {step}");
            press(&mut app, &[Key::PageDown]);
        }
    }
}

/// A fault injected by hand changes the run, and can be taken back.
#[test]
fn a_live_fault_forks_and_is_undone() {
    let size = (200, 60);
    let mut app = bench(ui(Language::En), size, &BenchRequest::default(), &[Key::PageDown, Key::PageDown]);
    let before = picture(&app, size);
    // The fifth entry is the broker: after three faults of the lab, the producer.
    press(&mut app, &[Key::Char('f'), Key::Char('5'), Key::Char('4')]);
    let forked = picture(&app, size);
    assert!(forked.contains("disk loss"), "{forked}");
    // The second key takes away the line that says so.
    press(&mut app, &[Key::Char('u'), Key::Char('1')]);
    assert_eq!(picture(&app, size), before);
}

#[test]
fn a_twin_stops_at_the_first_difference() {
    let app = bench(ui(Language::En), (120, 36), &power_cut(), &[Key::Char('t'), Key::Char('4')]);
    let shown = picture(&app, (120, 36));
    assert!(shown.contains("The first difference is at"), "{shown}");
}

#[test]
fn the_bench_stands_a_storm_of_keys() {
    let keys: Vec<Key> = (b' '..=b'~').map(|byte| Key::Char(char::from(byte))).collect();
    let special = [
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
    ];
    let sizes = [(80, 24), (120, 36), (200, 60), (46, 14), (40, 12), (100, 28), (99, 40), (300, 13)];
    let make = |round: u64| {
        let options = Options {
            ascii: round.is_multiple_of(3),
            wide: round.is_multiple_of(5),
            reduced_motion: round.is_multiple_of(7),
        };
        let ui = Ui::new(Language::ALL[(round % 2) as usize], Theme::Dark, options);
        let lab = lab(LABS[(round % 5) as usize].0);
        let task = lab.tasks.first().map(|task| LabMode::Task { task: task.id.clone() });
        let mode = task.filter(|_| round.is_multiple_of(4)).unwrap_or_default();
        let request = BenchRequest { mode, first_time: round.is_multiple_of(3), ..BenchRequest::default() };
        let top: Box<dyn Screen> = match round % 9 {
            7 => Box::new(FirstMinute::new(lab, &ui)),
            8 => Box::new(Notebook::new(notebook())),
            _ => Box::new(Bench::open(lab, &request, &ui).with_seeds(1)),
        };
        over_home(ui, top, (80, 24))
    };
    let mut round = 0;
    let mut app = make(round);
    let mut size = (80, 24);
    for step in 0..200_000_u64 {
        let draw = Seed(7).draw(Purpose::Test).by(step);
        let value = draw.by(1).value();
        let at = |count: usize| (value % count as u64) as usize;
        match draw.below(100) {
            0 => {
                size = sizes[at(sizes.len())];
                app.update(Msg::Resize(ratatui::layout::Size::new(size.0, size.1)));
            }
            1..25 => {
                app.update(Msg::Tick(Duration::from_millis(value % 90)));
            }
            25..60 => press(&mut app, &[special[at(special.len())]]),
            _ => press(&mut app, &[keys[at(keys.len())]]),
        }
        if app.depth() < 2 {
            round += 1;
            app = make(round);
            app.update(Msg::Resize(ratatui::layout::Size::new(size.0, size.1)));
        }
        if step.is_multiple_of(211) {
            picture(&app, size);
        }
    }
    assert!(round > 100, "the storm got nowhere: {round} rounds");
}
