//! What the books say of a handful of events.

use super::*;
use crate::client::occurrences::Occurrence;
use crate::event::{Closed, CopyId, fault_detail, queue_detail};
use crate::flaw::{self, Flaw};
use crate::lab::entitlement::Entitlement;
use crate::node::Holding;
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::time::Time;

/// Four messages; 1 and 3 are key 0, 2 and 4 are key 1.
fn empty(entitlement: Entitlement) -> Ledger {
    let fact = |n: u32| Fact { message: MessageId(n + 1), key: n % 2, version: n / 2 + 1 };
    let occurrence = |n| Occurrence { at: Time::ZERO, fact: fact(n), payload: bytes::Bytes::new() };
    let facts = (0..4).map(occurrence).collect();
    let mut ledger = Ledger::default();
    ledger.begin(&Arc::new(Books {
        facts,
        keys: 2,
        entitlement,
        producers: 1,
        brokers: 2,
        asks: true,
        is_long: false,
    }));
    ledger
}

fn copy(message: u32) -> CopyId {
    CopyId { message: MessageId(message), attempt: 1, branch: 0 }
}

fn fold(ledger: &mut Ledger, millis: u64, message: Option<u32>, kind: Kind, detail: u64) {
    let (time, node, copy) = (Time::from_millis(millis), NodeId(0), message.map(copy));
    ledger.fold(&Event { time, node, kind, copy, detail, cause: None, prior: None });
}

fn ledger(events: &[(u32, Kind)]) -> Ledger {
    let mut ledger = empty(Entitlement::default());
    events.iter().for_each(|(message, kind)| fold(&mut ledger, 0, Some(*message), *kind, 0));
    ledger
}

/// What the watch shows after events at their times.
fn timed(events: &[(u64, u32, Kind)]) -> Totals {
    let mut ledger = empty(Entitlement::default());
    events.iter().for_each(|(millis, message, kind)| fold(&mut ledger, *millis, Some(*message), *kind, 0));
    ledger.totals()
}

const OK: Kind = Kind::Told(Answer::Ok);
const UNKNOWN: Kind = Kind::Told(Answer::Unknown);
const REFUSED: Kind = Kind::Told(Answer::Refused);
const APPLIED: Kind = Kind::Applied { first: true };

#[test]
fn gone_is_named_by_what_the_producer_was_told() {
    for (events, fate) in [
        (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK)][..], Fate::LostAfterOk),
        (&[(1, Kind::Attempted), (1, Kind::Sent), (1, UNKNOWN)], Fate::Lost),
        (&[(1, Kind::Attempted), (1, Kind::Sent)], Fate::Lost),
        (&[(1, Kind::Attempted)], Fate::Lost),
        (&[(1, Kind::Attempted), (1, Kind::Sent), (1, UNKNOWN), (1, REFUSED)], Fate::Refused),
        (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK), (1, REFUSED)], Fate::LostAfterOk),
        (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK), (1, APPLIED)], Fate::Applied),
        (&[], Fate::NotYet),
    ] {
        assert_eq!(ledger(events).fate(MessageId(1)), fate, "{events:?}");
    }
}

#[test]
fn a_held_copy_is_pending_and_beside_an_effect_it_is_residue() {
    let mut ledger = ledger(&[(1, Kind::Attempted), (2, Kind::Attempted), (2, APPLIED)]);
    for message in [1, 2] {
        ledger.audit(Holding { copy: copy(message), subscription: 0, dead_lettered: false });
    }
    let totals = ledger.totals();
    assert_eq!((totals.pending, totals.applied, totals.residue), (1, 1, 1));
    ledger.begin_audit();
    assert_eq!(ledger.totals().pending, 0);
}

#[test]
fn order_and_staleness_are_counted_within_a_key() {
    // Messages 1 and 3 are key 0; 2 and 4 are key 1.
    let attempted = [1, 2, 3, 4].map(|message| (message, Kind::Attempted));
    let effects = [(3, APPLIED), (1, APPLIED), (2, APPLIED), (4, APPLIED), (2, Kind::Applied { first: false })];
    let totals = ledger(&[&attempted[..], &effects[..]].concat()).totals();
    assert_eq!(totals.reordered, 1, "1 came after 3");
    assert_eq!(totals.stale, 2, "key 0 stands at 1, and the repeat of 2 set key 1 back");
    assert_eq!(totals.duplicates, 1);
}

#[test]
fn a_message_has_a_row_for_every_subscription_entitled_to_it_and_one_nowhere_if_none_is() {
    // Odd messages are for both subscriptions, even ones for nobody.
    let mut ledger = empty(Entitlement::new(2, [vec![0, 1], vec![]]));
    for message in [1, 2, 3] {
        fold(&mut ledger, 0, Some(message), Kind::Attempted, 0);
        fold(&mut ledger, 0, Some(message), OK, 0);
    }
    fold(&mut ledger, 0, Some(1), APPLIED, 1);
    fold(&mut ledger, 0, Some(2), APPLIED, 1);
    ledger.audit(Holding { copy: copy(3), subscription: 0, dead_lettered: true });
    let totals = ledger.totals();
    assert_eq!((totals.attempted, totals.entitled, totals.told_ok), (3, 5, 3));
    assert_eq!((totals.applied, totals.lost_after_ok, totals.dead_lettered, totals.nowhere), (1, 2, 1, 1));
    assert_eq!((totals.stray, totals.ends()), (1, 5), "2 was for nobody, and had an effect all the same");
    assert_eq!(ledger.fates(MessageId(1)).collect::<Vec<_>>(), [Fate::LostAfterOk, Fate::Applied]);
    assert_eq!((ledger.fate(MessageId(1)), ledger.fate(MessageId(2))), (Fate::LostAfterOk, Fate::Nowhere));
    assert_eq!(ledger.imbalance(), None);
}

#[test]
fn order_is_counted_by_subscription() {
    let mut ledger = empty(Entitlement::new(2, [vec![0, 1]]));
    (1..=4).for_each(|message| fold(&mut ledger, 0, Some(message), Kind::Attempted, 0));
    for (message, subscription) in [(1, 0), (3, 0), (3, 1), (1, 1)] {
        fold(&mut ledger, 0, Some(message), APPLIED, subscription);
    }
    let totals = ledger.totals();
    assert_eq!((totals.reordered, totals.stale), (1, 3), "key 0 of the second, and key 1 of both");
}

#[test]
fn books_that_do_not_balance_are_found_by_subscription() {
    let events: Vec<_> = (1..=4).map(|message| (message, Kind::Attempted)).collect();
    let found = flaw::with(Flaw::LedgerDropsRow, || ledger(&events).imbalance());
    assert!(found.is_some_and(|why| why.contains("subscription 0: 4 messages")));
    assert_eq!(ledger(&events).imbalance(), None);
}

#[test]
fn facts_that_wait_while_none_is_told_ok_are_an_outage() {
    let waits = [(10, 1, Kind::Attempted), (20, 2, Kind::Attempted), (50, 1, OK), (90, 2, OK), (300, 3, Kind::Sent)];
    assert_eq!(timed(&waits).unavailable_ms, 40, "nobody waits after 90");
    let ends_badly = [(10, 1, Kind::Attempted), (70, 1, UNKNOWN), (300, 3, Kind::Sent)];
    assert_eq!(timed(&ends_badly).unavailable_ms, 60);
    assert_eq!(
        (timed(&waits).answered_ms, timed(&ends_badly).answered_ms),
        (80, 0),
        "from the first fact to the last ok"
    );
    let goes_on = [(10, 1, Kind::Attempted), (300, 3, Kind::Sent)];
    assert_eq!(timed(&goes_on).unavailable_ms, 290);
}

#[test]
fn what_a_dead_producer_waited_for_is_no_outage() {
    let mut ledger = empty(Entitlement::default());
    fold(&mut ledger, 10, Some(1), Kind::Attempted, 0);
    fold(&mut ledger, 30, None, Kind::Fault(FaultKind::ProcessCrash), fault_detail(Some(0), None));
    fold(&mut ledger, 500, Some(2), Kind::Attempted, 0);
    fold(&mut ledger, 510, Some(2), OK, 0);
    assert_eq!(ledger.totals().unavailable_ms, 20);
    assert_eq!(ledger.faults(), (1, true));
}

#[test]
fn a_subscription_stalls_while_something_lies_in_a_queue_and_nothing_is_applied() {
    let queued = [(10, 1, Kind::Attempted), (20, 1, Kind::Enqueued), (100, 1, APPLIED)];
    assert_eq!((timed(&queued).stalled_ms, timed(&queued).drained_ms), (80, 90));
    let second = [(110, 2, Kind::Attempted), (115, 2, Kind::Enqueued), (120, 2, APPLIED)];
    assert_eq!(timed(&[queued, second].concat()).stalled_ms, 80, "nothing waited from 100 to 115");
    let mut ledger = empty(Entitlement::default());
    queued.iter().for_each(|(millis, message, kind)| fold(&mut ledger, *millis, Some(*message), *kind, 0));
    fold(&mut ledger, 130, Some(2), Kind::Enqueued, 0);
    fold(&mut ledger, 400, Some(3), Kind::Attempted, 0);
    assert_eq!(ledger.totals().stalled_ms, 80, "2 is lost: nobody waits for it");
    ledger.audit(Holding { copy: copy(2), subscription: 0, dead_lettered: false });
    assert_eq!(ledger.totals().stalled_ms, 270, "2 still waits");
}

#[test]
fn being_held_back_and_having_no_channel_are_two_things() {
    let mut ledger = empty(Entitlement::default());
    let events = [
        (10, Kind::Blocked),
        (30, Kind::Unblocked),
        (40, Kind::Blocked),
        (45, Kind::Disconnected(Closed::Reset)),
        (60, Kind::Disconnected(Closed::Refused)),
        (75, Kind::Connected),
        (80, Kind::Disconnected(Closed::Reset)),
        (90, Kind::Connected),
    ];
    events.iter().for_each(|(millis, kind)| fold(&mut ledger, *millis, None, *kind, 1));
    let totals = ledger.totals();
    assert_eq!((totals.blocked_ms, totals.unconnected_ms), (25, 30));
}

/// A producer of a log has a connection with every broker that it has business with.
#[test]
fn a_broker_that_is_gone_takes_nothing_from_who_has_another_and_a_database_is_none() {
    let mut ledger = empty(Entitlement::default());
    let (first, second, database) = (1, 2, 3);
    for (millis, kind, peer) in [
        (10, Kind::Connected, first),
        (10, Kind::Connected, second),
        (20, Kind::Disconnected(Closed::Reset), first),
        (40, Kind::Connected, database),
        (50, Kind::Disconnected(Closed::Reset), second),
        (55, Kind::Disconnected(Closed::Reset), database),
        (60, Kind::Connected, database),
        (65, Kind::Disconnected(Closed::Refused), first),
        (70, Kind::Connected, second),
        (300, Kind::Disconnected(Closed::Refused), first),
        (900, Kind::Attempted, 0),
    ] {
        fold(&mut ledger, millis, None, kind, peer);
    }
    assert_eq!(ledger.totals().unconnected_ms, 20, "from the loss of the second to its return");
}

#[test]
fn the_first_election_of_a_queue_is_no_news_and_those_of_the_metadata_are_none() {
    let mut ledger = empty(Entitlement::default());
    let (queue, other) = (queue_detail(Name(1), 1), queue_detail(Name(2), 1));
    for (detail, elections) in [
        (queue, 0),
        (queue_detail(Name::EMPTY, 1), 0),
        (other, 0),
        (queue_detail(Name::EMPTY, 2), 0),
        (queue, 1),
        (other, 2),
    ] {
        fold(&mut ledger, 1, None, Kind::LeaderElected, detail);
        assert_eq!(ledger.totals().elections, elections);
    }
}

#[test]
fn a_lost_effect_is_taken_back_and_a_superseded_one_counts_as_applied() {
    let told = [(1, Kind::Attempted), (1, OK), (3, Kind::Attempted), (3, APPLIED)];
    let superseded = ledger(&[&told[..], &[(1, Kind::Superseded)]].concat());
    assert_eq!((superseded.fate(MessageId(1)), superseded.effects(MessageId(1))), (Fate::Applied, 1));
    assert_eq!((superseded.totals().reordered, superseded.totals().stale), (0, 0));
    let lost = ledger(&[&told[..], &[(1, APPLIED), (1, Kind::EffectLost)]].concat());
    assert_eq!((lost.fate(MessageId(1)), lost.effects(MessageId(1))), (Fate::LostAfterOk, 0));
}

#[test]
fn it_is_answered_with_the_last_ok_and_drained_once_nothing_waits() {
    let events = [
        (10, 1, Kind::Attempted),
        (10, 1, Kind::Enqueued),
        (11, 2, Kind::Attempted),
        (11, 2, Kind::Enqueued),
        (20, 1, OK),
        (30, 1, APPLIED),
        (40, 2, OK),
        (50, 2, APPLIED),
        (90, 2, OK),
        (99, 2, Kind::Applied { first: false }),
        (100, 3, Kind::Attempted),
        (105, 3, UNKNOWN),
    ];
    let totals = timed(&events);
    assert_eq!((totals.answered_ms, totals.drained_ms, totals.backlog), (30, 40, 2));
    assert_eq!(timed(&events[..4]).backlog, 2);
    let goes_on = [&events[..], &[(200, 4, Kind::Attempted)]].concat();
    assert_eq!(timed(&goes_on).drained_ms, 100, "3 still waits");
}

#[test]
fn half_of_an_operation_is_one_that_stands_and_lacks_its_effect() {
    let (recorded, first) = (Kind::Recorded, Kind::Compensated { first: true });
    let all: Vec<(u32, Kind)> = (1..=4).flat_map(|n| [(n, Kind::Attempted), (n, recorded)]).collect();
    let totals = |more: &[(u32, Kind)]| ledger(&[&all[..], more].concat()).totals();
    let counts = |totals: Totals| (totals.half_done, totals.compensated, totals.overcompensated);
    assert_eq!(counts(totals(&[(1, APPLIED)])), (3, 0, 0));
    assert_eq!(counts(totals(&[(1, APPLIED), (2, first)])), (2, 1, 0));
    let again = Kind::Compensated { first: false };
    assert_eq!(counts(totals(&[(2, first), (2, again), (2, again), (3, first)])), (2, 2, 2));
    assert_eq!(ledger(&[(1, Kind::Attempted)]).totals().half_done, 0, "what was never done stands nowhere");
}

#[test]
fn what_is_reserved_counts_until_it_is_used_or_given_back() {
    let counts = |kinds: &[Kind]| {
        let events: Vec<(u32, Kind)> = kinds.iter().map(|kind| (1, *kind)).collect();
        let totals = ledger(&events).totals();
        (totals.frozen, totals.overreleased)
    };
    let (given_back, given_away) = (Kind::Released { frozen: true }, Kind::Released { frozen: false });
    assert_eq!(counts(&[Kind::Frozen, Kind::Frozen, Kind::Used]), (1, 0));
    assert_eq!(counts(&[Kind::Frozen, given_back]), (0, 0));
    assert_eq!(counts(&[given_away, Kind::Frozen]), (1, 1), "the two do not make up for one another");
}

#[test]
fn a_consumer_is_busy_once_it_was_handed_a_message() {
    let mut ledger = empty(Entitlement::default());
    let mut taken = |node, message| {
        let (time, copy) = (Time::ZERO, Some(copy(message)));
        ledger.fold(&Event { time, node: NodeId(node), kind: Kind::Taken, copy, detail: 0, cause: None, prior: None });
        ledger.totals().busy_consumers
    };
    assert_eq!([taken(3, 1), taken(3, 2), taken(5, 1)], [1, 1, 2]);
}
