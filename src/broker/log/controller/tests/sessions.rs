//! Registrations, heartbeats, proposals, topics: what the active controller
//! decides, without a world.

use crate::broker::log::controller::decide::Decisions;
use crate::broker::log::controller::metadata::Metadata;
use crate::broker::log::{Options, TopicSpec};
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::{Error, IsrChange, Partition, RecoveryState, TopicPartition};
use crate::time::{Span, Time};

const TOPIC: Name = Name(1);

fn options(eligible_leader_replicas: bool) -> Options {
    Options {
        brokers: [1, 2, 3].map(NodeId).into(),
        topics: Box::new([TopicSpec { name: TOPIC, partitions: 4, replication_factor: 3 }]),
        min_insync: 2,
        eligible_leader_replicas,
        ..Options::default()
    }
}

struct Desk {
    options: Options,
    decisions: Decisions,
    now: Time,
}

impl Desk {
    /// Three brokers are unfenced, with epochs 0, 1, 2, and the topic is there.
    fn new(eligible_leader_replicas: bool) -> Self {
        let options = options(eligible_leader_replicas);
        let decisions = Decisions::begin(&options, &Metadata::default(), Time::ZERO);
        let mut desk = Self { options, decisions, now: Time::ZERO };
        for node in 1..=3 {
            assert_eq!(desk.register(node, 7), Ok(u64::from(node) - 1));
        }
        for node in 1..=3 {
            assert_eq!(desk.heartbeat(node, u64::from(node) - 1), Ok(false));
        }
        desk.decisions.create_topics(&desk.options, 0, desk.now);
        desk
    }

    fn register(&mut self, node: u16, incarnation: u64) -> Result<u64, Error> {
        self.decisions.register(self.now, NodeId(node), incarnation, false)
    }

    fn heartbeat(&mut self, node: u16, epoch: u64) -> Result<bool, Error> {
        let offset = self.decisions.metadata.offset();
        self.decisions.heartbeat(self.now, NodeId(node), epoch, offset)
    }

    /// Time passes, with heartbeats of some.
    fn pass(&mut self, seconds: u64, alive: &[(u16, u64)]) {
        for _ in 0..seconds {
            self.now += Span::from_secs(1);
            for (node, epoch) in alive {
                self.heartbeat(*node, *epoch).expect("it is registered");
            }
            self.decisions.time_passed(self.now);
        }
    }

    fn partition(&self, number: u16) -> Partition {
        let id = TopicPartition { topic: TOPIC, partition: number };
        Partition::clone(self.decisions.metadata.partition(id).expect("it exists"))
    }

    fn alter(&mut self, node: u16, broker_epoch: u64, number: u16, list: &[(u16, u64)]) -> Result<Partition, Error> {
        let state = self.partition(number);
        self.alter_at(node, broker_epoch, number, list, (state.leader_epoch, state.partition_epoch))
    }

    fn alter_at(
        &mut self,
        node: u16,
        broker_epoch: u64,
        number: u16,
        list: &[(u16, u64)],
        (leader_epoch, partition_epoch): (u32, u32),
    ) -> Result<Partition, Error> {
        let change = IsrChange {
            partition: TopicPartition { topic: TOPIC, partition: number },
            leader_epoch,
            partition_epoch,
            in_sync: list.iter().map(|(node, epoch)| (NodeId(*node), *epoch)).collect(),
            recovery: RecoveryState::Recovered,
        };
        self.decisions.alter_partition(NodeId(node), broker_epoch, &change)
    }
}

fn ids(list: &[NodeId]) -> Vec<u16> {
    list.iter().map(|node| node.0).collect()
}

#[test]
fn replicas_rotate_and_all_of_them_begin_in_sync() {
    let desk = Desk::new(true);
    for (number, expected) in [[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]].into_iter().enumerate() {
        let state = desk.partition(number as u16);
        assert_eq!((ids(&state.replicas), ids(&state.in_sync)), (expected.to_vec(), expected.to_vec()));
        assert_eq!((state.leader, state.leader_epoch, state.partition_epoch), (Some(NodeId(expected[0])), 0, 0));
    }
}

#[test]
fn a_topic_that_grows_goes_on_rotating() {
    let mut desk = Desk::new(true);
    desk.decisions.create_topics(&desk.options, 6, desk.now);
    assert_eq!(desk.decisions.metadata.partitions_of(TOPIC), 6);
    assert_eq!(ids(&desk.partition(5).replicas), [3, 1, 2]);
    assert_eq!(desk.partition(0).partition_epoch, 0, "what there was stays as it is");
}

#[test]
fn a_broker_is_fenced_until_it_has_its_own_registration() {
    let options = options(true);
    let mut decisions = Decisions::begin(&options, &Metadata::default(), Time::ZERO);
    for node in 1..=3 {
        decisions.register(Time::ZERO, NodeId(node), 1, false).expect("it is new");
    }
    assert_eq!(decisions.heartbeat(Time::ZERO, NodeId(3), 2, 2), Ok(true));
    assert_eq!(decisions.heartbeat(Time::ZERO, NodeId(3), 2, 3), Ok(false));
    assert_eq!(decisions.heartbeat(Time::ZERO, NodeId(3), 1, 3), Err(Error::StaleBrokerEpoch));
    decisions.create_topics(&options, 0, Time::ZERO);
    assert_eq!(decisions.metadata.partitions_of(TOPIC), 0, "the topic waits for all its brokers");
}

#[test]
fn a_silent_broker_is_fenced_when_its_session_has_ended_and_others_lead() {
    let mut desk = Desk::new(true);
    desk.pass(9, &[(2, 1), (3, 2)]);
    assert_eq!(desk.partition(0).leader, Some(NodeId(1)), "nine seconds are its own");
    desk.pass(3, &[(2, 1), (3, 2)]);
    assert_eq!((desk.partition(0).leader, ids(&desk.partition(0).in_sync)), (Some(NodeId(2)), vec![2, 3]));
    assert_eq!((desk.partition(1).leader, ids(&desk.partition(1).in_sync)), (Some(NodeId(2)), vec![2, 3]));
    assert_eq!(desk.heartbeat(1, 0), Ok(false), "it was only silent: it takes part again");
    assert_eq!(ids(&desk.partition(0).in_sync), [2, 3], "and must catch up first");
}

#[test]
fn another_process_of_a_broker_waits_for_the_session_of_the_last_one() {
    let mut desk = Desk::new(true);
    assert_eq!(desk.register(1, 7), Ok(0), "the same process asks again");
    desk.pass(4, &[(2, 1), (3, 2)]);
    assert_eq!(desk.register(1, 8), Err(Error::DuplicateBrokerRegistration));
    desk.pass(8, &[(2, 1), (3, 2)]);
    let epoch = desk.register(1, 8).expect("the session has ended");
    assert!(epoch > 2);
    assert_eq!(desk.heartbeat(1, 0), Err(Error::StaleBrokerEpoch));
    assert_eq!(desk.partition(0).leader, Some(NodeId(2)), "leadership has moved");
}

#[test]
fn leadership_goes_back_after_five_minutes_if_the_first_replica_is_in_sync() {
    let mut desk = Desk::new(true);
    desk.pass(12, &[(2, 1), (3, 2)]);
    desk.pass(1, &[(1, 0), (2, 1), (3, 2)]);
    let alive = [(1, 0), (2, 1), (3, 2)];
    desk.pass(280, &alive);
    assert!(desk.alter(2, 1, 0, &[(2, 1), (3, 2), (1, 0)]).is_ok());
    assert_eq!(desk.partition(0).leader, Some(NodeId(2)));
    desk.pass(10, &alive);
    assert_eq!(desk.partition(0).leader, Some(NodeId(1)));
    assert_eq!(desk.partition(3).leader, Some(NodeId(2)), "not in sync");
}

#[test]
fn a_leaders_proposal_is_checked_against_the_partition_as_it_is() {
    let mut desk = Desk::new(true);
    let (all, pair) = ([(1, 0), (2, 1), (3, 2)], [(1, 0), (2, 1)]);
    assert_eq!(desk.alter_at(1, 0, 0, &pair, (1, 0)), Err(Error::NotController));
    assert_eq!(desk.alter_at(1, 0, 0, &pair, (0, 1)), Err(Error::NotController));
    assert_eq!(desk.alter(2, 1, 0, &pair), Err(Error::FencedLeaderEpoch), "another leads");
    assert_eq!(desk.alter(1, 2, 0, &pair), Err(Error::StaleBrokerEpoch));
    let shrunk = desk.alter(1, 0, 0, &pair).expect("it leads");
    assert_eq!((ids(&shrunk.in_sync), shrunk.leader_epoch, shrunk.partition_epoch), (vec![1, 2], 0, 1));
    assert_eq!(desk.alter_at(1, 0, 0, &all, (0, 0)), Err(Error::InvalidUpdateVersion));
    for (list, why) in [
        (&[(1, 0), (2, 0)][..], "it restarted since"),
        (&[(2, 1)], "without the leader"),
        (&[(1, 0), (1, 0)], "twice"),
        (&[(1, 0), (4, 1)], "no replica"),
    ] {
        assert_eq!(desk.alter(1, 0, 0, list), Err(Error::IneligibleReplica), "{why}");
    }
    desk.pass(12, &[(1, 0), (2, 1)]);
    assert_eq!(desk.alter(1, 0, 0, &all), Err(Error::IneligibleReplica), "3 is fenced");
    assert_eq!(desk.alter_at(1, 0, 2, &pair, (0, 0)), Err(Error::FencedLeaderEpoch));
}

#[test]
fn the_power_cut_of_the_last_one_standing_decides_who_may_lead() {
    for eligible_leader_replicas in [true, false] {
        let mut desk = Desk::new(eligible_leader_replicas);
        // Partition 0: only its leader, 1, is in sync; 2 left last.
        assert!(desk.alter(1, 0, 0, &[(1, 0), (2, 1)]).is_ok());
        assert!(desk.alter(1, 0, 0, &[(1, 0)]).is_ok());
        desk.pass(12, &[(3, 2)]);
        assert_eq!(desk.partition(0).leader, None);
        let epoch = desk.register(1, 8).expect("its session has ended");
        let state = desk.partition(0);
        let expected = if eligible_leader_replicas { (vec![], vec![2]) } else { (vec![1], vec![]) };
        assert_eq!((ids(&state.in_sync), ids(&state.eligible)), expected);
        desk.heartbeat(1, epoch).expect("it is registered");
        let leader = (!eligible_leader_replicas).then_some(NodeId(1));
        assert_eq!(desk.partition(0).leader, leader, "it may have lost what it acknowledged");
        desk.heartbeat(2, 1).expect("it is registered");
        let leader = if eligible_leader_replicas { NodeId(2) } else { NodeId(1) };
        assert_eq!((desk.partition(0).leader, desk.partition(0).recovery), (Some(leader), RecoveryState::Recovered));
    }
}

#[test]
fn producer_ids_are_given_out_once() {
    let mut desk = Desk::new(true);
    assert_eq!(desk.decisions.allocate_producer_ids(), (0, 1_000));
    let committed = desk.decisions.metadata.clone();
    let mut next = Decisions::begin(&desk.options, &committed, desk.now);
    assert_eq!(next.allocate_producer_ids(), (1_000, 1_000));
}
