//! The way from a decision to its end: markers into every partition, each until its
//! leader has them, then the record that says so. One that comes twice, or late,
//! ends nothing: a partition lets a marker end only what is of the epoch before.

use super::super::{Effect, Effects};
use super::state::State;
use super::{Entry, Flaw, TransactionCoordinator, flaw};
use crate::protocol::Name;
use crate::protocol::log::{Control, Error, ProducerId, TopicPartition};
use crate::time::{Span, Time};

/// How long to wait after a leader refused or could not be reached (`retry.backoff.ms`).
const BACK_OFF: Span = Span::from_millis(100);
/// How long to wait when nothing is said of a leader at all: longer than the host
/// waits for an answer (`request.timeout.ms`, 30 s).
const PATIENCE: Span = Span::from_secs(60);

impl Entry {
    /// Sends what is not under way, and what has been for too long.
    fn send(&mut self, now: Time, control: Control, effects: &mut Effects) {
        self.retry_at = None;
        if self.answer_by.is_some_and(|at| at <= now) {
            self.unsent.append(&mut self.under_way);
        }
        let unsent = std::mem::take(&mut self.unsent);
        if !unsent.is_empty() {
            self.under_way.extend(&unsent);
            self.answer_by = Some(now + PATIENCE);
            let producer = self.metadata.producer;
            effects.push(Effect::SendMarkers { producer, control, partitions: unsent.into() });
        }
    }

    /// When to send again: after a back-off, or after silence.
    fn due(&self) -> Option<Time> {
        let silence = self.answer_by.filter(|_| !self.under_way.is_empty());
        [self.retry_at, silence].into_iter().flatten().min()
    }
}

impl TransactionCoordinator {
    /// A decision is committed: carries it out.
    pub(super) fn carry_out(&mut self, now: Time, id: Name, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let State::Prepared(control) = entry.metadata.state else { return };
        entry.under_way.clear();
        entry.unsent.clone_from(&entry.metadata.partitions);
        if flaw::is_on(Flaw::MarkerForgotten) {
            entry.unsent.pop();
        }
        entry.send(now, control, effects);
        self.complete_if_written(id, effects);
    }

    fn complete_if_written(&mut self, id: Name, effects: &mut Effects) {
        let Some(entry) = self.entries.get(&id) else { return };
        if let State::Prepared(control) = entry.metadata.state
            && entry.unsent.is_empty()
            && entry.under_way.is_empty()
            && !entry.is_changing
        {
            let next = entry.metadata.completed(control);
            self.append(next, None, effects);
        }
    }

    /// What leaders answered to markers. A partition of a
    /// [`SendMarkers`](Effect::SendMarkers) whose leader is not known or hung up is
    /// named with `NotLeaderOrFollower`, and soon tried again; silence is waited out.
    pub fn markers_written(
        &mut self,
        now: Time,
        producer: ProducerId,
        control: Control,
        answers: &[(TopicPartition, Option<Error>)],
        effects: &mut Effects,
    ) {
        let sent = (producer, State::Prepared(control));
        let Some((id, entry)) =
            self.entries.iter_mut().find(|(_, entry)| (entry.metadata.producer, entry.metadata.state) == sent)
        else {
            return;
        };
        for (partition, error) in answers {
            let Some(at) = entry.under_way.iter().position(|waiting| waiting == partition) else { continue };
            entry.under_way.swap_remove(at);
            // A newer epoch there: the marker has been written before.
            if !matches!(error, None | Some(Error::InvalidProducerEpoch | Error::ProducerFenced)) {
                entry.unsent.push(*partition);
                entry.retry_at.get_or_insert(now + BACK_OFF);
            }
        }
        let id = *id;
        self.complete_if_written(id, effects);
    }

    /// Sends again, aborts what has been open for too long.
    pub fn time_passed(&mut self, now: Time, effects: &mut Effects) {
        let mut written = Vec::new();
        for (id, entry) in &mut self.entries {
            if let State::Prepared(control) = entry.metadata.state
                && entry.due().is_some_and(|at| at <= now)
            {
                entry.send(now, control, effects);
                written.push(*id);
            }
        }
        written.into_iter().for_each(|id| self.complete_if_written(id, effects));
        let interval = self.options.scan_interval.as_nanos().max(1);
        let scan = Time::from_nanos(now.as_nanos() / interval * interval);
        if scan <= self.scanned {
            return;
        }
        self.scanned = scan;
        let late = self.entries.values().filter(|entry| {
            let is_over = entry.metadata.began + self.options.timeout <= now;
            entry.metadata.state == State::Ongoing && !entry.is_changing && is_over
        });
        let aborts: Vec<_> = late.map(|entry| entry.metadata.prepared(Control::Abort)).collect();
        for next in aborts {
            self.append(next, None, effects);
        }
    }

    /// When `time_passed` must be called, and whether that is housekeeping only.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, bool)> {
        let interval = self.options.scan_interval.as_nanos().max(1);
        let deadline = |entry: &Entry| match entry.metadata.state {
            State::Prepared(_) => entry.due(),
            State::Ongoing => {
                let over = (entry.metadata.began + self.options.timeout).as_nanos();
                let scan = over.max(self.scanned.as_nanos() + 1).div_ceil(interval);
                Some(Time::from_nanos(scan.saturating_mul(interval)))
            }
            _ => None,
        };
        self.entries.values().filter_map(deadline).min().map(|at| (at, false))
    }
}
