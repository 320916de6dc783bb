//! What ended the last copy of a message, or made it take effect once more.

use super::Story;
use crate::event::{Event, FaultKind, Kind, Reason, Tier};
use crate::text::Language;

impl Story<'_> {
    pub(super) fn end(&self) -> Option<String> {
        let end = self.event(self.explanation.end?);
        let (at, node) = (end.time, self.plan.lab.topology.name(end.node));
        let text = match end.kind {
            Kind::Destroyed(Tier::Memory) => self.say(
                format!("{at} 秒：它在 {node} 的进程内存里，进程一死就没了"),
                format!("at {at} s it was in {node}'s process memory, and died with the process"),
            ),
            Kind::Destroyed(tier @ (Tier::PageCache | Tier::Disk)) => self.end_in_file(end, tier),
            Kind::Destroyed(Tier::Network) => self.say(
                format!("{at} 秒：它正在路上，连接断了"),
                format!("at {at} s it was on the wire, and the connection broke"),
            ),
            Kind::Returned => self.say(
                format!("{at} 秒：没有队列接它，{node} 把它退回给生产者"),
                format!("at {at} s no queue took it, and {node} returned it"),
            ),
            Kind::OffsetCommitted | Kind::Dropped(Reason::OffsetSkipped) | Kind::OffsetReset => self.passed_by(end),
            Kind::Dropped(reason) => self.dropped(end, reason),
            Kind::Rejected => self.say(
                format!("{at} 秒：消费者拒绝了它，没有死信交换机，就此丢弃"),
                format!("at {at} s the consumer rejected it, and there is no dead-letter exchange"),
            ),
            Kind::Threw => self.say(
                format!("{at} 秒：{node} 处理它时抛了异常，而它已经算消费过了"),
                format!("at {at} s {node} threw while working on it, and it already counted as consumed"),
            ),
            Kind::Applied { .. } => return Some(self.repeat(end)),
            Kind::Told(_) => self.say(
                format!("{at} 秒：{node} 决定取消它：Try 没有全做成，或者没等到答复"),
                format!(
                    "at {at} s {node} decided to cancel it: not all of its Tries succeeded, or were answered in time"
                ),
            ),
            Kind::Skipped => self.say(
                format!("{at} 秒：{node} 以为它已经处理过，确认了，结果却没有写"),
                format!("at {at} s {node} took it for done and acknowledged it, but its effect never happened"),
            ),
            Kind::EffectLost => self.say(
                format!("{at} 秒：{node} 恢复后没有它的结果：说过“已提交”，但还没刷到盘上"),
                format!("at {at} s {node} came back without its effect: committed by its word, not yet on the disk"),
            ),
            _ => return None,
        };
        Some(text)
    }

    /// A node gave it up of its own accord.
    fn dropped(&self, end: &Event, reason: Reason) -> String {
        let (at, node) = (end.time, self.plan.lab.topology.name(end.node));
        match reason {
            Reason::Unroutable => self.say(
                format!("{at} 秒：没有队列接它，{node} 把它丢了"),
                format!("at {at} s no queue took it, and {node} dropped it"),
            ),
            Reason::NotConnected => self.say(
                format!("{at} 秒：{node} 正断着线，发不出去就扔了"),
                format!("at {at} s {node} had no connection, and threw away what it could not send"),
            ),
            Reason::Overwritten if self.is_log() => self.say(
                format!("{at} 秒：新 leader 没有它，{node} 跟着新 leader 把它截掉了"),
                format!("at {at} s {node} cut it from its log, as the new leader's does not have it"),
            ),
            Reason::SideDiscarded => self.side_discarded(end),
            Reason::Transient => self.say(
                format!("{at} 秒：{node} 重启时没有把它读回来，它不是持久的"),
                format!("at {at} s {node} came back without it: it was not durable"),
            ),
            Reason::CheckedTooOften => self.say(
                format!("{at} 秒：{node} 回查了 15 次都没有结果，把它移到一个单独的主题里（RocketMQ：TRANS_CHECK_MAX_TIME_TOPIC）"),
                format!("at {at} s {node} had asked about it 15 times in vain, and moved it to a topic of its own (RocketMQ: TRANS_CHECK_MAX_TIME_TOPIC)"),
            ),
            _ => {
                let words = crate::narrate::reason(reason, if self.zh { Language::Zh } else { Language::En });
                self.say(
                    format!("{at} 秒：{node} 放弃了它（{words}）"),
                    format!("at {at} s {node} gave it up ({words})"),
                )
            }
        }
    }

    /// A former master comes back and follows a mirror that became master without it.
    fn side_discarded(&self, end: &Event) -> String {
        let (at, node) = (end.time, self.plan.lab.topology.name(end.node));
        let promoted = self.first(|kind| matches!(kind, Kind::MirrorPromoted { .. }));
        let Some(promoted) = promoted else {
            return self.say(
                format!("{at} 秒：{node} 跟上新的 master，自己这份从头来过"),
                format!("at {at} s {node} followed another master, and started anew"),
            );
        };
        let (then, other) = (promoted.time, self.plan.lab.topology.name(promoted.node));
        self.say(
            format!("{then} 秒：{other} 的镜像升为 master，里面没有它；{at} 秒 {node} 跟上新 master，从头来过，最后一份也没了"),
            format!("at {then} s {other}'s mirror became master without it; at {at} s {node} followed that one and started anew, and the last copy went"),
        )
    }

    /// A member of a quorum queue may have the last copy and be too few to elect a
    /// leader, which alone could hand it out. Then it takes people.
    pub(super) fn out_of_reach(&self) -> Option<String> {
        if !self.is_gone() || self.plan.settings.word("queue_type") != "quorum" {
            return None;
        }
        let mut holders = Vec::new();
        for event in self.explanation.events.iter().map(|id| self.event(*id)) {
            match event.kind {
                Kind::Synced | Kind::Recovered if !holders.contains(&event.node) => holders.push(event.node),
                Kind::Destroyed(Tier::PageCache | Tier::Disk) | Kind::Dropped(_) => {
                    holders.retain(|node| *node != event.node);
                }
                _ => {}
            }
        }
        let node = self.plan.lab.topology.name(*holders.first()?);
        Some(self.say(
            format!("{node} 的盘上还有它，但单凭这一台不是多数派，选不出 leader，谁也取不到：要人来救（force_shrink_member_to_current_member）"),
            format!("{node} still has it on its disk, but alone is no majority and elects no leader: people must rescue it (force_shrink_member_to_current_member)"),
        ))
    }

    /// A record in a file goes in three ways: with the device, with the power
    /// before it was on the device, or when recovery cuts the log before it.
    fn end_in_file(&self, end: &Event, tier: Tier) -> String {
        let (at, node) = (end.time, self.plan.lab.topology.name(end.node));
        let on_disk = tier == Tier::Disk;
        let (zh, en) = if on_disk {
            (format!("它在 {node} 的盘上"), format!("it was on {node}'s disk"))
        } else {
            (
                format!("它写进了 {node} 的页缓存，还没刷到盘上"),
                format!("it was in {node}'s page cache, not yet on the disk"),
            )
        };
        match end.cause.map(|id| self.event(id).kind) {
            Some(Kind::Fault(FaultKind::DiskLoss)) => {
                self.say(format!("{at} 秒：{zh}，盘没了"), format!("at {at} s {en}, and the disk went"))
            }
            Some(Kind::Fault(FaultKind::PowerCut | FaultKind::TornWrite)) => {
                self.say(format!("{at} 秒：{zh}，断电就没了"), format!("at {at} s {en}, and the power went"))
            }
            _ => self.say(
                format!("{at} 秒：{zh}，可是恢复时日志在它前面就坏了，只能从那里截断"),
                format!("at {at} s {en}, but recovery had to cut the log at a damaged record before it"),
            ),
        }
    }
}
