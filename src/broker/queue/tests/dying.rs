//! Dead letters.

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{Kind, Reason};
use crate::flaw::{self, Flaw};
use crate::node::{ConnectionId, Holding, Node};
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, Death, ExchangeKind, Method, Overflow, Properties};
use crate::time::Span;

const LETTERS: Name = Name(7);
const UNROUTABLE: Kind = Kind::Dropped(Reason::DeadLetterUnroutable);

fn to(exchange: Name, key: Option<Name>) -> Arguments {
    Arguments { dead_letter: Some(DeadLetter { exchange, key, at_least_once: false }), ..Arguments::default() }
}

/// A queue whose dead letters go to another, which counts as their place.
fn rig_with(arguments: Arguments) -> (Rig, ConnectionId) {
    let mut rig = Rig::with(Options { dead_letter_queues: vec![(LETTERS, 0)], ..Options::default() });
    let publisher = rig.client();
    rig.say(publisher, Method::ConfirmSelect);
    rig.declare(publisher, LETTERS, Arguments::default());
    rig.declare(publisher, QUEUE, arguments);
    (rig, publisher)
}

fn letters(rig: &Rig) -> Vec<u32> {
    let mut found = Vec::new();
    rig.broker.holdings(&mut |Holding { copy, dead_lettered, .. }| {
        if dead_lettered {
            found.push(copy.message.0);
        }
    });
    found.sort_unstable();
    found
}

/// The `x-death` of the one message there is.
fn deaths(rig: &Rig) -> Vec<Death> {
    let held = rig.broker.channels.iter().flat_map(|channel| channel.held());
    let ready = rig.broker.queues.list.iter().flat_map(|queue| queue.ready.iter());
    let index = held.chain(ready).next().expect("it is somewhere");
    let particulars = rig.broker.entries.particulars(index).expect("it died before");
    particulars.properties.as_ref().map_or(Vec::new(), |properties| properties.deaths.clone())
}

fn reject(rig: &mut Rig, consumer: ConnectionId, tag: u64) {
    rig.say(consumer, Method::Reject { tag, requeue: false });
}

#[test]
fn what_expires_overflows_or_is_rejected_moves_to_the_dead_letter_queue_and_stays_there() {
    let ttl = Some(Span::from_secs(1));
    let (mut rig, publisher) =
        rig_with(Arguments { message_ttl: ttl, max_length: Some(2), ..to(Name::EMPTY, Some(LETTERS)) });
    let consumer = rig.consumer(1);
    (1..=4).for_each(|message| rig.publish(publisher, message));
    assert_eq!(letters(&rig), [2], "pushed out");
    rig.say(consumer, Method::Qos { prefetch: 1 });
    rig.wait(Span::from_secs(2));
    assert_eq!(letters(&rig), [2, 3, 4], "expired");
    reject(&mut rig, consumer, 1);
    assert_eq!(letters(&rig), [1, 2, 3, 4], "rejected");
    assert_eq!(rig.noted(Kind::DeadLettered).len(), 4);
    assert!(rig.holds().iter().all(|message| letters(&rig).contains(message)));
    rig.settle();
    rig.crash();
    assert_eq!(letters(&rig), [1, 2, 3, 4], "a dead letter is as durable as the message was");
}

#[test]
fn a_dead_letter_keeps_its_key_unless_another_is_set_and_its_id() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.say(client, Method::exchange(EXCHANGE, ExchangeKind::Direct, true));
    rig.declare(client, OTHER_QUEUE, Arguments::default());
    rig.say(client, Method::QueueBind { queue: OTHER_QUEUE, exchange: EXCHANGE, key: QUEUE });
    rig.declare(client, QUEUE, to(EXCHANGE, None));
    let consumer = rig.consumer(0);
    (1..=2).for_each(|message| rig.publish(client, message));
    reject(&mut rig, consumer, 1);
    let other = rig.client();
    rig.say(other, Method::consume(OTHER_QUEUE, 1, false));
    assert_eq!(rig.deliveries(other), [(1, 1, false)], "its own queue's entry was never delivered before");
    rig.ack(consumer, 2);
    assert_eq!(rig.noted(Kind::DeadLettered), [1]);
}

#[test]
fn without_its_exchange_or_a_queue_behind_it_a_dead_letter_is_gone_in_silence() {
    for arguments in [to(NOWHERE, None), to(Name::EMPTY, Some(NOWHERE))] {
        let (mut rig, publisher) = rig_with(arguments);
        rig.publish(publisher, 1);
        let consumer = rig.consumer(0);
        reject(&mut rig, consumer, 1);
        assert_eq!(rig.noted(UNROUTABLE), [1]);
        assert!(rig.holds().is_empty() && rig.noted(Kind::DeadLettered).is_empty());
    }
}

#[test]
fn a_full_dead_letter_queue_that_refuses_takes_nothing_and_tells_nobody() {
    let mut rig = Rig::new();
    let client = rig.client();
    let full = Arguments { max_length: Some(0), overflow: Overflow::RejectPublish, ..Arguments::default() };
    rig.declare(client, OTHER_QUEUE, full);
    rig.declare(client, QUEUE, to(Name::EMPTY, Some(OTHER_QUEUE)));
    rig.publish(client, 1);
    let consumer = rig.consumer(0);
    reject(&mut rig, consumer, 1);
    assert_eq!(rig.noted(Kind::Dropped(Reason::Overflowed)), [1]);
    assert!(rig.holds().is_empty());
}

/// Waits in a dead-letter queue with an `expiration` of its own from before.
fn letters_of_a_short_lived_message() -> Vec<u32> {
    let (mut rig, publisher) = rig_with(to(Name::EMPTY, Some(LETTERS)));
    let expiration = Some(Span::from_secs(1));
    rig.say(publisher, with_properties(1, Properties { expiration, ..Properties::default() }));
    rig.wait(Span::from_secs(60));
    letters(&rig)
}

#[test]
fn a_dead_letter_does_not_expire_again() {
    assert_eq!(letters_of_a_short_lived_message(), [1]);
    let wrong = flaw::with(Flaw::DeadLetterKeepsExpiration, letters_of_a_short_lived_message);
    assert!(wrong.is_empty(), "the flaw shows");
}

/// Two queues that give each other what expires. How often message 1 dies.
fn deaths_in_a_circle() -> usize {
    let mut rig = Rig::new();
    let client = rig.client();
    let ttl = Some(Span::from_secs(1));
    rig.declare(client, QUEUE, Arguments { message_ttl: ttl, ..to(Name::EMPTY, Some(OTHER_QUEUE)) });
    rig.declare(client, OTHER_QUEUE, Arguments { message_ttl: ttl, ..to(Name::EMPTY, Some(QUEUE)) });
    rig.publish(client, 1);
    rig.wait(Span::from_secs(10));
    rig.noted(Kind::DeadLettered).len()
}

#[test]
fn a_message_does_not_go_round_on_its_own() {
    assert_eq!(deaths_in_a_circle(), 1);
    assert!(flaw::with(Flaw::DeadLettersInCircles, deaths_in_a_circle) > 5, "the flaw shows");
}

#[test]
fn a_rejection_lets_a_message_go_round() {
    let mut rig = Rig::new();
    let client = rig.client();
    let ttl = Some(Span::from_secs(1));
    rig.declare(client, QUEUE, to(Name::EMPTY, Some(OTHER_QUEUE)));
    rig.declare(client, OTHER_QUEUE, Arguments { message_ttl: ttl, ..to(Name::EMPTY, Some(QUEUE)) });
    rig.publish(client, 1);
    let consumer = rig.consumer(1);
    // The retry queue: reject, wait a second, come back.
    for tag in 1..=5 {
        assert_eq!(rig.delivered(consumer), [1]);
        reject(&mut rig, consumer, tag);
        rig.wait(Span::from_secs(1));
    }
    assert_eq!(rig.noted(Kind::DeadLettered).len(), 10);
    let deaths = deaths(&rig);
    assert_eq!(deaths.iter().map(|death| death.count).collect::<Vec<_>>(), [5, 5]);
    rig.settle();
    rig.crash();
    assert_eq!(self::deaths(&rig), deaths, "x-death is part of the message");
}
