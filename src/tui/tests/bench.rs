//! The bench, with the labs that ship.

use std::sync::Arc;
use std::time::Duration;

use crate::lab::Lab;
use crate::source::Source;
use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::home::Home;
use crate::tui::host::LabMode;
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::course::{Desk, home};
use super::pictures::{app, picture, press, ui};

pub fn lab(id: &str) -> Arc<Lab> {
    let text = match id {
        "first-loss" => include_str!("../../../labs/first-loss.toml"),
        "lost-in-broker-rabbit" => include_str!("../../../labs/lost-in-broker-rabbit.toml"),
        "lost-at-consumer-rabbit" => include_str!("../../../labs/lost-at-consumer-rabbit.toml"),
        "lost-at-producer-rabbit" => include_str!("../../../labs/lost-at-producer-rabbit.toml"),
        _ => include_str!("../../../labs/dup-producer.toml"),
    };
    Arc::new(Lab::parse(&Source::new(format!("{id}.toml"), text)).expect("the labs that ship can be read"))
}

fn bench(ui: Ui, size: (u16, u16), id: &str, request: &BenchRequest) -> App {
    let bench = Bench::open(lab(id), request, &ui);
    app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(bench)], size)
}

fn tick(app: &mut App, millis: u64) {
    for _ in 0..millis / 33 {
        app.update(Msg::Tick(Duration::from_millis(33)));
    }
}

#[test]
fn dump() {
    let request = BenchRequest::default();
    let first = BenchRequest { first_time: true, ..BenchRequest::default() };
    let which = std::env::var("DUMP").unwrap_or_default();
    let size = match std::env::var("SIZE").as_deref() {
        Ok("s") => (80, 24),
        Ok("l") => (200, 60),
        _ => (120, 36),
    };
    let language = if std::env::var("ZH").is_ok() { Language::Zh } else { Language::En };
    let ui = ui(language);
    let id = std::env::var("LAB").unwrap_or("lost-in-broker-rabbit".into());
    let mut a = bench(ui, size, &id, if which == "ask" { &first } else { &request });
    match which.as_str() {
        "ask" => {
            println!("{}", picture(&a, size));
            press(&mut a, &[Key::Char('1')]);
            println!("{}", picture(&a, size));
            press(&mut a, &[Key::Char('3')]);
            tick(&mut a, 500);
            println!("{}", picture(&a, size));
            tick(&mut a, 100_000);
        }
        "mid" => {
            press(&mut a, &[Key::Char(' ')]);
            tick(&mut a, 990);
        }
        "late" => {
            press(&mut a, &[Key::Char(' ')]);
            tick(&mut a, 2500);
        }
        "end" => press(&mut a, &[Key::End]),
        "faults" => {
            press(&mut a, &[Key::PageDown, Key::PageDown, Key::PageDown, Key::Char('f')]);
            println!("{}", picture(&a, size));
            press(&mut a, &[Key::Char('5')]);
        }
        "life" => press(&mut a, &[Key::End, Key::Char('3'), Key::Up, Key::Up, Key::Up, Key::Enter]),
        "flip" => press(&mut a, &[Key::Char('t')]),
        "twin" => press(&mut a, &[Key::Char('t'), Key::Char('2')]),
        "twinend" => press(&mut a, &[Key::Char('t'), Key::Char('2'), Key::End]),
        "menu" => press(&mut a, &[Key::Char('m')]),
        "settings" => press(&mut a, &[Key::Char('2'), Key::Down]),
        "events" => press(&mut a, &[Key::PageDown, Key::PageDown, Key::PageDown, Key::Char('3')]),
        "sweep" => {
            press(&mut a, &[Key::Char('s')]);
            for _ in 0..500 {
                std::thread::sleep(Duration::from_millis(20));
                tick(&mut a, 33);
            }
        }
        _ => {}
    }
    println!("{}", picture(&a, size));
}

#[test]
fn minute() {
    let size = match std::env::var("SIZE").as_deref() {
        Ok("s") => (80, 24),
        Ok("l") => (200, 60),
        _ => (120, 36),
    };
    let language = if std::env::var("ZH").is_ok() { Language::Zh } else { Language::En };
    let ui = ui(language);
    let minute = crate::tui::first_minute::FirstMinute::new(lab("first-loss"), &ui);
    let mut a = app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(minute)], size);
    println!("{}", picture(&a, size));
    press(&mut a, &[Key::Enter]);
    println!("{}", picture(&a, size));
    press(&mut a, &[Key::Char('1')]);
    for _ in 0..3 {
        tick(&mut a, 700);
        println!("{}", picture(&a, size));
    }
    press(&mut a, &[Key::Enter]);
    println!("{}", picture(&a, size));
    press(&mut a, &[Key::Enter]);
    tick(&mut a, 2000);
    println!("{}", picture(&a, size));
    tick(&mut a, 2000);
    println!("{}", picture(&a, size));
}
