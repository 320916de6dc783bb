//! What bears on a message and is no event of its own. A record that a new leader does
//! not have was lost in an election, and that in turn came of a crash; the same goes for
//! a message that a mirror lacks which becomes master. A record that was read twice was
//! in the hands of a member that its group gave up meanwhile. Only what concerns this
//! very message is named, so that its life stays short.

use super::skipped::{holders, place};
use crate::event::{Event, EventId, Kind, NodeId, Reason, detail_partition};
use crate::lab::model::Model;
use crate::lab::plan::Plan;

/// The events that belong into the life of a message beside its own.
pub(super) fn circumstances(history: &[Event], plan: &Plan, life: &[EventId], is_gone: bool) -> Vec<EventId> {
    if plan.model != Model::Log {
        return if is_gone { promotion(history, life) } else { Vec::new() };
    }
    let mut found = change_of_leaders(history, plan, life, is_gone);
    found.extend(memberships_lost(history, plan, life));
    found
}

/// The first leader that did not have the record, and what brought that about: the last
/// fault of whoever led before, and of the new leader. If it was not in sync, also how
/// it had come to be left out.
fn change_of_leaders(history: &[Event], plan: &Plan, life: &[EventId], is_gone: bool) -> Vec<EventId> {
    let event = |id: &EventId| &history[id.0 as usize];
    let cut = life.iter().find(|id| event(id).kind == Kind::Dropped(Reason::Overwritten));
    let appended = life.iter().find(|id| event(id).kind == Kind::Enqueued);
    let Some(((partition, _), appended)) = place(history, life).zip(appended).filter(|_| is_gone || cut.is_some())
    else {
        return Vec::new();
    };
    let until = cut.map_or(history.len(), |cut| cut.0 as usize);
    let is_of = |event: &Event| detail_partition(event.detail) == (plan.lab.wiring.topic, partition);
    let leads = |id: &u32| history[*id as usize].kind == Kind::LeaderElected && is_of(&history[*id as usize]);
    let lacks = |id: &u32| !holders(history, life, EventId(*id)).contains(&history[*id as usize].node);
    let Some(elected) = (appended.0 + 1..until as u32).filter(leads).find(lacks) else { return Vec::new() };
    let leader = &history[elected as usize];
    let former = (0..elected).rev().find(leads).map(|id| history[id as usize].node);
    let is_unclean = |id: &u32| {
        let event = &history[*id as usize];
        event.kind == Kind::UncleanLeaderElected && is_of(event) && event.node == leader.node
    };
    let is_shrink = |id: &u32| {
        let event = &history[*id as usize];
        event.kind == Kind::IsrShrunk && is_of(event) && Some(event.node) == former
    };
    let unclean = (appended.0..until as u32).find(is_unclean);
    let left_out = unclean.and_then(|_| (0..elected).rev().find(is_shrink));
    let faults = former.into_iter().chain([leader.node]).filter_map(|node| last_fault(history, node, elected));
    faults.chain([elected]).chain(unclean).chain(left_out).map(EventId).collect()
}

/// The first mirror that became master without the message, and the last fault of those
/// who had it.
fn promotion(history: &[Event], life: &[EventId]) -> Vec<EventId> {
    let lacks = |id: &u32| {
        let event = &history[*id as usize];
        matches!(event.kind, Kind::MirrorPromoted { .. }) && {
            let holders = holders(history, life, EventId(*id));
            !holders.is_empty() && !holders.contains(&event.node)
        }
    };
    let Some(promoted) = (0..history.len() as u32).find(lacks) else { return Vec::new() };
    let holders = holders(history, life, EventId(promoted)).into_iter();
    holders.filter_map(|node| last_fault(history, node, promoted)).chain([promoted]).map(EventId).collect()
}

/// The last thing that befell a node before an event, healing aside.
fn last_fault(history: &[Event], node: NodeId, before: u32) -> Option<u32> {
    let is_harm = |event: &Event| match event.kind {
        Kind::Fault(fault) => event.node == node && !fault.mends(),
        _ => false,
    };
    (0..before).rev().find(|id| is_harm(&history[*id as usize]))
}

/// Where a member stayed away for too long, or was put out, with the record in hand and
/// its offset not committed, and somebody of its group took the record again.
fn memberships_lost(history: &[Event], plan: &Plan, life: &[EventId]) -> Vec<EventId> {
    let event = |id: &EventId| &history[id.0 as usize];
    let group = |node: NodeId| plan.group_of(node).map(|group| group.name);
    let takes: Vec<EventId> = life.iter().filter(|id| event(id).kind == Kind::Taken).copied().collect();
    let loss = |taken: &EventId| {
        let node = event(taken).node;
        let again = *takes.iter().find(|id| *id > taken && group(event(id).node) == group(node))?;
        let is_loss = |event: &Event| match event.kind {
            Kind::PollIntervalExceeded => event.node == node,
            Kind::MemberFenced => NodeId(event.detail as u16) == node,
            _ => false,
        };
        let lost = (taken.0..again.0).find(|id| is_loss(&history[*id as usize]))?;
        let is_commit = |id: &EventId| event(id).kind == Kind::AckSent && event(id).node == node;
        let is_committed = life.iter().filter(|id| **id > *taken && id.0 < lost).any(is_commit);
        (!is_committed).then_some(EventId(lost))
    };
    takes.iter().filter_map(loss).collect()
}
