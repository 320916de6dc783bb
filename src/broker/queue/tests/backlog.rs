//! Long queues: payloads leave memory, come back in order, and nothing is lost
//! on the way.

use super::rig::*;
use crate::broker::queue::read_back::KEPT;
use crate::event::{Kind, Reason};
use crate::protocol::queue::{Arguments, DeadLetter, Method};
use crate::time::Span;

const MANY: u32 = KEPT as u32 * 3;

fn backlog() -> (Rig, crate::node::ConnectionId) {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=MANY).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    (rig, publisher)
}

#[test]
fn only_the_front_of_a_long_queue_stays_in_memory() {
    let (rig, _) = backlog();
    let resident = rig.broker.entries.iter().filter(|entry| entry.is_resident()).count();
    assert!((KEPT..KEPT + 200).contains(&resident), "{resident}");
    assert_eq!(rig.holds().len(), MANY as usize);
}

#[test]
fn a_long_queue_is_handed_out_in_order_with_every_payload() {
    for crashes in [false, true] {
        let (mut rig, _) = backlog();
        if crashes {
            rig.crash();
        }
        let consumer = rig.consumer(100);
        let mut next = 1;
        while next <= MANY {
            let heard = rig.heard(consumer);
            let last = heard.iter().filter_map(|method| match method {
                Method::Deliver(deliver) => {
                    assert_eq!(deliver.copy.message.0, next);
                    assert_eq!(deliver.payload, persistent(1).payload);
                    next += 1;
                    Some(deliver.tag)
                }
                _ => None,
            });
            let tag = last.last().expect("deliveries go on");
            rig.say(consumer, Method::Ack { tag, multiple: true });
        }
        assert!(rig.holds().is_empty());
        rig.settle();
        rig.crash();
        assert!(rig.holds().is_empty());
    }
}

#[test]
fn a_long_queue_dies_letter_by_letter_payloads_included() {
    let mut rig = Rig::new();
    let publisher = rig.client();
    rig.say(publisher, Method::declare(OTHER_QUEUE, true));
    let dead_letter =
        Some(DeadLetter { exchange: crate::protocol::Name::EMPTY, key: Some(OTHER_QUEUE), at_least_once: false });
    let message_ttl = Some(Span::from_secs(60));
    rig.declare(publisher, QUEUE, Arguments { message_ttl, dead_letter, ..Arguments::default() });
    (1..=MANY).for_each(|message| rig.publish(publisher, message));
    rig.wait(Span::from_secs(120));
    assert!(rig.noted(Kind::DeadLettered).into_iter().eq(1..=MANY));
    let consumer = rig.client();
    rig.say(consumer, Method::consume(OTHER_QUEUE, 1, false));
    assert_eq!(rig.delivered(consumer).len(), MANY as usize);
}

#[test]
fn a_rotten_message_far_back_is_dropped_and_the_rest_goes_on() {
    let (mut rig, _) = backlog();
    let file = *rig.files.keys().last().unwrap();
    let bytes = rig.files.get_mut(&file).unwrap();
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    let consumer = rig.consumer(0);
    let delivered = rig.delivered(consumer);
    let lost = rig.noted(Kind::Dropped(Reason::DiskError));
    assert_eq!(lost.len(), 1);
    assert_eq!(delivered.len() + 1, MANY as usize);
    assert!(delivered.is_sorted() && !delivered.contains(&lost[0]));
}
