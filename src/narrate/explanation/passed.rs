//! How a group went past a record of a log without working on it.

use super::Story;
use crate::event::{Event, Kind, detail_commit, detail_offset};
use crate::protocol::Name;

impl Story<'_> {
    pub(super) fn passed_by(&self, end: &Event) -> String {
        let (at, node) = (end.time, self.plan.lab.topology.name(end.node));
        let group = match end.kind {
            Kind::OffsetCommitted => Some(detail_commit(end.detail).0),
            _ => self.plan.group_of(end.node).map(|group| group.name),
        };
        let (zh, en) = self.group(group);
        if end.kind != Kind::OffsetReset {
            return self.say(
                format!("{at} 秒：{zh}的位移提交到了它后面，而它没有处理成：日志里还有它，组里不会再读到它"),
                format!("at {at} s the offset of {en} was committed past it, and it had no effect there: it is in the log, and nobody of that group will read it"),
            );
        }
        if self.has_committed(group, end) {
            return self.say(
                format!("{at} 秒：{node} 没有可用的位移（{zh}提交过的已经失效），从日志末尾开始读，跳过了它"),
                format!("at {at} s {node} had no valid offset (what {en} had committed was none any more), began at the log's end, and passed it by"),
            );
        }
        self.say(
            format!("{at} 秒：{zh}从没在这个分区提交过位移，auto.offset.reset=latest：{node} 从日志末尾开始读，跳过了它"),
            format!("at {at} s {node} began at the log's end and passed it by: {en} had never committed an offset in this partition, and auto.offset.reset is latest"),
        )
    }

    /// A group by its name, where there are several.
    fn group(&self, group: Option<Name>) -> (String, String) {
        match group {
            Some(name) if self.plan.lab.wiring.groups.len() > 1 => {
                let name = self.plan.name(name);
                (format!(" {name} 组"), format!("group {name}"))
            }
            _ => ("消费组".to_owned(), "the group".to_owned()),
        }
    }

    /// Whether the group had an offset in the partition of the reset before.
    fn has_committed(&self, group: Option<Name>, reset: &Event) -> bool {
        let partition = detail_offset(reset.detail).0;
        let is_it = |event: &Event| {
            let (name, of, _) = detail_commit(event.detail);
            event.kind == Kind::OffsetCommitted && (Some(name), of) == (group, partition)
        };
        self.events.iter().take_while(|event| event.time < reset.time).any(is_it)
    }
}
