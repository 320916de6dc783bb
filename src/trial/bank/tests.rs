use std::path::Path;

use super::variant::{Variant, Witness};
use super::{house, log, queue};
use crate::flaw;

/// Seeds within which a flaw must be noticed.
const SEEDS: u64 = 1_000;
/// As many variants of each model must be noticed in whole runs.
const FEWEST: usize = 20;

/// Turns on one flaw after the other, and asks its witness. Then asks the witnesses
/// once more with no flaw on, about the same seeds.
#[expect(clippy::disallowed_macros, reason = "who noticed what is read by people")]
fn prove(variants: &[Variant]) {
    let mut slipped = Vec::new();
    let mut asked: Vec<(Witness, u64)> = Vec::new();
    for Variant { flaw, witness } in variants {
        if matches!(witness, Witness::Unit { .. }) {
            continue;
        }
        let Some(notice) = flaw::with(*flaw, || witness.notice(SEEDS)) else {
            slipped.push(*flaw);
            continue;
        };
        let why: String = notice.why.chars().take(90).collect();
        eprintln!("{:34} {:22} {:5} {why}", format!("{flaw:?}"), witness.name(), notice.seeds);
        match asked.iter_mut().find(|(known, _)| known == witness) {
            Some((_, seeds)) => *seeds = notice.seeds.max(*seeds),
            None => asked.push((*witness, notice.seeds)),
        }
    }
    assert!(slipped.is_empty(), "nothing noticed {slipped:?}");
    for (witness, seeds) in asked {
        let false_alarm = witness.notice(seeds);
        assert!(false_alarm.is_none(), "without a flaw, {} notices {false_alarm:?}", witness.name());
    }
}

fn in_whole_runs(variants: &[Variant]) -> usize {
    variants.iter().filter(|variant| !matches!(variant.witness, Witness::Unit { .. })).count()
}

#[test]
fn twenty_wrong_queues_and_more_are_noticed_in_whole_runs() {
    assert!(in_whole_runs(queue::VARIANTS) >= FEWEST);
    prove(queue::VARIANTS);
}

#[test]
fn twenty_wrong_logs_and_more_are_noticed_in_whole_runs() {
    assert!(in_whole_runs(log::VARIANTS) >= FEWEST);
    prove(log::VARIANTS);
}

#[test]
fn a_wrong_disk_ledger_service_or_client_is_noticed_in_whole_runs() {
    prove(house::VARIANTS);
}

fn all() -> impl Iterator<Item = &'static Variant> {
    [queue::VARIANTS, log::VARIANTS, house::VARIANTS].into_iter().flatten()
}

/// A promise that nobody checks is found here: by its flaw without a witness.
#[test]
fn every_flaw_there_is_has_its_place_in_the_bank() {
    let text = include_str!("../../flaw.rs");
    let list = text.split_once("pub enum Flaw {").and_then(|(_, rest)| rest.split_once('}')).unwrap().0;
    let mut flaws: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut placed: Vec<String> = all().map(|variant| format!("{:?}", variant.flaw)).collect();
    flaws.sort_unstable();
    placed.sort_unstable();
    assert_eq!(placed, flaws);
}

#[test]
fn the_unit_tests_that_the_bank_names_are_there() {
    for Variant { flaw, witness } in all() {
        let Witness::Unit { test, because } = witness else { continue };
        let (file, name) = test.split_once("::").unwrap();
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap();
        assert!(text.contains(&format!("fn {name}()")), "{flaw:?}: {test} is gone");
        assert!(text.contains(&format!("Flaw::{flaw:?}")), "{flaw:?}: {file} does not turn it on");
        assert!(!because.is_empty());
    }
}
