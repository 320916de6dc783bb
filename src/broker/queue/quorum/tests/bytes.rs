use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::rig::message;
use crate::broker::queue::quorum::command::{Command, Deliveries, Entry, Session, encode, stamp};
use crate::broker::queue::quorum::config::Config;
use crate::broker::queue::quorum::machine::Machine;
use crate::broker::queue::quorum::message::Published;
use crate::event::{CopyId, NodeId};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, Death, DeathReason, Properties};
use crate::time::{Span, Time};

fn death() -> impl Strategy<Value = Death> {
    let reasons = prop_oneof![
        Just(DeathReason::Expired),
        Just(DeathReason::MaxLength),
        Just(DeathReason::Rejected),
        Just(DeathReason::DeliveryLimit)
    ];
    (any::<u32>(), reasons, any::<u32>()).prop_map(|(queue, reason, count)| Death { queue: Name(queue), reason, count })
}

fn properties() -> impl Strategy<Value = Arc<Properties>> {
    let deaths = prop::collection::vec(death(), 0..3);
    (prop::option::of(0..1_u64 << 60), any::<u8>(), any::<u32>(), deaths).prop_map(
        |(expiration, priority, headers, deaths)| {
            let expiration = expiration.map(Span::from_nanos);
            Arc::new(Properties { expiration, priority, headers: Name(headers), deaths })
        },
    )
}

fn published() -> impl Strategy<Value = Published> {
    let payload = prop::collection::vec(any::<u8>(), 0..80);
    (any::<u64>(), any::<u32>(), any::<u32>(), any::<bool>(), prop::option::of(properties()), payload).prop_map(
        |(tag, exchange, key, persistent, properties, payload)| Published {
            copy: CopyId::from_tag(tag),
            exchange: Name(exchange),
            key: Name(key),
            persistent,
            properties,
            payload: payload.into(),
        },
    )
}

fn deliveries() -> impl Strategy<Value = Deliveries> {
    prop::collection::vec(any::<u64>(), 0..9).prop_map(Deliveries::from_iter)
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Register),
        (any::<u64>(), published()).prop_map(|(sequence, message)| Command::Enqueue { sequence, message }),
        (any::<u16>(), any::<u16>(), any::<i16>()).prop_map(|(tag, prefetch, priority)| Command::Checkout {
            tag,
            prefetch,
            priority
        }),
        (any::<u64>(), deliveries()).prop_map(|(consumer, deliveries)| Command::Settle { consumer, deliveries }),
        (any::<u64>(), deliveries(), any::<bool>()).prop_map(|(consumer, deliveries, failed)| Command::Return {
            consumer,
            deliveries,
            failed
        }),
        (any::<u64>(), deliveries(), any::<bool>()).prop_map(|(consumer, deliveries, failed)| Command::Discard {
            consumer,
            deliveries,
            failed
        }),
        any::<u16>().prop_map(|tag| Command::Cancel { tag }),
        Just(Command::Down),
        Just(Command::Restarted),
        any::<u16>().prop_map(|node| Command::Disconnected { node: NodeId(node) }),
        any::<u16>().prop_map(|node| Command::Reconnected { node: NodeId(node) }),
        Just(Command::Purge),
        Just(Command::Tick),
        Just(Command::WorkerCheckout),
        deliveries().prop_map(|deliveries| Command::WorkerSettle { deliveries }),
    ]
}

proptest! {
    #[test]
    fn a_command_is_read_as_it_was_written(command in command(), node: u16, number: u64, at: u64, correlation: u64) {
        let from = Session { node: NodeId(node), number };
        let bytes = stamp(Time::from_nanos(at), &encode(from, correlation, &command));
        let entry = Entry { time: Time::from_nanos(at), from, correlation, command };
        prop_assert_eq!(Entry::decode(&bytes), Some(entry));
        // One byte less is no command, nor is one more.
        prop_assert_eq!(Entry::decode(&bytes.slice(..bytes.len() - 1)), None);
        let longer: Bytes = [&bytes, &[0][..]].concat().into();
        prop_assert_eq!(Entry::decode(&longer), None);
    }

    #[test]
    fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..120), kind in 0..16_u8) {
        let mut bytes = bytes;
        if bytes.len() > 26 {
            bytes[26] = kind;
        }
        let bytes: Bytes = bytes.into();
        drop(Entry::decode(&bytes));
        drop(Machine::decode(Config::of(&Arguments::default()), bytes));
    }
}

#[test]
fn a_payload_is_not_copied() {
    let command = Command::Enqueue { sequence: 1, message: message(1) };
    let bytes = stamp(Time::ZERO, &encode(super::rig::ONE, 0, &command));
    let Some(Entry { command: Command::Enqueue { message, .. }, .. }) = Entry::decode(&bytes) else { panic!() };
    assert!(bytes.as_ptr_range().contains(&message.payload.as_ptr()));
}
