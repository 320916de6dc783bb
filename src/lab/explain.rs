//! What became of a message, and why: the events of its life, what counts against it,
//! and for one that is gone what to blame. The blame is followed through causes, from
//! the event that destroyed the last copy back to the fault that brought it about, or
//! else to the setting that let the message go. A test holds it to account: with the
//! blamed fault removed, or the blamed setting flipped, the message is not gone.

mod circumstances;
mod skipped;
#[cfg(test)]
mod tests;

use super::history::biography;
use super::ledger::{Fate, Ledger};
use super::model::Model;
use super::plan::Plan;
use super::settings::calls_services;
use super::totals::Totals;
use crate::event::{Answer, Event, EventId, Kind, MessageId, Reason, Tier, fault_index};
use crate::picture::Role;

/// What is to blame for a message's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blame {
    /// A fault of the plan, counted from zero; live faults count on.
    Fault(u16),
    /// A setting, and a value under which this would not have happened.
    Setting { name: &'static str, better: &'static str },
}

/// One message's end, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub message: MessageId,
    pub fate: Fate,
    /// What the ledger counts of it alone.
    pub counts: Totals,
    /// Its biography, and what bears on it besides: see `circumstances`.
    pub events: Vec<EventId>,
    /// Which subscriptions must see it and never did.
    pub missed: Vec<u16>,
    /// The event that ended its last copy, for a message that is gone; for one that
    /// took effect more than once, the second effect.
    pub end: Option<EventId>,
    pub blame: Option<Blame>,
}

/// Explains what became of a message.
#[must_use]
pub fn explain(history: &[Event], plan: &Plan, ledger: &Ledger, message: MessageId) -> Explanation {
    let mut explanation = judged(history, plan, ledger, message);
    let is_gone = is_gone(explanation.fate);
    let beside = circumstances::circumstances(history, plan, &explanation.events, is_gone);
    explanation.events.extend(beside.into_iter().chain(explanation.end));
    explanation.events.sort_unstable();
    explanation.events.dedup();
    explanation
}

const fn is_gone(fate: Fate) -> bool {
    matches!(fate, Fate::LostAfterOk | Fate::Lost | Fate::Refused)
}

/// What became of it and what is to blame, by its own events.
fn judged(history: &[Event], plan: &Plan, ledger: &Ledger, message: MessageId) -> Explanation {
    let fate = ledger.fate(message);
    let events = biography(history, message);
    let mut counts = ledger.totals_of(message);
    events.iter().for_each(|id| counts.reserve(history[id.0 as usize].kind));
    let mut explanation = Explanation {
        message,
        fate,
        counts,
        events,
        missed: skipped::missed(plan, ledger, message),
        end: None,
        blame: None,
    };
    if !is_gone(fate) {
        explanation.end = repeat(history, &explanation.events);
        explanation.blame = explanation.end.and_then(|end| fault_behind(history, end));
        return explanation;
    }
    let went_nowhere = |id: &&EventId| is_unroutable(history[id.0 as usize].kind);
    let ends = |id: &&EventId| {
        let event = &history[id.0 as usize];
        ends_a_copy(event, plan) && !(plan.model == Model::Log && is_own_cut(event, history))
    };
    // A message that found no queue was lost then and there, whatever happened
    // to the answer, or to the producer that might have sent it again in vain.
    let end = explanation.events.iter().find(went_nowhere).or_else(|| explanation.events.iter().rev().find(ends));
    let end = end.map(|end| cut_before(history, &explanation.events, *end));
    let aborted = find(history, &explanation.events, |kind| kind == Kind::Dropped(Reason::Aborted));
    let skipped = || skipped::skipped(history, plan, &explanation.events, &explanation.missed);
    explanation.end = aborted.or_else(skipped).or(end);
    explanation.blame = explanation
        .end
        .and_then(|end| blame_of(history, plan, end))
        .or_else(|| last_fault(history, explanation.events.last().copied()));
    if fate == Fate::Refused && calls_services(plan) {
        // What its participant does from then on is to follow that decision.
        explanation.end = find(history, &explanation.events, |kind| kind == Kind::Told(Answer::Refused));
    }
    explanation
}

fn find(history: &[Event], life: &[EventId], is_it: impl Fn(Kind) -> bool) -> Option<EventId> {
    life.iter().copied().find(|id| is_it(history[id.0 as usize].kind))
}

/// The second effect of a message.
fn repeat(history: &[Event], life: &[EventId]) -> Option<EventId> {
    find(history, life, |kind| kind == Kind::Applied { first: false })
}

/// What a node cuts off to match a new leader then vanishes from its file. The cut
/// is what ended it.
fn cut_before(history: &[Event], life: &[EventId], end: EventId) -> EventId {
    let last = &history[end.0 as usize];
    let is_cut = |id: &&EventId| {
        let event = &history[id.0 as usize];
        event.kind == Kind::Dropped(Reason::Overwritten) && (event.node, event.time) == (last.node, last.time)
    };
    let vanishes = matches!(last.kind, Kind::Destroyed(Tier::PageCache | Tier::Disk));
    life.iter().rev().find(is_cut).filter(|_| vanishes).copied().unwrap_or(end)
}

const fn is_unroutable(kind: Kind) -> bool {
    matches!(kind, Kind::Dropped(Reason::Unroutable) | Kind::Returned)
}

/// Whether a replica cut the copy from its own log, and so has said why before.
fn is_own_cut(event: &Event, history: &[Event]) -> bool {
    let by_fault = event.cause.is_some_and(|cause| matches!(history[cause.0 as usize].kind, Kind::Fault(_)));
    matches!(event.kind, Kind::Destroyed(Tier::PageCache | Tier::Disk)) && !by_fault
}

/// Whether an event ends a copy where it happens.
fn ends_a_copy(event: &Event, plan: &Plan) -> bool {
    let is_log = plan.model == Model::Log;
    let keeps = is_log || plan.settings.word("ack") == "after-effect";
    let role = plan.lab.topology.role(event.node);
    match event.kind {
        // What a consumer of a log holds, or is sent, is a copy of what the log keeps.
        Kind::Destroyed(Tier::Network | Tier::Memory) if is_log && role == Role::Consumer => false,
        // What is on its way to a producer is an answer.
        Kind::Destroyed(Tier::Network) => role != Role::Producer,
        Kind::Destroyed(_) | Kind::Dropped(_) | Kind::Rejected | Kind::Returned => true,
        // Taken for done, or done and undone.
        Kind::Skipped | Kind::EffectLost => true,
        // Without a later acknowledgement, whoever holds it holds the only copy.
        Kind::Threw => !keeps,
        _ => false,
    }
}

/// What is to blame for an end. A setting that has its better value already is not.
fn blame_of(history: &[Event], plan: &Plan, end: EventId) -> Option<Blame> {
    let is_so = |blame: &Blame| match blame {
        Blame::Fault(_) => true,
        Blame::Setting { name, better } => plan.settings.word(name) != *better && !plan.is_dead(name),
    };
    suspect(history, plan, end).filter(is_so).or_else(|| last_fault(history, Some(end)))
}

fn suspect(history: &[Event], plan: &Plan, end: EventId) -> Option<Blame> {
    let event = &history[end.0 as usize];
    match event.kind {
        kind if is_unroutable(kind) => Some(Blame::Setting { name: "bound", better: "true" }),
        Kind::Dropped(Reason::Rejected) | Kind::Rejected => {
            Some(Blame::Setting { name: "on_exception", better: "requeue" })
        }
        Kind::Dropped(Reason::Expired) => Some(Blame::Setting { name: expiry(plan), better: "0" }),
        Kind::Dropped(Reason::DeadLetterUnroutable) => {
            Some(Blame::Setting { name: "dead_letter_queue", better: "true" })
        }
        Kind::Dropped(Reason::Retained) => Some(Blame::Setting { name: "retention_ms", better: "0" }),
        // Committed though nobody had worked on it: by whatever took the worker away,
        // or else because the consumer commits so.
        Kind::OffsetCommitted | Kind::Dropped(Reason::OffsetSkipped) => {
            last_fault(history, Some(end)).or(Some(Blame::Setting { name: "offset_commit", better: "after" }))
        }
        Kind::OffsetReset => Some(Blame::Setting { name: "offset_reset", better: "earliest" }),
        // Cut where a new leader's log ended: the election is what cost it.
        Kind::Dropped(Reason::Overwritten) if plan.model == Model::Log => {
            fault_behind(history, end).or_else(|| last_fault(history, Some(end)))
        }
        // By the program itself, unless something else ends transactions.
        Kind::Dropped(Reason::Aborted) => Some(Blame::Setting { name: "abort_every", better: "0" }),
        Kind::Dropped(Reason::Overflowed) => Some(Blame::Setting { name: "max_length", better: "0" }),
        // The producer had no connection: what took it away is to blame.
        Kind::Dropped(Reason::NotConnected | Reason::GaveUp) => {
            let is_loss = |other: &Event| other.node == event.node && matches!(other.kind, Kind::Disconnected(_));
            let loss = history[..end.0 as usize].iter().rposition(is_loss);
            loss.and_then(|index| fault_behind(history, EventId(index as u32)))
                .or_else(|| last_fault(history, Some(end)))
        }
        Kind::Threw if plan.lab.topology.role(event.node) == Role::Consumer => last_fault(history, Some(end)),
        _ => fault_behind(history, end).or_else(|| last_fault(history, Some(end))),
    }
}

/// The setting that lets messages expire: the queue's, or the message's own.
fn expiry(plan: &Plan) -> &'static str {
    if plan.settings.number("message_ttl_ms") > 0 { "message_ttl_ms" } else { "expiration_ms" }
}

/// Follows causes back to a fault of the schedule.
fn fault_behind(history: &[Event], from: EventId) -> Option<Blame> {
    let mut at = Some(from);
    while let Some(id) = at {
        let event = &history[id.0 as usize];
        if let (Kind::Fault(_), Some(index)) = (event.kind, fault_index(event.detail)) {
            return Some(Blame::Fault(index));
        }
        at = event.cause;
    }
    None
}

/// The last fault of the schedule that fired by then.
fn last_fault(history: &[Event], by: Option<EventId>) -> Option<Blame> {
    let until = by.map_or(history.len(), |id| id.0 as usize + 1);
    let fault = |event: &Event| match event.kind {
        Kind::Fault(_) => fault_index(event.detail).map(Blame::Fault),
        _ => None,
    };
    history[..until].iter().rev().find_map(fault).or_else(|| history.iter().find_map(fault))
}
