//! Services that call one another on the bench, what is cancelled, and settings that
//! nobody would start with.

use std::path::Path;
use std::sync::Arc;

use crate::lab::Lab;
use crate::source::Source;
use crate::text::Language;
use crate::tui::app::App;
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::home::Home;
use crate::tui::keys::Key;
use crate::tui::screen::Screen;

use super::course::{Desk, home};
use super::pictures::{app, picture, press, ui};

pub fn open(id: &str, request: &BenchRequest, size: (u16, u16), language: Language) -> App {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("labs/{id}.toml"));
    let lab = Lab::parse(&Source::new(id, std::fs::read_to_string(path).unwrap())).unwrap();
    let ui = ui(language);
    let screens: [Box<dyn Screen>; 2] =
        [Box::new(Home::new(home())), Box::new(Bench::open(Arc::new(lab), request, &ui))];
    app(ui, Desk::default(), screens.into(), size)
}

pub fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_call_is_drawn_past_the_broker_and_what_is_cancelled_is_not_refused() {
    let request = BenchRequest {
        set: vec![pair("pattern", "tcc")],
        fault: Some("try-late".to_owned()),
        ..BenchRequest::default()
    };
    for (language, past, cancelled, refused) in [
        (Language::Zh, "直接调用，不经过 MQ", "已取消 19", "被拒"),
        (Language::En, "past the broker", "cancelled 19", "refused"),
    ] {
        for size in [(80, 24), (120, 36)] {
            let mut app = open("b-c-ok-d-failed", &request, size, language);
            press(&mut app, &[Key::End]);
            let shown = picture(&app, size);
            let topology: Vec<&str> = shown.lines().take(16).collect();
            assert!(topology.iter().any(|line| line.contains(past)), "{shown}");
            // The row below its name runs from box to box.
            let row = topology.iter().position(|line| line.contains(past)).unwrap() + 1;
            assert!(topology[row].contains(&"─".repeat(20)), "{shown}");
            assert!(topology.iter().any(|line| line.contains(cancelled)), "{shown}");
            assert!(!topology.iter().any(|line| line.contains(refused)), "{shown}");
            let ledger = shown.lines().find(|line| line.contains("30 = ")).unwrap();
            assert!(ledger.contains(cancelled) && !ledger.contains(refused), "{shown}");
        }
    }
}

#[test]
fn a_pattern_that_hears_of_nothing_says_what_it_takes() {
    let set = |on_exception, dead_letter| {
        vec![pair("pattern", "saga"), pair("on_exception", on_exception), pair("dead_letter", dead_letter)]
    };
    for (set, is_deaf) in
        [(set("requeue", "at-most-once"), true), (set("reject", "off"), true), (set("reject", "at-most-once"), false)]
    {
        let request = BenchRequest { set, ..BenchRequest::default() };
        let mut app = open("b-c-ok-d-failed", &request, (80, 24), Language::En);
        press(&mut app, &[Key::Char('2'), Key::Down, Key::Down, Key::Down, Key::Down, Key::Down]);
        let shown = picture(&app, (80, 24));
        assert_eq!(shown.contains("No dead letters now"), is_deaf, "{shown}");
    }
}

#[test]
fn a_setting_that_nobody_would_start_with_is_not_taken_and_the_reason_is_in_sight() {
    for (language, why) in [(Language::Zh, "幂等要 acks=all"), (Language::En, "so acks=all")] {
        let mut app = open("lost-at-producer-kafka", &BenchRequest::default(), (80, 24), language);
        let down = [Key::Down; 5];
        press(&mut app, &[&[Key::Char('2')][..], &down, &[Key::Enter]].concat());
        let shown = picture(&app, (80, 24));
        assert!(shown.contains("ConfigException") && shown.contains(why), "{shown}");
        let row = shown.lines().find(|line| line.contains("transactions")).unwrap();
        assert!(row.contains("[off]") || row.contains("[关]"), "{shown}");
        // With all acknowledged it may have transactions, and then nothing less.
        let up = [Key::Up; 5];
        press(&mut app, &[&up[..], &[Key::Enter, Key::Enter], &down, &[Key::Enter]].concat());
        let shown = picture(&app, (80, 24));
        let row = shown.lines().find(|line| line.contains("transactions")).unwrap();
        assert!(row.contains("[on]") || row.contains("[开]"), "{shown}");
        press(&mut app, &[&up[..], &[Key::Enter]].concat());
        assert!(picture(&app, (80, 24)).contains("ConfigException"));
    }
}
