//! On a log nothing is taken away by whoever reads it: a record can lie there,
//! whole and safe, and still be lost to its group, because the group's committed
//! offset has gone past it. Then the commit is its end.

use crate::event::{CopyId, Event, EventId, Kind, NodeId, Reason, Tier, detail_offset};
use crate::lab::model::Model;
use crate::lab::plan::Plan;

/// The event by which a group went past a record without any effect of it: the
/// consumer's own word, the commit, or the reset to where the log ended.
pub(super) fn skipped(history: &[Event], plan: &Plan, life: &[EventId]) -> Option<EventId> {
    if plan.model != Model::Log {
        return None;
    }
    let event = |id: &EventId| &history[id.0 as usize];
    let told = life.iter().rev().find(|id| event(id).kind == Kind::Dropped(Reason::OffsetSkipped));
    if let Some(told) = told {
        return Some(*told);
    }
    let place = place(history, life)?;
    let kept = life.iter().rev().find(|id| matches!(event(id).kind, Kind::Enqueued | Kind::Committed))?;
    // A record that a new leader did not have was lost before anyone went past it.
    let is_overwritten = life.iter().any(|id| event(id).kind == Kind::Dropped(Reason::Overwritten) && id.0 > kept.0);
    let goes_past = |event: &Event| {
        let (partition, offset) = detail_offset(event.detail);
        matches!(event.kind, Kind::OffsetCommitted | Kind::OffsetReset)
            && (partition, offset) > place
            && partition == place.0
    };
    let past = (0..).zip(history).find(|(id, event)| *id > kept.0 && goes_past(event));
    past.map(|(id, _)| EventId(id)).filter(|by| !is_overwritten && is_held(history, life, *by))
}

/// Whether some broker still had the record at a moment. Another one may have its
/// offset since.
fn is_held(history: &[Event], life: &[EventId], by: EventId) -> bool {
    let mut holders: Vec<NodeId> = Vec::new();
    for event in life.iter().take_while(|id| id.0 < by.0).map(|id| &history[id.0 as usize]) {
        match event.kind {
            Kind::Enqueued | Kind::Written | Kind::Recovered if !holders.contains(&event.node) => {
                holders.push(event.node);
            }
            Kind::Destroyed(Tier::PageCache | Tier::Disk) | Kind::Dropped(_) => {
                holders.retain(|node| *node != event.node);
            }
            _ => {}
        }
    }
    !holders.is_empty()
}

/// Partition and offset of a record, as far as its life tells: the producer chose
/// the one, the leader gave it the other.
fn place(history: &[Event], life: &[EventId]) -> Option<(u16, u64)> {
    let events = || life.iter().rev().map(|id| &history[id.0 as usize]);
    let appended = events().find(|event| event.kind == Kind::Enqueued)?;
    let of = |event: &&Event| event.kind == Kind::Batched && attempt(event) <= attempt(appended);
    let batched = events().find(of).or_else(|| events().find(|event| event.kind == Kind::Batched))?;
    Some((detail_offset(batched.detail).0, appended.detail))
}

fn attempt(event: &Event) -> u16 {
    event.copy.map_or(0, |copy: CopyId| copy.attempt)
}
