//! Timers. Each kind of waiting has one, which rings for the first of its kind.

use super::LogBroker;
use crate::node::{Outputs, TimerId};
use crate::time::Time;

/// The session with the controller, fetchers, proposals, connections to brokers:
/// they only keep going what goes on for ever.
const HOUSEKEEPING: TimerId = TimerId(0);
/// Requests that wait for replicas.
const PRODUCES: TimerId = TimerId(1);
/// Fetches that wait for records.
const FETCHES: TimerId = TimerId(2);
/// Replicas, and coordinators: something may still happen to a record.
const URGENT: TimerId = TimerId(3);
/// And where it is housekeeping.
const IDLE: TimerId = TimerId(4);

/// When each of them rings.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms([Option<Time>; 5]);

impl Alarms {
    fn set(&mut self, timer: TimerId, at: Option<Time>, out: &mut Outputs) {
        let alarm = &mut self.0[usize::from(timer.0)];
        if *alarm == at {
            return;
        }
        *alarm = at;
        match at {
            None => out.cancel_timer(timer),
            Some(at) if matches!(timer, PRODUCES | URGENT) => out.set_timer(timer, at),
            Some(at) => out.set_periodic_timer(timer, at),
        }
    }
}

impl LogBroker {
    pub(super) fn alarm_rings(&mut self, timer: TimerId, now: Time, out: &mut Outputs) {
        self.alarms.0[usize::from(timer.0)] = None;
        match timer {
            HOUSEKEEPING => {
                self.session_due(now, out);
                for at in 0..self.peers.len() {
                    self.peer_goes_on(at, now, out);
                }
            }
            PRODUCES => self.produces_time_out(now, out),
            FETCHES => self.fetches_time_out(now, out),
            _ => {
                for at in 0..self.seats.list.len() {
                    let replica = &mut self.seats.list[at].replica;
                    if replica.next_deadline().is_some_and(|(due, _)| due <= now) {
                        replica.time_passed(now, out, &mut self.effects);
                        self.absorb(at, now, out);
                    }
                }
                if self.coordination.next_deadline().is_some_and(|(due, _)| due <= now) {
                    self.coordinators_time_passed(now);
                }
            }
        }
    }

    /// At the end of every input.
    pub(super) fn set_alarms(&mut self, now: Time, out: &mut Outputs) {
        let session = Some(self.session.due()).filter(|_| !self.options.controllers.is_empty());
        let housekeeping = [session, self.fetchers_due(now), self.proposals.due(), self.peers_due()];
        self.alarms.set(HOUSEKEEPING, housekeeping.into_iter().flatten().min(), out);
        self.alarms.set(PRODUCES, self.produces_due(), out);
        self.alarms.set(FETCHES, self.fetches_due(), out);
        let (mut urgent, mut idle): (Option<Time>, Option<Time>) = (None, None);
        let replicas = self.seats.list.iter().map(|seat| seat.replica.next_deadline());
        for (due, is_periodic) in replicas.chain([self.coordination.next_deadline()]).flatten() {
            let kind = if is_periodic { &mut idle } else { &mut urgent };
            *kind = Some(kind.map_or(due, |first| first.min(due)));
        }
        self.alarms.set(URGENT, urgent, out);
        self.alarms.set(IDLE, idle, out);
    }
}
