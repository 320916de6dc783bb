//! Queues that go.

use super::rig::*;
use crate::event::{Kind, Reason};
use crate::protocol::queue::{Arguments, Method, code};

const DELETED: Kind = Kind::Dropped(Reason::QueueDeleted);

#[test]
fn a_deleted_queue_takes_its_messages_along_and_tells_its_consumers() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    let consumer = rig.consumer(1);
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    rig.say(publisher, Method::QueueDelete { queue: QUEUE });
    assert!(rig.heard(consumer).contains(&Method::Cancel { consumer: 1 }));
    assert!(rig.heard(publisher).contains(&Method::QueueDeleteOk));
    assert_eq!(rig.noted(DELETED), [1, 2, 3], "also what is handed out");
    rig.ack(consumer, 1);
    assert!(rig.closed.is_empty() && rig.noted(Kind::Acked).is_empty(), "its ack means nothing any more");
    rig.settle();
    rig.crash();
    assert!(rig.holds().is_empty() && rig.noted(Kind::Recovered).is_empty());
}

#[test]
fn a_queue_that_comes_back_is_empty_and_keeps_what_it_gets_then() {
    let mut rig = Rig::new();
    let publisher = rig.publisher();
    (1..=3).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    rig.say(publisher, Method::QueueDelete { queue: QUEUE });
    rig.declare(publisher, QUEUE, Arguments { max_priority: 3, ..Arguments::default() });
    (4..=5).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    assert_eq!(rig.holds(), [4, 5]);
    rig.crash();
    assert_eq!(rig.holds(), [4, 5]);
    let consumer = rig.consumer(0);
    assert_eq!(rig.delivered(consumer), [4, 5]);
}

#[test]
fn an_exclusive_queue_is_its_connections_alone_and_goes_with_it() {
    let mut rig = Rig::new();
    let (owner, other) = (rig.client(), rig.client());
    rig.declare(owner, QUEUE, Arguments { exclusive: true, ..Arguments::default() });
    rig.publish(owner, 1);
    rig.say(other, Method::consume(QUEUE, 1, false));
    assert!(rig.heard(other).contains(&Method::ChannelClose { code: code::RESOURCE_LOCKED }));
    rig.publish(other, 2);
    rig.hang_up(owner);
    assert_eq!(rig.noted(DELETED), [1]);
}

#[test]
fn an_auto_delete_queue_goes_with_its_last_consumer_and_not_before_its_first() {
    let mut rig = Rig::new();
    let publisher = rig.client();
    rig.declare(publisher, QUEUE, Arguments { auto_delete: true, ..Arguments::default() });
    (1..=2).for_each(|message| rig.publish(publisher, message));
    rig.settle();
    assert_eq!(rig.holds(), [1, 2]);
    let (first, second) = (rig.consumer(1), rig.consumer(1));
    rig.hang_up(first);
    assert_eq!(rig.holds(), [1, 2]);
    rig.say(second, Method::Cancel { consumer: 1 });
    assert_eq!(rig.noted(DELETED).len(), 2);
    assert!(rig.holds().is_empty());
}

#[test]
fn declaring_a_queue_with_other_arguments_is_refused_even_after_a_restart() {
    let mut rig = Rig::new();
    let client = rig.client();
    let arguments = Arguments { max_length: Some(10), ..Arguments::default() };
    rig.declare(client, QUEUE, arguments);
    rig.settle();
    rig.power_cut();
    let client = rig.client();
    rig.declare(client, QUEUE, arguments);
    assert!(rig.heard(client).contains(&Method::QueueDeclareOk { queue: QUEUE }));
    rig.declare(client, QUEUE, Arguments { max_length: Some(11), ..arguments });
    assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
}
