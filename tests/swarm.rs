//! A small swarm at every test run: enough seeds to meet every fault, and the
//! seeds that once broke a promise. The large one is `examples/swarm.rs`.

#[path = "../examples/swarm/log.rs"]
mod log;
#[path = "../examples/swarm/queue.rs"]
mod queue;
#[path = "../examples/swarm/raft.rs"]
mod raft;
#[path = "../examples/swarm/scope.rs"]
mod scope;
#[path = "../examples/swarm/tally.rs"]
mod tally;

use scope::Scope;
use tally::Tally;

fn swarm(name: &str, scope: &dyn Scope, troublesome: &[u64]) {
    let seeds: Vec<u64> = (0..2_000).chain(troublesome.iter().copied()).collect();
    let run = |seeds: &[u64]| {
        let mut runner = scope.runner();
        let mut tally = Tally::default();
        seeds.iter().for_each(|seed| tally.add(*seed, runner(*seed)));
        tally
    };
    let (one, other) = seeds.split_at(seeds.len() / 2);
    let tally = std::thread::scope(|threads| {
        let helper = threads.spawn(|| run(one));
        run(other).joined(helper.join().unwrap())
    });
    let mut told = Vec::new();
    tally.print(&mut told, name, &scope.counted()).unwrap();
    assert!(tally.is_good(&scope.counted()), "{}", String::from_utf8_lossy(&told));
}

#[test]
fn two_thousand_small_clusters_keep_every_promise_of_raft() {
    swarm("raft", &raft::Groups, &[258_371, 561_179]);
}

#[test]
fn two_thousand_quorum_queues_lose_nothing_and_leave_nothing_waiting() {
    swarm("queue", &queue::Queue, &[168_208, 403_836, 410_103, 457_043]);
}

#[test]
fn two_thousand_replicated_logs_keep_what_their_settings_promise() {
    swarm("log", &log::Log, &[]);
}
