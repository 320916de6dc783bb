use super::*;
use crate::client::peer::{BROKER, Bench};
use crate::event::NodeId;
use crate::node::{Holding, Node};
use crate::picture::Picture;
use crate::random::Seed;

/// The least client: a session and what it signalled.
#[derive(Clone)]
struct Client {
    session: Session,
    signals: Vec<&'static str>,
}

const SECOND: Span = Span::from_secs(1);
const CONNECTED: Kind = Kind::Connected;
const RESET: Kind = Kind::Disconnected(Closed::Reset);
const SILENT: Kind = Kind::Disconnected(Closed::HeartbeatMissed);
const REFUSED: Kind = Kind::Disconnected(Closed::Protocol(406));

fn client(heartbeat: Span, peers: &[NodeId]) -> Client {
    let pace = Pace { retry_after: SECOND, patience: SECOND.times(5), seed: Seed(1) };
    let script = Arc::from([Method::declare(crate::protocol::Name(1), true)]);
    let session = Session::new(peers.into(), pace, heartbeat, script, TimerId(0));
    Client { session, signals: Vec::new() }
}

fn started(heartbeat: Span) -> Bench<Client> {
    Bench::started(client(heartbeat, &[BROKER]))
}

impl Node for Client {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        if let Input::Start(_) = input {
            return self.session.start(now, out);
        }
        match self.session.handle(now, input, out) {
            Signal::None => {}
            Signal::Ready => self.signals.push("ready"),
            Signal::Lost => self.signals.push("lost"),
            Signal::Method(_) => self.signals.push("method"),
        }
    }
    fn reset(&mut self) {
        self.session.reset();
    }
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}
    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}
    fn picture(&self, _: &mut Picture) {}
}

fn kinds(bench: &Bench<Client>) -> Vec<Kind> {
    bench.notes.iter().map(|(_, note)| note.kind).collect()
}

fn heartbeats(bench: &Bench<Client>) -> usize {
    bench.said.iter().filter(|method| **method == Method::Heartbeat).count()
}

fn at(bench: &mut Bench<Client>, seconds: u64) {
    bench.run_until(Time::from_millis(seconds * 1_000));
}

#[test]
fn a_lost_connection_is_opened_again_after_the_pause_and_a_drawn_part() {
    let mut bench = started(Span::ZERO);
    bench.cut(BROKER);
    assert_eq!(bench.node.signals, ["ready", "lost"]);
    bench.run_until(Time::from_millis(999));
    assert_eq!(bench.opened.len(), 1);
    bench.run_until(Time::from_millis(1_250));
    assert_eq!(bench.node.signals, ["ready", "lost", "ready"]);
    assert_eq!(kinds(&bench), [CONNECTED, RESET, CONNECTED]);
    assert!(bench.notes.iter().all(|(_, note)| note.detail == u64::from(BROKER.0)));
}

#[test]
fn a_connection_attempt_without_an_answer_is_given_up_in_time() {
    let mut bench = Bench::new(client(Span::ZERO, &[BROKER]));
    bench.listening = false;
    bench.input(Input::Start(Box::default()));
    at(&mut bench, 5);
    assert_eq!((bench.node.signals.len(), bench.closed.len()), (1, 1));
    bench.listening = true;
    at(&mut bench, 7);
    assert_eq!(bench.node.signals, ["lost", "ready"]);
}

#[test]
fn a_handshake_without_an_answer_is_given_up_in_time() {
    let mut bench = Bench::new(client(Span::ZERO, &[BROKER]));
    bench.obliging = false;
    bench.input(Input::Start(Box::default()));
    at(&mut bench, 5);
    assert_eq!(kinds(&bench), [CONNECTED, Kind::Disconnected(Closed::Unanswered)]);
    bench.obliging = true;
    at(&mut bench, 7);
    assert_eq!(bench.node.signals, ["lost", "ready"]);
}

#[test]
fn after_each_failure_the_next_peer_has_its_turn() {
    let peers = [NodeId(1), NodeId(2), NodeId(3)];
    let mut bench = Bench::new(client(Span::ZERO, &peers));
    bench.listening = false;
    bench.input(Input::Start(Box::default()));
    for _ in 0..4 {
        let (connection, _) = *bench.opened.last().unwrap();
        bench.input(Input::Closed { connection, why: Closed::Refused });
        bench.run_until(bench.now + SECOND.times(2));
    }
    let tried: Vec<_> = bench.opened.iter().map(|(_, peer)| peer.0).collect();
    assert_eq!(tried, [1, 2, 3, 1, 2]);
}

#[test]
fn a_silent_peer_is_found_dead_after_two_heartbeat_intervals() {
    let mut bench = started(SECOND.times(60));
    bench.obliging = false;
    at(&mut bench, 119);
    assert_eq!(bench.node.signals, ["ready"]);
    assert!(heartbeats(&bench) >= 3, "it keeps saying that it lives");
    at(&mut bench, 120);
    assert_eq!(bench.node.signals, ["ready", "lost"]);
    assert_eq!(kinds(&bench), [CONNECTED, SILENT]);
}

#[test]
fn a_peer_that_answers_heartbeats_is_kept() {
    let mut bench = started(SECOND.times(60));
    at(&mut bench, 3_600);
    assert_eq!(bench.node.signals, ["ready"]);
}

#[test]
fn without_heartbeats_a_silent_peer_is_never_noticed() {
    let mut bench = started(Span::ZERO);
    bench.obliging = false;
    at(&mut bench, 36_000);
    assert_eq!((bench.node.signals.len(), heartbeats(&bench)), (1, 0));
}

#[test]
fn a_process_that_stood_still_reads_before_it_judges() {
    let mut bench = started(SECOND.times(60));
    bench.now = Time::from_millis(500_000);
    at(&mut bench, 500);
    assert_eq!(bench.node.signals, ["ready"]);
    bench.obliging = false;
    bench.hear(Method::Heartbeat);
    at(&mut bench, 619);
    assert_eq!(bench.node.signals, ["ready"]);
    at(&mut bench, 650);
    assert_eq!(bench.node.signals[..2], ["ready", "lost"]);
}

#[test]
fn a_run_is_not_quiet_before_the_peer_was_heard_after_the_last_business() {
    let quiet = |bench: &Bench<Client>| bench.timers.values().all(|(_, periodic)| *periodic);
    let mut bench = started(SECOND.times(60));
    assert!(!quiet(&bench));
    bench.run_until_quiet();
    assert!(bench.now <= Time::from_millis(60_000), "one answered heartbeat is enough: {}", bench.now);
    bench.hear(Method::Confirm { tag: 1, multiple: false });
    assert!(!quiet(&bench), "business opens the question again");
    bench.hear(Method::Heartbeat);
    bench.obliging = false;
    bench.run_until_quiet_or(Time::from_millis(400_000));
    assert!(bench.node.signals.contains(&"lost"), "a heartbeat from before the silence proves nothing");
}

#[test]
fn a_refused_channel_is_opened_again_after_the_pause_on_the_same_connection() {
    let mut bench = Bench::new(client(Span::ZERO, &[BROKER]));
    bench.refusal = Some(406);
    bench.input(Input::Start(Box::default()));
    assert_eq!(kinds(&bench), [CONNECTED, REFUSED]);
    assert_eq!(bench.said.last(), Some(&Method::ChannelCloseOk));
    bench.refusal = None;
    at(&mut bench, 2);
    assert_eq!(bench.node.signals, ["lost", "ready"]);
    assert_eq!(kinds(&bench), [CONNECTED, REFUSED, CONNECTED]);
    assert_eq!(bench.opened.len(), 1);
}

#[test]
fn a_channel_that_is_always_refused_does_not_keep_a_run_going() {
    let mut bench = Bench::new(client(SECOND.times(60), &[BROKER]));
    bench.refusal = Some(406);
    bench.input(Input::Start(Box::default()));
    bench.run_until_quiet();
    assert_eq!(bench.node.signals, ["lost"; HOPELESS as usize]);
}

#[test]
fn once_connected_and_without_heartbeats_nothing_keeps_a_run_going() {
    assert!(started(Span::ZERO).timers.is_empty());
}

#[test]
fn a_channel_closed_in_mid_conversation_is_another_generation() {
    let mut bench = started(Span::ZERO);
    let generation = bench.node.session.generation();
    bench.hear(Method::ChannelClose { code: 404 });
    assert!(!bench.node.session.is_ready());
    at(&mut bench, 2);
    assert!(bench.node.session.is_ready());
    assert_ne!(bench.node.session.generation(), generation);
}

#[test]
fn what_comes_in_on_another_connection_is_not_heard() {
    let mut bench = started(Span::ZERO);
    bench.hear_on(ConnectionId(99), Method::ChannelClose { code: 404 });
    bench.input(Input::Closed { connection: ConnectionId(99), why: Closed::Reset });
    bench.input(Input::Opened { connection: ConnectionId(99), peer: BROKER, inbound: true });
    assert_eq!(bench.node.signals, ["ready"]);
}
