use super::*;
use crate::client::peer::{BROKER, Bench, confirm, copy, nack};
use crate::event::MessageId;
use crate::random::Seed;
use crate::time::Span;

const OLD: Name = Name(1);
const NEW: [Name; 2] = [Name(2), Name(3)];

fn started(ack: ForwardAck, by: ForwardBy) -> Bench<Forwarder> {
    let options = ForwarderOptions::new(Arc::from([BROKER]), OLD, Arc::from(NEW), Seed(1));
    Bench::started(Forwarder::new(ForwarderOptions { ack, by, ..options }))
}

/// The old queue delivers messages, each of the key beside it.
fn deliver(bench: &mut Bench<Forwarder>, messages: &[(u32, u32)]) {
    for (tag, (message, key)) in (1..).zip(messages) {
        let payload = Fact { message: MessageId(*message), key: *key, version: 1 }.encode().to_vec().into();
        bench.hear(Method::Deliver(Deliver { consumer: 1, tag, redelivered: false, copy: copy(*message, 1), payload }));
    }
}

fn acks(bench: &Bench<Forwarder>) -> Vec<u64> {
    let tag = |method: &Method| match method {
        Method::Ack { tag, .. } => Some(*tag),
        _ => None,
    };
    bench.said.iter().filter_map(tag).collect()
}

#[test]
fn the_old_queue_is_acked_only_when_the_new_one_has_confirmed() {
    let mut bench = started(ForwardAck::AfterConfirm, ForwardBy::Key);
    deliver(&mut bench, &[(5, 0), (6, 1), (7, 0)]);
    assert!(acks(&bench).is_empty());
    bench.hear(confirm(2));
    assert_eq!(acks(&bench), [2]);
    bench.hear(Method::Confirm { tag: 3, multiple: true });
    assert_eq!(acks(&bench), [2, 1, 3]);
    assert_eq!(bench.in_memory(), []);
}

#[test]
fn acked_first_a_message_lives_nowhere_but_in_this_process() {
    let mut bench = started(ForwardAck::BeforePublish, ForwardBy::Key);
    deliver(&mut bench, &[(5, 0), (6, 1)]);
    assert_eq!(acks(&bench), [1, 2]);
    assert_eq!(bench.in_memory(), [(5, 1), (6, 1)]);
    bench.crash(Span::from_secs(1));
    assert_eq!(bench.in_memory(), []);
}

#[test]
fn a_key_always_goes_to_the_same_queue_and_turns_spread_it() {
    let targets = |by| {
        let mut bench = started(ForwardAck::AfterConfirm, by);
        deliver(&mut bench, &[(5, 1), (6, 1), (7, 1), (8, 0)]);
        bench.published.iter().map(|publish| publish.key).collect::<Vec<_>>()
    };
    assert_eq!(targets(ForwardBy::Key), [NEW[1], NEW[1], NEW[1], NEW[0]]);
    assert_eq!(targets(ForwardBy::Turn), [NEW[0], NEW[1], NEW[0], NEW[1]]);
}

#[test]
fn what_the_new_queue_refuses_or_cannot_route_goes_back_to_the_old_one() {
    let mut bench = started(ForwardAck::AfterConfirm, ForwardBy::Key);
    deliver(&mut bench, &[(5, 0), (6, 1)]);
    bench.hear(nack(1));
    bench.hear(Method::Return { copy: CopyId { branch: 1, ..copy(6, 1) }, code: 312 });
    bench.hear(confirm(2));
    let given_back = |tag| Method::Nack { tag, multiple: false, requeue: true };
    assert!(bench.said.contains(&given_back(1)) && bench.said.contains(&given_back(2)));
    assert!(acks(&bench).is_empty());
}

#[test]
fn confirms_of_a_lost_channel_settle_nothing_on_the_next() {
    let mut bench = started(ForwardAck::AfterConfirm, ForwardBy::Key);
    deliver(&mut bench, &[(5, 0)]);
    let old = bench.connection(BROKER);
    bench.cut(BROKER);
    bench.run_until(Time::from_millis(2_000));
    deliver(&mut bench, &[(5, 0)]);
    bench.hear_on(old, confirm(1));
    assert!(acks(&bench).is_empty());
    bench.hear(confirm(1));
    assert_eq!(acks(&bench), [1]);
}
