//! A run on the bench: the session, and the whole of it surveyed ahead, so that
//! the timeline knows where faults will fire and dull time can be skipped. A run
//! of most labs takes about a millisecond, so looking ahead is free. One of
//! millions takes its time: it is `idle` until it has been surveyed, which is
//! done on a helper thread and watched (see `survey`, `computing`).

use std::sync::Arc;

use crate::event::{Event, Kind};
use crate::lab::{Plan, Session, Totals};
use crate::random::Seed;
use crate::sim::Action;
use crate::time::{Span, Time};

use super::backlog::Backlog;

/// A gap between two events counts as no more than this on the timeline: a
/// minute of heartbeats would leave no room for what happens.
pub(super) const WIDEST_GAP: Span = Span::from_millis(400);

/// A wait of this length is worth saying that it was squeezed.
const DULL: Span = Span::from_millis(1000);

/// A fault that was injected by hand, kept so that it can be injected again at
/// the same time after a setting was flipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFault {
    pub at: Time,
    pub action: Action,
    pub lasting: Option<Span>,
}

pub struct Run {
    pub session: Session,
    pub live: Vec<LiveFault>,
    /// The live faults before each fork.
    forks: Vec<Vec<LiveFault>>,
    /// Every event up to the end, whatever the session's time is.
    /// Of a long run only some of them.
    pub(super) whole: Vec<Event>,
    /// For every event, how far from the start it is drawn, in nanoseconds.
    pub(super) places: Vec<u64>,
    pub(super) end: Time,
    pub(super) totals: Totals,
    /// It was looked ahead over.
    pub(super) is_surveyed: bool,
    /// What waited in each queue over the whole run.
    pub backlog: Backlog,
}

impl Run {
    /// A run at time zero, with the live faults of an earlier one.
    #[must_use]
    pub fn new(plan: Arc<Plan>, seed: Seed, live: &[LiveFault]) -> Self {
        let mut run = Self::idle(plan, seed, live);
        run.compute(&mut |_| true);
        run
    }

    /// A run at time zero that nobody has looked ahead over.
    #[must_use]
    pub fn idle(plan: Arc<Plan>, seed: Seed, live: &[LiveFault]) -> Self {
        Self {
            session: Session::new(plan, seed),
            live: live.to_vec(),
            forks: Vec::new(),
            whole: Vec::new(),
            places: Vec::new(),
            end: Time::ZERO,
            totals: Totals::default(),
            is_surveyed: false,
            backlog: Backlog::default(),
        }
    }

    /// Makes an idle run, and looks ahead over it. `watch` sees a long one on its
    /// way and may give it up; then this is false, and the run of no use.
    pub fn compute(&mut self, watch: &mut dyn FnMut(&Session) -> bool) -> bool {
        for fault in std::mem::take(&mut self.live) {
            self.session.advance(fault.at);
            self.fork(fault.action, fault.lasting);
        }
        self.session.seek(Time::ZERO);
        self.survey(watch)
    }

    #[must_use]
    pub const fn end(&self) -> Time {
        self.end
    }

    /// The counts at the end of the run, whatever the session's time is.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.is_surveyed && self.session.now() >= self.end
    }

    /// Every event of the run, what is still to come included.
    #[must_use]
    pub fn whole(&self) -> &[Event] {
        &self.whole
    }

    /// The time of the first event after now.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        let now = self.session.now();
        let at = self.whole.partition_point(|event| event.time <= now);
        self.whole.get(at).map(|event| event.time)
    }

    /// The time of the last event before now.
    #[must_use]
    pub fn previous_time(&self) -> Time {
        let now = self.session.now();
        let at = self.whole.partition_point(|event| event.time < now);
        at.checked_sub(1).map_or(Time::ZERO, |at| self.whole[at].time)
    }

    /// The time a number of events away from now.
    #[must_use]
    pub fn stride(&self, forward: bool) -> Time {
        let stride = (self.whole.len() / 20).max(5);
        let now = self.session.now();
        if forward {
            let at = self.whole.partition_point(|event| event.time <= now) + stride;
            self.whole.get(at).map_or(self.end, |event| event.time)
        } else {
            let at = self.whole.partition_point(|event| event.time < now);
            at.checked_sub(stride).map_or(Time::ZERO, |at| self.whole[at].time)
        }
    }

    /// How long the run is on the timeline up to the last thing that matters,
    /// dull time squeezed.
    #[must_use]
    pub fn squeezed_length(&self) -> Span {
        let last = self.last_matter();
        let at = self.whole.partition_point(|event| event.time <= last);
        let place = at.checked_sub(1).map_or(0, |at| self.places[at]);
        Span::from_nanos(place.max(1))
    }

    /// The time at a cell of the timeline: [`Run::column`] the other way round.
    #[must_use]
    pub fn time_at(&self, column: u16, cells: u16) -> Time {
        let last = u64::from(cells.saturating_sub(1)).max(1);
        let length = u128::from(self.squeezed_length().as_nanos());
        let place = (length * u128::from(column) / u128::from(last)) as u64;
        let at = self.places.partition_point(|known| *known <= place);
        let (known, from) = at.checked_sub(1).map_or((0, Time::ZERO), |at| (self.places[at], self.whole[at].time));
        from + Span::from_nanos(place - known)
    }

    /// The events before which a wait was squeezed.
    pub fn squeezed(&self) -> impl Iterator<Item = &Event> {
        let waited = |pair: &&[Event]| pair[1].time.since(pair[0].time) > DULL;
        self.whole.windows(2).filter(waited).map(|pair| &pair[1])
    }

    /// How far along the timeline a time is, in cells of `0..cells`.
    #[must_use]
    pub fn column(&self, time: Time, cells: u16) -> u16 {
        let at = self.whole.partition_point(|event| event.time <= time);
        let (place, from) = at.checked_sub(1).map_or((0, Time::ZERO), |at| (self.places[at], self.whole[at].time));
        let place = place + time.since(from).min(WIDEST_GAP).as_nanos();
        let length = self.squeezed_length().as_nanos();
        let last = u128::from(cells.saturating_sub(1));
        (u128::from(place.min(length)) * last / u128::from(length)) as u16
    }

    /// When the last thing happens that concerns a message or is a fault: after
    /// it there is only quiet.
    #[must_use]
    pub fn last_matter(&self) -> Time {
        let matters = |event: &&Event| event.copy.is_some() || matches!(event.kind, Kind::Fault(_));
        self.whole.iter().rev().find(matters).map_or(self.end, |event| event.time)
    }

    /// The last moment at which a message was under way.
    #[must_use]
    pub fn last_busy(&self) -> Time {
        let last = self.whole.iter().rev().find(|event| event.copy.is_some()).map_or(self.end, |event| event.time);
        let before = self.whole.partition_point(|event| event.time < last);
        before.checked_sub(1).map_or(Time::ZERO, |at| self.whole[at].time)
    }

    /// The faults of the run that fire, with their times.
    pub fn faults(&self) -> impl Iterator<Item = &Event> {
        self.whole.iter().filter(|event| matches!(event.kind, Kind::Fault(_)))
    }

    /// Injects a fault at this moment. What came after is another run now.
    pub fn inject(&mut self, action: Action, lasting: Option<Span>, watch: &mut dyn FnMut(&Session) -> bool) -> bool {
        self.fork(action, lasting);
        self.survey(watch)
    }

    fn fork(&mut self, action: Action, lasting: Option<Span>) {
        let at = self.session.now();
        self.forks.push(self.live.clone());
        self.live.retain(|fault| fault.at <= at);
        self.live.push(LiveFault { at, action: action.clone(), lasting });
        self.session.inject(action, lasting);
    }

    /// Brings the run before the last live fault back. False if there is none.
    pub fn undo_fork(&mut self, watch: &mut dyn FnMut(&Session) -> bool) -> bool {
        let now = self.session.now();
        if !self.session.undo_fork() {
            return false;
        }
        // The fault itself was a happening: without it the run is one further.
        self.session.seek(now);
        self.live = self.forks.pop().unwrap_or_default();
        self.survey(watch)
    }
}

/// How far from the start each event lies if no gap counts as more than `widest`,
/// in nanoseconds.
#[must_use]
pub fn squeeze(events: &[Event], widest: Span) -> Vec<u64> {
    let (mut place, mut before) = (0, Time::ZERO);
    let places = events.iter().map(|event| {
        place += event.time.since(before).min(widest).as_nanos();
        before = event.time;
        place
    });
    places.collect()
}
