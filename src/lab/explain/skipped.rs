//! On a log nothing is taken away by whoever reads it: a record can lie there,
//! whole and safe, and still be lost to a group, because that group's committed
//! offset has gone past it, or because the group began behind it. Then this is its
//! end. What other groups do is none of its concern.

use crate::event::{CopyId, Event, EventId, Kind, MessageId, NodeId, Reason, Tier, detail_commit, detail_offset};
use crate::lab::ledger::{Fate, Ledger};
use crate::lab::model::Model;
use crate::lab::plan::Plan;
use crate::protocol::Name;

/// The subscriptions that must see a message and never did.
pub(super) fn missed(plan: &Plan, ledger: &Ledger, message: MessageId) -> Vec<u16> {
    let index = (message.0 as usize).wrapping_sub(1);
    if index >= plan.messages() {
        return Vec::new();
    }
    let is_lost = |fate: Fate| matches!(fate, Fate::Lost | Fate::LostAfterOk | Fate::Refused);
    let rows = plan.books.entitlement.entitled(index).iter().zip(ledger.fates(message));
    rows.filter(|(_, fate)| is_lost(*fate)).map(|(subscription, _)| *subscription).collect()
}

/// The event by which a group that missed a record went past it: the consumer's own
/// word, the commit, or the reset to where the log ended.
pub(super) fn skipped(history: &[Event], plan: &Plan, life: &[EventId], missed: &[u16]) -> Option<EventId> {
    if plan.model != Model::Log {
        return None;
    }
    let groups = plan.lab.wiring.groups.iter();
    let groups = groups.filter(|group| group.subscription.is_some_and(|it| missed.contains(&it)));
    let groups: Vec<Name> = groups.map(|group| group.name).collect();
    let is_theirs = |node: NodeId| plan.group_of(node).is_some_and(|group| groups.contains(&group.name));
    let event = |id: &EventId| &history[id.0 as usize];
    let is_told = |id: &&EventId| event(id).kind == Kind::Dropped(Reason::OffsetSkipped) && is_theirs(event(id).node);
    if let Some(told) = life.iter().rev().find(is_told) {
        return Some(*told);
    }
    let place = place(history, life)?;
    let kept = life.iter().rev().find(|id| matches!(event(id).kind, Kind::Enqueued | Kind::Committed))?;
    // A record that a new leader did not have was lost before anyone went past it.
    let is_overwritten = life.iter().any(|id| event(id).kind == Kind::Dropped(Reason::Overwritten) && id.0 > kept.0);
    let goes_past = |event: &Event| match event.kind {
        Kind::OffsetCommitted => {
            let (group, partition, offset) = detail_commit(event.detail);
            groups.contains(&group) && partition == place.0 && offset > place.1
        }
        Kind::OffsetReset => {
            let (partition, offset) = detail_offset(event.detail);
            is_theirs(event.node) && partition == place.0 && offset > place.1
        }
        _ => false,
    };
    let past = (0..).zip(history).find(|(id, event)| *id > kept.0 && goes_past(event));
    past.map(|(id, _)| EventId(id)).filter(|by| !is_overwritten && !holders(history, life, *by).is_empty())
}

/// The brokers that had the record at a moment. Another one may have its offset since.
pub(super) fn holders(history: &[Event], life: &[EventId], by: EventId) -> Vec<NodeId> {
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
    holders
}

/// Partition and offset of a record, as far as its life tells: the producer chose
/// the one, the leader gave it the other.
pub(super) fn place(history: &[Event], life: &[EventId]) -> Option<(u16, u64)> {
    let events = || life.iter().rev().map(|id| &history[id.0 as usize]);
    let appended = events().find(|event| event.kind == Kind::Enqueued)?;
    let of = |event: &&Event| event.kind == Kind::Batched && attempt(event) <= attempt(appended);
    let batched = events().find(of).or_else(|| events().find(|event| event.kind == Kind::Batched))?;
    Some((detail_offset(batched.detail).0, appended.detail))
}

fn attempt(event: &Event) -> u16 {
    event.copy.map_or(0, |copy: CopyId| copy.attempt)
}
