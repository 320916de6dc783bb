use super::*;
use crate::flaw::{self, Flaw};

/// Applies one effect and returns what the database noted and answered, in order.
fn apply(database: &mut Database, subscription: u16, fact: Fact) -> (Kind, u64, Frame) {
    let method = Method::Apply { request: 41, copy: copy(fact.message.0, 1), fact, subscription };
    let mut out = Outputs::default();
    database.handle(Time::ZERO, input(method), &mut out);
    match &out.list[..] {
        [Output::Note(note), Output::Send { frame, .. }] => (note.kind, note.detail, frame.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_effect_is_noted_for_its_subscription_and_answered_without_a_disk() {
    let mut database = Database::reliable();
    let answer = Frame::from(Method::Applied { request: 41 });
    assert_eq!(apply(&mut database, 2, fact(7, 0, 1)), (Kind::Applied { first: true }, 2, answer));
}

#[test]
fn a_repeat_is_applied_again_and_counted_for_its_own_subscription_only() {
    let mut database = Database::new();
    apply(&mut database, 0, fact(7, 0, 1));
    assert_eq!(apply(&mut database, 0, fact(7, 0, 1)).0, Kind::Applied { first: false });
    assert_eq!(apply(&mut database, 1, fact(7, 0, 1)).0, Kind::Applied { first: true });
    let effects = |subscription, message| database.effects(subscription, MessageId(message));
    assert_eq!((effects(0, 7), effects(1, 7), effects(0, 8), effects(9, 7)), (2, 1, 0, 0));
    let mut picture = Picture::default();
    database.picture(&mut picture);
    assert_eq!(picture.figures, [Figure::Applied(3), Figure::Duplicates(1)]);
}

#[test]
fn a_late_repeat_of_an_old_version_overwrites_the_newer_one() {
    let mut database = Database::new();
    for version in [1, 2, 1] {
        apply(&mut database, 0, fact(version, 5, version));
    }
    assert_eq!((database.version(0, 5), database.version(0, 4)), (1, 0));
}

#[test]
fn what_is_committed_outlives_the_process() {
    let mut database = Database::new();
    apply(&mut database, 0, fact(7, 0, 1));
    database.reset();
    assert_eq!(apply(&mut database, 0, fact(7, 0, 1)).0, Kind::Applied { first: false });
}

/// Each way to be idempotent, and what a repeat is answered.
const IDEMPOTENT: [(&[Write], Outcome); 3] = [
    (&[Write::Inbox, Write::Effect], Outcome::Duplicate),
    (&[Write::Upsert], Outcome::Unchanged),
    (&[Write::UpdateIfNewer], Outcome::Unchanged),
];

fn effects_after_a_repeat(writes: &[Write]) -> u32 {
    let mut database = Database::new();
    outcome(&mut database, about(fact(7, 0, 1), writes));
    outcome(&mut database, about(fact(7, 0, 1), writes));
    database.effects(0, MessageId(7))
}

#[test]
fn a_repeat_of_an_idempotent_transaction_changes_nothing_and_says_so() {
    for (writes, answer) in IDEMPOTENT {
        let mut database = Database::new();
        assert_eq!(outcome(&mut database, about(fact(7, 0, 1), writes)), Outcome::Committed);
        let (notes, _) = ask(&mut database, about(fact(7, 0, 1), writes));
        assert_eq!(notes, [], "{writes:?}");
        assert_eq!(outcome(&mut database, about(fact(7, 0, 1), writes)), answer);
        assert_eq!(effects_after_a_repeat(writes), 1);
    }
}

#[test]
fn flawed_idempotence_is_noticed() {
    for (flaw, writes) in [(Flaw::InboxOutsideTransaction, IDEMPOTENT[0].0), (Flaw::UpsertCountsTwice, IDEMPOTENT[1].0)]
    {
        assert_eq!(flaw::with(flaw, || effects_after_a_repeat(writes)), 2);
    }
}

#[test]
fn a_duplicate_takes_back_what_stands_before_it_in_the_transaction() {
    let mut database = Database::new();
    let writes = [Write::Effect, Write::Inbox];
    outcome(&mut database, about(fact(7, 5, 1), &writes));
    outcome(&mut database, about(fact(8, 5, 2), &[Write::Effect]));
    assert_eq!(outcome(&mut database, about(fact(7, 5, 1), &writes)), Outcome::Duplicate);
    assert_eq!((database.effects(0, MessageId(7)), database.version(0, 5)), (1, 2));
}

#[test]
fn with_a_version_check_an_old_fact_that_comes_late_is_superseded_once() {
    let mut database = Database::new();
    let update = |fact| about(fact, &[Write::UpdateIfNewer]);
    outcome(&mut database, update(fact(8, 5, 2)));
    let (notes, _) = ask(&mut database, update(fact(7, 5, 1)));
    assert_eq!(kinds(&notes), [(7, Kind::Superseded)]);
    assert_eq!(ask(&mut database, update(fact(7, 5, 1))).0, []);
    assert_eq!((database.version(0, 5), database.effects(0, MessageId(7))), (2, 1));
}

#[test]
fn a_row_state_machine_takes_only_the_step_that_its_state_allows() {
    let mut database = Database::new();
    let step = |from, to| about(fact(7, 0, 1), &[Write::Step { step: 2, from, to }, Write::Effect]);
    assert_eq!(outcome(&mut database, step(0, 1)), Outcome::Committed);
    assert_eq!(outcome(&mut database, step(0, 1)), Outcome::Unchanged);
    assert_eq!(outcome(&mut database, step(2, 3)), Outcome::Unchanged);
    assert_eq!(outcome(&mut database, step(1, 3)), Outcome::Committed);
    assert_eq!((database.step(2, MessageId(7)), database.step(1, MessageId(7))), (3, 0));
    assert_eq!(database.effects(0, MessageId(7)), 2);
}

#[test]
fn the_outbox_hands_out_its_oldest_unsent_rows_in_order_and_counts_the_attempts() {
    let mut database = Database::new().entitling([0, 3]);
    for message in [4, 2, 9] {
        let (notes, _) = ask(&mut database, about(fact(message, 0, 1), &[Write::Order, Write::Outbox]));
        assert_eq!(kinds(&notes), [(message, Kind::Recorded)]);
    }
    assert_eq!(outcome(&mut database, about(fact(2, 0, 1), &[Write::Order, Write::Outbox])), Outcome::Duplicate);
    let mut poll = |limit| match ask(&mut database, Method::Poll { request: 1, limit }).1[..] {
        [Method::Polled { ref rows, .. }] => rows.iter().map(|row| (row.message.0, row.attempt)).collect::<Vec<_>>(),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(poll(2), [(4, 1), (2, 1)]);
    assert_eq!(poll(9), [(4, 2), (2, 2), (9, 1)]);
    assert_eq!(outcome(&mut database, about(fact(2, 0, 1), &[Write::MarkSent])), Outcome::Committed);
    assert_eq!(outcome(&mut database, about(fact(2, 0, 1), &[Write::MarkSent])), Outcome::Unchanged);
    assert_eq!(outcome(&mut database, about(fact(4, 0, 1), &[Write::MarkSent])), Outcome::Committed);
    let mut pending = Vec::new();
    database.holdings(&mut |holding| pending.push((holding.copy.message.0, holding.subscription)));
    assert_eq!(pending, [(9, 0), (9, 3)]);
    let row = OutboxRow { message: MessageId(9), attempt: 2 };
    let (_, answers) = ask(&mut database, Method::Poll { request: 2, limit: 9 });
    assert_eq!(answers, [Method::Polled { request: 2, rows: Box::new([row]) }]);
}

#[test]
fn what_is_missing_is_recorded_and_without_effect_for_that_subscription() {
    let mut database = Database::reliable();
    for message in [3, 5, 9] {
        outcome(&mut database, about(fact(message, 0, 1), &[Write::Order]));
    }
    apply(&mut database, 0, fact(5, 0, 1));
    apply(&mut database, 1, fact(9, 0, 1));
    // An effect without a row in the books is nobody's debt.
    apply(&mut database, 0, fact(4, 0, 1));
    let missing =
        |database: &mut Database, subscription| match ask(database, Method::FindMissing { request: 8, subscription }).1
            [..]
        {
            [Method::Missing { request: 8, ref messages }] => {
                messages.iter().map(|message| message.0).collect::<Vec<_>>()
            }
            ref other => panic!("{other:?}"),
        };
    assert_eq!(missing(&mut database, 0), [3, 9]);
    assert_eq!(missing(&mut database, 1), [3, 5]);
    assert_eq!(missing(&mut database, 2), [3, 5, 9]);
}

#[test]
fn an_order_is_undone_each_time_unless_its_state_is_looked_at() {
    let undo = |writes: &[Write]| {
        let mut database = Database::reliable();
        outcome(&mut database, about(fact(7, 0, 1), &[Write::Order]));
        let outcomes = [(); 2].map(|()| outcome(&mut database, about(fact(7, 0, 1), writes)));
        (outcomes, database.undone(MessageId(7)))
    };
    let step = Write::Step { step: ORDER, from: PLACED, to: COMPENSATED };
    assert_eq!(undo(&[Write::Undo]), ([Outcome::Committed; 2], 2));
    assert_eq!(undo(&[step, Write::Undo]), ([Outcome::Committed, Outcome::Unchanged], 1));
}

#[test]
fn an_order_that_was_undone_is_put_aside_and_no_longer_missing() {
    let mut database = Database::reliable().entitling([0, 2]);
    for message in [3, 5] {
        outcome(&mut database, about(fact(message, 0, 1), &[Write::Order]));
    }
    let (notes, _) = ask(&mut database, about(fact(5, 0, 1), &[Write::Undo]));
    assert_eq!(kinds(&notes), [(5, Kind::Compensated { first: true })]);
    let mut held = Vec::new();
    database.holdings(&mut |holding| held.push((holding.copy.message.0, holding.subscription, holding.dead_lettered)));
    assert_eq!(held, [(5, 0, true), (5, 2, true)]);
    let (_, answers) = ask(&mut database, Method::FindMissing { request: 1, subscription: 0 });
    assert_eq!(answers, [Method::Missing { request: 1, messages: Box::from([MessageId(3)]) }]);
}

#[test]
fn whether_an_order_is_there_can_be_asked() {
    let mut database = Database::new();
    let ask = |database: &mut Database| {
        let mut out = Outputs::default();
        database.handle(Time::ZERO, input(Method::Find { request: 3, message: MessageId(7) }), &mut out);
        out.list
    };
    let told = |list: &[Output], is_there| {
        let answer = Frame::from(Method::Found { request: 3, is_there });
        matches!(list, [Output::Send { frame, .. }] if *frame == answer)
    };
    assert!(told(&ask(&mut database), false));
    let transaction = Transaction::about(copy(7, 1), fact(7, 0, 1), 0).with(&[Write::Order]);
    database.handle(Time::ZERO, input(Method::Transact { request: 1, transaction }), &mut Outputs::default());
    assert!(told(&ask(&mut database), true));
}

#[test]
fn what_is_reserved_is_used_or_given_back_once() {
    let mut database = Database::new();
    let step = 3;
    let mut write = |write| {
        let transaction = Transaction::about(copy(7, 1), fact(7, 0, 1), 0).with(&[write]);
        let mut out = Outputs::default();
        database.handle(Time::ZERO, input(Method::Transact { request: 1, transaction }), &mut out);
        let note = |output: &Output| match output {
            Output::Note(note) => Some(note.kind),
            _ => None,
        };
        (out.list.iter().find_map(note), database.frozen(step, MessageId(7)))
    };
    assert_eq!(write(Write::Use { step }), (None, 0));
    assert_eq!(write(Write::Release { step }), (Some(Kind::Released { frozen: false }), 0));
    assert_eq!(write(Write::Freeze { step }), (Some(Kind::Frozen), 1));
    assert_eq!(write(Write::Freeze { step }), (Some(Kind::Frozen), 2));
    assert_eq!(write(Write::Use { step }), (Some(Kind::Used), 1));
    assert_eq!(write(Write::Release { step }), (Some(Kind::Released { frozen: true }), 0));
}

#[test]
fn rows_of_a_step_that_are_half_way_can_be_asked_for() {
    let mut database = Database::new();
    for (message, to) in [(7, 1), (8, 4), (9, 2)] {
        let step = Write::Step { step: 1, from: 0, to };
        let transaction = Transaction::about(copy(message, 1), fact(message, 0, 1), 0).with(&[step]);
        database.handle(Time::ZERO, input(Method::Transact { request: 1, transaction }), &mut Outputs::default());
    }
    let mut out = Outputs::default();
    database.handle(Time::ZERO, input(Method::FindOpen { request: 2, step: 1, before: 4 }), &mut out);
    let rows = [(MessageId(7), 1), (MessageId(9), 2)].into();
    let answer = Frame::from(Method::Open { request: 2, rows });
    assert!(matches!(&out.list[..], [Output::Send { frame, .. }] if *frame == answer));
    assert_eq!(database.step(1, MessageId(8)), 4);
}
