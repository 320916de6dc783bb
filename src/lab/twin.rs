//! Twin runs: the same seed and the same faults with one setting flipped. What
//! matters is the first difference: each node's story, deed by deed, is held against
//! the same node's in the other run. Deeds are compared (kind, copy), not sequence
//! numbers and not times, which a setting may shift.

use std::collections::{BTreeMap, VecDeque};

use super::session::Session;
use crate::event::{CopyId, Event, EventId, Kind, NodeId};
use crate::time::Time;

/// The first moment at which two runs tell different stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub at: Time,
    /// What a node did at this moment in the one run, and not, or not yet, in the other.
    pub left: Option<EventId>,
    pub right: Option<EventId>,
}

type Deed = (Kind, Option<CopyId>);

/// The first event of either run, in time, that the other has not seen by then, once a
/// node has departed from what it does in the other: so nothing that differs stands
/// above it in either list. Both must have been run to their ends. Runs that differ in
/// times alone do not differ, and connections that come and go do not count: a
/// handshake more or less is no consequence.
#[must_use]
pub fn first_difference(left: &Session, right: &Session) -> Option<Difference> {
    let (left, right) = (left.events(), right.events());
    let departed = [departures(left, right), departures(right, left)];
    let mut at = departed.iter().flatten().map(|(at, _)| *at).min()?;
    let partners = [partners(left, right), partners(right, left)];
    // What is late on one side is seen to be missing there.
    let is_missing = |(_, partner): &(EventId, Option<Time>), at: Time| partner.is_none_or(|partner| partner > at);
    let sides = [(left, &partners[0]), (right, &partners[1])];
    let time = |events: &[Event], id: EventId| events[id.0 as usize].time;
    loop {
        let missing = |(events, partners): &(&[Event], &Vec<(EventId, Option<Time>)>)| {
            let missing = partners.iter().filter(|pair| is_missing(pair, at)).map(|(id, _)| time(events, *id));
            missing.min()
        };
        match sides.iter().filter_map(missing).min().filter(|earlier| *earlier < at) {
            Some(earlier) => at = earlier,
            None => break,
        }
    }
    let first = |side: usize| {
        let (events, partners) = sides[side];
        let missing = partners.iter().filter(|pair| is_missing(pair, at)).map(|(id, _)| *id);
        let departed = departed[side].iter().map(|(_, id)| *id);
        missing.chain(departed).filter(|id| time(events, *id) == at).min()
    };
    Some(Difference { at, left: first(0), right: first(1) })
}

/// Every event that counts, with the time at which the other run has it as often.
fn partners(events: &[Event], others: &[Event]) -> Vec<(EventId, Option<Time>)> {
    let mut times: BTreeMap<(NodeId, Deed), VecDeque<Time>> = BTreeMap::new();
    for event in others {
        if let Some(deed) = deed(event) {
            times.entry((event.node, deed)).or_default().push_back(event.time);
        }
    }
    let mut partner = |event: &Event| {
        let deed = deed(event)?;
        Some(times.get_mut(&(event.node, deed)).and_then(VecDeque::pop_front))
    };
    (0..).zip(events).filter_map(|(id, event)| Some((EventId(id), partner(event)?))).collect()
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
