//! Half messages.

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{CopyId, Kind, MessageId, Reason};
use crate::flaw::{self, Flaw};
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::queue::{Method, Verdict};
use crate::time::Span;

const HALVES: Name = Name(8);
const ASIDE: Name = Name(9);
/// Longer than from one look at the halves to the next.
const A_LOOK: Span = Span::from_secs(31);

fn rig() -> (Rig, ConnectionId) {
    let mut rig = Rig::with(Options { half_topics: [HALVES, ASIDE], ..Options::default() });
    let client = producer(&mut rig);
    (rig, client)
}

fn producer(rig: &mut Rig) -> ConnectionId {
    let client = rig.publisher();
    rig.say(client, Method::RegisterProducer);
    assert!(rig.heard(client).contains(&Method::RegisterProducerOk), "once its queue is on the disk");
    client
}

fn prepare(rig: &mut Rig, client: ConnectionId, message: u32) {
    rig.say(client, Method::PublishHalf(persistent(message)));
    rig.wait(Span::from_millis(10));
}

fn copy(message: u32) -> CopyId {
    CopyId { message: MessageId(message), attempt: 1, branch: 0 }
}

fn end(rig: &mut Rig, client: ConnectionId, message: u32, verdict: Verdict) {
    rig.say(client, Method::EndTransaction { copy: copy(message), verdict });
}

/// How often a producer was asked about a message since last asked.
fn asked(rig: &mut Rig, client: ConnectionId, message: u32) -> usize {
    let question = Method::CheckTransaction { copy: copy(message) };
    rig.heard(client).into_iter().filter(|method| *method == question).count()
}

/// Waiting in each queue.
fn waiting(rig: &Rig) -> Vec<u64> {
    rig.picture().lanes.iter().map(|lane| lane.ready).collect()
}

/// What a consumer gets before and after the commit.
fn around_a_commit() -> [Vec<u32>; 2] {
    let (mut rig, client) = rig();
    let consumer = rig.consumer(10);
    prepare(&mut rig, client, 1);
    let before = rig.delivered(consumer);
    end(&mut rig, client, 1, Verdict::Commit);
    [before, rig.delivered(consumer)]
}

#[test]
fn nobody_sees_a_half_before_it_is_committed() {
    assert_eq!(around_a_commit(), [vec![], vec![1]]);
    assert_eq!(flaw::with(Flaw::HalfShownAtOnce, around_a_commit)[0], [1], "the flaw shows");
}

#[test]
fn a_half_is_confirmed_when_it_is_written_and_outlives_a_crash() {
    let (mut rig, client) = rig();
    rig.disk_is_fast = false;
    rig.say(client, Method::PublishHalf(persistent(1)));
    rig.wait(Span::from_millis(300));
    assert!(rig.confirms(client).is_empty());
    assert_eq!(rig.in_memory(), [1]);
    rig.settle();
    assert_eq!(rig.noted(Kind::Confirmed), [1]);
    rig.crash();
    assert_eq!((rig.holds(), rig.noted(Kind::Enqueued)), (vec![1], vec![]));
}

#[test]
fn one_that_is_rolled_back_goes_to_nobody() {
    let (mut rig, client) = rig();
    prepare(&mut rig, client, 1);
    end(&mut rig, client, 1, Verdict::Rollback);
    assert_eq!(rig.noted(Kind::Dropped(Reason::RolledBack)), [1]);
    assert!(rig.holds().is_empty());
    rig.wait(A_LOOK);
    assert_eq!((asked(&mut rig, client, 1), waiting(&rig)), (0, vec![0, 0]));
}

#[test]
fn whoever_says_nothing_is_asked_until_the_answer_is_one() {
    let (mut rig, client) = rig();
    prepare(&mut rig, client, 1);
    rig.wait(A_LOOK);
    assert_eq!(asked(&mut rig, client, 1), 1);
    end(&mut rig, client, 1, Verdict::Unknown);
    rig.wait(A_LOOK);
    assert_eq!(asked(&mut rig, client, 1), 1);
    end(&mut rig, client, 1, Verdict::Commit);
    rig.wait(A_LOOK);
    assert_eq!((asked(&mut rig, client, 1), rig.noted(Kind::Enqueued)), (0, vec![1]));
}

#[test]
fn one_that_is_young_is_left_alone_until_the_next_look() {
    let (mut rig, client) = rig();
    rig.wait(Span::from_secs(26));
    prepare(&mut rig, client, 1);
    rig.wait(Span::from_secs(25));
    assert_eq!(asked(&mut rig, client, 1), 0);
    rig.wait(Span::from_secs(10));
    assert_eq!(asked(&mut rig, client, 1), 1);
}

#[test]
fn after_fifteen_questions_it_is_put_aside() {
    let (mut rig, client) = rig();
    prepare(&mut rig, client, 1);
    for round in 0..14 {
        rig.wait(Span::from_secs(30));
        if round == 7 {
            // By then the count is written.
            rig.wait(Span::from_secs(5));
            rig.hang_up(client);
            rig.crash();
            producer(&mut rig);
        }
    }
    assert!(rig.noted(Kind::Dropped(Reason::CheckedTooOften)).is_empty());
    rig.wait(Span::from_secs(120));
    assert_eq!(rig.noted(Kind::CheckedBack).len(), 15);
    assert_eq!(rig.noted(Kind::Dropped(Reason::CheckedTooOften)), [1]);
    assert_eq!((rig.holds(), waiting(&rig)), (vec![1], vec![0, 0, 1]));
}

/// Committed, and a crash so many seconds later; what is left of it then, and
/// whether its producer is asked.
fn crash_after_a_commit(seconds: u64) -> (Vec<u32>, usize) {
    let (mut rig, client) = rig();
    prepare(&mut rig, client, 1);
    end(&mut rig, client, 1, Verdict::Commit);
    rig.wait(Span::from_secs(seconds));
    rig.hang_up(client);
    rig.crash();
    let client = producer(&mut rig);
    let holds = rig.holds();
    rig.wait(A_LOOK);
    (holds, asked(&mut rig, client, 1))
}

#[test]
fn a_commit_is_forgotten_until_it_is_marked() {
    assert_eq!(crash_after_a_commit(2), (vec![1, 1], 1), "moved, and a half all the same");
    assert_eq!(crash_after_a_commit(6), (vec![1], 0));
    let forgets = || crash_after_a_commit(2).1;
    assert_eq!(flaw::with(Flaw::HalfForgottenAtRestart, forgets), 0, "the flaw shows");
}

#[test]
fn a_commit_that_comes_twice_before_the_mark_moves_it_twice() {
    let (mut rig, client) = rig();
    prepare(&mut rig, client, 1);
    end(&mut rig, client, 1, Verdict::Commit);
    end(&mut rig, client, 1, Verdict::Commit);
    rig.wait(Span::from_secs(4));
    end(&mut rig, client, 1, Verdict::Commit);
    assert_eq!(rig.noted(Kind::Enqueued), [1, 1]);
}

#[test]
fn a_half_that_the_disk_refuses_is_nacked_and_asked_about_by_nobody() {
    let (mut rig, client) = rig();
    rig.disk_is_full = true;
    rig.say(client, Method::PublishHalf(persistent(1)));
    rig.settle();
    assert_eq!((rig.noted(Kind::Nacked), rig.noted(Kind::Dropped(Reason::DiskError))), (vec![1], vec![1]));
    rig.disk_is_full = false;
    rig.wait(A_LOOK);
    assert_eq!(asked(&mut rig, client, 1), 0);
    end(&mut rig, client, 1, Verdict::Commit);
    assert!(rig.noted(Kind::Enqueued).is_empty());
}

#[test]
fn a_broker_without_a_place_for_halves_takes_none() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.say(client, Method::RegisterProducer);
    assert!(matches!(rig.heard(client).last(), Some(Method::ChannelClose { code: 404 })));
}
