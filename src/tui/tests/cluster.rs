//! Clusters on the bench, drawn from pictures made by hand: what brokers show of
//! themselves is all that the screen knows.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use crate::event::{CopyId, MessageId, NodeId, Resource, Tier};
use crate::lab::Topology;
use crate::picture::{Figure, Lane, LaneLabel, Place, Replica, ReplicaRole, Role, Status};
use crate::protocol::Name;
use crate::sim::LinkState;
use crate::text::Language;
use crate::tui::bench::BenchRequest;
use crate::tui::bench::scene::{Moving, Scene};
use crate::tui::bench::topology::topology;
use crate::tui::canvas::Canvas;
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::ui::{Options, Ui};

use super::calls::open;
use super::pictures::{picture, press, rows_of, snapshot, ui};

const ORDERS: Name = Name(1);
const AUDIT: Name = Name(2);

fn copy(message: u32) -> CopyId {
    CopyId { message: MessageId(message), attempt: 1, ..CopyId::default() }
}

/// A cluster at work: `broker-1` leads, everyone is connected.
fn cluster(brokers: u16, producers: u16, consumers: u16) -> Scene {
    nodes_of(Topology::new(producers, brokers, consumers))
}

fn nodes_of(topology: Topology) -> Scene {
    let Topology { producers, brokers, consumers, .. } = topology;
    let mut scene = Scene::new(topology);
    let ids: Vec<_> = topology.nodes().collect();
    for (at, id) in ids.iter().enumerate() {
        let picture = &mut scene.nodes[at].picture;
        picture.role = topology.role(*id);
        match picture.role {
            Role::Producer => {
                picture.peers.push(topology.broker(id.0 % brokers));
                picture.lanes.push(Lane { label: LaneLabel::Unconfirmed, ready: 0, unacked: 2 });
                picture.figures.push(Figure::ToldOk(32));
            }
            Role::Broker => {
                let index = id.0 - producers;
                picture.peers.extend(ids.iter().filter(|peer| *peer != id && peer.0 < producers + brokers + consumers));
                let role = if index == 0 { ReplicaRole::Leader } else { ReplicaRole::Follower };
                for queue in [ORDERS, AUDIT, Name::EMPTY] {
                    let (leader, term) = (Some(topology.broker(0)), 3);
                    picture.replicas.push(Replica { queue, role, term, leader, in_step: true, behind: 0 });
                }
                if index == 0 {
                    picture.lanes.push(Lane { label: LaneLabel::Queue(ORDERS), ready: 23, unacked: 2 });
                    picture.lanes.push(Lane { label: LaneLabel::Queue(AUDIT), ready: 4, unacked: 0 });
                }
                (0..25).for_each(|message| {
                    let tier = [Tier::Disk, Tier::PageCache, Tier::Memory]
                        [usize::from(message > 20) + usize::from(message > 23)];
                    picture.hold(copy(message), Place::Tier(tier));
                });
            }
            Role::Consumer => {
                picture.peers.push(topology.broker((id.0 + 1) % brokers));
                picture.lanes.push(Lane { label: LaneLabel::Unsettled, ready: 1, unacked: 1 });
            }
            Role::Controller => {}
            Role::Store => picture.figures.push(Figure::Applied(7)),
        }
    }
    look(&mut scene, |_, _| LinkState::Open);
    scene
}

fn look(scene: &mut Scene, state: impl Fn(NodeId, NodeId) -> LinkState) {
    scene.connect(state);
    scene.name_queues(|name| ["", "orders", "audit"][name.0 as usize].to_owned());
    // With one broker, the second is a consumer, or the database.
    let (one, two) = (scene.topology.broker(0), scene.topology.broker(1));
    let moving = |from, to, along| Moving { from, to, along, lost: false };
    let producer = scene.topology.producer(0);
    scene.moving =
        vec![moving(one, two, 400), moving(two, one, 200), moving(producer, one, 300), moving(one, producer, 500)];
}

/// `broker-1` is cut off and does not know; `broker-2` leads in a new term.
fn parted(brokers: u16) -> Scene {
    let mut scene = cluster(brokers, 2, 3);
    let cut = scene.topology.broker(0);
    for index in 1..brokers {
        let node = usize::from(scene.topology.broker(index).0);
        let picture = &mut scene.nodes[node].picture;
        picture.peers.retain(|peer| *peer != cut);
        for replica in &mut picture.replicas {
            replica.term = 4;
            replica.role = if index == 1 { ReplicaRole::Leader } else { ReplicaRole::Follower };
        }
    }
    scene.nodes[usize::from(cut.0)].picture.is_minority = true;
    let topology = scene.topology;
    let is_broker = |node| topology.role(node) == Role::Broker;
    look(&mut scene, |from, to| {
        if is_broker(from) && is_broker(to) && (from == cut || to == cut) {
            LinkState::Blocked
        } else {
            LinkState::Open
        }
    });
    scene
}

/// One node dead, one far behind on a slow link, one short of memory.
fn hurt(brokers: u16) -> Scene {
    let mut scene = cluster(brokers, 2, 3);
    let nodes = [0, 1, 2].map(|index| scene.topology.broker(index));
    let at = nodes.map(|node| usize::from(node.0));
    scene.nodes[at[0]].picture.alarms.push(Resource::Memory);
    for replica in &mut scene.nodes[at[1]].picture.replicas {
        (replica.in_step, replica.behind) = (false, 12);
    }
    let dead = &mut scene.nodes[at[2]].picture;
    (dead.status, dead.replicas, dead.peers) = (Status::Crashed, Vec::new(), Vec::new());
    look(&mut scene, |from, to| if from == nodes[0] && to == nodes[1] { LinkState::Slow } else { LinkState::Open });
    scene
}

pub(super) fn drawn(scene: &Scene, ui: &Ui, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a buffer");
    let draw = |frame: &mut ratatui::Frame<'_>| {
        topology(&mut Canvas::new(frame.buffer_mut(), ui), Rect::new(0, 0, width, height), scene);
    };
    terminal.draw(draw).expect("a buffer cannot fail");
    rows_of(terminal.backend().buffer())
}

/// The pane's inside at 80x24 (running, and with its result), 120x36, 200x60.
const PANES: [(&str, u16, u16); 4] = [("80", 76, 15), ("80_end", 76, 11), ("120", 80, 15), ("200", 140, 20)];

#[test]
fn clusters() {
    let scenes: [(&str, Scene); 8] = [
        ("alone", cluster(1, 2, 5)),
        ("three", cluster(3, 1, 2)),
        ("parted", parted(3)),
        ("hurt", hurt(3)),
        ("five", parted(5)),
        ("crowd", cluster(3, 4, 16)),
        ("caches", nodes_of(Topology { caches: 2, ..Topology::new(1, 3, 2) })),
        ("caches_alone", nodes_of(Topology { caches: 2, ..Topology::new(1, 1, 2) })),
    ];
    for language in Language::ALL {
        let shown = drawn(&parted(5), &ui(language), (80, 19));
        snapshot(&format!("cluster_five_{language}_120_rows"), &shown);
    }
    for (name, scene) in scenes {
        for (size, width, height) in PANES {
            for language in Language::ALL {
                let shown = drawn(&scene, &ui(language), (width, height));
                snapshot(&format!("cluster_{name}_{language}_{size}"), &shown);
            }
        }
    }
}

#[test]
fn a_cluster_says_the_same_without_colour_in_ascii_and_where_boxes_do_not_fit() {
    let ascii = Ui::new(Language::En, Theme::Plain, Options { ascii: true, ..Options::default() });
    for (name, scene) in [("parted", parted(3)), ("hurt", hurt(3))] {
        let shown = drawn(&scene, &ascii, (76, 15));
        assert!(shown.is_ascii(), "{shown}");
        snapshot(&format!("cluster_{name}_ascii"), &shown);
        snapshot(&format!("cluster_{name}_list"), &drawn(&scene, &ui(Language::En), (38, 9)));
    }
}

/// A leader is told from a follower, and one in step from one that is not, by a
/// sign: colour is never the only carrier.
#[test]
fn every_part_and_every_link_has_a_sign_of_its_own() {
    for language in Language::ALL {
        let ui = ui(language);
        let before = drawn(&cluster(3, 1, 2), &ui, (76, 15));
        for change in [
            |scene: &mut Scene| scene.nodes[2].picture.replicas[0].in_step = false,
            |scene: &mut Scene| scene.nodes[2].picture.replicas[0].role = ReplicaRole::Leader,
            |scene: &mut Scene| scene.nodes[2].picture.replicas[0].role = ReplicaRole::Candidate,
            |scene: &mut Scene| scene.nodes[2].picture.replicas[0].behind = 5,
            |scene: &mut Scene| scene.nodes[2].picture.is_minority = true,
            |scene: &mut Scene| scene.nodes[2].picture.status = Status::Paused,
            |scene: &mut Scene| scene.nodes[2].picture.alarms.push(Resource::Disk),
            |scene: &mut Scene| scene.links.iter_mut().for_each(|link| link.forth = LinkState::Blocked),
            |scene: &mut Scene| scene.links.iter_mut().for_each(|link| link.back = LinkState::Blocked),
            |scene: &mut Scene| scene.links.iter_mut().for_each(|link| link.forth = LinkState::Slow),
            |scene: &mut Scene| scene.links.iter_mut().for_each(|link| link.connected = false),
            |scene: &mut Scene| scene.moving.clear(),
        ] {
            let mut scene = cluster(3, 1, 2);
            change(&mut scene);
            assert_ne!(drawn(&scene, &ui, (76, 15)), before, "{language}");
        }
    }
}

/// Nothing is drawn over the edge or panics, whatever the size and the crowd.
#[test]
fn any_cluster_fits_any_pane() {
    for brokers in 1..=7 {
        for (producers, consumers) in [(1, 0), (4, 32), (1, 3)] {
            let scene = cluster(brokers, producers, consumers);
            for width in (0..200).step_by(7) {
                for height in 0..30 {
                    let _ = drawn(&scene, &ui(Language::Zh), (width, height));
                }
            }
        }
    }
}

/// The other nodes know a classic queue by name only, and that its node is down.
#[test]
fn a_queue_whose_node_is_down_is_down_on_the_cards_of_the_others() {
    for (size, language) in [((80, 24), Language::En), ((120, 36), Language::Zh), ((200, 60), Language::En)] {
        let mut app = open("rabbit-ha", &BenchRequest::default(), size, language);
        let before = (0..40).find_map(|_| {
            let before = picture(&app, size);
            press(&mut app, &[Key::Char('.')]);
            picture(&app, size).contains("state: down").then_some(before)
        });
        let (before, down) = (before.expect("broker-1 goes down"), picture(&app, size));
        assert!(!before.contains("state: down"), "{before}");
        assert_eq!(down.matches("state: down").count(), 2, "{down}");
    }
}
