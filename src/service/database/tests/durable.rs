use super::*;
use crate::event::{Closed, Event, EventId, NodeId, Recorder};
use crate::flaw::{self, Flaw};
use crate::node::TimerId;
use crate::random::Seed;
use crate::sim::{Action, Fault, Profile, Trigger, When, World};
use crate::time::Span;

const SEEDS: u64 = 200;
const DATABASE: NodeId = NodeId(0);
const MESSAGES: u32 = 20;

/// A client that asks one thing every 3 ms, and asks again what was not answered.
#[derive(Clone)]
struct Asker {
    writes: &'static [Write],
    connection: Option<ConnectionId>,
    next: u32,
    open: Vec<u32>,
}

#[derive(Clone)]
enum Actor {
    Database(Box<Database>),
    Asker(Asker),
}

impl Asker {
    fn ask(&self, message: u32, out: &mut Outputs) {
        if let Some(connection) = self.connection {
            out.send(connection, about(fact(message, message % 3, message), self.writes), Some(copy(message, 1)));
        }
    }
}

impl Node for Asker {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                out.open(DATABASE);
                out.set_timer(TimerId(0), now + Span::from_millis(10));
            }
            Input::Timer(TimerId(0)) => {
                self.open.push(self.next);
                self.ask(self.next, out);
                self.next += 1;
                if self.next <= MESSAGES {
                    out.set_timer(TimerId(0), now + Span::from_millis(3));
                }
            }
            Input::Timer(_) => {
                out.open(DATABASE);
            }
            Input::Opened { connection, .. } => {
                self.connection = Some(connection);
                self.open.iter().for_each(|message| self.ask(*message, out));
            }
            Input::Closed { why: Closed::Reset | Closed::Refused, .. } => {
                self.connection = None;
                out.set_timer(TimerId(1), now + Span::from_millis(50));
            }
            Input::Frame { frame: Frame::Store(Method::Transacted { request, .. }), .. } => {
                self.open.retain(|message| u64::from(*message) != request);
                out.note(Kind::AckSent, Some(copy(request as u32, 1)));
            }
            _ => {}
        }
    }
    fn reset(&mut self) {}
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}
    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}
    fn picture(&self, _: &mut Picture) {}
}

impl Node for Actor {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Database(node) => node.handle(now, input, out),
            Self::Asker(node) => node.handle(now, input, out),
        }
    }
    fn reset(&mut self) {
        if let Self::Database(node) = self {
            node.reset();
        }
    }
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}
    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}
    fn picture(&self, _: &mut Picture) {}
}

#[derive(Default)]
struct Seen(Vec<Event>);

impl Recorder for Seen {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.0.push(event);
        None
    }
}

/// How one run went.
struct Run {
    lost: u32,
    /// Lost although the client was answered, and not done again.
    lost_for_good: u32,
    repeats: u32,
    /// How often an order was undone, as the history has it and as the tables do.
    undone: (u32, u32),
    undone_again: u32,
}

fn run(durability: Durability, writes: &'static [Write], faults: &[Action], seed: u64) -> Run {
    let trigger = Trigger { kind: Kind::AckSent, node: None, message: Some(MessageId(8)) };
    let within = Span::from_millis(8);
    let fault = |action: &Action| Fault {
        action: action.clone(),
        when: When::After { trigger, nth: 1, delay: Span::ZERO, within },
        lasting: Some(Span::from_millis(200)),
    };
    let faults: Vec<Fault> = faults.iter().map(fault).collect();
    let asker = Asker { writes, connection: None, next: 1, open: Vec::new() };
    let nodes = [Actor::Database(Box::new(Database::with(durability))), Actor::Asker(asker)];
    let (mut world, mut seen) = (World::new(), Seen::default());
    world.start(&Profile::default(), nodes, &faults, Seed(seed));
    for _ in 0..2 {
        while !world.is_quiet() && world.step(&mut seen) {
            assert!(world.inputs() < 100_000, "the run does not end");
        }
        world.heal(&mut seen);
    }
    while !world.is_quiet() && world.step(&mut seen) {}
    let Actor::Database(database) = world.node(DATABASE) else { panic!("the database is the first") };
    let mut totals = Run { lost: 0, lost_for_good: 0, repeats: 0, undone: (0, 0), undone_again: 0 };
    for message in (1..=MESSAGES).map(MessageId) {
        let count = |kind: fn(Kind) -> bool| {
            seen.0.iter().filter(|event| event.message() == Some(message) && kind(event.kind)).count() as u32
        };
        let told = count(|kind| matches!(kind, Kind::Applied { .. } | Kind::Superseded));
        let lost = count(|kind| kind == Kind::EffectLost);
        let effects = database.effects(0, message);
        assert_eq!(told - lost, effects, "{message:?}: the history has what the tables have, seed {seed}");
        totals.lost += lost;
        totals.lost_for_good += u32::from(effects == 0 && count(|kind| kind == Kind::AckSent) > 0);
        totals.repeats += effects.saturating_sub(1);
        totals.undone.0 += count(|kind| matches!(kind, Kind::Compensated { .. }));
        totals.undone.1 += database.undone(message);
        totals.undone_again += database.undone(message).saturating_sub(1);
    }
    totals
}

const INBOX: &[Write] = &[Write::Inbox, Write::Effect];

fn power_cut() -> Vec<Action> {
    vec![Action::PowerCut(vec![DATABASE])]
}

fn lost(durability: Durability, faults: &[Action]) -> u32 {
    (0..SEEDS).map(|seed| run(durability, INBOX, faults, seed).lost_for_good).sum()
}

#[test]
fn what_was_answered_after_a_sync_outlives_every_crash_and_power_cut() {
    for faults in [vec![Action::Crash(DATABASE)], power_cut(), vec![Action::TornWrite(DATABASE)]] {
        for seed in 0..SEEDS {
            let run = run(Durability::OnCommit, INBOX, &faults, seed);
            assert_eq!((run.lost, run.lost_for_good, run.repeats), (0, 0, 0), "{faults:?}, seed {seed}");
        }
    }
}

#[test]
fn an_answer_before_the_sync_is_noticed() {
    assert!(flaw::with(Flaw::CommitBeforeSync, || lost(Durability::OnCommit, &power_cut())) > 0);
}

#[test]
fn a_lazy_database_loses_answered_transactions_with_the_power_and_none_with_its_process() {
    assert!(lost(Durability::Lazy, &power_cut()) > 0);
    assert_eq!(lost(Durability::Lazy, &[Action::Crash(DATABASE)]), 0);
}

#[test]
fn the_history_agrees_with_the_tables_whatever_befalls_the_disk() {
    let disk_faults: [&[Action]; 6] = [
        &[Action::DiskFull(DATABASE)],
        &[Action::SyncError(DATABASE)],
        &[Action::SyncError(DATABASE), Action::PowerCut(vec![DATABASE])],
        &[Action::DiskLoss(DATABASE)],
        &[Action::BitRot(DATABASE), Action::Crash(DATABASE)],
        &[Action::Pause(DATABASE)],
    ];
    for durability in [Durability::OnCommit, Durability::Lazy] {
        for writes in [INBOX, &[Write::Effect], &[Write::UpdateIfNewer], &[Write::Upsert]] {
            for faults in disk_faults {
                let runs = (0..SEEDS / 10).map(|seed| run(durability, writes, faults, seed));
                let totals = runs.fold((0, 0), |(lost, repeats), run| (lost + run.lost, repeats + run.repeats));
                assert!(totals.1 == 0 || writes == [Write::Effect], "{faults:?} {writes:?}");
                // What is not synced yet cannot rot.
                let rots = durability == Durability::OnCommit && matches!(faults, [Action::BitRot(_), _]);
                let loses = rots || matches!(faults, [Action::DiskLoss(_)]);
                assert!(totals.0 > 0 || !loses, "{faults:?} destroys effects");
                let spares = matches!(faults, [Action::DiskFull(_)] | [Action::Pause(_)]);
                assert!(totals.0 == 0 || !spares, "{faults:?} destroys no effect");
            }
        }
    }
}

#[test]
fn a_plain_update_asked_for_again_after_a_crash_is_done_twice_and_an_inbox_prevents_it() {
    let repeats = |writes| -> u32 {
        (0..SEEDS).map(|seed| run(Durability::OnCommit, writes, &[Action::Crash(DATABASE)], seed).repeats).sum()
    };
    assert!(repeats(&[Write::Effect]) > 0, "the crash struck between the commit and its answer");
    assert_eq!(repeats(INBOX), 0);
}

#[test]
fn an_undo_outlives_every_crash_and_is_done_once_where_the_state_is_looked_at() {
    const CHECKED: &[Write] = &[Write::Step { step: ORDER, from: PLACED, to: COMPENSATED }, Write::Undo];
    let again = |writes, faults: &[Action]| -> u32 {
        let runs = (0..SEEDS).map(|seed| run(Durability::OnCommit, writes, faults, seed));
        let check = |run: Run| {
            assert_eq!(run.undone.0, run.undone.1, "the history has what the tables have: {faults:?}");
            assert!(run.undone.1 > 0);
            run.undone_again
        };
        runs.map(check).sum()
    };
    for faults in [vec![Action::Crash(DATABASE)], power_cut(), vec![Action::TornWrite(DATABASE)]] {
        assert_eq!(again(CHECKED, &faults), 0, "{faults:?}");
    }
    assert!(again(&[Write::Undo], &[Action::Crash(DATABASE)]) > 0, "a plain one is asked for again, and done again");
}

#[test]
fn records_are_read_as_they_were_written() {
    use super::super::record::Record;
    let writes = [
        Write::Effect,
        Write::Inbox,
        Write::Upsert,
        Write::UpdateIfNewer,
        Write::Order,
        Write::Outbox,
        Write::MarkSent,
        Write::Step { step: 3, from: 1, to: 2 },
        Write::Undo,
    ];
    for chunk in writes.chunks(3) {
        let transaction = Transaction::about(copy(70_000, 3), fact(70_000, 4, 5), 6).with(chunk);
        for record in [Record::Transaction(transaction), Record::Poll(32)] {
            let (mut bytes, mut read) = (Vec::new(), Vec::new());
            record.encode(&mut bytes, crate::service::log::FILE, 0);
            crate::wal::Recovery::new(crate::service::log::FILE)
                .feed(&bytes, |found| read.extend(Record::decode(found)));
            assert_eq!(read, [record]);
        }
    }
}
