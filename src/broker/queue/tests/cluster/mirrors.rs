//! Mirrored classic queues: what a lost node costs, and what a partition does.

use super::town::*;
use crate::broker::queue::Options;
use crate::broker::queue::cluster::PartitionHandling;
use crate::broker::queue::tests::rig::QUEUE;
use crate::event::{Kind, NodeId, Reason};
use crate::flaw::{self, Flaw};
use crate::picture::ReplicaRole;
use crate::protocol::queue::{Arguments, Method, QueueKind};
use crate::sim::Action;
use crate::time::Span;

const ALL: u32 = 40;

fn mirrored(script: Vec<Method>) -> Vec<Method> {
    declared(script, Arguments { kind: QueueKind::Mirrored, ..Arguments::default() })
}

/// Three nodes, the master on the first; a publisher on the second, and all
/// messages out at 1.4 s.
fn town(seed: u64, options: &Options) -> (Town, NodeId) {
    let mut town = Town::with(3, seed, options);
    town.client(&[0], false, &mirrored(vec![Method::declare(QUEUE, true)]), []);
    let publisher = town.client(&[1, 2, 0], false, &mirrored(publisher(true)), publishes(ALL, 600, 20));
    (town, publisher)
}

fn consume(town: &mut Town, node: u16) -> NodeId {
    town.client(&[node, (node + 1) % 3, (node + 2) % 3], true, &mirrored(consumer(true, 5)), [])
}

fn roles(town: &Town) -> Vec<Option<ReplicaRole>> {
    let role = |broker| {
        let replicas = town.picture(broker).replicas;
        replicas.iter().find(|replica| replica.queue == QUEUE).map(|replica| replica.role)
    };
    town.brokers().map(role).collect()
}

fn is_in_step(town: &Town, broker: u16) -> bool {
    town.picture(broker).replicas.iter().any(|replica| replica.queue == QUEUE && replica.in_step)
}

/// The messages whose publish was answered with ok. Tags are messages here, as
/// long as the publisher keeps its channel.
fn told_ok(town: &Town, publisher: NodeId) -> Vec<u32> {
    let mut good: Vec<u32> = town.answers(publisher).0.into_iter().map(|tag| tag as u32).collect();
    good.sort_unstable();
    good
}

/// What is neither waiting nor was delivered, of what the publisher was told ok.
fn lost(town: &Town, publisher: NodeId, consumers: &[NodeId]) -> Vec<u32> {
    let held: Vec<u32> = town.holds().into_iter().map(|(_, message)| message).collect();
    let delivered: Vec<u32> = consumers.iter().flat_map(|client| town.delivered(*client)).collect();
    let gone = |message: &u32| !held.contains(message) && !delivered.contains(message);
    told_ok(town, publisher).into_iter().filter(gone).collect()
}

#[test]
fn every_node_has_what_was_confirmed() {
    for seed in 0..10 {
        let (mut town, publisher) = town(seed, &Options::default());
        town.run(3_000);
        assert_eq!(told_ok(&town, publisher).len(), ALL as usize);
        assert_eq!(roles(&town), [ReplicaRole::Master, ReplicaRole::Mirror, ReplicaRole::Mirror].map(Some));
        for broker in town.brokers() {
            assert!(is_in_step(&town, broker));
            assert_eq!(town.picture(broker).lanes[0].ready, u64::from(ALL));
        }
        assert_eq!(town.holds().len(), ALL as usize, "only the master would hand it out");
    }
}

#[test]
fn a_mirror_that_is_in_step_takes_over_and_nothing_confirmed_is_lost() {
    for seed in 0..20 {
        for crash_at in [700, 1_013, 2_000] {
            let (mut town, publisher) = town(seed, &Options::default());
            let consumer = consume(&mut town, 2);
            town.fault(crash_at, Action::Crash(NodeId(0)), Some(3_000));
            town.run(20_000);
            assert_eq!(town.count(Kind::MirrorPromoted { synchronised: true }), 1);
            assert_eq!(town.count(Kind::MirrorPromoted { synchronised: false }), 0);
            assert_eq!(roles(&town), [ReplicaRole::Mirror, ReplicaRole::Master, ReplicaRole::Mirror].map(Some));
            assert_eq!(town.answers(publisher), ((1..=u64::from(ALL)).collect(), vec![]), "every publish is answered");
            let delivered = town.delivered(consumer);
            assert!((1..=ALL).all(|message| delivered.contains(&message)), "seed {seed}: {delivered:?}");
            assert_eq!(town.holds(), [], "and the consumer goes on by itself");
            assert_eq!(town.count(Kind::ConsumerCancelled), 0);
        }
    }
}

#[test]
fn what_the_old_master_had_handed_out_is_handed_out_again_and_marked() {
    let (mut town, _) = town(1, &Options::default());
    let script = mirrored(consumer(true, 5));
    let consumer = town.client(&[2], false, &script, []);
    town.fault(2_000, Action::Crash(NodeId(0)), None);
    town.run(5_000);
    assert_eq!(town.delivered(consumer), [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    assert_eq!(town.count(Kind::Delivered { redelivered: true }), 5);
}

/// One slow mirror holds every confirm back.
fn confirms_wait_for_every_mirror() {
    let (mut town, publisher) = town(1, &Options::default());
    let extra = Span::from_millis(400);
    town.fault(500, Action::Delay { from: NodeId(0), to: NodeId(2), extra }, None);
    town.run(1_390);
    assert!(told_ok(&town, publisher).is_empty());
    town.run(5_000);
    assert_eq!(told_ok(&town, publisher).len(), ALL as usize);
}

#[test]
fn a_confirm_waits_for_all_mirrors() {
    confirms_wait_for_every_mirror();
}

#[test]
fn a_silent_mirror_stalls_everybody_until_it_is_judged_dead() {
    let options = Options { net_tick: Span::from_secs(10), ..Options::default() };
    let (mut town, publisher) = town(1, &options);
    town.fault(590, Action::Pause(NodeId(2)), None);
    town.run(10_000);
    assert!(told_ok(&town, publisher).is_empty());
    town.run(12_000);
    assert_eq!(told_ok(&town, publisher).len(), ALL as usize);
}

/// The third node comes back empty; then the others go, and it is what is left.
fn unsynchronised(options: &Options) -> (Town, NodeId) {
    let (mut town, publisher) = town(3, options);
    town.fault(2_000, Action::Crash(NodeId(2)), Some(1_000));
    town.fault(8_000, Action::Crash(NodeId(1)), Some(20_000));
    town.fault(8_500, Action::Crash(NodeId(0)), Some(20_000));
    (town, publisher)
}

fn an_empty_mirror_is_promoted_and_that_is_said() {
    let (mut town, publisher) = unsynchronised(&Options::default());
    town.run(7_000);
    assert!(!is_in_step(&town, 2) && is_in_step(&town, 1));
    town.run(60_000);
    assert_eq!(town.count(Kind::MirrorPromoted { synchronised: false }), 1);
    assert_eq!(town.count(Kind::MirrorPromoted { synchronised: true }), 0);
    assert_eq!(lost(&town, publisher, &[]), (1..=ALL).collect::<Vec<_>>(), "confirmed, and gone");
    let discarded = town.count(Kind::Dropped(Reason::SideDiscarded));
    assert_eq!(discarded, 3 * ALL as usize, "whoever comes back throws its old copies away");
}

#[test]
fn an_unsynchronised_mirror_is_promoted_and_everything_is_lost() {
    an_empty_mirror_is_promoted_and_that_is_said();
}

#[test]
fn with_when_synced_the_queue_waits_for_its_old_master_instead() {
    let options = Options { promotes_only_synchronised: true, ..Options::default() };
    let (mut town, publisher) = unsynchronised(&options);
    town.run(60_000);
    assert_eq!(town.count(Kind::MirrorPromoted { synchronised: false }), 0);
    assert!(lost(&town, publisher, &[]).is_empty());
}

#[test]
fn with_automatic_synchronisation_the_returning_mirror_gets_everything() {
    let options = Options { mirrors_synchronise: true, ..Options::default() };
    let (mut town, publisher) = unsynchronised(&options);
    town.run(60_000);
    assert_eq!(town.count(Kind::MirrorPromoted { synchronised: false }), 0);
    assert!(lost(&town, publisher, &[]).is_empty());
}

#[test]
fn a_mirror_is_in_step_once_everything_older_was_consumed() {
    let (mut town, _) = town(1, &Options::default());
    town.fault(2_000, Action::Crash(NodeId(2)), Some(1_000));
    let consume = [(8_000, Method::Qos { prefetch: 0 }), (8_100, Method::consume(QUEUE, 1, false))];
    town.client(&[1], true, &[], consume);
    town.run(7_500);
    assert!(!is_in_step(&town, 2));
    town.run(20_000);
    assert!(is_in_step(&town, 2));
    assert_eq!(town.times(2, Kind::MirrorSynchronised).len(), 1);
}

/// The master's node is cut off for 30 s; clients of both sides go on.
fn parted(handling: PartitionHandling, seed: u64) -> (Town, NodeId, NodeId) {
    let net_tick = Span::from_secs(5);
    let options = Options { partition_handling: handling, net_tick, ..Options::default() };
    let mut town = Town::with(3, seed, &options);
    let script = mirrored(publisher(true));
    let cut_off = town.client(&[0], false, &script, publishes(ALL, 10_000, 200));
    let majority = town.client(&[1], false, &script, publishes(ALL, 10_000, 200));
    for other in [1, 2, majority.0] {
        let action = Action::Partition { from: NodeId(0), to: NodeId(other), one_way: false };
        town.fault(2_000, action, Some(30_000));
    }
    (town, cut_off, majority)
}

#[test]
fn in_a_partition_both_sides_have_a_master_and_one_side_is_thrown_away() {
    for (handling, healed_by) in [(PartitionHandling::Autoheal, 40_000), (PartitionHandling::Ignore, 110_000)] {
        for seed in 0..5 {
            let (mut town, cut_off, majority) = parted(handling, seed);
            town.run(25_000);
            assert_eq!(roles(&town)[..2], [ReplicaRole::Master; 2].map(Some), "{handling:?}");
            assert_eq!(told_ok(&town, cut_off).len(), ALL as usize);
            assert_eq!(told_ok(&town, majority).len(), ALL as usize);
            town.run(60_000);
            let masters = |town: &Town| roles(town).iter().filter(|role| **role == Some(ReplicaRole::Master)).count();
            assert_eq!(masters(&town), if handling == PartitionHandling::Ignore { 2 } else { 1 });
            town.run(healed_by.max(60_000));
            assert_eq!(masters(&town), 1, "{handling:?}");
            assert!(town.count(Kind::Dropped(Reason::SideDiscarded)) >= ALL as usize);
            let held = town.holds().len();
            assert_eq!(held, ALL as usize, "of what both sides had confirmed, one half is left");
        }
    }
}

#[test]
fn with_pause_minority_the_side_that_is_cut_off_takes_nothing() {
    for seed in 0..5 {
        let (mut town, cut_off, majority) = parted(PartitionHandling::PauseMinority, seed);
        town.run(25_000);
        assert!(town.picture(0).is_minority && !town.picture(1).is_minority);
        assert!(told_ok(&town, cut_off).is_empty());
        assert_eq!(told_ok(&town, majority).len(), ALL as usize);
        town.run(60_000);
        assert_eq!((town.count(Kind::MinorityPaused), town.count(Kind::MinorityResumed)), (1, 1));
        assert!(!town.picture(0).is_minority);
        assert!(lost(&town, majority, &[]).is_empty());
    }
}

#[test]
fn after_a_power_cut_of_all_the_last_master_has_what_its_disk_kept() {
    for seed in 0..10 {
        let (mut town, _) = town(seed, &Options::default());
        town.fault(2_500, Action::PowerCut((0..3).map(NodeId).collect()), Some(2_000));
        let consumer = consume(&mut town, 1);
        town.run(30_000);
        town.heal();
        let masters = roles(&town).iter().filter(|role| **role == Some(ReplicaRole::Master)).count();
        assert_eq!(masters, 1, "seed {seed}");
        assert!(!town.delivered(consumer).is_empty());
    }
}

#[test]
fn the_tests_notice_silent_promotions_and_early_confirms() {
    let fails = |flaw, test: fn()| flaw::with(flaw, || std::panic::catch_unwind(test)).is_err();
    assert!(fails(Flaw::MirrorPromotedInSilence, an_empty_mirror_is_promoted_and_that_is_said));
    assert!(fails(Flaw::MirrorConfirmsWithoutMirrors, confirms_wait_for_every_mirror));
}
