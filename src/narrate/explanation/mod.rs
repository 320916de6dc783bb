//! Why a message is gone (or is not), as a short paragraph: what became of it, what
//! was promised, what ended its last copy or made it take effect again, and what is
//! to blame. What would have saved it is not said here, as it has to be tried out:
//! see [`super::advice`].

mod end;
mod passed;
mod wrong;

use crate::event::{Answer, Event, EventId, Kind, Reason};
use crate::lab::settings::{calls_services, sends_halves};
use crate::lab::{Blame, Explanation, Fate, Model, Plan};
use crate::text::Language;

/// The explanation in sentences, one a line.
#[must_use]
pub fn explanation(explanation: &Explanation, plan: &Plan, events: &[Event], language: Language) -> Vec<String> {
    let story = Story { explanation, plan, events, zh: language == Language::Zh };
    let mut lines = vec![story.fate()];
    lines.extend(story.wrongs());
    lines.extend(story.promise());
    lines.extend(story.end());
    lines.extend(story.out_of_reach());
    lines.extend(story.blame());
    lines
}

/// Only what went wrong with it, how that came about, and what is to blame.
#[must_use]
pub fn cause(explanation: &Explanation, plan: &Plan, events: &[Event], language: Language) -> Vec<String> {
    let story = Story { explanation, plan, events, zh: language == Language::Zh };
    story.wrongs().into_iter().chain(story.end()).chain(story.out_of_reach()).chain(story.blame()).collect()
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

    /// Refused as its coordinator cancelled it.
    fn is_cancelled(&self) -> bool {
        self.explanation.fate == Fate::Refused && calls_services(self.plan)
    }

    /// Refused as the producer, asked back, knew nothing of its order.
    fn is_rolled_back(&self) -> bool {
        self.explanation.fate == Fate::Refused && self.first(|kind| kind == Kind::Dropped(Reason::RolledBack)).is_some()
    }

    fn fate(&self) -> String {
        let n = self.explanation.message.0;
        match self.explanation.fate {
            Fate::NotYet => self.say(format!("#{n} 对应的业务没有发生"), format!("#{n} never came about")),
            Fate::InFlight => self.say(format!("#{n} 还在路上"), format!("#{n} is still under way")),
            Fate::Applied => match (self.explanation.counts.duplicates, self.explanation.counts.applied) {
                (0, 0 | 1) => {
                    self.say(format!("#{n} 处理了一次，没有丢"), format!("#{n} took effect once; it is not lost"))
                }
                (0, rows) => self.say(
                    format!("#{n} 该处理它的 {rows} 家各处理了一次，没有丢"),
                    format!("#{n} took effect once for each of the {rows} that must see it; it is not lost"),
                ),
                (more, rows) if rows > 1 => self.say(
                    format!("#{n} 该处理它的 {rows} 家都处理了，还多出 {more} 次：重复"),
                    format!("#{n} took effect for all {rows} that must see it, and {more} more: a duplicate"),
                ),
                (more, rows) => self.say(
                    format!("#{n} 处理了 {} 次：重复", more + rows),
                    format!("#{n} took effect {} times: a duplicate", more + rows),
                ),
            },
            Fate::Pending if self.is_log() => {
                self.say(format!("#{n} 还在日志里等着被读"), format!("#{n} still waits in the log to be read"))
            }
            Fate::Pending => self.say(format!("#{n} 还在队列里等着"), format!("#{n} still waits in the queue")),
            Fate::DeadLettered if self.explanation.counts.compensated > 0 => self.say(
                format!("#{n} 的 d 做不成，进过死信；补偿程序据此撤销了 b、c，这一单到此为止"),
                format!("#{n} could not be done and became a dead letter; what had been done with it is undone, and that is its end"),
            ),
            Fate::DeadLettered if self.first(|kind| kind == Kind::Dropped(Reason::CheckedTooOften)).is_some() => self.say(
                format!("#{n} 还是半消息：回查没有结果，MQ 不再问了，消费者永远看不到它"),
                format!("#{n} is still a half message: asking back came to nothing, the broker asks no more, and no consumer will ever see it"),
            ),
            Fate::DeadLettered => self.say(format!("#{n} 在死信队列里"), format!("#{n} is in the dead-letter queue")),
            Fate::LostAfterOk => self.say(
                format!("LOST! #{n} 没了，而生产者收到的答复是“ok”"),
                format!("LOST! #{n} is gone, although the producer was told ok"),
            ),
            Fate::Lost => self.say(
                format!("LOST #{n} 没了，生产者从没收到 ok"),
                format!("LOST #{n} is gone; the producer was never told ok"),
            ),
            Fate::Refused if self.is_cancelled() => self.say(
                format!("#{n} 取消了：b、c、d 都没有发生"),
                format!("#{n} was cancelled: none of b, c and d has happened"),
            ),
            Fate::Refused if self.is_rolled_back() => self.say(
                format!("#{n} 回滚了：它的本地事务没有提交，b、c、d 都没有发生"),
                format!("#{n} was rolled back: its local transaction never committed, and none of b, c and d has happened"),
            ),
            Fate::Refused if self.first(|kind| kind == Kind::Dropped(Reason::Aborted)).is_some() => self.say(
                format!("#{n} 没有提交：它所在的事务回滚了，生产者知道"),
                format!("#{n} was not committed: its transaction was aborted, and the producer knows"),
            ),
            Fate::Refused => self.say(
                format!("#{n} 没了，但生产者知道：它被拒绝了"),
                format!("#{n} is gone, and the producer knows: it was refused"),
            ),
            Fate::Nowhere => self.say(format!("#{n} 不归任何订阅管"), format!("#{n} is for no subscription")),
        }
    }

    /// Whether the customer is told ok before all is done: the order stands in the
    /// books, and the shop sees to the rest.
    fn has_more_to_do(&self) -> bool {
        calls_services(self.plan) || sends_halves(self.plan) || self.plan.settings.is_on("outbox")
    }

    fn promise(&self) -> Option<String> {
        let told = self.first(|kind| kind == Kind::Told(Answer::Ok));
        if let Some(told) = told.filter(|_| self.has_more_to_do()) {
            return Some(self.say(
                format!("{} 秒：顾客得到 ok", told.time),
                format!("at {} s its customer was told ok", told.time),
            ));
        }
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
            if self.is_cancelled() || self.is_rolled_back() {
                return None;
            }
            return Some(if self.is_log() {
                self.say("生产者知道它没成", "the producer knows that it did not succeed")
            } else {
                self.say("生产者收到了退回或者 nack，知道要再想办法", "the producer got it back, or a nack, and knows")
            });
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

    /// A fault's sentence behind the name that the lab gives it, if it has one.
    fn titled(&self, sentence: &str) -> String {
        let language = if self.zh { Language::Zh } else { Language::En };
        let fault = self.plan.lab.faults.iter().find(|fault| fault.says(sentence));
        match fault.map(|fault| fault.title.in_language(language)) {
            Some(title) => self.say(format!("{title}（{sentence}）"), format!("{title} ({sentence})")),
            None => sentence.to_owned(),
        }
    }

    fn blame(&self) -> Option<String> {
        match self.explanation.blame.as_ref()? {
            Blame::Fault(index) => {
                let sentence = self.plan.sentences.get(usize::from(*index));
                let sentence = sentence
                    .map_or_else(|| self.say("手动注入的故障", "the fault injected by hand"), |it| self.titled(it));
                Some(self.say(format!("起因：{sentence}"), format!("brought about by: {sentence}")))
            }
            Blame::Setting { name, .. } => {
                let value = self.plan.settings.word(name);
                let is_fixed = self.plan.lab.setting(name).is_none();
                let (zh, en) =
                    if is_fixed { ("（这个实验里改不了）", " (fixed in this lab)") } else { ("", "") };
                Some(self.say(format!("起因：{name} = {value}{zh}"), format!("brought about by: {name} = {value}{en}")))
            }
        }
    }
}
