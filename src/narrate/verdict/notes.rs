//! What a reader needs to know besides the verdict.

use crate::client::pattern::Pattern;
use crate::event::{Event, Kind, NodeId, Tier};
use crate::lab::{Idle, Model, Plan, Session, Totals, missed_faults};
use crate::picture::{Role, Status};
use crate::text::Language;

pub(super) fn notes(session: &Session, totals: &Totals, language: Language) -> Vec<String> {
    let zh = language == Language::Zh;
    let (plan, events) = (session.plan(), session.events());
    let mut notes: Vec<String> =
        missed_faults(session).into_iter().map(|index| missed(&plan.sentences[index], zh)).collect();
    notes.extend(never(session, totals, zh));
    notes.extend(waits(session, totals, zh));
    notes.extend(idle_saga(plan, totals, zh));
    notes.extend(idle_idempotence(plan, totals, zh));
    notes.extend(nothing_left_to_read(plan, events, totals, zh));
    notes
}

fn missed(sentence: &str, zh: bool) -> String {
    if zh {
        format!("这个故障没有发生，它等的那一刻在这次运行里没有来：{sentence}")
    } else {
        format!("This fault never happened, as its moment never came in this run: {sentence}")
    }
}

/// Facts that were to occur and never will: the program whose business they are was
/// not running when their time came.
fn never(session: &Session, totals: &Totals, zh: bool) -> Option<String> {
    let missing = (session.plan().messages() as u64).checked_sub(totals.attempted).filter(|count| *count > 0)?;
    let killed = killed(session, Role::Producer);
    Some(match (killed.is_empty(), zh) {
        (true, true) => format!("还有 {missing} 单一直没有发生，也不会再发生了"),
        (true, false) => format!("{missing} more were to occur, and never will"),
        (false, true) => format!("还有 {missing} 单不会再发生了：轮到它们的时候，{killed} 停着"),
        (false, false) => {
            format!("{missing} more were to occur, and never will: {killed} was down when their time came")
        }
    })
}

/// Why messages wait although nothing more will happen.
fn waits(session: &Session, totals: &Totals, zh: bool) -> Option<String> {
    let (plan, killed) = (session.plan(), killed(session, Role::Consumer));
    let is_dead = plan.topology().nodes().any(|node| {
        plan.topology().role(node) == Role::Consumer && matches!(session.status(node), Status::Crashed | Status::Off)
    });
    (totals.pending > 0).then(|| match (is_dead, zh) {
        (true, true) => format!("为什么等：{killed} 停了，没有再回来；它们等着它，不会丢"),
        (true, false) => format!("Why they wait: {killed} stopped and did not come back; they are safe until it does"),
        (false, true) => "为什么等：没有哪个消费者会再拿到它们".to_owned(),
        (false, false) => "Why they wait: there is no consumer that will be handed them".to_owned(),
    })
}

/// The nodes of a role whose process was killed.
fn killed(session: &Session, role: Role) -> String {
    let topology = session.plan().topology();
    let kills = |kind| matches!(kind, Kind::Fault(fault) if fault.kills());
    let spine = session.history().spine();
    let is_killed = |node: &NodeId| spine.iter().any(|(_, event)| event.node == *node && kills(event.kind));
    let nodes = topology.nodes().filter(|node| topology.role(*node) == role).filter(is_killed);
    nodes.map(|node| topology.name(node)).collect::<Vec<_>>().join(", ")
}

/// A saga begins with a dead letter. Where there are none it undoes nothing.
fn idle_saga(plan: &Plan, totals: &Totals, zh: bool) -> Option<String> {
    let word = |name: &str| plan.settings.word(name);
    let begins = word("on_exception") == "reject" && word("dead_letter") != "off";
    let is_idle = Pattern::of(&plan.settings) == Pattern::Saga && !begins && totals.compensated == 0;
    let needed = totals.redelivered + totals.lost + totals.lost_after_ok + totals.half_done > 0;
    (is_idle && needed).then(|| {
        let missing = match (word("on_exception") == "reject", word("dead_letter") == "off") {
            (false, true) => "on_exception = reject, dead_letter = at-most-once",
            (false, false) => "on_exception = reject",
            _ => "dead_letter = at-most-once",
        };
        if zh {
            format!("saga 这次什么也没撤：补偿程序读的是死信，要先有死信，还差 {missing}")
        } else {
            format!(
                "The saga has undone nothing: its compensation reads dead letters, and for those it takes {missing}"
            )
        }
    })
}

/// Idempotence that is on by its own setting, and off all the same.
fn idle_idempotence(plan: &Plan, totals: &Totals, zh: bool) -> Option<String> {
    let is_shown = plan.lab.setting("idempotence").is_some() && plan.settings.is_on("idempotence");
    let is_off = plan.lab.idle("idempotence", |name| plan.settings.get(name)) == Some(Idle::WithoutAcksAll);
    (is_shown && is_off && totals.duplicates > 0).then(|| {
        if zh {
            "acks 不是 all，默认开着的幂等自动关了：broker 认不出重发".to_owned()
        } else {
            "Without acks=all the default idempotence is off: no broker can tell a repeat".to_owned()
        }
    })
}

/// A log that forgot a committed offset, and along with it the very records that
/// would have been read again.
fn nothing_left_to_read(plan: &Plan, events: &[Event], totals: &Totals, zh: bool) -> Option<String> {
    let goes_back = || events.iter().any(|event| event.kind == Kind::TruncationDetected);
    (plan.model == Model::Log && totals.duplicates == 0 && goes_back()).then_some(())?;
    let is_broker = |event: &&Event| plan.topology().role(event.node) == Role::Broker;
    let is_lost = |event: &&Event| matches!(event.kind, Kind::Destroyed(Tier::PageCache | Tier::Disk));
    let was_applied = |lost: &&Event| {
        let before = |event: &Event| event.time <= lost.time && matches!(event.kind, Kind::Applied { .. });
        events.iter().any(|event| event.message() == lost.message() && before(event))
    };
    let lost = events.iter().filter(is_broker).filter(is_lost).filter(was_applied).count();
    (lost > 0).then(|| {
        if zh {
            format!("没有重复，是因为没有可以重读的：日志尾上 {lost} 条处理过的记录和提交过的位移一起没了")
        } else {
            format!(
                "Nothing is done twice, as nothing is left to be read again: {lost} records that had been worked on went with the log's tail, along with the offsets"
            )
        }
    })
}
