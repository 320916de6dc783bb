//! What must hold in every run with one broker and one queue, whatever the
//! faults: a model of a queue, read off the history alone. It knows nothing of
//! how the broker works, so it cannot be wrong in the same way.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{CopyId, Event, FaultKind, Kind, Reason};
use crate::lab::Plan;
use crate::picture::Role;
use crate::time::Time;

/// What the history says of one copy.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Its place in the queue.
    place: usize,
    enqueued_at: Time,
    delivered: bool,
    recovered: bool,
    written: bool,
    synced: bool,
    ack_sent: bool,
    acked_at: Option<Time>,
    /// The operating system has the record that says so.
    settled_on_file: bool,
    /// Settled in any way, or given up.
    done: bool,
}

struct Model<'a> {
    plan: &'a Plan,
    known: BTreeMap<CopyId, Known>,
    /// By place.
    ready: BTreeSet<(usize, CopyId)>,
    unacked: BTreeSet<CopyId>,
    /// The device may have lost or changed something.
    is_disk_sound: bool,
    /// What recovery has found since the last start.
    recovered: Vec<CopyId>,
    /// Wrote to its file before the last outage and were in no one's hands.
    waiting: Vec<CopyId>,
}

/// Checks a whole run.
///
/// # Errors
/// The first thing that no queue may do.
pub fn wrong(events: &[Event], plan: &Plan) -> Result<(), String> {
    let mut model = Model {
        plan,
        known: BTreeMap::new(),
        ready: BTreeSet::new(),
        unacked: BTreeSet::new(),
        is_disk_sound: true,
        recovered: Vec::new(),
        waiting: Vec::new(),
    };
    for event in events {
        let at_broker = plan.lab.topology.role(event.node) == Role::Broker;
        let step = match (at_broker, event.kind, event.copy) {
            (true, Kind::Fault(fault), _) => {
                model.befall(fault);
                Ok(())
            }
            (true, Kind::Started, _) => model.started(),
            (true, kind, Some(copy)) => model.at_broker(kind, copy, event.time),
            (false, Kind::AckSent, Some(copy)) => {
                model.known.entry(copy).or_default().ack_sent = true;
                Ok(())
            }
            _ => Ok(()),
        };
        step.map_err(|why| format!("at {} s {why}", event.time))?;
    }
    Ok(())
}

impl Model<'_> {
    fn befall(&mut self, fault: FaultKind) {
        let dies = match fault {
            FaultKind::ProcessCrash => true,
            FaultKind::PowerCut | FaultKind::TornWrite | FaultKind::DiskLoss => {
                self.is_disk_sound = false;
                true
            }
            FaultKind::BitRot | FaultKind::SyncError | FaultKind::DiskFull => {
                self.is_disk_sound = false;
                false
            }
            _ => false,
        };
        if dies {
            self.waiting = self.ready.iter().map(|(_, copy)| *copy).filter(|copy| self.known[copy].written).collect();
            self.recovered.clear();
            self.ready.clear();
            self.unacked.clear();
        }
    }

    /// Recovery ends where the log can no longer be trusted, so what it gives
    /// back is what was written first.
    fn started(&self) -> Result<(), String> {
        let came_back = |copy: &CopyId| self.recovered.contains(copy);
        let Some(last) = self.waiting.iter().rposition(came_back) else { return Ok(()) };
        match self.waiting[..last].iter().find(|copy| !came_back(copy)) {
            Some(missing) => Err(format!("{missing:?} did not come back, but {:?} behind it did", self.waiting[last])),
            None => Ok(()),
        }
    }

    fn at_broker(&mut self, kind: Kind, copy: CopyId, now: Time) -> Result<(), String> {
        match kind {
            Kind::Enqueued => {
                let place = self.known.len();
                let fresh = self.known.insert(copy, Known { place, enqueued_at: now, ..Known::default() });
                self.ready.insert((place, copy));
                if fresh.is_some() { Err(format!("{copy:?} is enqueued twice")) } else { Ok(()) }
            }
            Kind::Written => self.written(copy),
            Kind::Synced => self.change(copy, |known| known.synced = true),
            Kind::Confirmed => self.confirmed(copy),
            Kind::Delivered { redelivered } => self.delivered(copy, redelivered),
            Kind::Acked => self.acked(copy, now),
            Kind::Requeued => {
                if !self.unacked.remove(&copy) {
                    return Err(format!("{copy:?} is requeued, but nobody held it"));
                }
                self.ready.insert((self.known[&copy].place, copy));
                Ok(())
            }
            Kind::Rejected => {
                self.unacked.remove(&copy);
                self.change(copy, |known| known.done = true)
            }
            Kind::Dropped(reason) if reason != Reason::Unroutable => {
                if let Some(known) = self.known.get_mut(&copy) {
                    known.done = true;
                    self.ready.remove(&(known.place, copy));
                }
                Ok(())
            }
            Kind::Recovered => self.recovered(copy),
            _ => Ok(()),
        }
    }

    fn change(&mut self, copy: CopyId, change: impl FnOnce(&mut Known)) -> Result<(), String> {
        match self.known.get_mut(&copy) {
            Some(known) => {
                change(known);
                Ok(())
            }
            None => Err(format!("{copy:?} was never in the queue")),
        }
    }

    /// A buffer is written in order, so all that was settled before this copy
    /// came is on file with it.
    fn written(&mut self, copy: CopyId) -> Result<(), String> {
        self.change(copy, |known| known.written = true)?;
        let came = self.known[&copy].enqueued_at;
        for known in self.known.values_mut() {
            known.settled_on_file |= known.acked_at.is_some_and(|at| at < came);
        }
        Ok(())
    }

    /// A confirmed copy is where the settings promise it is.
    fn confirmed(&self, copy: CopyId) -> Result<(), String> {
        let on = |name: &str| self.plan.settings.is_on(name);
        let Some(known) = self.known.get(&copy).filter(|known| !known.done) else { return Ok(()) };
        let auto = self.plan.settings.word("ack") == "auto";
        if !on("durable") || !on("persistent") || known.acked_at.is_some() || (auto && known.delivered) {
            return Ok(());
        }
        if !known.written {
            return Err(format!("{copy:?} is confirmed, but not written"));
        }
        if self.plan.settings.word("sync") == "before-confirm" && !known.synced {
            return Err(format!("{copy:?} is confirmed, but not synced"));
        }
        Ok(())
    }

    fn delivered(&mut self, copy: CopyId, redelivered: bool) -> Result<(), String> {
        let first = self.ready.first().map(|(_, copy)| *copy);
        if first != Some(copy) {
            return Err(format!("{copy:?} is delivered before {first:?}"));
        }
        self.ready.pop_first();
        let auto = self.plan.settings.word("ack") == "auto";
        if !auto {
            self.unacked.insert(copy);
        }
        let prefetch = self.plan.settings.number("prefetch");
        if prefetch > 0 && self.unacked.len() as u64 > prefetch {
            return Err(format!("{} deliveries are not settled, and the limit is {prefetch}", self.unacked.len()));
        }
        let Some(known) = self.known.get_mut(&copy) else { return Ok(()) };
        let again = known.delivered || known.recovered;
        known.delivered = true;
        known.done |= auto;
        if redelivered != again {
            return Err(format!("{copy:?} says redelivered = {redelivered}, and was delivered before: {again}"));
        }
        Ok(())
    }

    fn acked(&mut self, copy: CopyId, now: Time) -> Result<(), String> {
        if !self.unacked.remove(&copy) {
            return Err(format!("{copy:?} is settled, but nobody held it"));
        }
        if !self.known[&copy].ack_sent {
            return Err(format!("{copy:?} is settled, but its consumer never said so"));
        }
        self.change(copy, |known| {
            known.acked_at = Some(now);
            known.done = true;
        })
    }

    fn recovered(&mut self, copy: CopyId) -> Result<(), String> {
        let Some(known) = self.known.get_mut(&copy) else {
            return Err(format!("{copy:?} is recovered, but was never in the queue"));
        };
        if self.is_disk_sound && known.settled_on_file {
            return Err(format!("{copy:?} is back, although the log says that it was settled"));
        }
        known.recovered = true;
        self.recovered.push(copy);
        self.ready.insert((known.place, copy));
        Ok(())
    }
}
