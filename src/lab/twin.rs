//! Twin runs: the same seed and the same faults with one setting flipped. What
//! matters is the first difference: each node's story, deed by deed, is held against
//! the same node's in the other run. Deeds are compared (kind, copy), not sequence
//! numbers and not times, which a setting may shift.

use std::collections::BTreeMap;

use super::session::Session;
use crate::event::{CopyId, Event, EventId, Kind, NodeId};
use crate::time::Time;

/// The first moment at which two runs tell different stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub at: Time,
    /// What a node did at this moment in the one run, where it does something else
    /// next in the other, or nothing more.
    pub left: Option<EventId>,
    pub right: Option<EventId>,
}

type Deed = (Kind, Option<CopyId>);

/// The first event of either run, in time, at which a node departs from what it does in
/// the other. Both must have been run to their ends. Connections that come and go do
/// not count: a handshake more or less is no consequence.
#[must_use]
pub fn first_difference(left: &Session, right: &Session) -> Option<Difference> {
    let (one, other) = (departures(left.events(), right.events()), departures(right.events(), left.events()));
    let at = one.iter().chain(&other).map(|(at, _)| *at).min()?;
    let first = |departures: &[(Time, EventId)]| {
        departures.iter().filter(|(time, _)| *time == at).map(|(_, event)| *event).min()
    };
    Some(Difference { at, left: first(&one), right: first(&other) })
}

/// For every node the first event that is another one in the other run.
fn departures(events: &[Event], others: &[Event]) -> Vec<(Time, EventId)> {
    let mut stories: BTreeMap<NodeId, Vec<Deed>> = BTreeMap::new();
    for event in others {
        stories.entry(event.node).or_default().extend(deed(event));
    }
    let mut places: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut departed: BTreeMap<NodeId, (Time, EventId)> = BTreeMap::new();
    for (id, event) in (0..).zip(events) {
        let Some(deed) = deed(event).filter(|_| !departed.contains_key(&event.node)) else { continue };
        let place = places.entry(event.node).or_default();
        if stories.get(&event.node).and_then(|story| story.get(*place)) != Some(&deed) {
            departed.insert(event.node, (event.time, EventId(id)));
        }
        *place += 1;
    }
    departed.into_values().collect()
}

fn deed(event: &Event) -> Option<Deed> {
    let is_connection = matches!(event.kind, Kind::Started | Kind::Connected | Kind::Disconnected(_));
    let counts = event.copy.is_some() || !is_connection;
    counts.then_some((event.kind, event.copy))
}
