//! Writing a fault down again.

use super::{FRAMES, NODE_VERBS, VERBS, is_log, role_word, word_for};
use crate::event::{Kind, NodeId, Resource, name_partition};
use crate::lab::Topology;
use crate::picture::Role;
use crate::protocol::Name;
use crate::sim::{Action, Fault, Trigger, When};
use crate::time::{Span, Time};

/// The sentence that [`super::parse`] reads back as this fault.
#[must_use]
pub fn write(fault: &Fault, topology: Topology) -> String {
    let mut text = action(&fault.action, topology);
    text += &when(&fault.when, topology);
    if let Some(lasting) = fault.lasting {
        text += if fault.action.kills() { ", restart after " } else { ", for " };
        text += &lasting.to_string();
    }
    text
}

fn action(of: &Action, topology: Topology) -> String {
    let name = |node| topology.name(node);
    match of {
        Action::Crash(node) => format!("crash {}", name(*node)),
        Action::Restart(node) => format!("restart {}", name(*node)),
        Action::Pause(node) => format!("pause {}", name(*node)),
        Action::PowerCut(nodes) => format!("power-cut {}", machines(nodes, topology)),
        Action::Split { one, other } => split(one, other, topology),
        Action::Alarm { node, resource: Resource::Memory } => format!("alarm memory {}", name(*node)),
        Action::Alarm { node, resource: Resource::Disk } => format!("alarm disk {}", name(*node)),
        Action::GrowTopic { partitions, .. } => format!("add-partitions {partitions}"),
        Action::Together(parts) => together(parts, topology),
        Action::OnLeader { queue: Name::EMPTY, stand_in, action: inner } => {
            action(inner, topology).replacen(&name(*stand_in), "active controller", 1)
        }
        Action::OnLeader { queue, stand_in, action: inner } => {
            let leader = format!("leader{}", of_partition(*queue));
            action(inner, topology).replacen(&name(*stand_in), &leader, 1)
        }
        Action::OnFollower { queue, brokers, action: inner } => {
            let follower = format!("a follower{}", of_partition(*queue));
            action(inner, topology).replacen(&name(brokers[0]), &follower, 1)
        }
        Action::DiskLoss(node) => format!("disk-loss {}", name(*node)),
        Action::DiskFull(node) => format!("disk-full {}", name(*node)),
        Action::DiskSlow { node, factor } => format!("disk-slow {} by {factor}x", name(*node)),
        Action::SyncError(node) => format!("sync-error {}", name(*node)),
        Action::TornWrite(node) => format!("torn-write {}", name(*node)),
        Action::BitRot(node) => format!("bit-rot {}", name(*node)),
        Action::Cut { from, to } => format!("cut {} {}", name(*from), name(*to)),
        Action::Partition { from, to, one_way: false } => format!("partition {} {}", name(*from), name(*to)),
        Action::Partition { from, to, one_way: true } => format!("one-way-cut {} {}", name(*from), name(*to)),
        Action::Delay { from, to, extra } => format!("delay {} {} by {extra}", name(*from), name(*to)),
        Action::LoseFrame { from, to, frame, message } => {
            let verbs = FRAMES.iter().copied().filter(|(_, kind)| kind == frame);
            let verb = word_for(verbs, is_log(topology)).unwrap_or("lose-frame");
            let message = message.map_or(String::new(), |message| format!(" for message {}", message.0));
            format!("{verb} from {} to {}{message}", name(*from), name(*to))
        }
        Action::Throw { node, message } => format!("throw {} on message {}", name(*node), message.0),
    }
}

fn machines(nodes: &[NodeId], topology: Topology) -> String {
    if nodes.len() > 1 && topology.brokers().eq(nodes.iter().copied()) {
        return "all brokers".to_owned();
    }
    nodes.iter().map(|node| topology.name(*node)).collect::<Vec<_>>().join(" + ")
}

fn split(one: &[NodeId], other: &[NodeId], topology: Topology) -> String {
    let rest = || topology.nodes().filter(|node| !one.contains(node));
    let names = machines(one, topology);
    let are = |roles: &[Role]| rest().filter(|node| roles.contains(&topology.role(*node))).eq(other.iter().copied());
    if rest().eq(other.iter().copied()) {
        format!("isolate {names}")
    } else if are(&[Role::Broker]) {
        format!("isolate {names} from brokers")
    } else if are(&[Role::Controller]) {
        format!("isolate {names} from controllers")
    } else if are(&[Role::Broker, Role::Controller]) {
        format!("isolate {names} from brokers + controllers")
    } else {
        format!("partition {names} from {}", machines(other, topology))
    }
}

fn of_partition(queue: Name) -> String {
    match name_partition(queue) {
        (_, 0) => String::new(),
        (_, partition) => format!(" of partition {partition}"),
    }
}

/// The same fault on several nodes: that of the first, with all their names.
fn together(parts: &[Action], topology: Topology) -> String {
    if let [Action::Delay { from, to, extra }, ..] = parts {
        let other = if parts.len() == 1 { topology.name(*to) } else { "brokers".to_owned() };
        return format!("delay {} {other} by {extra}", topology.name(*from));
    }
    let nodes: Vec<NodeId> = parts.iter().flat_map(Action::targets).collect();
    let first = parts.first().map_or(String::new(), |part| action(part, topology));
    match nodes.first() {
        Some(node) => first.replacen(&topology.name(*node), &machines(&nodes, topology), 1),
        None => first,
    }
}

fn when(when: &When, topology: Topology) -> String {
    match when {
        When::At(Time::ZERO) => String::new(),
        When::At(time) => format!(" at {}", Span::from_nanos(time.as_nanos())),
        When::BeforeInput(input) => format!(" before input {input}"),
        When::After { trigger, delay, within, .. } => {
            let within = if within.is_zero() { String::new() } else { format!(" within {within}") };
            let delay = if delay.is_zero() { String::new() } else { format!(" {delay} after") };
            format!("{within} after{delay} {}", trigger_words(*trigger, topology))
        }
    }
}

fn trigger_words(trigger: Trigger, topology: Topology) -> String {
    let Some(message) = trigger.message else {
        let known = NODE_VERBS.iter().find(|(_, kind, _)| *kind == trigger.kind).unwrap_or(&NODE_VERBS[0]);
        let any = || format!("any {}", role_word(known.2));
        return format!("{} {}", trigger.node.map_or_else(any, |node| topology.name(node)), known.0);
    };
    let node = trigger.node.map_or(String::new(), |node| format!(" {}", topology.name(node)));
    // Without a node, `reaches` would not say what is reached.
    let says_it = |verb: &str| trigger.node.is_some() || verb != "reaches";
    let verbs = VERBS.iter().filter(|(verb, kind, _)| *kind == trigger.kind && says_it(verb));
    let is_log = is_log(topology) && trigger.kind == Kind::Enqueued;
    let verb = word_for(verbs.map(|(verb, kind, _)| (*verb, kind)), is_log).unwrap_or("reaches");
    format!("message {} {verb}{node}", message.0)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const TOPOLOGY: Topology = Topology::new(1, 3, 2);

    #[test]
    fn a_sentence_is_written_as_it_was_read() {
        for text in [
            "crash broker-1 at 2s, restart after 500ms",
            "power-cut broker-1 within 300ms after message 12 reaches broker-1, restart after 2s",
            "power-cut broker-1 + broker-2 after 20ms after message 3 is-confirmed",
            "lose-confirm from broker-1 to producer-1 for message 12",
            "throw consumer-2 on message 5",
            "partition producer-1 broker-1 after message 7 occurs, for 3s",
            "one-way-cut broker-1 broker-2 at 1500us, for 3s",
            "disk-slow broker-1 by 10x at 1s, for 3s",
            "delay producer-1 broker-1 by 200ms at 1s, for 3s",
            "crash consumer-1 after message 9 reaches consumer-1",
            "crash consumer-1 after message 9 is-applied",
            "bit-rot broker-2 before input 532",
            "crash broker-1 + broker-2 at 2s, restart after 500ms",
            "disk-loss all brokers at 2s, restart after 500ms",
            "power-cut all brokers within 10ms after message 3 is-committed broker-2, restart after 1s",
            "isolate broker-1 after message 3 is-dead-lettered, for 90s",
            "isolate broker-1 + consumer-1 at 1s, for 90s",
            "isolate broker-1 from brokers at 1s, for 90s",
            "partition broker-1 + broker-2 from broker-3 + consumer-1 at 1s, for 90s",
            "crash leader after 1s after broker-2 leads, restart after 2s",
            "isolate leader at 1s, for 5s",
            "isolate leader from brokers at 1s, for 5s",
            "alarm memory broker-1 at 1s, for 5s",
            "alarm disk all brokers after producer-1 is-blocked, for 5s",
        ] {
            let fault = parse(text, TOPOLOGY).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(write(&fault, TOPOLOGY), text);
        }
    }

    const LOG: Topology = Topology { controllers: 3, ..TOPOLOGY };

    #[test]
    fn a_sentence_about_a_log_is_written_as_it_was_read() {
        for text in [
            "crash leader of partition 2 at 2s, restart after 500ms",
            "crash a follower after message 3 is-appended, restart after 500ms",
            "disk-loss a follower of partition 1 at 2s, restart after 500ms",
            "pause active controller at 2s, for 3s",
            "isolate leader from controllers at 1s, for 5s",
            "isolate leader from brokers + controllers at 1s, for 5s",
            "isolate broker-2 from brokers at 1s, for 5s",
            "isolate controller-1 at 1s, for 5s",
            "delay leader brokers by 40s at 1s, for 60s",
            "delay leader producer-1 by 1s at 1s, for 60s",
            "delay broker-2 brokers by 40s at 1s, for 60s",
            "add-partitions 6 after message 20 is-committed",
            "lose-produced from leader to producer-1 for message 12",
            "lose-produce from producer-1 to leader of partition 1 for message 12",
            "lose-produced from a follower to producer-1 for message 12",
            "torn-write a follower of partition 1 at 2s, restart after 500ms",
            "lose-commit from consumer-1 to broker-1",
            "crash leader after 2s after any broker isr-shrinks, restart after 30s",
            "crash broker-1 within 3ms after any broker decides-commit, restart after 1s",
            "crash consumer-2 after any consumer is-assigned, restart after 30s",
            "pause broker-1 after controller-1 fences, for 1s",
        ] {
            let fault = parse(text, LOG).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(write(&fault, LOG), text);
        }
        for (text, word) in [
            ("crash leader of orders at 2s", "orders"),
            ("crash a broker at 2s", "broker"),
            ("isolate leader from brokers + consumers at 2s", "consumers"),
            ("add-partitions many at 2s", "many"),
        ] {
            let error = parse(text, LOG).expect_err(text);
            assert_eq!(&text[error.span], word, "{text}");
        }
        assert!(parse("crash active controller at 2s", TOPOLOGY).is_err());
    }

    #[test]
    fn a_wrong_sentence_is_answered_with_the_word_and_what_could_stand_there() {
        for (text, word, hint) in [
            ("crush broker-1 at 2s", "crush", "crash, restart"),
            ("crash broker-9 at 2s", "broker-9", "broker-3"),
            ("crash broker-1", "", "at 2s"),
            ("crash broker-1 sometime", "sometime", "after message"),
            ("crash broker-1 at 2", "2", "300ms"),
            ("crash broker-1 after message x reaches broker-1", "x", "12"),
            ("crash broker-1 after message 3 vanishes", "vanishes", "reaches"),
            ("crash broker-1 after message 3 is-applied broker-1", "is-applied", "reaches"),
            ("crash broker-1 after message 3 reaches", "reaches", "broker-1"),
            ("crash broker-1 at 2s, for 3s", "for", "restart after"),
            ("pause broker-1 at 2s, restart after 3s", "restart", "for 3s"),
            ("crash broker-1 at 2s restart after 3s", "restart", "comma"),
            ("partition broker-1 + broker-2 at 2s", "at", "from broker-3"),
            ("partition broker-1 from broker-2 + broker-1 at 2s", "from", "once"),
            ("isolate broker-1 from consumers at 2s", "consumers", "from brokers"),
            ("power-cut all consumers at 2s", "consumers", "all brokers"),
            ("alarm broker-1 at 2s", "broker-1", "memory"),
            ("crash broker-1 after broker-2 rules", "rules", "leads"),
            ("crash broker-1 after consumer-1 leads", "leads", "is-blocked"),
            ("isolate leader at 2s, restart after 3s", "restart", "for 3s"),
        ] {
            let error = parse(text, TOPOLOGY).expect_err(text);
            let shown = text.get(error.span.clone()).unwrap_or_default();
            assert_eq!(shown, word, "{text}: {error:?}");
            assert!(error.hint.en.contains(hint), "{text}: {error:?}");
        }
    }
}
