//! What is wrong with a message besides its end: done twice, done by half, done
//! although it was refused. And how it came to be done twice.

use super::super::verdict::times;
use super::Story;
use crate::event::{CopyId, Event, Kind};
use crate::lab::settings::calls_services;
use crate::lab::{Fate, Measure};

impl Story<'_> {
    /// One sentence for each thing that counts against this message and is not its
    /// end, which was said already.
    pub(super) fn wrongs(&self) -> Vec<String> {
        let counts = &self.explanation.counts;
        let wrongs = counts.defects().filter_map(|(defect, count)| self.wrong(defect.measure, count));
        self.for_some().into_iter().chain(wrongs).collect()
    }

    /// Lost to some who must see it, and not to all.
    fn for_some(&self) -> Option<String> {
        let counts = &self.explanation.counts;
        let (had, missed) = (counts.applied, counts.lost + counts.lost_after_ok);
        (had > 0 && missed > 0).then(|| match self.explanation.end {
            Some(_) => self.say(
                format!("该处理它的 {} 家里，{had} 家处理了，{} 没有", had + missed, self.missed("、")),
                format!(
                    "of the {} that must see it {had} worked on it, and {} never did",
                    had + missed,
                    self.missed(", ")
                ),
            ),
            None => self.say(
                format!(
                    "该处理它的 {} 家里，{had} 家处理了；另外 {missed} 家从来没有分到过：路由时就没有给他们",
                    had + missed
                ),
                format!(
                    "of the {} that must see it {had} worked on it; {missed} never had a copy: none was routed to them",
                    had + missed
                ),
            ),
        })
    }

    /// Who must see it and never did.
    fn missed(&self, between: &str) -> String {
        let name = |subscription: &u16| {
            let name = self.plan.lab.wiring.subscriptions.get(usize::from(*subscription));
            name.map_or("", |name| self.plan.name(*name))
        };
        self.explanation.missed.iter().map(name).collect::<Vec<_>>().join(between)
    }

    fn wrong(&self, measure: Measure, count: u64) -> Option<String> {
        let fate = self.explanation.fate;
        Some(match measure {
            Measure::RefusedYetThere => {
                self.say("生产者得到的答复是没成，它却还在", "the producer was told no, and yet it is there")
            }
            Measure::HalfDone if fate == Fate::Pending => self.say(
                "只做了一半：下单那一头已经提交，这一头还在等",
                "half done: it is committed where it began, and the other half still waits",
            ),
            Measure::HalfDone => self.say(
                "只做了一半：下单那一头已经提交，这一头没有做，也没有撤销",
                "half done: it is committed where it began; the other half is neither done nor was the first undone",
            ),
            Measure::Overcompensated => {
                self.say(format!("多撤销了 {count} 次"), format!("it was undone {} too often", times(count)))
            }
            Measure::Overreleased => self.say(
                format!("没有冻结过，却退了 {count} 份"),
                format!("{count} given back for it that were never reserved"),
            ),
            Measure::Frozen => {
                self.say(format!("还冻着 {count} 份，没有人会来解冻"), format!("{count} stay reserved for it for ever"))
            }
            Measure::Residue if self.explanation.counts.compensated > 0 => self.say(
                "自相矛盾：它做成了，前半却按死信撤销了",
                "at odds with itself: it was done, and a dead letter of it had the rest undone",
            ),
            Measure::Residue => self.say(
                "它已经处理过，却还留着一份，再交出去就会重复",
                "it was worked on, and a copy of it is kept still: handed out, it would be done again",
            ),
            _ => return None,
        })
    }

    /// How a message came to take effect once more.
    pub(super) fn repeat(&self, again: &Event) -> String {
        let at = again.time;
        let life = || self.explanation.events.iter().map(|id| self.event(*id));
        let before = |is_it: &dyn Fn(Kind) -> bool| {
            life().take_while(|event| event.time <= again.time).any(|event| is_it(event.kind))
        };
        let attempt = |event: &Event| event.copy.map_or(0, |copy: CopyId| copy.attempt);
        // What another group did with it is no part of this.
        let is_same = |event: &&Event| matches!(event.kind, Kind::Applied { .. }) && event.detail == again.detail;
        let first = life().find(is_same);
        let is_resent = first.is_some_and(|first| attempt(first) != attempt(again));
        let (zh, en) = if calls_services(self.plan) {
            ("同一个 Confirm 来了两遍，都做了", "the same Confirm came twice, and was done twice")
        } else if before(&|kind| kind == Kind::CheckedBack) {
            (
                "MQ 没记下它已经放行，回查之后又放行了一遍，于是又投递一遍",
                "the broker had no record of having let it go, asked back, let it go again, and so delivered it again",
            )
        } else if is_resent {
            ("生产者把它发了两次，两份都处理了", "its producer sent it twice, and both were worked on")
        } else if self.is_log() && before(&|kind| kind == Kind::LockExpired) {
            (
                "到了 share.record.lock.duration.ms 还没有确认，锁到期，又交了出去",
                "its lock ran out before it was acknowledged (share.record.lock.duration.ms), and it was handed out again",
            )
        } else if self.is_log() && self.plan.settings.is_on("share_group") {
            ("它被放了回去，又交了出去", "it was given back, and handed out again")
        } else if self.is_log() && before(&|kind| kind == Kind::PollIntervalExceeded) {
            (
                "消费者太久没有 poll()（max.poll.interval.ms），没来得及提交就退出了消费组，分到它的人从上次的位移重读",
                "its consumer stayed away from poll() for too long (max.poll.interval.ms) and left the group before it could commit; whoever got the partition read it again",
            )
        } else if self.is_log() {
            (
                "组里记着的位移不在它后面，又从前面读了一遍",
                "no offset past it was kept for the group, so it was read again",
            )
        } else if before(&|kind| kind == Kind::Acked) {
            (
                "MQ 收到过它的 ack，可是没来得及记下，重启后又投递了一遍",
                "the broker had got its ack and lost it again, and so delivered it once more",
            )
        } else if before(&|kind| kind == Kind::Delivered { redelivered: true }) {
            ("MQ 没等到它的 ack，又投递了一遍", "the broker had no ack for it, and delivered it again")
        } else {
            ("同一条又投递了一遍", "it was delivered once more")
        };
        self.say(format!("{at} 秒又处理了一次：{zh}"), format!("at {at} s it was worked on again: {en}"))
    }
}
