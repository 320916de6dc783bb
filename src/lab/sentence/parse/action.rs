//! What goes wrong in a fault sentence, and to whom: `crash broker-1 + broker-2`,
//! `isolate leader`, `partition broker-1 from broker-2 + broker-3`.

use std::ops::Range;

use super::{SentenceError, Words, instead, such_as};
use crate::event::{MessageId, NodeId, Resource, partition_name};
use crate::lab::sentence::{FIRST_QUEUE, FRAMES, is_log};
use crate::picture::Role;
use crate::protocol::{FrameKind, Name};
use crate::sim::Action;
use crate::text::CourseText;

const ACTIONS: &str = "crash, restart, pause, power-cut, disk-loss, disk-full, disk-slow, sync-error, torn-write, \
     bit-rot, cut, partition, one-way-cut, isolate, delay, alarm, add-partitions, throw";

impl Words<'_> {
    pub(super) fn action(&mut self) -> Result<Action, SentenceError> {
        let (span, word) = self.next();
        if let Some((_, frame)) = FRAMES.iter().find(|(name, _)| *name == word) {
            return self.lost(*frame);
        }
        Ok(match word {
            "crash" => self.struck(|nodes, _| each(nodes, Action::Crash))?,
            "restart" => self.struck(|nodes, _| each(nodes, Action::Restart))?,
            "pause" => self.struck(|nodes, _| each(nodes, Action::Pause))?,
            "power-cut" => self.struck(|nodes, _| Ok(Action::PowerCut(nodes)))?,
            "disk-loss" => self.struck(|nodes, _| each(nodes, Action::DiskLoss))?,
            "disk-full" => self.struck(|nodes, _| each(nodes, Action::DiskFull))?,
            "torn-write" => self.struck(|nodes, _| each(nodes, Action::TornWrite))?,
            "isolate" => self.struck(|nodes, words| words.isolated(nodes))?,
            "disk-slow" => {
                let node = self.node()?;
                self.expect("by", "disk-slow broker-1 by 10x")?;
                Action::DiskSlow { node, factor: self.factor()? }
            }
            "sync-error" => Action::SyncError(self.node()?),
            "bit-rot" => Action::BitRot(self.node()?),
            "cut" => {
                let (from, to) = self.pair()?;
                Action::Cut { from, to }
            }
            "partition" => self.partition()?,
            "one-way-cut" => {
                let (from, to) = self.pair()?;
                Action::Partition { from, to, one_way: true }
            }
            "delay" => {
                let is_by_role = self.is_by_role();
                self.struck(move |nodes, words| words.delayed(&nodes, is_by_role))?
            }
            "add-partitions" => self.grown(span)?,
            "alarm" => {
                let resource = self.resource()?;
                self.struck(move |nodes, _| each(nodes, |node| Action::Alarm { node, resource }))?
            }
            "throw" => {
                let node = self.node()?;
                self.expect("on", "throw consumer-1 on message 12")?;
                self.expect("message", "throw consumer-1 on message 12")?;
                Action::Throw { node, message: MessageId(self.number("消息的编号", "a message number")?) }
            }
            other => {
                let frames: Vec<&str> = FRAMES.iter().map(|(name, _)| *name).collect();
                let all = format!("{ACTIONS}, {}", frames.join(", "));
                let hint = CourseText::new(format!("能出的故障有：{all}"), format!("the faults are {all}"));
                return Err(self.error(span, instead(other, "故障", "a fault"), hint));
            }
        })
    }

    /// `lose-ack from A to B for message 12`; A or B may be whoever leads.
    fn lost(&mut self, frame: FrameKind) -> Result<Action, SentenceError> {
        const EXAMPLE: &str = "lose-ack from consumer-1 to broker-1 for message 12";
        self.expect("from", EXAMPLE)?;
        let (start, is_by_role) = (self.peek().0.start, self.is_by_role());
        self.struck(move |from, words| {
            let from = words.one(&from, start)?;
            words.expect("to", EXAMPLE)?;
            let (span, word) = words.peek();
            if word == "leader" && is_by_role {
                let reason =
                    CourseText::new("两头不能都是 leader 或 follower", "not both ends can be a leader or a follower");
                return Err(words.error(span, reason, such_as("lose-confirm from leader to producer-1")));
            }
            if word == "leader" {
                return words.struck(|to, words| {
                    words.linked((from, to[0]), true, span.clone())?;
                    words.lost_between(from, to[0], frame)
                });
            }
            let to = words.node()?;
            words.linked((from, to), is_by_role, span)?;
            words.lost_between(from, to, frame)
        })
    }

    /// Two nodes with a link between them.
    fn pair(&mut self) -> Result<(NodeId, NodeId), SentenceError> {
        let from = self.node()?;
        let (span, _) = self.peek();
        let to = self.node()?;
        self.linked((from, to), false, span)?;
        Ok((from, to))
    }

    fn lost_between(&mut self, from: NodeId, to: NodeId, frame: FrameKind) -> Result<Action, SentenceError> {
        let message = if self.take("for") {
            self.expect("message", "for message 12")?;
            Some(MessageId(self.number("消息的编号", "a message number")?))
        } else {
            None
        };
        Ok(Action::LoseFrame { from, to, frame, message })
    }

    /// `delay A B by 200ms`, or `delay A brokers by 200ms`: to all the others.
    fn delayed(&mut self, one: &[NodeId], is_by_role: bool) -> Result<Action, SentenceError> {
        let (span, _) = self.peek();
        let others = if self.take("brokers") {
            let others = self.topology.brokers().filter(|other| !one.contains(other)).collect();
            self.others(others, span)?
        } else {
            let other = self.node()?;
            one.iter().try_for_each(|node| self.linked((*node, other), is_by_role, span.clone()))?;
            vec![other]
        };
        self.expect("by", "delay producer-1 broker-1 by 200ms")?;
        let extra = self.extra()?;
        let others = others.into_iter();
        let delays: Vec<_> =
            others.flat_map(|to| one.iter().map(move |from| Action::Delay { from: *from, to, extra })).collect();
        Ok(match <[Action; 1]>::try_from(delays) {
            Ok([delay]) => delay,
            Err(delays) => Action::Together(delays),
        })
    }

    /// An action on the nodes that follow, on whoever leads the lab's queue or a
    /// partition of its topic, on one that follows, or on the active controller.
    fn struck(
        &mut self,
        make: impl Fn(Vec<NodeId>, &mut Self) -> Result<Action, SentenceError>,
    ) -> Result<Action, SentenceError> {
        let (span, word) = self.peek();
        let brokers: Vec<NodeId> = self.topology.brokers().collect();
        match word {
            "leader" => {
                self.next();
                self.needs_brokers(1, span)?;
                let queue = self.of_partition()?;
                let stand_in = brokers[0];
                let action = Box::new(make(vec![stand_in], self)?);
                Ok(Action::OnLeader { queue, stand_in, action })
            }
            "a" => {
                self.next();
                self.expect("follower", "crash a follower at 2s")?;
                self.needs_brokers(2, self.since(span.start))?;
                let queue = self.of_partition()?;
                let action = Box::new(make(vec![brokers[0]], self)?);
                Ok(Action::OnFollower { queue, brokers, action })
            }
            "active" => {
                self.next();
                self.expect("controller", "crash active controller at 2s")?;
                let Some(stand_in) = self.topology.controllers().next() else {
                    return Err(self.none_here(span, "controller"));
                };
                let action = Box::new(make(vec![stand_in], self)?);
                Ok(Action::OnLeader { queue: Name::EMPTY, stand_in, action })
            }
            _ => {
                let nodes = self.machines()?;
                make(nodes, self)
            }
        }
    }

    /// `of partition 2`; without it, the queue or partition 0.
    fn of_partition(&mut self) -> Result<Name, SentenceError> {
        if !self.take("of") {
            return Ok(FIRST_QUEUE);
        }
        self.expect("partition", "crash leader of partition 2 at 3s")?;
        Ok(partition_name(FIRST_QUEUE, self.partition_number()?))
    }

    /// `broker-1 + broker-2`, or `all brokers`.
    fn machines(&mut self) -> Result<Vec<NodeId>, SentenceError> {
        if self.take("all") {
            let (span, _) = self.peek();
            self.expect("brokers", "power-cut all brokers")?;
            let brokers: Vec<_> = self.topology.brokers().collect();
            return if brokers.is_empty() { Err(self.none_here(span, "broker")) } else { Ok(brokers) };
        }
        let mut nodes = vec![self.node()?];
        while self.take("+") {
            nodes.push(self.node()?);
        }
        Ok(nodes)
    }

    /// `isolate NODES` from everyone else, `from brokers`, `from controllers`, or
    /// `from brokers + controllers`.
    fn isolated(&mut self, one: Vec<NodeId>) -> Result<Action, SentenceError> {
        let topology = self.topology;
        let mut roles = Vec::new();
        let (span, _) = self.peek();
        if self.take("from") {
            if is_log(topology) && self.take("controllers") {
                roles.push(Role::Controller);
            } else {
                self.expect("brokers", "isolate broker-1 from brokers, partition broker-1 + broker-2 from broker-3")?;
                roles.push(Role::Broker);
                if self.take("+") {
                    self.expect("controllers", "isolate leader from brokers + controllers")?;
                    roles.push(Role::Controller);
                }
            }
        }
        let is_meant = |node: NodeId| roles.is_empty() || roles.contains(&topology.role(node));
        let is_other = |node: &NodeId| !one.contains(node) && is_meant(*node);
        let other = topology.nodes().filter(is_other).collect();
        let other = self.others(other, self.since(span.start))?;
        Ok(Action::Split { one, other })
    }

    fn partition(&mut self) -> Result<Action, SentenceError> {
        let one = self.machines()?;
        let (span, _) = self.peek();
        let other = match one[..] {
            _ if self.take("from") => self.machines()?,
            [_] => vec![self.node()?],
            _ => {
                let reason = CourseText::new("没写另一边是谁", "the other side is missing");
                return Err(self.error(span, reason, such_as("partition broker-1 + broker-2 from broker-3")));
            }
        };
        if let Some(node) = one.iter().find(|node| other.contains(node)) {
            let node = self.topology.name(*node);
            let (zh, en) = (format!("{node} 不能两边都在"), format!("{node} cannot be on both sides"));
            let hint = CourseText::new("每个节点只写一次", "name each node once");
            return Err(self.error(span, CourseText::new(zh, en), hint));
        }
        Ok(match (&one[..], &other[..]) {
            ([from], [to]) => Action::Partition { from: *from, to: *to, one_way: false },
            _ => Action::Split { one, other },
        })
    }

    fn resource(&mut self) -> Result<Resource, SentenceError> {
        let (span, word) = self.next();
        match word {
            "memory" => Ok(Resource::Memory),
            "disk" => Ok(Resource::Disk),
            other => {
                let reason = instead(other, "`memory` 或 `disk`", "`memory` or `disk`");
                Err(self.error(span, reason, such_as("alarm memory broker-1 at 1s, for 5s")))
            }
        }
    }

    pub(super) fn none_here(&self, span: Range<usize>, role: &str) -> SentenceError {
        let reason = CourseText::new(format!("这个实验里没有 {role}"), format!("this lab has no {role}"));
        self.error(span, reason, CourseText::new("写一个节点的名字", "name a node"))
    }
}

/// One action for one node, or several at once.
fn each(nodes: Vec<NodeId>, make: impl Fn(NodeId) -> Action) -> Result<Action, SentenceError> {
    Ok(match nodes[..] {
        [node] => make(node),
        _ => Action::Together(nodes.into_iter().map(make).collect()),
    })
}
