//! Two runs side by side: what a lesson asks to watch is in sight, signs that stand
//! alone are explained, and numbers are true.

use crate::text::Language;
use crate::tui::bench::BenchRequest;
use crate::tui::host::LabMode;
use crate::tui::keys::Key;

use super::calls::{open, pair};
use super::pictures::{picture, press, snapshot};

#[test]
fn who_leads_is_in_sync_and_ends_where_stands_before_the_tiers() {
    let request = BenchRequest {
        fault: Some("lagging-then-crash".to_owned()),
        mode: LabMode::Twin { flip: vec![pair("unclean_election", "true")] },
        ..BenchRequest::default()
    };
    for (language, legend) in [(Language::Zh, "▓ 页缓存"), (Language::En, "▓ page")] {
        for (width, height) in [(80, 24), (120, 36)] {
            let mut app = open("kafka-ha", &request, (width, height), language);
            let at_difference = picture(&app, (width, height));
            snapshot(&format!("bench_twin_log_first_{width}x{height}_{language}"), &at_difference);
            assert!(at_difference.contains(legend) && at_difference.contains("ISR 1"), "{at_difference}");
            press(&mut app, &[Key::End]);
            let shown = picture(&app, (width, height));
            // Each of three replicas on both sides says where it ends.
            let ends = shown.lines().filter(|line| line.contains("broker-")).map(|line| line.matches(" p0 ").count());
            assert_eq!(ends.sum::<usize>(), 6, "{shown}");
            snapshot(&format!("bench_twin_log_{width}x{height}_{language}"), &shown);
        }
    }
}

#[test]
fn what_a_node_holds_is_counted_and_not_cut_off() {
    for (size, language) in [((80, 24), Language::Zh), ((120, 36), Language::En)] {
        let mut app = open("backlog-kafka", &BenchRequest::default(), size, language);
        press(&mut app, &[Key::End]);
        let shown = picture(&app, size);
        assert!(shown.contains(" 1300 │") && !shown.contains("256+"), "{shown}");
    }
}
