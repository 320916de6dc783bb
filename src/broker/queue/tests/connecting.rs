//! Connections, heartbeats, channels.

use super::rig::*;
use crate::event::{Closed, Kind, NodeId};
use crate::node::{ConnectionId, Input};
use crate::protocol::queue::{ExchangeKind, Method, code};
use crate::time::Span;

const HEARTBEAT: Span = Span::from_secs(60);

#[test]
fn a_silent_client_is_cut_off_after_two_to_three_heartbeats_and_its_messages_go_back() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.connect(HEARTBEAT);
    rig.say(consumer, Method::ChannelOpen);
    rig.consume(consumer, 0, false);
    rig.publish(publisher, 1);
    rig.wait(HEARTBEAT.times(2));
    assert!(rig.closed.is_empty());
    rig.wait(HEARTBEAT);
    assert_eq!(rig.closed, [(consumer, Closed::HeartbeatMissed)]);
    assert_eq!(rig.noted(Kind::Requeued), [1]);
}

#[test]
fn a_client_that_beats_stays_connected() {
    let mut rig = Rig::new();
    let client = rig.connect(HEARTBEAT);
    for _ in 0..20 {
        rig.wait(Span::from_secs(30));
        rig.frame(client, 0, Method::Heartbeat);
    }
    assert!(rig.closed.is_empty());
    let beats = rig.heard(client).into_iter().filter(|method| *method == Method::Heartbeat).count();
    assert!((19..=20).contains(&beats), "the broker beats every half interval: {beats}");
}

#[test]
fn a_connection_with_traffic_needs_no_heartbeats_from_the_broker() {
    let mut rig = Rig::new();
    let client = rig.connect(HEARTBEAT);
    rig.say(client, Method::ChannelOpen);
    for _ in 0..20 {
        rig.wait(Span::from_secs(29));
        rig.say(client, Method::Qos { prefetch: 1 });
    }
    assert!(!rig.heard(client).contains(&Method::Heartbeat));
}

#[test]
fn without_heartbeats_a_dead_client_is_never_noticed() {
    let mut rig = Rig::new();
    rig.client();
    rig.wait(Span::from_secs(100_000));
    assert!(rig.closed.is_empty());
}

#[test]
fn closing_a_channel_returns_its_messages_but_not_the_other_channels() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let client = rig.client();
    rig.consume(client, 1, false);
    rig.frame(client, 2, Method::ChannelOpen);
    rig.frame(client, 2, Method::Qos { prefetch: 1 });
    rig.frame(client, 2, Method::consume(QUEUE, 1, false));
    (1..=2).for_each(|message| rig.publish(publisher, message));
    rig.say(client, Method::ChannelClose { code: code::OK });
    assert_eq!(rig.noted(Kind::Requeued), [1]);
    assert!(rig.heard(client).contains(&Method::ChannelCloseOk));
    rig.frame(client, 2, Method::Ack { tag: 1, multiple: false });
    assert_eq!(rig.noted(Kind::Acked), [2]);
}

#[test]
fn consuming_from_or_binding_an_unknown_queue_closes_the_channel_with_404() {
    for method in
        [Method::consume(NOWHERE, 1, false), Method::QueueBind { queue: NOWHERE, exchange: EXCHANGE, key: KEY }]
    {
        let mut rig = Rig::new();
        let client = rig.client();
        rig.say(client, method);
        assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::NOT_FOUND }));
    }
}

#[test]
fn declaring_something_again_otherwise_closes_the_channel_with_406() {
    let kind = ExchangeKind::Direct;
    for [first, second] in [
        [true, false].map(|durable| Method::declare(QUEUE, durable)),
        [true, false].map(|durable| Method::exchange(EXCHANGE, kind, durable)),
    ] {
        let mut rig = Rig::new();
        let client = rig.client();
        rig.say(client, first);
        assert!(!rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
        rig.say(client, second);
        assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
    }
}

#[test]
fn a_durable_queue_is_declared_only_once_its_declaration_is_synced() {
    let mut rig = Rig::new();
    rig.disk_is_fast = false;
    let client = rig.client();
    rig.say(client, Method::declare(QUEUE, true));
    rig.disk_step();
    assert!(!rig.heard(client).contains(&Method::QueueDeclareOk { queue: QUEUE }));
    rig.disk_step();
    assert!(rig.heard(client).contains(&Method::QueueDeclareOk { queue: QUEUE }));
    rig.say(client, Method::declare(OTHER_QUEUE, false));
    assert!(rig.heard(client).contains(&Method::QueueDeclareOk { queue: OTHER_QUEUE }));
}

#[test]
fn a_method_on_a_channel_that_is_not_open_ends_the_connection() {
    let mut rig = Rig::new();
    let client = rig.connect(Span::ZERO);
    rig.say(client, Method::ConfirmSelect);
    assert_eq!(rig.closed, [(client, Closed::Protocol(504))]);
    rig.say(client, Method::ConfirmSelect);
    assert_eq!(rig.closed.len(), 1, "a connection that is gone is silent");
}

#[test]
fn a_method_before_the_handshake_ends_the_connection() {
    let mut rig = Rig::new();
    let connection = ConnectionId(99);
    rig.give(Input::Opened { connection, peer: NodeId(9), inbound: true });
    rig.say(connection, Method::ChannelOpen);
    assert_eq!(rig.closed, [(connection, Closed::Protocol(code::COMMAND_INVALID))]);
}

#[test]
fn a_declaration_that_could_not_be_stored_cuts_the_client_off_and_can_be_tried_again() {
    for sync in [false, true] {
        let mut rig = Rig::new();
        let client = rig.client();
        (rig.disk_is_full, rig.sync_fails) = (!sync, sync);
        rig.say(client, Method::declare(QUEUE, true));
        assert_eq!(rig.closed, [(client, Closed::Protocol(541))]);
        (rig.disk_is_full, rig.sync_fails) = (false, false);
        let client = rig.publisher();
        assert!(rig.heard(client).contains(&Method::QueueDeclareOk { queue: QUEUE }));
        rig.power_cut();
        assert_eq!(rig.picture().lanes.len(), 1);
    }
}
