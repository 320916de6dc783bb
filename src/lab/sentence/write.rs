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
