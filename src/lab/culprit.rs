//! Which message a finished run is best explained by: the first that came to the
//! worst harm there is. Most of what counts against a run is kept by row and so
//! belongs to a message; what is reserved, who was not entitled and which order
//! things were in is read off the events.

use std::collections::BTreeMap;

use super::defect::Defect;
use super::plan::Plan;
use super::session::Session;
use super::totals::{Measure, Totals};
use crate::event::{Event, Kind, MessageId, fault_index};
use crate::protocol::fact::Fact;
use crate::sim::{Action, Fault};

/// The first message with the worst defect of a run, and that defect. Nothing if all
/// is well, or if what there is belongs to no message.
#[must_use]
pub fn culprit(session: &Session) -> Option<(MessageId, &'static Defect)> {
    let totals = session.totals();
    totals.defects().find_map(|(defect, _)| Some((first_with(session, defect)?, defect)))
}

/// The message that has most to tell: the culprit, or else the first that was undone,
/// told from a repeat, or delivered again; or else the one that a fault names, or the
/// first.
#[must_use]
pub fn of_note(session: &Session) -> MessageId {
    if let Some((message, _)) = culprit(session) {
        return message;
    }
    let has_a_story = |message: &MessageId| {
        let Totals { compensated, skipped, redelivered, .. } = session.ledger().totals_of(*message);
        compensated + skipped + redelivered > 0
    };
    let named = || session.plan().faults.iter().find_map(Fault::message);
    let mut messages = (1..=session.plan().messages() as u32).map(MessageId);
    messages.find(has_a_story).or_else(named).unwrap_or(MessageId(1))
}

fn first_with(session: &Session, defect: &Defect) -> Option<MessageId> {
    let (plan, events) = (session.plan(), session.events());
    match defect.measure {
        Measure::Frozen => first_frozen(events),
        Measure::Overreleased => first(events, |kind| kind == Kind::Released { frozen: false }),
        Measure::Stray => effects(events).find(|event| !is_entitled(plan, event)).and_then(Event::message),
        Measure::Reordered => first_reordered(plan, events),
        Measure::Stale => first_stale(plan, events),
        _ => {
            let messages = (1..=plan.messages() as u32).map(MessageId);
            let count = |message: &MessageId| defect.count(&session.ledger().totals_of(*message));
            messages.filter(|message| count(message) > 0).min()
        }
    }
}

fn first(events: &[Event], is_it: impl Fn(Kind) -> bool) -> Option<MessageId> {
    events.iter().find(|event| is_it(event.kind)).and_then(Event::message)
}

/// The first message for which something is reserved still.
fn first_frozen(events: &[Event]) -> Option<MessageId> {
    let mut reserved: BTreeMap<MessageId, Totals> = BTreeMap::new();
    for event in events {
        if let Some(message) = event.message() {
            reserved.entry(message).or_default().reserve(event.kind);
        }
    }
    reserved.into_iter().find(|(_, totals)| totals.frozen > 0).map(|(message, _)| message)
}

fn effects(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| matches!(event.kind, Kind::Applied { .. }))
}

fn is_entitled(plan: &Plan, event: &Event) -> bool {
    let index = event.message().map_or(usize::MAX, |message| (message.0 as usize).wrapping_sub(1));
    index < plan.messages() && plan.books.entitlement.entitled(index).contains(&(event.detail as u16))
}

/// An effect's subscription, and the fact that it is of.
fn fact(plan: &Plan, event: &Event) -> Option<(u16, Fact)> {
    Some((event.detail as u16, plan.fact(event.message()?)?))
}

/// The first message whose first effect came after a newer one of its key.
fn first_reordered(plan: &Plan, events: &[Event]) -> Option<MessageId> {
    let mut newest: BTreeMap<(u16, u32), u32> = BTreeMap::new();
    for event in effects(events).filter(|event| event.kind == Kind::Applied { first: true }) {
        let Some((subscription, fact)) = fact(plan, event) else { continue };
        let known = newest.entry((subscription, fact.key)).or_default();
        if fact.version < *known {
            return event.message();
        }
        *known = fact.version;
    }
    None
}

/// The last effect of a key that had a newer one before.
fn first_stale(plan: &Plan, events: &[Event]) -> Option<MessageId> {
    let mut keys: BTreeMap<(u16, u32), (u32, u32, Option<MessageId>)> = BTreeMap::new();
    for event in effects(events) {
        let Some((subscription, fact)) = fact(plan, event) else { continue };
        let (newest, last, by) = keys.entry((subscription, fact.key)).or_default();
        *newest = fact.version.max(*newest);
        (*last, *by) = (fact.version, event.message());
    }
    keys.into_values().find(|(newest, last, _)| last < newest).and_then(|(_, _, by)| by)
}

/// The faults of the plan that never happened, by their place in it. Where the same
/// fault is scheduled several times, it happened if any of them did. A handler that is
/// told to throw on a message does so only once it works on it.
#[must_use]
pub fn missed_faults(session: &Session) -> Vec<usize> {
    let plan = session.plan();
    // Of no message, and so remembered however long the run is.
    let was_missed = |index: usize| {
        let is_it = |event: &Event| matches!(event.kind, Kind::FaultMissed(_)) && is_of(event, index);
        session.history().spine().iter().any(|(_, event)| is_it(event))
    };
    let is_missed = |index: usize| was_missed(index) || never_threw(session, &plan.faults[index].action);
    let same = |index: usize| (0..plan.sentences.len()).filter(move |at| plan.sentences[*at] == plan.sentences[index]);
    let is_first = |index: &usize| same(*index).next() == Some(*index);
    (0..plan.sentences.len()).filter(is_first).filter(|index| same(*index).all(is_missed)).collect()
}

fn never_threw(session: &Session, action: &Action) -> bool {
    let Action::Throw { node, message } = *action else { return false };
    let threw = |event: &Event| (event.kind, event.node, event.message()) == (Kind::Threw, node, Some(message));
    !session.excerpt(message).events.iter().any(threw)
}

fn is_of(event: &Event, index: usize) -> bool {
    fault_index(event.detail).map(usize::from) == Some(index)
}
