//! What goes wrong in a fault sentence, and to whom: `crash broker-1 + broker-2`,
//! `isolate leader`, `partition broker-1 from broker-2 + broker-3`.

use super::{SentenceError, Words, quoted};
use crate::event::{MessageId, NodeId, Resource};
use crate::lab::sentence::{FIRST_QUEUE, FRAMES};
use crate::picture::Role;
use crate::sim::Action;

const ACTIONS: &str = "crash, restart, pause, power-cut, disk-loss, disk-full, disk-slow, sync-error, torn-write, \
     bit-rot, cut, partition, one-way-cut, isolate, delay, alarm, lose-publish, lose-confirm, lose-deliver, lose-ack, \
     lose-apply or throw";

impl Words<'_> {
    pub(super) fn action(&mut self) -> Result<Action, SentenceError> {
        let (span, word) = self.next();
        if let Some((_, frame)) = FRAMES.iter().find(|(name, _)| *name == word) {
            self.expect("from", "for example: lose-ack from consumer-1 to broker-1 for message 12")?;
            let from = self.node()?;
            self.expect("to", "for example: lose-ack from consumer-1 to broker-1 for message 12")?;
            let to = self.node()?;
            let message = if self.take("for") {
                self.expect("message", "for example: for message 12")?;
                Some(MessageId(self.number("a message number")?))
            } else {
                None
            };
            return Ok(Action::LoseFrame { from, to, frame: *frame, message });
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
                self.expect("by", "for example: disk-slow broker-1 by 10x")?;
                Action::DiskSlow { node, factor: self.number("a factor")? }
            }
            "sync-error" => Action::SyncError(self.node()?),
            "bit-rot" => Action::BitRot(self.node()?),
            "cut" => Action::Cut { from: self.node()?, to: self.node()? },
            "partition" => self.partition()?,
            "one-way-cut" => Action::Partition { from: self.node()?, to: self.node()?, one_way: true },
            "delay" => {
                let (from, to) = (self.node()?, self.node()?);
                self.expect("by", "for example: delay producer-1 broker-1 by 200ms")?;
                Action::Delay { from, to, extra: self.span()? }
            }
            "alarm" => {
                let resource = self.resource()?;
                self.struck(move |nodes, _| each(nodes, |node| Action::Alarm { node, resource }))?
            }
            "throw" => {
                let node = self.node()?;
                self.expect("on", "for example: throw consumer-1 on message 12")?;
                self.expect("message", "for example: throw consumer-1 on message 12")?;
                Action::Throw { node, message: MessageId(self.number("a message number")?) }
            }
            other => {
                let reason = format!("{} where a fault should stand", quoted(other));
                return Err(self.error(span, &reason, &format!("the faults are {ACTIONS}")));
            }
        })
    }

    /// An action on the nodes that follow, or on whoever leads the lab's queue.
    fn struck(
        &mut self,
        make: impl Fn(Vec<NodeId>, &mut Self) -> Result<Action, SentenceError>,
    ) -> Result<Action, SentenceError> {
        let (span, word) = self.peek();
        if word != "leader" {
            let nodes = self.machines()?;
            return make(nodes, self);
        }
        self.next();
        let Some(stand_in) = self.topology.brokers().next() else {
            return Err(self.error(span, "this lab has no broker that could lead", "name a node"));
        };
        let action = Box::new(make(vec![stand_in], self)?);
        Ok(Action::OnLeader { queue: FIRST_QUEUE, stand_in, action })
    }

    /// `broker-1 + broker-2`, or `all brokers`.
    fn machines(&mut self) -> Result<Vec<NodeId>, SentenceError> {
        if self.take("all") {
            let (span, _) = self.peek();
            self.expect("brokers", "for example: power-cut all brokers")?;
            let brokers: Vec<_> = self.topology.brokers().collect();
            let none = "this lab has no broker";
            return if brokers.is_empty() { Err(self.error(span, none, "name a node")) } else { Ok(brokers) };
        }
        let mut nodes = vec![self.node()?];
        while self.take("+") {
            nodes.push(self.node()?);
        }
        Ok(nodes)
    }

    /// `isolate NODES` from everyone else, or `from brokers`.
    fn isolated(&mut self, one: Vec<NodeId>) -> Result<Action, SentenceError> {
        let topology = self.topology;
        let from_brokers = self.take("from");
        if from_brokers {
            self.expect("brokers", "isolate broker-1 from brokers; for a choice of nodes: partition A + B from C")?;
        }
        let is_other = |node: &NodeId| !one.contains(node) && (!from_brokers || topology.role(*node) == Role::Broker);
        let other = topology.nodes().filter(is_other).collect();
        Ok(Action::Split { one, other })
    }

    fn partition(&mut self) -> Result<Action, SentenceError> {
        let one = self.machines()?;
        let (span, _) = self.peek();
        let other = match one[..] {
            _ if self.take("from") => self.machines()?,
            [_] => vec![self.node()?],
            _ => return Err(self.error(span, "the other side is missing", "write: partition A + B from C")),
        };
        if let Some(node) = one.iter().find(|node| other.contains(node)) {
            let reason = format!("{} cannot be on both sides", self.topology.name(*node));
            return Err(self.error(span, &reason, "name each node once"));
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
                let reason = format!("{} where `memory` or `disk` should stand", quoted(other));
                Err(self.error(span, &reason, "for example: alarm memory broker-1 at 1s, for 5s"))
            }
        }
    }
}

/// One action for one node, or several at once.
fn each(nodes: Vec<NodeId>, make: impl Fn(NodeId) -> Action) -> Result<Action, SentenceError> {
    Ok(match nodes[..] {
        [node] => make(node),
        _ => Action::Together(nodes.into_iter().map(make).collect()),
    })
}
