//! The rules of elections, against a table: KIP-966 and what runs of Kafka showed.

use crate::broker::log::controller::election::{Rules, Wish, change};
use crate::event::NodeId;
use crate::protocol::log::{Partition, RecoveryState};

const ELR: Rules = Rules { min_insync: 2, eligible_leader_replicas: true, unclean_election: false };
const PLAIN: Rules = Rules { eligible_leader_replicas: false, ..ELR };
const UNCLEAN: Rules = Rules { unclean_election: true, ..PLAIN };

/// `leader | in sync | eligible | last known leader`, then `!` if it is recovering.
fn state(text: &str) -> Partition {
    let parts: Vec<&str> = text.trim_end_matches('!').split('|').map(str::trim).collect();
    let nodes =
        |text: &str| text.chars().filter_map(|it| it.to_digit(10)).map(|it| NodeId(it as u16)).collect::<Vec<_>>();
    Partition {
        replicas: [0, 1, 2].map(NodeId).into(),
        in_sync: nodes(parts[1]).into(),
        eligible: nodes(parts[2]).into(),
        last_known_leader: nodes(parts[3]).first().copied(),
        leader: nodes(parts[0]).first().copied(),
        leader_epoch: 4,
        partition_epoch: 8,
        recovery: if text.ends_with('!') { RecoveryState::Recovering } else { RecoveryState::Recovered },
    }
}

enum Happens {
    /// Its session ends.
    Fenced(u16),
    /// It is back after an unclean stop, and still fenced.
    Stopped(u16),
    /// It takes part again.
    Unfenced(u16),
    /// The leader says who is in sync.
    InSync(&'static [u16]),
    Balanced,
}
use Happens::*;

/// What follows; `active` are the brokers that are not fenced.
fn after(before: &str, happens: Happens, active: &[u16], rules: Rules) -> Option<Partition> {
    let before = state(before);
    let (wish, gone) = match happens {
        Fenced(node) => (Wish::without(&before, NodeId(node)), Some(node)),
        Stopped(node) => {
            let stopped_uncleanly = Some(NodeId(node));
            (Wish { stopped_uncleanly, ..Wish::without(&before, NodeId(node)) }, Some(node))
        }
        Unfenced(node) => {
            assert!(active.contains(&node));
            (Wish::of(&before), None)
        }
        InSync(list) => {
            let in_sync = list.iter().copied().map(NodeId).collect();
            (Wish { in_sync, recovery: RecoveryState::Recovered, ..Wish::of(&before) }, None)
        }
        Balanced => (Wish { prefers_first: true, ..Wish::of(&before) }, None),
    };
    change(&before, wish, rules, |node| active.contains(&node.0) && gone != Some(node.0))
}

#[track_caller]
fn becomes(before: &str, happens: Happens, active: &[u16], rules: Rules, expected: &str) {
    let got = after(before, happens, active, rules).expect("something changes");
    let expected = state(expected);
    let parts =
        |it: &Partition| (it.leader, it.in_sync.to_vec(), it.eligible.to_vec(), it.last_known_leader, it.recovery);
    assert_eq!(parts(&got), parts(&expected));
    let has_new_leader = got.leader != state(before).leader;
    assert_eq!((got.leader_epoch, got.partition_epoch), (4 + u32::from(has_new_leader), 9));
}

#[test]
fn the_first_replica_in_sync_that_is_not_fenced_leads() {
    becomes("0 | 0 1 2 | |", Fenced(0), &[1, 2], ELR, "1 | 1 2 | |");
    becomes("0 | 0 1 2 | |", Fenced(0), &[2], ELR, "2 | 1 2 | |");
    becomes("0 | 2 0 1 | |", Fenced(0), &[1, 2], PLAIN, "1 | 2 1 | |");
    // Another's end changes no leader.
    becomes("1 | 0 1 2 | |", Fenced(0), &[1, 2], ELR, "1 | 1 2 | |");
}

#[test]
fn of_three_that_leave_one_after_the_other_only_the_last_one_out_is_eligible() {
    becomes("0 | 0 1 2 | |", InSync(&[0, 1]), &[0, 1, 2], ELR, "0 | 0 1 | |");
    becomes("0 | 0 1 | |", InSync(&[0]), &[0, 1, 2], ELR, "0 | 0 | 1 |");
    becomes("0 | 0 1 | |", Fenced(1), &[0, 2], ELR, "0 | 0 | 1 |");
    // At the minimum, nobody needs to be.
    becomes("0 | 0 | 1 |", InSync(&[0, 2]), &[0, 2], ELR, "0 | 0 2 | |");
    // More is asked for than there are replicas: all of them are the minimum.
    let all = Rules { min_insync: 5, ..ELR };
    becomes("0 | 0 1 2 | |", Fenced(1), &[0, 2], all, "0 | 0 2 | 1 |");
    becomes("0 | 0 2 | 1 |", InSync(&[0, 1, 2]), &[0, 1, 2], all, "0 | 0 1 2 | |");
}

#[test]
fn an_eligible_replica_leads_when_nobody_is_in_sync() {
    // The lone leader may have taken records with acks=1: they are lost here.
    becomes("0 | 0 | 1 |", Fenced(0), &[1, 2], ELR, "1 | 1 | 0 |");
    becomes("0 | 0 | 1 |", Fenced(0), &[2], ELR, "- | | 0 1 | 0");
    becomes("- | | 0 1 | 0", Unfenced(1), &[1, 2], ELR, "1 | 1 | 0 |");
    becomes("- | | 0 1 | 0", Unfenced(0), &[0, 1], ELR, "0 | 0 | 1 |");
    assert!(after("- | | 0 1 | 0", Unfenced(2), &[2], ELR).is_none(), "2 is not eligible");
}

#[test]
fn a_replica_that_stopped_uncleanly_is_not_eligible_any_more() {
    becomes("- | | 0 1 | 0", Stopped(0), &[], ELR, "- | | 1 | 0");
    becomes("- | | 1 | 0", Stopped(1), &[], ELR, "- | | | 0");
    becomes("0 | 0 | 1 |", Stopped(1), &[0], ELR, "0 | 0 | |");
    becomes("0 | 0 1 | |", Stopped(0), &[1], ELR, "1 | 1 | |");
    becomes("0 | 0 | |", Stopped(0), &[], ELR, "- | | | 0");
}

#[test]
fn the_last_known_leader_leads_when_nobody_is_eligible_and_that_is_unclean() {
    becomes("- | | | 0", Unfenced(0), &[0, 1, 2], ELR, "0 | 0 | | !");
    assert!(after("- | | | 0", Unfenced(1), &[1, 2], ELR).is_none());
    becomes("0 | 0 | | !", InSync(&[0]), &[0], ELR, "0 | 0 | |");
}

#[test]
fn without_eligible_replicas_the_last_one_standing_leads_again_whatever_it_lost() {
    becomes("0 | 0 | |", Fenced(0), &[1, 2], PLAIN, "- | 0 | |");
    becomes("- | 0 | |", Unfenced(0), &[0, 1, 2], PLAIN, "0 | 0 | |");
    assert!(after("- | 0 | |", Unfenced(1), &[1, 2], PLAIN).is_none());
}

#[test]
fn anybody_leads_where_unclean_elections_are_allowed_and_the_followers_must_follow() {
    becomes("0 | 0 | |", Fenced(0), &[2], UNCLEAN, "2 | 2 | | !");
    becomes("0 | 0 1 | |", Fenced(0), &[1, 2], UNCLEAN, "1 | 1 | |");
    becomes("- | 0 | |", Unfenced(1), &[1], UNCLEAN, "1 | 1 | | !");
    let both = Rules { unclean_election: true, ..ELR };
    becomes("0 | 0 | 1 |", Fenced(0), &[2], both, "2 | 2 | | !");
    becomes("0 | 0 | 1 |", Fenced(0), &[1, 2], both, "1 | 1 | 0 |");
}

#[test]
fn with_a_minimum_of_one_an_unclean_stop_of_the_last_leaves_nobody_eligible() {
    let one = Rules { min_insync: 1, ..ELR };
    becomes("0 | 0 | |", Fenced(0), &[1, 2], one, "- | | 0 | 0");
    becomes("- | | 0 | 0", Stopped(0), &[1, 2], one, "- | | | 0");
    becomes("- | | | 0", Unfenced(0), &[0, 1, 2], one, "0 | 0 | | !");
}

#[test]
fn the_first_replica_leads_again_when_it_can() {
    becomes("1 | 0 1 2 | |", Balanced, &[0, 1, 2], ELR, "0 | 0 1 2 | |");
    assert!(after("1 | 1 2 | |", Balanced, &[0, 1, 2], ELR).is_none(), "0 is not in sync");
    assert!(after("1 | 0 1 2 | |", Balanced, &[1, 2], ELR).is_none(), "0 is fenced");
    assert!(after("0 | 0 1 2 | |", Balanced, &[0, 1, 2], ELR).is_none());
}
