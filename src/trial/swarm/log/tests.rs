use super::*;
use crate::flaw::{self, Flaw};

/// The first seed below `seeds` whose run is found to be wrong with these words.
fn noticed(flaw: Flaw, words: &str, seeds: u64) -> Option<u64> {
    let mut run = ReplicatedLog.runner();
    let is_it = |seed: &u64| run(*seed).troubles.iter().any(|trouble| trouble.contains(words));
    flaw::with(flaw, || (0..seeds).find(is_it))
}

/// What a late marker does is shown where partitions are tested: a run of a few
/// seconds hardly ever has one come at the right time.
#[test]
fn every_promise_about_transactions_can_be_seen_to_break() {
    for (flaw, words) in [
        (Flaw::MarkerForgotten, "left open"),
        (Flaw::MarkerForgotten, "last stable offset"),
        (Flaw::PreparedForgottenAtReload, "left open"),
        (Flaw::AbortedRecordsVisible, "aborted read"),
        (Flaw::OpenRecordsVisible, "aborted read"),
        (Flaw::MarkersDisagree, "fractured"),
        (Flaw::EpochNotBumped, "not fenced"),
        (Flaw::OldEpochAccepted, "zombie's write"),
    ] {
        assert!(noticed(flaw, words, 1_000).is_some(), "{flaw:?} is never found to be \"{words}\"");
    }
}
