//! The one timer of a host: which groups wait for a leader, and until when. A
//! cluster in which every group has its leader has no timer here at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::node::{Outputs, TimerId};
use crate::protocol::raft::Group;
use crate::time::Time;

/// Elections that failed this often keep no run alive: most likely too few
/// members are left for any to succeed.
const MOST_ATTEMPTS: u32 = 8;

#[derive(Clone, Debug)]
pub(super) struct Clock {
    timer: TimerId,
    /// Until when each group waits, and how often it has.
    waiting: BTreeMap<Group, (Time, u32)>,
    order: BTreeSet<(Time, Group)>,
    /// When the journal tries again after its disk failed.
    pub retry: Option<Time>,
    armed: Option<(Time, bool)>,
}

impl Clock {
    pub fn new(timer: TimerId) -> Self {
        Self { timer, waiting: BTreeMap::new(), order: BTreeSet::new(), retry: None, armed: None }
    }

    pub fn set(&mut self, group: Group, until: Option<(Time, u32)>) {
        let before = match until {
            Some(until) => self.waiting.insert(group, until),
            None => self.waiting.remove(&group),
        };
        if let Some((time, _)) = before {
            self.order.remove(&(time, group));
        }
        if let Some((time, _)) = until {
            self.order.insert((time, group));
        }
    }

    pub fn next_due(&mut self, now: Time) -> Option<Group> {
        let (time, group) = *self.order.first()?;
        if time > now {
            return None;
        }
        self.set(group, None);
        Some(group)
    }

    pub fn fired(&mut self) {
        self.armed = None;
    }

    /// Sets the timer to what comes first.
    pub fn arm(&mut self, now: Time, out: &mut Outputs) {
        let first = self.order.first().map(|(time, _)| *time);
        let time = first.into_iter().chain(self.retry).min().map(|time| time.max(now));
        let is_hopeful = self.waiting.values().any(|(_, attempts)| *attempts < MOST_ATTEMPTS);
        let wanted = time.map(|time| (time, self.retry.is_none() && !is_hopeful));
        if wanted == self.armed {
            return;
        }
        match wanted {
            Some((time, true)) => out.set_periodic_timer(self.timer, time),
            Some((time, false)) => out.set_timer(self.timer, time),
            None => out.cancel_timer(self.timer),
        }
        self.armed = wanted;
    }
}
