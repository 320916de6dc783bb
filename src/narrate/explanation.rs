//! Why a message is gone (or is not), as a short paragraph: what was promised,
//! what ended its last copy, what is to blame, and what would have saved it.

use crate::event::{Answer, Event, EventId, FaultKind, Kind, Reason, Tier};
use crate::lab::{Blame, Explanation, Fate, Model, Plan};
use crate::text::Language;

/// The explanation in sentences, one a line.
#[must_use]
pub fn explanation(explanation: &Explanation, plan: &Plan, events: &[Event], language: Language) -> Vec<String> {
    let story = Story { explanation, plan, events, zh: language == Language::Zh };
    let mut lines = vec![story.fate()];
    lines.extend(story.promise());
    lines.extend(story.end());
    lines.extend(story.blame());
    lines.extend(story.rescue());
    lines
}

struct Story<'a> {
    explanation: &'a Explanation,
    plan: &'a Plan,
    events: &'a [Event],
    zh: bool,
}

impl Story<'_> {
    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        if self.zh { zh.into() } else { en.into() }
    }

    fn event(&self, id: EventId) -> &Event {
        &self.events[id.0 as usize]
    }

    /// The first event of this message's life that `is_it`.
    fn first(&self, is_it: impl Fn(Kind) -> bool) -> Option<&Event> {
        self.explanation.events.iter().map(|id| self.event(*id)).find(|event| is_it(event.kind))
    }

    fn is_log(&self) -> bool {
        self.plan.model == Model::Log
    }

    fn is_gone(&self) -> bool {
        matches!(self.explanation.fate, Fate::LostAfterOk | Fate::Lost | Fate::Refused)
    }

    fn fate(&self) -> String {
        let n = self.explanation.message.0;
        match self.explanation.fate {
            Fate::NotYet => self.say(format!("#{n} 对应的业务没有发生"), format!("#{n} never came about")),
            Fate::InFlight => self.say(format!("#{n} 还在路上"), format!("#{n} is still under way")),
            Fate::Applied => {
                let times = self.explanation.events.iter();
                let times = times.filter(|id| matches!(self.event(**id).kind, Kind::Applied { .. })).count();
                match times {
                    0 | 1 => {
                        self.say(format!("#{n} 处理了一次，没有丢"), format!("#{n} took effect once; it is not lost"))
                    }
                    _ => self.say(
                        format!("#{n} 处理了 {times} 次：重复"),
                        format!("#{n} took effect {times} times: a duplicate"),
                    ),
                }
            }
            Fate::Pending if self.is_log() => {
                self.say(format!("#{n} 还在日志里等着被读"), format!("#{n} still waits in the log to be read"))
            }
            Fate::Pending => self.say(format!("#{n} 还在队列里等着"), format!("#{n} still waits in the queue")),
            Fate::DeadLettered => self.say(format!("#{n} 在死信队列里"), format!("#{n} is in the dead-letter queue")),
            Fate::LostAfterOk => self.say(
                format!("LOST! #{n} 没了，而生产者收到的答复是“ok”"),
                format!("LOST! #{n} is gone, although the producer was told ok"),
            ),
            Fate::Lost => self.say(
                format!("LOST #{n} 没了，生产者从没收到 ok"),
                format!("LOST #{n} is gone; the producer was never told ok"),
            ),
            Fate::Refused => self.say(
                format!("#{n} 没了，但生产者知道：它被拒绝了"),
                format!("#{n} is gone, and the producer knows: it was refused"),
            ),
            Fate::Nowhere => self.say(format!("#{n} 不归任何订阅管"), format!("#{n} is for no subscription")),
        }
    }

    fn promise(&self) -> Option<String> {
        let told = self.first(|kind| kind == Kind::Told(Answer::Ok));
        if let Some(told) = told {
            return Some(self.say(
                format!("{} 秒：生产者收到 ok，从此不再管它", told.time),
                format!("at {} s the producer was told ok, and let go of it", told.time),
            ));
        }
        if !self.is_gone() {
            return None;
        }
        if self.explanation.fate == Fate::Refused {
            if self.first(|kind| kind == Kind::Frozen).is_some() {
                return Some(self.say("订单取消了，顾客知道没下成", "the order was cancelled, and the customer knows"));
            }
            return Some(
                self.say("生产者收到了退回或者 nack，知道要再想办法", "the producer got it back, or a nack, and knows"),
            );
        }
        Some(match self.first(|kind| kind == Kind::Sent) {
            None => self.say("它从没离开过生产者进程", "it never left the producer's process"),
            Some(_) if self.is_log() && self.plan.settings.word("acks") == "0" => self.say(
                "acks=0：生产者交给 socket 就算数，谁也没答应过",
                "with acks=0 the producer handed it to a socket, and nobody promised anything",
            ),
            Some(_) if !self.is_log() && self.plan.settings.word("confirms") == "off" => self.say(
                "没开发布确认，生产者发完就忘了它",
                "without publisher confirms the producer sent it and forgot it",
            ),
            Some(_) => self.say("生产者没等到答复", "the producer got no answer"),
        })
    }

    fn end(&self) -> Option<String> {
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
            Kind::Dropped(Reason::Unroutable) => self.say(
                format!("{at} 秒：没有队列接它，{node} 把它丢了"),
                format!("at {at} s no queue took it, and {node} dropped it"),
            ),
            Kind::Returned => self.say(
                format!("{at} 秒：没有队列接它，{node} 把它退回给生产者"),
                format!("at {at} s no queue took it, and {node} returned it"),
            ),
            Kind::Dropped(Reason::NotConnected) => self.say(
                format!("{at} 秒：{node} 正断着线，发不出去就扔了"),
                format!("at {at} s {node} had no connection, and threw away what it could not send"),
            ),
            Kind::OffsetCommitted | Kind::Dropped(Reason::OffsetSkipped) => self.say(
                format!("{at} 秒：位移提交到了它后面，而它没有处理成：日志里还有它，组里不会再读到它"),
                format!("at {at} s the group's offset was committed past it, and it had no effect: it is in the log, and nobody will read it"),
            ),
            Kind::OffsetReset => self.say(
                format!("{at} 秒：{node} 没有可用的位移，从日志末尾开始读，跳过了它"),
                format!("at {at} s {node} had no valid offset, began at the log's end, and passed it by"),
            ),
            Kind::Dropped(Reason::Overwritten) if self.is_log() => self.say(
                format!("{at} 秒：新 leader 没有它，{node} 跟着新 leader 把它截掉了"),
                format!("at {at} s {node} cut it from its log, as the new leader's does not have it"),
            ),
            Kind::Dropped(Reason::Transient) => self.say(
                format!("{at} 秒：{node} 重启时没有把它读回来，它不是持久的"),
                format!("at {at} s {node} came back without it: it was not durable"),
            ),
            Kind::Dropped(reason) => {
                let words = super::reason(reason, if self.zh { Language::Zh } else { Language::En });
                self.say(
                    format!("{at} 秒：{node} 放弃了它（{words}）"),
                    format!("at {at} s {node} gave it up ({words})"),
                )
            }
            Kind::Rejected => self.say(
                format!("{at} 秒：消费者拒绝了它，没有死信交换机，就此丢弃"),
                format!("at {at} s the consumer rejected it, and there is no dead-letter exchange"),
            ),
            Kind::Threw => self.say(
                format!("{at} 秒：{node} 处理它时抛了异常，而它已经算消费过了"),
                format!("at {at} s {node} threw while working on it, and it already counted as consumed"),
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

    fn blame(&self) -> Option<String> {
        match self.explanation.blame.as_ref()? {
            Blame::Fault(index) => {
                let sentence = self.plan.sentences.get(usize::from(*index));
                let sentence =
                    sentence.map_or_else(|| self.say("手动注入的故障", "the fault injected by hand"), Clone::clone);
                Some(self.say(format!("起因：{sentence}"), format!("brought about by: {sentence}")))
            }
            Blame::Setting { name, .. } => {
                let value = self.plan.settings.word(name);
                Some(self.say(format!("起因：{name} = {value}"), format!("brought about by: {name} = {value}")))
            }
        }
    }

    /// What would have kept it: read off the settings in force, each of which is
    /// held to account by the labs' claims.
    fn rescue(&self) -> Option<String> {
        if !self.is_gone() {
            return None;
        }
        let on = |name: &str| self.plan.settings.is_on(name);
        let word = |name: &str| self.plan.settings.word(name);
        let end = self.explanation.end.map(|id| self.event(id).kind)?;
        if self.is_log() {
            return self.rescue_from_log(end);
        }
        let advice = match end {
            Kind::Destroyed(Tier::Memory | Tier::PageCache) | Kind::Dropped(Reason::Transient) if !on("durable") => {
                "durable = true"
            }
            Kind::Destroyed(Tier::Memory) | Kind::Dropped(Reason::Transient) if !on("persistent") => {
                "persistent = true"
            }
            Kind::Destroyed(Tier::PageCache) if word("sync") == "on-idle" => "sync = before-confirm",
            Kind::Destroyed(_) | Kind::Dropped(Reason::NotConnected) if word("confirms") == "off" => "confirms = async",
            Kind::Destroyed(Tier::Memory) | Kind::Threw if word("ack") != "after-effect" => "ack = after-effect",
            Kind::Dropped(Reason::Unroutable) => "mandatory = true",
            Kind::Rejected | Kind::Dropped(Reason::Rejected) => "on_exception = requeue",
            Kind::Skipped => "dedupe = inbox",
            Kind::EffectLost if word("database_sync") == "lazy" => "database_sync = on-commit",
            _ => return None,
        };
        Some(self.say(format!("换一个设置试试：{advice}"), format!("try another setting: {advice}")))
    }

    fn rescue_from_log(&self, end: Kind) -> Option<String> {
        let word = |name: &str| self.plan.settings.word(name);
        let number = |name: &str| self.plan.settings.number(name);
        let advice = match end {
            Kind::OffsetCommitted | Kind::Dropped(Reason::OffsetSkipped) if word("offset_commit") != "after" => {
                "offset_commit = after"
            }
            Kind::OffsetCommitted | Kind::Dropped(Reason::OffsetSkipped) if word("on_poll_exception") == "swallow" => {
                "on_poll_exception = seek"
            }
            Kind::OffsetReset => "offset_reset = earliest",
            Kind::Dropped(Reason::Retained) => "retention_ms = 0",
            Kind::Dropped(Reason::Overwritten) if word("unclean_election") == "true" => "unclean_election = false",
            Kind::Dropped(Reason::Overwritten) | Kind::Destroyed(_) if word("acks") != "all" => "acks = all",
            Kind::Destroyed(Tier::PageCache | Tier::Disk) if number("replication_factor") < 2 => {
                "replication_factor = 3"
            }
            Kind::Dropped(Reason::Overwritten) | Kind::Destroyed(_) if number("min_insync") < 2 => "min_insync = 2",
            Kind::Destroyed(Tier::PageCache) => "flush_messages = 1",
            // Acknowledged by all in sync, and yet a new leader lacks it: power.
            Kind::Dropped(Reason::Overwritten) if self.explanation.fate == Fate::LostAfterOk => "flush_messages = 1",
            _ => return None,
        };
        Some(self.say(format!("换一个设置试试：{advice}"), format!("try another setting: {advice}")))
    }
}
