//! A lab of more messages than anyone waits for without a word: it is computed
//! beside the screen, can be given up, and is then like any other.

use std::sync::Arc;

use crate::lab::Lab;
use crate::source::Source;
use crate::text::Language;
use crate::tui::app::App;
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::home::Home;
use crate::tui::keys::Key;
use crate::tui::ui::Ui;

use super::bench::wait;
use super::course::{Desk, home};
use super::pictures::{app, picture, press, ui};

fn lab() -> Arc<Lab> {
    let text = r#"
id = "many"
lesson = "13-backlog"
title = { zh = "很多", en = "Many" }
incident = { zh = "很多。", en = "Many." }
[topology]
broker = "queue"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 100001
rate = "100000/s"
[fixed]
ack = "auto"
processing_ms = 0
prefetch = 0
[settings.persistent]
default = false
"#;
    Arc::new(Lab::parse(&Source::new("many.toml", text)).unwrap())
}

fn open(ui: Ui) -> App {
    let bench = Bench::open(lab(), &BenchRequest::default(), &ui);
    app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(bench)], SIZE)
}

fn shown(app: &App) -> String {
    picture(app, SIZE)
}

const SIZE: (u16, u16) = (120, 36);
const SPACE: Key = Key::Char(' ');

#[test]
fn a_long_run_is_computed_in_sight_and_then_any_moment_is_at_hand() {
    let mut app = open(ui(Language::Zh));
    assert!(shown(&app).contains("正在计算"), "{}", shown(&app));
    press(&mut app, &[SPACE, Key::Right]);
    assert!(shown(&app).contains("正在计算"), "keys must wait");
    wait(&mut app);
    let there = shown(&app);
    assert!(!there.contains("正在计算"), "{there}");
    press(&mut app, &[Key::End]);
    let end = shown(&app);
    assert!(end.contains("100001 ="), "{end}");
    press(&mut app, &[Key::PageUp, Key::PageUp, Key::Left, Key::Home]);
    assert_eq!(shown(&app), there, "back where it began");
    press(&mut app, &[Key::Char('t')]);
    assert!(shown(&app).contains("ackademy sweep"), "{}", shown(&app));
}

#[test]
fn a_long_run_can_be_given_up_and_begun_again() {
    let mut app = open(ui(Language::Zh));
    press(&mut app, &[Key::Esc]);
    let idle = shown(&app);
    assert!(idle.contains("还没有算出来"), "{idle}");
    press(&mut app, &[SPACE]);
    assert!(shown(&app).contains("正在计算"), "{}", shown(&app));
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.depth(), 2, "Esc stops the work and stays");
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.depth(), 1);
}
