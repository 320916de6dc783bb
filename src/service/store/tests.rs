use super::*;
use crate::event::{Event, EventId, MessageId, Recorder};
use crate::flaw::{self, Flaw};
use crate::node::Output;
use crate::protocol::store::{DONE, Key};
use crate::random::Seed;
use crate::sim::{Action, Fault, Profile, When, World};
use crate::time::Span;

const CLIENT: ConnectionId = ConnectionId(5);

fn key(message: u32) -> Key {
    Key { subscription: 0, message: MessageId(message) }
}

fn copy(message: u32) -> CopyId {
    CopyId { message: MessageId(message), attempt: 1, branch: 0 }
}

fn set_nx(message: u32, value: u32, millis: u64) -> Command {
    Command::Set { key: key(message), value, only_if_absent: true, life: Span::from_millis(millis) }
}

/// What a lone store answers at this time.
fn ask(store: &mut Store, millis: u64, command: Command) -> Reply {
    let mut out = Outputs::default();
    let frame = Method::Command { request: 7, command }.into();
    store.handle(Time::from_millis(millis), Input::Frame { connection: CLIENT, frame, about: None }, &mut out);
    match out.list[..] {
        [Output::Send { frame: Frame::Store(Method::Reply { request: 7, reply }), .. }] => reply,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn keys_are_set_read_and_deleted() {
    let mut store = Store::new(StoreOptions::default());
    assert_eq!(ask(&mut store, 0, Command::Get(key(3))), Reply::Nil);
    let set = Command::Set { key: key(3), value: DONE, only_if_absent: false, life: Span::ZERO };
    assert_eq!(ask(&mut store, 0, set), Reply::Done);
    assert_eq!(ask(&mut store, u64::from(u32::MAX), Command::Get(key(3))), Reply::Value(DONE));
    assert_eq!(ask(&mut store, 0, Command::Get(Key { subscription: 1, ..key(3) })), Reply::Nil);
    assert_eq!(ask(&mut store, 0, Command::Delete(key(3))), Reply::Done);
    assert_eq!(ask(&mut store, 0, Command::Delete(key(3))), Reply::Nil);
    assert_eq!(ask(&mut store, 0, Command::Get(key(3))), Reply::Nil);
}

/// Whether a second claim is turned down while the first lasts, and whether it
/// is granted afterwards.
fn claims() -> (bool, bool) {
    let mut store = Store::new(StoreOptions::default());
    assert_eq!(ask(&mut store, 100, set_nx(3, WORKING, 50)), Reply::Done);
    let turned_down = ask(&mut store, 149, set_nx(3, WORKING, 50)) == Reply::Nil;
    (turned_down, ask(&mut store, 150, set_nx(3, WORKING, 50)) == Reply::Done)
}

#[test]
fn nx_turns_a_second_claim_down_until_the_first_expires() {
    assert_eq!(claims(), (true, true));
    assert_eq!(flaw::with(Flaw::SetNxIgnoresNx, claims), (false, true));
    assert_eq!(flaw::with(Flaw::LeaseNeverExpires, claims), (true, false));
}

/// A client that sets key n at time 10 n ms, each at the first of its two
/// stores that takes it, and notes what was answered.
#[derive(Clone)]
struct Setter {
    connections: Vec<ConnectionId>,
    next: u32,
}

#[derive(Clone)]
enum Actor {
    Store(Store),
    Setter(Setter),
}

const COUNT: u32 = 20;

impl Node for Actor {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        let setter = match self {
            Self::Store(store) => return store.handle(now, input, out),
            Self::Setter(setter) => setter,
        };
        match input {
            Input::Start(_) => {
                out.open(NodeId(0));
                out.set_timer(TimerId(0), now + Span::from_millis(500));
            }
            Input::Opened { connection, .. } => setter.connections.push(connection),
            Input::Closed { connection, .. } => setter.connections.retain(|other| *other != connection),
            Input::Timer(_) if setter.next <= COUNT => {
                let command =
                    Command::Set { key: key(setter.next), value: DONE, only_if_absent: false, life: Span::ZERO };
                if let Some(connection) = setter.connections.first() {
                    out.send(
                        *connection,
                        Method::Command { request: setter.next.into(), command },
                        Some(copy(setter.next)),
                    );
                }
                setter.next += 1;
                out.set_timer(TimerId(0), now + Span::from_millis(10));
            }
            // Long enough for a failover.
            Input::Timer(_) if setter.next <= COUNT + 50 => {
                setter.next += 1;
                out.set_timer(TimerId(0), now + Span::from_millis(100));
            }
            Input::Frame { frame: Frame::Store(Method::Reply { request, reply: Reply::Done }), .. } => {
                out.note(Kind::AckSent, Some(copy(request as u32)));
            }
            _ => {}
        }
    }
    fn reset(&mut self) {
        if let Self::Store(store) = self {
            store.reset();
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

/// Which keys were answered, and which of them whoever is primary in the end has not.
fn run(appends: bool, faults: &[(u64, Action, Option<u64>)], seed: u64) -> (u32, Vec<u32>, [bool; 2]) {
    let options = |is_replica: bool| StoreOptions {
        peer: Some(NodeId(u16::from(!is_replica))),
        is_replica,
        failover_after: Span::from_secs(1),
        appends,
    };
    let faults: Vec<Fault> = faults
        .iter()
        .map(|(at, action, lasting)| Fault {
            action: action.clone(),
            when: When::At(Time::from_millis(*at)),
            lasting: lasting.map(Span::from_millis),
        })
        .collect();
    let nodes = [
        Actor::Store(Store::new(options(false))),
        Actor::Store(Store::new(options(true))),
        Actor::Setter(Setter { connections: Vec::new(), next: 1 }),
    ];
    let (mut world, mut seen) = (World::new(), Seen::default());
    world.start(&Profile::default(), nodes, &faults, Seed(seed));
    while !world.is_quiet() && world.step(&mut seen) {}
    world.heal(&mut seen);
    world.run_until(world.now() + Span::from_secs(5), &mut seen);
    let stores = [NodeId(0), NodeId(1)].map(|node| match world.node(node) {
        Actor::Store(store) => store.clone(),
        Actor::Setter(_) => panic!("no store"),
    });
    let primary = stores.iter().find(|store| store.is_primary).expect("a primary");
    let answered: Vec<u32> =
        seen.0.iter().filter(|event| event.kind == Kind::AckSent).map(|event| event.copy.unwrap().message.0).collect();
    let missing = answered.iter().copied().filter(|n| primary.keys.get(key(*n), world.now()).is_none()).collect();
    (answered.len() as u32, missing, stores.map(|store| store.is_primary))
}

const PRIMARY: NodeId = NodeId(0);
const REPLICA: NodeId = NodeId(1);

#[test]
fn a_replica_takes_over_with_everything_when_its_link_was_well() {
    for seed in 0..20 {
        let (answered, missing, primaries) = run(false, &[(600, Action::Crash(PRIMARY), Some(3000))], seed);
        assert!((5..COUNT).contains(&answered));
        assert_eq!((missing, primaries), (vec![], [false, true]), "seed {seed}");
    }
}

#[test]
fn a_failover_forgets_what_was_answered_and_not_replicated_yet() {
    let behind = Action::Partition { from: PRIMARY, to: REPLICA, one_way: false };
    for seed in 0..20 {
        let faults = [(550, behind.clone(), Some(400)), (600, Action::PowerCut(vec![PRIMARY]), Some(3000))];
        let (_, missing, primaries) = run(false, &faults, seed);
        assert!(!missing.is_empty() && missing.iter().all(|n| *n >= 5), "{missing:?}");
        assert_eq!(primaries, [false, true]);
    }
}

#[test]
fn a_primary_that_comes_back_empty_empties_its_replica_unless_it_appends_to_a_file() {
    for seed in 0..20 {
        let quick = [(600, Action::Crash(PRIMARY), Some(200))];
        let (answered, missing, primaries) = run(false, &quick, seed);
        assert_eq!((missing.len() as u32, primaries), (answered, [true, false]), "the client does not connect again");
        assert!(run(true, &quick, seed).1.is_empty());
    }
}

#[test]
fn after_a_power_cut_the_file_may_lack_the_last_second() {
    let cut = [(650, Action::PowerCut(vec![PRIMARY, REPLICA]), Some(200))];
    assert!((0..100).any(|seed| !run(true, &cut, seed).1.is_empty()));
    assert!((0..100).any(|seed| run(true, &cut, seed).1.is_empty()), "the system may have written it back");
}

#[test]
fn two_primaries_end_as_one_and_the_later_promotion_is_right() {
    let apart = [(500, Action::Partition { from: PRIMARY, to: REPLICA, one_way: false }, Some(2500))];
    for seed in 0..20 {
        let (answered, missing, primaries) = run(false, &apart, seed);
        assert_eq!((answered, primaries), (COUNT, [false, true]), "clients could reach the old one all the time");
        assert_eq!(missing.len() as u32, COUNT, "it took them in vain");
    }
}
