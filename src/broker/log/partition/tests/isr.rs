//! Who is in sync, and how that changes.

use super::bench::{Bench, batch, options, state, three};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::log::{Acks, Error};
use crate::time::Span;

const SECOND: Span = Span::from_secs(1);

/// A leader whose third replica has died after all were in step.
fn one_is_silent() -> Bench {
    let [mut leader, ..] = three(options());
    leader.follower_has(1, 0);
    leader.follower_has(2, 0);
    leader.produce(batch([1]), Acks::All).unwrap();
    leader
}

/// The others go on fetching until the leader proposes something.
fn proposes_within(leader: &mut Bench, seconds: u64) -> Option<(u64, Vec<NodeId>)> {
    for second in 1..=seconds {
        leader.wait(SECOND);
        leader.follower_has(1, 1);
        if let Some(change) = leader.proposal() {
            return Some((second, change.in_sync.iter().map(|(node, _)| *node).collect()));
        }
    }
    None
}

fn a_silent_follower_leaves() -> bool {
    let mut leader = one_is_silent();
    let Some((second, in_sync)) = proposes_within(&mut leader, 60) else { return false };
    assert!((30..=45).contains(&second), "after {second} s");
    assert_eq!(in_sync, [NodeId(0), NodeId(1)]);
    assert_eq!(leader.replica.answer(Acks::All, 1), None, "until the controller has decided, it counts");
    leader.isr_answer(1, Ok(state(Some(0), 1, 2, &[0, 1])));
    leader.replica.answer(Acks::All, 1) == Some(Ok(()))
}

#[test]
fn a_follower_that_stays_behind_for_too_long_leaves_the_in_sync_replicas() {
    assert!(a_silent_follower_leaves());
    assert!(!flaw::with(Flaw::IsrNeverShrinks, a_silent_follower_leaves));
}

#[test]
fn a_run_waits_for_a_follower_to_leave_but_not_for_housekeeping() {
    let mut leader = one_is_silent();
    leader.follower_has(1, 1);
    assert_eq!(leader.replica.next_deadline().map(|deadline| deadline.1), Some(false));
    leader.follower_has(2, 1);
    assert_eq!(leader.replica.next_deadline().map(|deadline| deadline.1), Some(true));
}

#[test]
fn a_follower_of_a_busy_leader_is_caught_up_although_it_never_has_the_last_record() {
    let [mut leader, ..] = three(options());
    for second in 0..100 {
        let end = leader.produce(batch([second]), Acks::Leader).unwrap().end;
        leader.follower_has(1, end);
        leader.follower_has(2, end - 1);
        leader.wait(SECOND);
        assert_eq!(leader.proposal(), None, "at second {second}");
    }
}

#[test]
fn a_follower_that_fetches_and_gains_nothing_on_the_leader_leaves() {
    let [mut leader, ..] = three(options());
    let mut left = None;
    for second in 0..100u64 {
        leader.produce(batch([2, 1]), Acks::Leader).unwrap();
        leader.follower_has(1, leader.replica.log_end());
        leader.follower_has(2, second / 2);
        leader.wait(SECOND);
        left = left.or(leader.proposal());
    }
    let in_sync: Vec<NodeId> = left.expect("it leaves").in_sync.iter().map(|(node, _)| *node).collect();
    assert_eq!(in_sync, [NodeId(0), NodeId(1)]);
}

/// The third is out, the other two go on.
fn one_is_out() -> Bench {
    let mut leader = Bench::new(0, options());
    leader.lead(&state(Some(0), 3, 7, &[0, 1]));
    leader.produce(batch([1, 2]), Acks::Leader).unwrap();
    leader.follower_has(1, 2);
    leader
}

#[test]
fn a_follower_comes_back_when_it_has_all_that_is_committed() {
    let mut leader = one_is_out();
    leader.follower_has(2, 1);
    assert_eq!(leader.proposal(), None);
    leader.follower_has(2, 2);
    let change = leader.proposal().expect("it may join");
    assert_eq!((change.leader_epoch, change.partition_epoch), (3, 7));
    assert_eq!(*change.in_sync, [(NodeId(0), 1), (NodeId(1), 1), (NodeId(2), 1)]);
    leader.follower_has(2, 2);
    assert_eq!(leader.proposal(), None, "one proposal at a time");
}

#[test]
fn it_must_have_reached_the_leaders_epoch_too() {
    let mut follower = Bench::new(0, options());
    follower.lead(&state(Some(0), 1, 1, &[0]));
    follower.produce(batch([1, 2]), Acks::Leader).unwrap();
    follower.lead(&state(Some(0), 1, 2, &[0, 1]));
    follower.produce(batch([3]), Acks::Leader).unwrap();
    follower.follow(&state(None, 2, 3, &[0, 1]));
    follower.lead(&state(Some(0), 3, 4, &[0, 1]));
    assert_eq!(follower.replica.high_watermark(), 2);
    follower.follower_has(2, 2);
    assert_eq!(follower.proposal(), None, "the epoch begins at offset 3");
    follower.follower_has(2, 3);
    assert!(follower.proposal().is_some());
}

#[test]
fn a_replica_whose_incarnation_is_not_the_registered_one_or_that_is_fenced_stays_out() {
    let mut leader = one_is_out();
    leader.replica.broker_changed(NodeId(2), 1, true);
    leader.follower_has(2, 2);
    assert_eq!(leader.proposal(), None);
    leader.replica.broker_changed(NodeId(2), 1, false);
    leader.follower_has(2, 2);
    assert!(leader.proposal().is_some());
}

#[test]
fn one_that_was_proposed_counts_for_the_watermark_at_once() {
    let mut leader = one_is_out();
    leader.follower_has(2, 2);
    leader.produce(batch([3]), Acks::Leader).unwrap();
    leader.wait(Span::from_secs(31));
    leader.follower_has(1, 3);
    assert_eq!(leader.replica.high_watermark(), 2);
    leader.isr_answer(7, Err(Error::IneligibleReplica));
    leader.wait(Span::from_secs(1));
    leader.follower_has(1, 3);
    leader.produce(batch([4]), Acks::Leader).unwrap();
    leader.follower_has(1, 4);
    assert_eq!(leader.replica.high_watermark(), 4, "the controller will not have it, and it lags");
}

#[test]
fn a_proposal_on_an_old_state_waits_for_the_metadata_log() {
    let mut leader = one_is_out();
    leader.follower_has(2, 2);
    assert!(leader.proposal().is_some());
    leader.isr_answer(7, Err(Error::InvalidUpdateVersion));
    leader.wait(SECOND);
    leader.follower_has(2, 2);
    assert_eq!(leader.proposal(), None);
    leader.lead(&state(Some(0), 3, 7, &[0, 1]));
    leader.follower_has(2, 2);
    assert_eq!(leader.proposal(), None, "that is the state it was made on");
    leader.lead(&state(Some(0), 3, 8, &[0]));
    leader.follower_has(2, 2);
    assert_eq!(leader.proposal().expect("a new one").partition_epoch, 8);
    leader.isr_answer(7, Ok(state(Some(0), 3, 8, &[0, 1, 2])));
    assert_eq!(leader.replica.state().expect("a state").in_sync.len(), 1, "an answer to the old one");
}

#[test]
fn a_controller_that_cannot_be_asked_is_asked_again() {
    let mut leader = one_is_out();
    leader.follower_has(2, 2);
    let change = leader.proposal();
    leader.isr_answer(7, Err(Error::NotController));
    assert_eq!(leader.proposal(), None);
    leader.wait(Span::from_millis(50));
    assert_eq!(leader.proposal(), change);
}
