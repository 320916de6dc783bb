//! Controllers and brokers in a world: one course of events at a time.

use super::town::{Plan, TOPIC, Town};
use crate::broker::log::controller::metadata::Metadata;
use crate::broker::log::controller::quorum::METADATA;
use crate::event::{Kind, NodeId};
use crate::picture::{Picture, ReplicaRole, Role};
use crate::protocol::log::{Error, TopicPartition};
use crate::sim::Action;

#[test]
fn brokers_register_catch_up_and_lead() {
    for controllers in [1, 3] {
        let mut town = Town::new(Plan { controllers, ..Plan::default() }, 1);
        town.run(4_000);
        let brokers = town.brokers();
        for node in &brokers {
            let stub = town.stub(*node);
            assert!(!stub.is_fenced);
            assert_eq!(stub.partitions.len(), 3);
            assert_eq!(stub.brokers.len(), 3);
        }
        let first = brokers[0].0;
        assert_eq!(town.partition(1), (Some(first + 1), vec![first + 1, first + 2, first]));
        assert_eq!(town.controllers().iter().filter(|node| town.controller(**node).is_active()).count(), 1);
    }
}

#[test]
fn a_crashed_broker_is_missed_when_its_session_ends_even_if_it_is_back_before() {
    for back in [3_000, 30_000] {
        let mut town = Town::new(Plan::default(), 2);
        town.fault(10_000, Action::Crash(NodeId(3)), Some(back));
        town.run(16_900);
        assert_eq!(town.partition(0).0, Some(3), "nobody knows yet");
        town.run(23_000);
        assert_eq!(town.partition(0), (Some(4), vec![4, 5]));
        let fenced = town.times(Kind::BrokerFenced, 3);
        assert!(fenced.len() == 1 && (16_000..22_500).contains(&fenced[0]), "{fenced:?}");
        town.run(45_000);
        assert_eq!(town.times(Kind::BrokerUnfenced, 3).len(), 2);
        assert_eq!(town.partition(0).0, Some(4), "it leads again only after a while");
        let turned_away = |(_, error): &(_, Error)| *error == Error::DuplicateBrokerRegistration;
        assert_eq!(town.stub(NodeId(3)).told.refusals.iter().any(turned_away), back < 9_000);
    }
}

#[test]
fn another_controller_takes_over_and_brokers_find_it() {
    let mut town = Town::new(Plan::default(), 3);
    town.run(5_000);
    let first = town.active().expect("there is one");
    let mut town = Town::new(Plan::default(), 3);
    town.fault(5_000, Action::Crash(first), Some(60_000));
    town.run(6_900);
    assert_eq!(town.active(), None, "two seconds of silence are no reason yet");
    town.run(12_000);
    let second = town.active().expect("there is another");
    assert_ne!(second, first);
    town.run(40_000);
    let elected = town.history.0.iter().filter(|event| event.kind == Kind::LeaderElected).count();
    assert_eq!(elected, 2);
    for node in town.brokers() {
        assert_eq!(town.times(Kind::BrokerFenced, node.0), Vec::<u64>::new(), "nobody's session ends by that");
        assert_eq!(town.stub(node).offset, town.controller(second).committed.offset());
    }
}

#[test]
fn a_controller_cut_off_from_the_others_resigns() {
    let mut town = Town::new(Plan::default(), 4);
    town.run(5_000);
    let first = town.active().expect("there is one");
    let mut town = Town::new(Plan::default(), 4);
    let other: Vec<NodeId> = town.controllers().into_iter().filter(|node| *node != first).collect();
    town.fault(5_000, Action::Split { one: vec![first], other }, Some(20_000));
    town.run(9_500);
    assert!(!town.controller(first).is_active());
    town.run(60_000);
    assert!(town.active().is_some());
    for node in town.brokers() {
        assert!(!town.stub(node).is_fenced);
    }
}

#[test]
fn a_controller_that_lost_its_disk_is_let_in_again() {
    let mut town = Town::new(Plan::default(), 5);
    town.run(5_000);
    let first = town.active().expect("there is one");
    let mut town = Town::new(Plan::default(), 5);
    town.fault(5_000, Action::DiskLoss(first), Some(2_000));
    town.run(40_000);
    let active = town.active().expect("there is one");
    assert_eq!(town.controller(first).committed, town.controller(active).committed);
}

#[test]
fn one_controller_that_crashes_comes_back_with_everything() {
    let mut town = Town::new(Plan { controllers: 1, ..Plan::default() }, 6);
    town.fault(5_000, Action::PowerCut(vec![NodeId(0)]), Some(2_000));
    town.run(4_900);
    let before = town.controller(NodeId(0)).committed.clone();
    town.run(20_000);
    let after = &town.controller(NodeId(0)).committed;
    let id = TopicPartition { topic: TOPIC, partition: 1 };
    assert_eq!(after.partition(id), before.partition(id));
    assert!(town.brokers().iter().all(|node| !town.stub(*node).is_fenced));
}

#[test]
fn an_operator_adds_partitions_whoever_is_active() {
    let mut town = Town::new(Plan::default(), 7);
    let controllers = town.controllers();
    town.fault(5_000, Action::GrowTopic { controllers, partitions: 5 }, None);
    town.run(6_000);
    assert_eq!(town.partition(4).0, Some(4));
    assert_eq!(town.stub(NodeId(5)).partitions.len(), 5);
}

#[test]
fn an_idle_cluster_comes_to_rest_and_its_picture_tells_who_leads() {
    for controllers in [1, 3] {
        let mut town = Town::new(Plan { controllers, ..Plan::default() }, 8);
        town.run(10_100);
        assert!(town.world.is_quiet());
        let active = town.active().expect("there is one");
        let mut picture = Picture::default();
        town.controller(active).show(&mut picture);
        assert_eq!((picture.role, picture.replicas[0].role), (Role::Controller, ReplicaRole::Leader));
        assert!(town.brokers().iter().all(|node| picture.peers.contains(node)));
    }
}

#[test]
fn a_long_log_becomes_a_snapshot_from_which_controllers_come_back() {
    let plan = Plan { brokers: 7, partitions: 7, proposes: true, ..Plan::default() };
    let mut town = Town::new(plan, 9);
    town.fault(62_000, Action::DiskLoss(NodeId(1)), Some(1_000));
    town.fault(70_000, Action::PowerCut(town.controllers()), Some(1_000));
    town.run(61_900);
    let before = town.controller(NodeId(0)).committed.clone();
    town.run(90_000);
    for node in town.controllers() {
        let controller = town.controller(node);
        let status = controller.raft.status(METADATA).expect("it is a member");
        assert!(status.base.index >= 500, "{node:?} has it all in its log: {status:?}");
        let all = |committed: &Metadata| committed.partitions().map(|(id, it)| (id, it.clone())).collect::<Vec<_>>();
        assert_eq!(all(&controller.committed), all(&before), "{node:?}");
        assert_eq!(controller.committed.offset(), town.stub(NodeId(3)).offset);
    }
}
