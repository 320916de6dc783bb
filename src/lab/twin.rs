//! Twin runs: the same seed and the same faults with one setting flipped. What
//! matters is the first difference, found by comparing what happened (kind,
//! node, copy), not sequence numbers and not times, which a setting may shift.

use std::collections::BTreeMap;

use super::session::Session;
use crate::event::{CopyId, Event, EventId, Kind, NodeId};
use crate::time::Time;

/// The first moment at which two runs tell different stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub at: Time,
    /// The event of the one run that has no partner in the other.
    pub left: Option<EventId>,
    pub right: Option<EventId>,
}

type Deed = (NodeId, Kind, Option<CopyId>);

/// The first event of either run, in time, that the other run never has. Both
/// must have been run to their ends. Events about no message count only if they
/// are faults: a handshake more or less is no consequence.
#[must_use]
pub fn first_difference(left: &Session, right: &Session) -> Option<Difference> {
    let one = first_unpartnered(left.events(), right.events());
    let other = first_unpartnered(right.events(), left.events());
    let time = |events: &[Event], id: Option<EventId>| id.map(|id| events[id.0 as usize].time);
    let (at_left, at_right) = (time(left.events(), one), time(right.events(), other));
    match (at_left, at_right) {
        (None, None) => None,
        (Some(at), None) => Some(Difference { at, left: one, right: None }),
        (None, Some(at)) => Some(Difference { at, left: None, right: other }),
        (Some(a), Some(b)) if a < b => Some(Difference { at: a, left: one, right: None }),
        (Some(a), Some(b)) if a > b => Some(Difference { at: b, left: None, right: other }),
        (Some(at), Some(_)) => Some(Difference { at, left: one, right: other }),
    }
}

fn first_unpartnered(events: &[Event], others: &[Event]) -> Option<EventId> {
    let mut partners: BTreeMap<Deed, u32> = BTreeMap::new();
    for deed in others.iter().filter_map(deed) {
        *partners.entry(deed).or_default() += 1;
    }
    for (id, event) in (0..).zip(events) {
        let Some(deed) = deed(event) else { continue };
        match partners.get_mut(&deed) {
            Some(left) if *left > 0 => *left -= 1,
            _ => return Some(EventId(id)),
        }
    }
    None
}

fn deed(event: &Event) -> Option<Deed> {
    let counts = event.copy.is_some() || matches!(event.kind, Kind::Fault(_));
    counts.then_some((event.node, event.kind, event.copy))
}
