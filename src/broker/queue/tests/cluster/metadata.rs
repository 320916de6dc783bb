//! What all nodes know, whichever of them lives.

use super::town::*;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::cluster::Place;
use crate::broker::queue::tests::rig::{EXCHANGE, KEY, OTHER_QUEUE, QUEUE, persistent};
use crate::event::{Kind, NodeId, detail_queue};
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::queue::{ExchangeKind, Method, Publish};
use crate::random::{Purpose, Seed};
use crate::sim::Action;

fn broker(town: &Town, node: u16) -> &QueueBroker {
    let Actor::Broker(broker) = town.world.node(NodeId(node)) else { panic!("{node} is a client") };
    broker
}

/// Where a node believes a queue to be.
fn home(town: &Town, node: u16, queue: Name) -> Option<NodeId> {
    let broker = broker(town, node);
    let index = broker.queues.find(queue)?;
    Some(match broker.queues.list[index as usize].place {
        Place::Here | Place::Quorum => NodeId(node),
        Place::At(home) => home,
    })
}

fn homes(town: &Town, queue: Name) -> Vec<Option<NodeId>> {
    town.brokers().map(|node| home(town, node, queue)).collect()
}

fn answered(town: &Town, client: NodeId, answer: &Method) -> usize {
    town.heard(client).filter(|method| *method == answer).count()
}

const DECLARED: Method = Method::QueueDeclareOk { queue: QUEUE };

#[test]
fn a_queue_is_where_it_was_declared_first_and_every_node_knows_it() {
    for seed in 0..20 {
        let mut town = Town::new(3, seed);
        let first = town.client(&[(seed % 3) as u16], false, &[Method::declare(QUEUE, true)], []);
        let second = town.client(&[(seed / 3 % 3) as u16], false, &[Method::declare(QUEUE, true)], []);
        town.run(3_000);
        assert_eq!(homes(&town, QUEUE), [Some(NodeId((seed % 3) as u16)); 3]);
        assert_eq!([first, second].map(|client| answered(&town, client, &DECLARED)), [1, 1]);
    }
}

#[test]
fn two_nodes_that_declare_at_once_agree_on_one_home() {
    for seed in 0..20 {
        let mut town = Town::new(3, seed);
        let declare = [(2_000, Method::declare(QUEUE, true))];
        let clients = [0, 1, 2].map(|node| town.client(&[node], false, &[], declare.clone()));
        town.run(4_000);
        let homes = homes(&town, QUEUE);
        assert!(homes[0].is_some() && homes.iter().all(|home| *home == homes[0]), "{homes:?}");
        assert_eq!(clients.map(|client| answered(&town, client, &DECLARED)), [1; 3]);
    }
}

#[test]
fn a_declaration_made_otherwise_elsewhere_is_refused() {
    let mut town = Town::new(3, 1);
    town.client(&[0], false, &[Method::declare(QUEUE, true)], []);
    let other = town.client(&[1], false, &[], [(2_000, Method::declare(QUEUE, false))]);
    town.run(3_000);
    assert_eq!(answered(&town, other, &Method::ChannelClose { code: 406 }), 1);
}

#[test]
fn exchanges_and_bindings_hold_on_every_node() {
    let mut town = Town::new(3, 1);
    let exchange = Method::exchange(EXCHANGE, ExchangeKind::Direct, true);
    let bind = Method::QueueBind { queue: QUEUE, exchange: EXCHANGE, key: KEY };
    town.client(&[1], false, &[Method::declare(QUEUE, true), exchange, bind], []);
    let publish = Method::Publish(Publish { exchange: EXCHANGE, key: KEY, ..persistent(7) });
    town.client(&[2], false, &[], [(2_000, publish)]);
    town.run(5_000);
    assert_eq!(town.holds(), [(1, 7)]);
}

/// Two of three nodes are gone: nothing new can be declared, and who asks is cut
/// off after half a minute. When one is back, it goes on.
fn nothing_is_declared_without_a_majority() {
    let mut town = Town::new(3, 1);
    town.fault(1_000, Action::Crash(NodeId(1)), Some(60_000));
    town.fault(1_000, Action::Crash(NodeId(2)), None);
    let client = town.client(&[0], false, &[], [(2_000, Method::declare(QUEUE, true))]);
    town.run(31_000);
    assert_eq!((answered(&town, client, &DECLARED), town.losses(client)), (0, 0));
    assert_eq!(home(&town, 0, QUEUE), None);
    town.run(34_000);
    assert_eq!((answered(&town, client, &DECLARED), town.losses(client)), (0, 1));
    let late = town.times(0, Kind::LeaderElected);
    town.run(80_000);
    assert!(town.times(0, Kind::LeaderElected).len() + town.times(1, Kind::LeaderElected).len() >= late.len());
}

#[test]
fn without_a_majority_a_declaration_waits_and_fails() {
    nothing_is_declared_without_a_majority();
}

#[test]
fn a_declaration_waits_out_a_short_lack_of_a_majority() {
    let mut town = Town::new(3, 1);
    town.fault(1_000, Action::Crash(NodeId(1)), Some(10_000));
    town.fault(1_000, Action::Crash(NodeId(2)), Some(10_000));
    let client = town.client(&[0], false, &[], [(2_000, Method::declare(QUEUE, true))]);
    town.run(20_000);
    assert_eq!((answered(&town, client, &DECLARED), town.losses(client)), (1, 0));
}

#[test]
fn the_home_comes_back_with_its_messages_and_clients_elsewhere_go_on() {
    for seed in 0..10 {
        let mut town = Town::new(3, seed);
        town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
        let publisher = town.client(&[0], false, &publisher(true), publishes(20, 600, 10));
        town.fault(2_000, Action::Crash(NodeId(1)), Some(3_000));
        let consumer = town.client(&[2], true, &[], [(1_500, Method::Qos { prefetch: 3 })]);
        let later = town.client(&[2], true, &consumer_script(), []);
        town.run(15_000);
        assert_eq!(town.answers(publisher).0.len(), 20);
        assert!(town.delivered(consumer).is_empty());
        let delivered = town.delivered(later);
        assert!((1..=20).all(|message| delivered.contains(&message)), "{delivered:?}");
        assert_eq!(town.holds(), []);
    }
}

fn consumer_script() -> Vec<Method> {
    consumer(true, 3)
}

#[test]
fn a_queue_that_is_not_durable_goes_with_its_node_and_can_be_declared_anew() {
    let mut town = Town::new(3, 1);
    let declare = [(500, Method::declare(QUEUE, false)), (600, Method::declare(OTHER_QUEUE, true))];
    town.client(&[1], false, &[], declare);
    town.fault(2_000, Action::Crash(NodeId(1)), Some(3_000));
    town.run(4_500);
    assert_eq!(home(&town, 0, QUEUE), Some(NodeId(1)), "its node may come back with it, for all the others know");
    town.run(9_000);
    assert_eq!(homes(&town, QUEUE), [None; 3]);
    assert_eq!(homes(&town, OTHER_QUEUE), [Some(NodeId(1)); 3]);
}

#[test]
fn everything_known_survives_a_power_cut_of_all() {
    for seed in 0..20 {
        let mut town = Town::new(3, seed);
        let client = town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
        town.client(&[2], false, &[Method::declare(OTHER_QUEUE, true)], []);
        town.fault(1_000, Action::PowerCut((0..3).map(NodeId).collect()), Some(2_000));
        town.run(900);
        assert_eq!(answered(&town, client, &DECLARED), 1);
        town.run(20_000);
        assert_eq!(homes(&town, QUEUE), [Some(NodeId(1)); 3]);
        assert_eq!(homes(&town, OTHER_QUEUE), [Some(NodeId(2)); 3]);
    }
}

#[test]
fn a_node_that_lost_its_disk_learns_everything_again_but_its_messages_are_gone() {
    for seed in 0..5 {
        let mut town = Town::new(3, seed);
        town.client(&[1], false, &[Method::declare(QUEUE, true)], []);
        town.client(&[0], false, &publisher(true), publishes(20, 600, 10));
        town.fault(2_000, Action::DiskLoss(NodeId(1)), Some(2_000));
        town.run(15_000);
        assert_eq!(homes(&town, QUEUE), [Some(NodeId(1)); 3]);
        assert_eq!(town.holds(), []);
        // It is a full member: with it, a majority is left when another dies.
        assert!(town.picture(1).replicas.iter().any(|replica| replica.queue == Name::EMPTY && replica.in_step));
    }
}

/// Whatever happens, the nodes agree in the end, and what a client was told is true.
#[test]
fn after_any_faults_all_nodes_agree_and_what_was_answered_is_true() {
    for seed in 0..60 {
        let draw = Seed(seed).draw(Purpose::Test);
        let mut town = Town::new(3, seed);
        for fault in 0..4 {
            let draw = draw.by(fault);
            let node = NodeId(draw.by(1).below(3) as u16);
            let other = NodeId((node.0 + 1 + draw.by(2).below(2) as u16) % 3);
            let action = match draw.by(3).below(6) {
                0 => Action::Crash(node),
                1 => Action::PowerCut(vec![node]),
                2 => Action::PowerCut((0..3).map(NodeId).collect()),
                3 => Action::Partition { from: node, to: other, one_way: draw.by(4).chance(1, 3) },
                4 => Action::Pause(node),
                _ => Action::Cut { from: node, to: other },
            };
            town.fault(50 + draw.by(5).below(4_000), action, Some(200 + draw.by(6).below(4_000)));
        }
        let names: Vec<Name> = (10..22).map(Name).collect();
        let clients: Vec<NodeId> = (0..3)
            .map(|client: u16| {
                let own = names.iter().skip(usize::from(client)).step_by(3);
                let plan = own.enumerate().map(|(at, name)| (1_000 + 700 * at as u64, Method::declare(*name, true)));
                town.client(&[client, (client + 1) % 3, (client + 2) % 3], false, &[], plan)
            })
            .collect();
        town.run(12_000);
        town.heal();
        for name in &names {
            let homes = homes(&town, *name);
            assert!(homes.iter().all(|home| *home == homes[0]), "seed {seed}: {name:?} is at {homes:?}");
            let told = Method::QueueDeclareOk { queue: *name };
            let was_told = clients.iter().any(|client| answered(&town, *client, &told) > 0);
            assert!(!was_told || homes[0].is_some(), "seed {seed}: {name:?} was declared and is gone");
        }
        let leaders = town.brokers().filter(|node| {
            let metadata = |replica: &&crate::picture::Replica| replica.queue == Name::EMPTY;
            let picture = town.picture(*node);
            picture.replicas.iter().find(metadata).is_some_and(|it| it.role == crate::picture::ReplicaRole::Leader)
        });
        assert_eq!(leaders.count(), 1, "seed {seed}");
    }
}

#[test]
fn there_is_one_election_when_all_goes_well() {
    let mut town = Town::new(3, 1);
    town.run(100_000);
    assert_eq!(town.count(Kind::LeaderElected), 1);
    assert!(
        town.history
            .0
            .iter()
            .all(|event| event.kind != Kind::LeaderElected || detail_queue(event.detail) == Name::EMPTY)
    );
}

#[test]
fn the_tests_notice_a_declaration_without_a_majority() {
    let fails =
        flaw::with(Flaw::MetadataWithoutMajority, || std::panic::catch_unwind(nothing_is_declared_without_a_majority));
    assert!(fails.is_err());
}
