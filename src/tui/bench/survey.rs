//! Looking ahead over a run: to its end and back, keeping what the timeline and the
//! chart of the backlog need. A long run is looked over in slices, so that whoever
//! waits for it sees how far it has come; and of its events only some are kept.

use crate::lab::Session;

use super::backlog::{Backlog, SAMPLES};
use super::run::{Run, WIDEST_GAP, squeeze};
use super::scene::Scene;

/// Happenings between two looks at a long run: less than a tenth of a second, and no
/// more events than its history has room for.
const SLICE: u64 = 20_000;
/// Of the events about messages in a long run, one in so many is kept.
const ONE_IN: usize = 1024;

impl Run {
    /// Runs to the end once and comes back. False if `watch` gave it up.
    pub(super) fn survey(&mut self, watch: &mut dyn FnMut(&Session) -> bool) -> bool {
        let now = self.session.now();
        if self.session.plan().is_long() {
            if !self.survey_in_slices(watch) {
                return false;
            }
        } else {
            self.session.finish();
            self.whole.clear();
            self.whole.extend_from_slice(self.session.events());
        }
        self.end = self.session.now();
        self.totals = self.session.totals();
        self.is_surveyed = true;
        self.places = squeeze(&self.whole, WIDEST_GAP);
        if !self.session.plan().is_long() {
            let moments: Vec<_> = (0..SAMPLES).map(|sample| self.time_at(sample, SAMPLES)).collect();
            self.backlog = Backlog::survey(&mut self.session, moments.into_iter());
        }
        self.session.seek(now);
        true
    }

    /// What lies before this moment is known already, or there is nothing.
    fn survey_in_slices(&mut self, watch: &mut dyn FnMut(&Session) -> bool) -> bool {
        let now = self.session.now();
        self.whole.truncate(self.whole.partition_point(|event| event.time <= now));
        self.backlog.truncate(now);
        let mut scene = Scene::new(self.session.plan().topology());
        loop {
            let before = self.session.history().len();
            let goes_on = self.session.compute(SLICE);
            let history = self.session.history();
            let new = history.slice(before.max(history.first())..history.len()).unwrap_or_default();
            let kept = new.iter().enumerate().filter(|(at, event)| event.copy.is_none() || at % ONE_IN == 0);
            self.whole.extend(kept.map(|(_, event)| *event));
            self.backlog.take(&self.session, &mut scene.nodes);
            if !watch(&self.session) {
                return false;
            }
            if !goes_on {
                break;
            }
        }
        self.session.finish();
        self.backlog.arrange();
        true
    }
}
