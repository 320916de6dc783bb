//! Sentences that can be read and would do nothing, or something else than they say.
//! They are refused, with the words that are to blame and what to write instead.

use std::ops::Range;

use super::{SentenceError, Words, such_as};
use crate::event::NodeId;
use crate::protocol::log::MOST_PARTITIONS;
use crate::sim::Action;
use crate::text::CourseText;
use crate::time::Span;

impl Words<'_> {
    /// Whether whoever leads, or follows, is named next, and no node.
    pub(super) fn is_by_role(&self) -> bool {
        matches!(self.peek().1, "leader" | "a" | "active")
    }

    /// What has been read since a place.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let read = &self.text[start..self.at.max(start)];
        start..start + read.trim_end().len()
    }

    /// Exactly one of the nodes that were read since a place.
    pub(super) fn one(&self, nodes: &[NodeId], start: usize) -> Result<NodeId, SentenceError> {
        if let [node] = nodes {
            return Ok(*node);
        }
        let reason = CourseText::new("这里只能写一个节点", "only one node can stand here");
        let hint = CourseText::new("每个节点写一句，用分号隔开", "write a sentence for each, parted by semicolons");
        Err(self.error(self.since(start), reason, hint))
    }

    /// Two nodes with a link between them: a node has none with itself. `is_by_role`:
    /// one of them stands for whoever leads or follows.
    pub(super) fn linked(
        &self,
        (from, to): (NodeId, NodeId),
        is_by_role: bool,
        span: Range<usize>,
    ) -> Result<(), SentenceError> {
        if from != to {
            return Ok(());
        }
        let node = self.topology.name(to);
        let reason = if is_by_role {
            CourseText::new(
                format!("要找的那台可能就是 {node} 自己"),
                format!("the one that is meant may be {node} itself"),
            )
        } else {
            CourseText::new(
                format!("{node} 和自己之间没有网络"),
                format!("there is no network between {node} and itself"),
            )
        };
        Err(self.error(span, reason, CourseText::new("写另一个节点", "name another node")))
    }

    /// Those on the other side, if there are any.
    pub(super) fn others(&self, others: Vec<NodeId>, span: Range<usize>) -> Result<Vec<NodeId>, SentenceError> {
        if !others.is_empty() {
            return Ok(others);
        }
        let reason = CourseText::new("另一边一个节点也没有", "there is no node on the other side");
        Err(self.error(span, reason, CourseText::new("写出另一边的节点", "name a node of the other side")))
    }

    /// How often as slow a disk becomes.
    pub(super) fn factor(&mut self) -> Result<u32, SentenceError> {
        let (span, _) = self.peek();
        let factor = self.number("倍数", "a factor")?;
        if factor > 1 {
            return Ok(factor);
        }
        let reason = CourseText::new(format!("{factor} 倍不会变慢"), format!("by {factor} it is no slower"));
        Err(self.error(span, reason, such_as("disk-slow broker-1 by 10x")))
    }

    /// How much later each frame arrives.
    pub(super) fn extra(&mut self) -> Result<Span, SentenceError> {
        let (span, _) = self.peek();
        let extra = self.span()?;
        if !extra.is_zero() {
            return Ok(extra);
        }
        let reason = CourseText::new("慢 0 秒等于不慢", "nothing is later by no time");
        Err(self.error(span, reason, such_as("delay producer-1 broker-1 by 200ms")))
    }

    /// `add-partitions 6`: a topic on brokers with controllers, more than it has, and
    /// no more than it may have.
    pub(super) fn grown(&mut self, verb: Range<usize>) -> Result<Action, SentenceError> {
        if self.topology.controllers == 0 {
            let reason =
                CourseText::new("这里跑的是队列，没有分区可加", "queues run here, and they have no partitions");
            let hint = CourseText::new("换一种故障，或者换到日志上跑", "choose another fault, or run it on a log");
            return Err(self.error(verb, reason, hint));
        }
        let (span, _) = self.peek();
        let partitions = self.number("之后一共几个分区", "how many partitions there are then")?;
        let fewest = self.scope.fewest;
        if partitions > u32::from(MOST_PARTITIONS) {
            let reason = CourseText::new("分区太多了", "these are too many partitions");
            let hint = CourseText::new(
                format!("一个主题最多 {MOST_PARTITIONS} 个"),
                format!("a topic may have {MOST_PARTITIONS} at most"),
            );
            return Err(self.error(span, reason, hint));
        }
        if partitions <= u32::from(fewest) {
            let reason = CourseText::new(
                format!("主题本来就不少于 {fewest} 个分区"),
                format!("the topic has no fewer than {fewest} to begin with"),
            );
            let hint = CourseText::new(
                "分区只能加，不能减：写之后一共有几个",
                "partitions are only ever added: write how many there are then",
            );
            return Err(self.error(span, reason, hint));
        }
        Ok(Action::GrowTopic { controllers: self.topology.controllers().collect(), partitions: partitions as u16 })
    }

    /// The number of a partition that the topic has, or may come to have.
    pub(super) fn partition_number(&mut self) -> Result<u16, SentenceError> {
        let (span, _) = self.peek();
        let partition = self.number("分区的编号（从 0 数起）", "the number of a partition, from 0,")?;
        let most = self.scope.most;
        if partition < u32::from(most) {
            return Ok(partition as u16);
        }
        let Some(last) = most.checked_sub(1) else {
            let reason = CourseText::new("这里跑的是队列，没有分区", "queues run here, and they have no partitions");
            return Err(self.error(
                span,
                reason,
                CourseText::new("只写 leader 或 a follower", "write leader or a follower alone"),
            ));
        };
        let reason = CourseText::new(format!("没有分区 {partition}"), format!("there is no partition {partition}"));
        let hint = match last {
            0 => CourseText::new("只有分区 0", "there is only partition 0"),
            _ => CourseText::new(format!("有分区 0 到 {last}"), format!("there are partitions 0 to {last}")),
        };
        Err(self.error(span, reason, hint))
    }

    /// A broker can lead or follow only where there are as many.
    pub(super) fn needs_brokers(&self, least: u16, span: Range<usize>) -> Result<(), SentenceError> {
        if self.topology.brokers >= least {
            return Ok(());
        }
        Err(self.none_here(span, if least > 1 { "follower" } else { "leader" }))
    }

    /// The end of a fault that is over as soon as it has happened.
    pub(super) fn no_length(&self, span: Range<usize>) -> SentenceError {
        let reason = CourseText::new("这种故障发生一次就完了，没有持续多久", "this happens once, and lasts no time");
        let hint = CourseText::new("句子到逗号前为止", "end the sentence before the comma");
        self.error(span, reason, hint)
    }
}
