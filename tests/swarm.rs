//! A small swarm at every test run: enough seeds to meet every fault, and the
//! seeds that once broke a promise. The large one is `examples/swarm.rs`.

use ackademy::trial::pool::cores;
use ackademy::trial::swarm::{SCOPES, swarm};

fn keeps_its_promises(name: &str, troublesome: &[u64]) {
    let scope = SCOPES.into_iter().find(|scope| scope.name() == name).unwrap();
    let seeds: Vec<u64> = (0..2_000).chain(troublesome.iter().copied()).collect();
    let tally = swarm(scope, &seeds, cores());
    let mut told = Vec::new();
    tally.print(&mut told, scope).unwrap();
    assert!(tally.is_good(scope), "{}", String::from_utf8_lossy(&told));
}

#[test]
fn two_thousand_small_clusters_keep_every_promise_of_raft() {
    keeps_its_promises("raft", &[258_371, 561_179, 719_444, 765_475, 853_090]);
}

#[test]
fn two_thousand_quorum_queues_lose_nothing_and_leave_nothing_waiting() {
    keeps_its_promises(
        "queue",
        &[
            80_580, 131_632, 176_762, 550_328, 946_602, 168_208, 169_694, 335_454, 403_836, 410_103, 457_043, 472_981,
            778_293, 842_139, 848_068, 976_467, 998_318,
        ],
    );
}

#[test]
fn two_thousand_replicated_logs_keep_what_their_settings_promise() {
    keeps_its_promises(
        "log",
        &[
            41_008, 50_385, 97_282, 101_755, 124_220, 198_970, 210_262, 225_718, 231_865, 242_327, 248_828, 594_397,
            647_564, 696_559, 714_901, 811_751,
        ],
    );
}
