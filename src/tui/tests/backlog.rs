//! The chart of the backlog: a queue's words for queues and a log's for logs, every
//! partition in reach, times below the axis, and one sign for one thing.

use crate::text::Language;
use crate::tui::bench::BenchRequest;
use crate::tui::keys::Key;

use super::calls::{open, pair};
use super::pictures::{picture, press, snapshot};

const BACKLOG: Key = Key::Char('4');

fn shown(id: &str, request: &BenchRequest, size: (u16, u16), language: Language, keys: &[Key]) -> String {
    let mut app = open(id, request, size, language);
    press(&mut app, keys);
    picture(&app, size)
}

#[test]
fn a_log_has_lag_for_every_partition_and_nothing_unacked() {
    for (language, unacked) in [(Language::Zh, "未确认"), (Language::En, "handed out")] {
        for (width, height) in [(80, 24), (120, 36)] {
            let shown =
                shown("backlog-kafka", &BenchRequest::default(), (width, height), language, &[Key::End, BACKLOG]);
            let chart = &shown[shown.find("lag = ").expect(&shown)..];
            (0..4).for_each(|part| assert!(chart.contains(&format!("p{part}  ")), "p{part}\n{shown}"));
            assert!(!chart.contains(unacked), "{shown}");
            assert!(chart.contains("│0.0s"), "{shown}");
            snapshot(&format!("bench_lag_{width}x{height}_{language}"), &shown);
        }
    }
}

#[test]
fn what_does_not_fit_is_counted_and_scrolled_to() {
    let request =
        BenchRequest { set: vec![pair("partitions", "8"), pair("consumers", "8")], ..BenchRequest::default() };
    // In words of as many rows as there are, more than eight would not fit.
    let size = (60, 18);
    let top = shown("backlog-kafka", &request, size, Language::En, &[Key::End, BACKLOG]);
    let more = top.lines().find(|line| line.contains(" more (")).expect(&top);
    assert!(top.contains("p0  ") && !top.contains("p7  "), "{top}");
    let down = shown("backlog-kafka", &request, size, Language::En, &[Key::End, BACKLOG, Key::Char('G')]);
    assert!(down.contains("p7  ") && !down.contains("p0  "), "{down}");
    let hidden = 8 - (0..8).filter(|part| top.contains(&format!("p{part}  "))).count();
    assert!(more.contains(&format!("{hidden} more")), "{top}");
}

#[test]
fn a_restart_has_the_sign_of_a_restart_on_every_axis() {
    let request = BenchRequest { fault: Some("down".to_owned()), ..BenchRequest::default() };
    let shown = shown("mq-down", &request, (80, 24), Language::En, &[Key::End, BACKLOG]);
    let rows = shown.lines().filter(|line| line.contains('↯')).collect::<Vec<_>>();
    assert!(rows.len() >= 2, "{shown}");
    for row in rows {
        assert_eq!(row.matches('↯').count(), row.matches('↑').count(), "{shown}");
    }
}
