//! The worst of a run in one sentence.

use crate::lab::settings::{calls_services, sends_halves};
use crate::lab::{Measure, Model, Plan, Totals};
use crate::text::Language;

pub(super) fn headline(totals: &Totals, plan: &Plan, language: Language) -> String {
    let said = Said { totals, plan, zh: language == Language::Zh };
    match totals.defects().next() {
        Some((defect, count)) => said.worst(defect.measure, count),
        None => said.good(),
    }
}

struct Said<'a> {
    totals: &'a Totals,
    plan: &'a Plan,
    zh: bool,
}

impl Said<'_> {
    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        if self.zh { zh.into() } else { en.into() }
    }

    fn good(&self) -> String {
        let Totals { attempted, entitled, compensated, nowhere, .. } = *self.totals;
        if compensated > 0 {
            return self.say(
                format!("没有丢；{compensated} 单做不成，已撤销，其余都处理了"),
                format!("Nothing is lost; {compensated} could not be done and {} undone", is(compensated)),
            );
        }
        if nowhere > 0 {
            return self.say(
                format!("该处理的都处理了，各一次；{nowhere} 单没有人要"),
                format!("All that is anybody's was worked on once; {nowhere} {} for nobody", are(nowhere, "order")),
            );
        }
        if entitled > attempted {
            return self.say(
                format!("一单不少：{attempted} 单，该处理它的每一家都处理了一次"),
                format!("All {attempted} orders are there, each worked on once by all who must see it"),
            );
        }
        self.say(
            format!("一单不少：{attempted} 单都处理了，各一次"),
            format!("All {attempted} orders are there, each worked on once"),
        )
    }

    fn worst(&self, measure: Measure, n: u64) -> String {
        let Totals { attempted, told_ok, .. } = *self.totals;
        match measure {
            Measure::LostAfterOk => self.say(
                format!("LOST! 收到 ok 的 {told_ok} 单里，有 {n} 单没了"),
                format!("LOST!  {n} of {told_ok} confirmed orders {} gone", is(n)),
            ),
            Measure::Lost => self.say(
                format!("丢了 {n} 单（共 {attempted} 单）；丢的这些，生产者都没有收到 ok"),
                format!("LOST  {n} of {attempted} orders {} gone; nobody was told ok for what is gone", is(n)),
            ),
            Measure::Duplicates if n == 1 => self
                .say("重复！一单没丢，但多处理了 1 次", "TWICE!  nothing is lost, but one order was worked on again"),
            Measure::Duplicates => self.say(
                format!("重复！一单没丢，但多处理了 {n} 次"),
                format!("TWICE!  nothing is lost, but orders were worked on again {n} times"),
            ),
            Measure::Reordered => self.say(
                format!("一单不少，但有 {n} 单乱了顺序"),
                format!("All {attempted} orders are there, {n} of them out of order"),
            ),
            Measure::Refused if calls_services(self.plan) => self.say(
                format!("取消了 {n} 单：b、c、d 都没做"),
                format!("CANCELLED  {n} {} none of b, c and d was done", colon(n)),
            ),
            Measure::Refused if sends_halves(self.plan) => self.say(
                format!("回滚了 {n} 单：b、c、d 都没做，半消息也撤了"),
                format!("ROLLED BACK  {n} {} none of b, c and d was done, and the half message is dropped", colon(n)),
            ),
            Measure::Refused if self.plan.model == Model::Log && self.plan.settings.is_on("transactions") => self.say(
                format!("放弃了 {n} 单：没有提交，生产者知道"),
                format!("ABORTED  {n} {} not committed, and the producer knows it", are(n, "order")),
            ),
            Measure::Refused => self.say(
                format!("被拒 {n} 单：没有收下，但生产者知道"),
                format!("REFUSED  {n} {} not taken, and the producer knows it", are(n, "order")),
            ),
            Measure::DeadLettered | Measure::Pending => self.waits(),
            _ => self.wrong(measure, n),
        }
    }

    /// Something was done that should not have been, or by half.
    fn wrong(&self, measure: Measure, n: u64) -> String {
        let Totals { compensated, pending, .. } = *self.totals;
        match measure {
            Measure::Overcompensated => self.say(
                format!("撤销了 {compensated} 单，却多撤了 {n} 次：还回去的比拿走的多"),
                format!("UNDONE TWICE!  {compensated} undone, and put back {} too often", super::times(n)),
            ),
            Measure::Overreleased => self.say(
                format!("多退了 {n} 份：从没冻结过的也退了"),
                format!("GIVEN AWAY  {n} given back that were never reserved"),
            ),
            Measure::Frozen => {
                self.say(format!("冻住了 {n} 份：永远没人来解冻"), format!("FROZEN  {n} reserved for ever"))
            }
            Measure::HalfDone if n <= pending => self.say(
                format!("{n} 单只做了一半：前半已经提交，后半还没有人做"),
                format!("HALF DONE  {n} {} committed at one end, and nobody has done the rest", are(n, "order")),
            ),
            Measure::HalfDone => self.say(
                format!("{n} 单只做了一半：前半已经提交，后半没做，也没有撤销"),
                format!(
                    "HALF DONE  {n} {} committed at one end; the rest is not done, and nothing undone",
                    are(n, "order")
                ),
            ),
            Measure::RefusedYetThere => self.say(
                format!("{n} 单被拒了，却还在：生产者得到的答复是没成"),
                format!("REFUSED, YET THERE  the producer was told no for {n}, and {} there all the same", they(n)),
            ),
            Measure::Stray => self.say(
                format!("串门 {n} 次：不该收到它的也处理了"),
                format!("STRAY  {n} times somebody worked on what was not theirs"),
            ),
            Measure::Stale => self.say(
                format!("{n} 个键停在旧值上：旧的一单盖住了新的"),
                format!(
                    "STALE  {n} {} with an old value, written over a newer one",
                    if n == 1 { "key ends" } else { "keys end" }
                ),
            ),
            _ if compensated > 0 => self.say(
                format!("自相矛盾：撤销了 {compensated} 单，其中有的又处理了"),
                format!("AT ODDS  {compensated} undone, and some of that was worked on all the same"),
            ),
            _ => self.say(
                format!("{n} 单已经处理过，却还留着一份：再交出去就会重复"),
                format!("NOT DONE WITH  {n} worked on, and a copy is still kept: handed out, it is done again"),
            ),
        }
    }

    fn waits(&self) -> String {
        let Totals { pending, dead_lettered, compensated, .. } = *self.totals;
        let dead = dead_lettered.saturating_sub(compensated);
        let wait = |n: u64| if n == 1 { "waits" } else { "wait" };
        match (pending, dead) {
            (0, _) => self.say(
                format!("没有丢；{dead} 单进了死信队列，要有人来处理"),
                format!("Nothing is lost; {dead} {} in the dead-letter queue for somebody to look after", wait(dead)),
            ),
            (_, 0) => self.say(
                format!("没有丢；还有 {pending} 单等着处理"),
                format!("Nothing is lost; {pending} still {} to be worked on", wait(pending)),
            ),
            _ => self.say(
                format!("没有丢；还有 {pending} 单等着处理，{dead} 单在死信队列里"),
                format!("Nothing is lost; {pending} still {} to be worked on, {dead} as dead letters", wait(pending)),
            ),
        }
    }
}

const fn is(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn are(count: u64, noun: &str) -> String {
    if count == 1 { format!("{noun} is") } else { format!("{noun}s are") }
}

const fn colon(count: u64) -> &'static str {
    if count == 1 { "order:" } else { "orders:" }
}

const fn they(count: u64) -> &'static str {
    if count == 1 { "it is" } else { "they are" }
}
