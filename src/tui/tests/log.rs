//! Partitions of a log on the bench, drawn from pictures made by hand.

use crate::event::{CopyId, MessageId, NodeId, Tier};
use crate::lab::Topology;
use crate::picture::{
    Figure, GroupPicture, Lane, LaneLabel, PartitionPicture, Place, Replica, ReplicaRole, Role, Status,
};
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::sim::LinkState;
use crate::text::Language;
use crate::tui::bench::partitions::add_lanes;
use crate::tui::bench::scene::Scene;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::cluster::drawn;
use super::pictures::{snapshot, ui};

const ORDERS: Name = Name(1);
const WORKERS: Name = Name(7);

fn partition(partition: u16) -> TopicPartition {
    TopicPartition { topic: ORDERS, partition }
}

/// Three partitions over the brokers, each led by another; two consumers at work.
fn log(brokers: u16, consumers: u16) -> Scene {
    let topology = Topology { controllers: 1, ..Topology::new(1, brokers, consumers) };
    let mut scene = Scene::new(topology);
    let members = |consumer: u16| (0..3).filter(|part| part % consumers == consumer).map(partition).collect();
    for id in topology.nodes() {
        let picture = &mut scene.nodes[usize::from(id.0)].picture;
        picture.role = topology.role(id);
        match picture.role {
            Role::Producer => picture.figures.push(Figure::ToldOk(118)),
            Role::Broker => {
                let index = id.0 - 1;
                picture.peers.extend(topology.nodes().filter(|peer| *peer != id && *peer != topology.database()));
                picture.partitions.extend((0..3).map(|part| replica(topology, index, part)));
                if index == 0 {
                    picture.groups.push(GroupPicture {
                        group: WORKERS,
                        generation: 2,
                        is_rebalancing: false,
                        members: (0..consumers).map(|at| (topology.consumer(at), members(at))).collect(),
                        committed: vec![(partition(0), 35), (partition(1), 40), (partition(2), 12)],
                    });
                }
                (0..120).for_each(|message| {
                    let copy = CopyId { message: MessageId(message), attempt: 1, branch: 0 };
                    picture.hold(copy, Place::Tier(if message < 100 { Tier::Disk } else { Tier::PageCache }));
                });
            }
            Role::Consumer => {
                picture.peers.extend(topology.brokers());
                picture.lanes.push(Lane { label: LaneLabel::Unsettled, ready: 4, unacked: 1 });
            }
            Role::Controller => picture.replicas.push(Replica {
                queue: Name::EMPTY,
                role: ReplicaRole::Leader,
                term: 1,
                leader: Some(id),
                in_step: true,
                behind: 0,
            }),
            Role::Store => picture.figures.push(Figure::Applied(87)),
        }
    }
    scene.groups = vec![(WORKERS, "shop-workers".to_owned())];
    scene
}

/// Partition p is led by broker p + 1.
fn replica(topology: Topology, index: u16, part: u16) -> PartitionPicture {
    let leads = index == part % topology.brokers;
    PartitionPicture {
        partition: partition(part),
        role: if leads { ReplicaRole::Leader } else { ReplicaRole::Follower },
        leader: Some(topology.broker(part % topology.brokers)),
        leader_epoch: 0,
        replicas: usize::from(topology.brokers),
        in_sync: topology.brokers().collect(),
        is_in_sync: true,
        log_start: 0,
        high_watermark: 40,
        log_end: 40,
    }
}

fn settled(mut scene: Scene, state: impl Fn(NodeId, NodeId) -> LinkState) -> Scene {
    add_lanes(&mut scene.nodes);
    scene.connect(state);
    scene.name_queues(|_| String::new());
    scene
}

fn open(_: NodeId, _: NodeId) -> LinkState {
    LinkState::Open
}

/// `broker-1` is dead: `broker-2` leads its partition in a new epoch, and the group
/// is between two generations.
fn failed_over() -> Scene {
    let mut scene = log(3, 2);
    let group = scene.nodes[1].picture.groups.remove(0);
    let members = group.members.iter().map(|(node, _)| (*node, Vec::new())).collect();
    scene.nodes[2].picture.groups.push(GroupPicture { generation: 3, members, ..group });
    let dead = &mut scene.nodes[1].picture;
    (dead.status, dead.partitions) = (Status::Crashed, Vec::new());
    for node in [2, 3] {
        for part in &mut scene.nodes[node].picture.partitions {
            part.in_sync.remove(0);
            if part.partition == partition(0) {
                (part.role, part.leader_epoch) =
                    (if node == 2 { ReplicaRole::Leader } else { ReplicaRole::Follower }, 1);
            }
        }
    }
    settled(scene, open)
}

/// Followers of partition 0 are out of sync and behind; its leader appends what
/// nobody may read, and hears no controller.
fn lonely() -> Scene {
    let mut scene = log(3, 2);
    let controller = scene.topology.controller(0);
    for node in [1, 2, 3] {
        let part = &mut scene.nodes[node].picture.partitions[0];
        part.in_sync.truncate(1);
        part.log_start = 8;
        part.high_watermark = 31;
        part.is_in_sync = node == 1;
        part.log_end = if node == 1 { 40 } else { 31 };
    }
    settled(scene, |from, to| if from == NodeId(1) && to == controller { LinkState::Blocked } else { LinkState::Open })
}

#[test]
fn logs() {
    let scenes = [
        ("three", settled(log(3, 2), open)),
        ("failed_over", failed_over()),
        ("lonely", lonely()),
        ("alone", settled(log(1, 2), open)),
    ];
    let panes = [("80", 76, 15), ("80_end", 76, 11), ("120", 80, 17), ("200", 140, 20)];
    for (name, scene) in scenes {
        for (size, width, height) in panes {
            for language in Language::ALL {
                snapshot(&format!("log_{name}_{language}_{size}"), &drawn(&scene, &ui(language), (width, height)));
            }
        }
        let ascii = Ui::new(Language::En, Theme::Plain, Options { ascii: true, ..Options::default() });
        let shown = drawn(&scene, &ascii, (76, 15));
        assert!(shown.is_ascii(), "{shown}");
        snapshot(&format!("log_{name}_ascii"), &shown);
        snapshot(&format!("log_{name}_list"), &drawn(&scene, &ui(Language::En), (38, 12)));
    }
}

#[test]
fn five_brokers_fit_where_all_panes_are_in_sight() {
    for language in Language::ALL {
        let shown = drawn(&settled(log(5, 3), open), &ui(language), (80, 19));
        for what in ["ISR 5 e0", "40/40 @35 -5", "[0]", "controller-1"] {
            assert!(shown.contains(what), "{what}:\n{shown}");
        }
        snapshot(&format!("log_five_{language}_120"), &shown);
    }
}

/// What matters in a log is seen without colour: who leads, who is in sync, how far
/// each has come, and who reads what.
#[test]
fn every_change_of_a_partition_can_be_seen() {
    let before = drawn(&settled(log(3, 2), open), &ui(Language::En), (76, 15));
    let changes: [fn(&mut Scene); 10] = [
        |scene| scene.nodes[1].picture.partitions[0].high_watermark = 39,
        |scene| scene.nodes[2].picture.partitions[0].is_in_sync = false,
        |scene| scene.nodes[2].picture.partitions[0].log_end = 36,
        |scene| scene.nodes[2].picture.partitions[0].role = ReplicaRole::Candidate,
        |scene| scene.nodes[1].picture.groups[0].committed[0].1 = 36,
        |scene| scene.nodes[1].picture.groups[0].generation = 3,
        |scene| scene.nodes[1].picture.groups[0].is_rebalancing = true,
        |scene| scene.nodes[1].picture.partitions[0].in_sync.truncate(2),
        |scene| scene.nodes[2].picture.partitions[0].leader_epoch = 1,
        |scene| scene.nodes[1].picture.groups[0].members[0].1.clear(),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut scene = log(3, 2);
        change(&mut scene);
        assert_ne!(drawn(&settled(scene, open), &ui(Language::En), (76, 15)), before, "change {at}");
    }
}
