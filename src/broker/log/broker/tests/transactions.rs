//! Transactions over partitions with different leaders: all of it or nothing, and
//! none stays open, whatever becomes of leaders and coordinators.

use super::town::{Layout, Town, topic};
use crate::event::{MessageId, NodeId};
use crate::protocol::log::{Control, FetchPartition, Isolation};
use crate::random::{Purpose, Seed};
use crate::sim::Action;

/// What a consumer that reads only what is committed hands to its program.
fn visible(town: &Town, partition: u16) -> Vec<MessageId> {
    let leader = town.broker(town.leader(partition).expect("somebody leads"));
    let at = leader.seats.find(&leader.options, topic(partition)).expect("a leader has a replica");
    let asked = FetchPartition {
        partition: topic(partition),
        offset: 0,
        leader_epoch: None,
        last_epoch: None,
        high_watermark: 0,
    };
    let read = leader.seats.list[at].replica.read(&asked, Isolation::ReadCommitted, u32::MAX);
    let mut aborted = read.aborted.to_vec();
    let mut seen = Vec::new();
    for batch in &read.batches {
        let producer = batch.sequence.map(|sequence| sequence.producer.number);
        let ongoing = aborted.iter().position(|(id, first)| Some(*id) == producer && *first <= batch.first_offset);
        match (batch.control, ongoing) {
            (Some(Control::Abort), Some(at)) => drop(aborted.remove(at)),
            (Some(_), _) | (None, Some(_)) => {}
            (None, None) => seen.extend(batch.records.iter().map(|record| record.copy.message)),
        }
    }
    seen
}

fn run(seed: u64) -> Town {
    let draw = |what: u64| Seed(seed).draw(Purpose::Test).by(what);
    let mut layout = Layout { banks: true, messages: 0, is_read: false, ..Layout::default() };
    for index in 0..3 {
        let node = NodeId(1 + draw(index).below(3) as u16);
        let at = 3_000 + 8_000 * index + draw(10 + index).below(6_000);
        let action = if draw(20 + index).chance(2, 3) { Action::Crash(node) } else { Action::Pause(node) };
        layout = layout.fault(at, 500 + draw(30 + index).below(12_000), action);
    }
    let mut town = layout.build(seed);
    town.run_until(42_000);
    town.heal();
    // A transaction that its producer has left is aborted after a minute.
    town.run_for(90_000);
    town
}

#[test]
fn transactions_are_all_or_nothing_and_end() {
    for seed in 0..40 {
        let town = run(seed);
        let told = &town.banker().told;
        let (ok, unknown) = (told.iter().flatten().count(), told.iter().filter(|told| told.is_none()).count());
        assert!(ok > 20, "seed {seed}: {ok} transactions, {unknown} unknown");
        for partition in 0..2 {
            let leader = town.broker(town.leader(partition).expect("somebody leads"));
            let ends = (leader.last_stable_offset(topic(partition)), leader.log_end(topic(partition)));
            assert_eq!(ends.0, ends.1, "seed {seed}: a transaction stays open in {partition}");
        }
        let seen = [visible(&town, 0), visible(&town, 1)];
        for (number, told) in told.iter().enumerate() {
            let there = [0, 1].map(|partition| {
                let message = MessageId(number as u32 * 2 + partition);
                seen[partition as usize].iter().filter(|it| **it == message).count()
            });
            let is_right = match told {
                Some(true) => there == [1, 1],
                Some(false) => there == [0, 0],
                None => there[0] == there[1] && there[0] < 2,
            };
            assert!(is_right, "seed {seed}: transaction {number} was told {told:?}, and is there {there:?}");
        }
    }
}
