//! What a run goes through: its workload, healing, quiet, and when it is over.

use super::audit::audit;
use super::cast::Cast;
use super::model::Model;
use super::plan::Plan;
use super::run::Bookkeeper;
use crate::sim::World;
use crate::time::{Span, Time};

/// How long a healed cluster may take to find its leaders again.
const CLUSTER_GRACE: Span = Span::from_secs(30);
/// What has moved no message for this long will not move one any more.
const HOPELESS: Span = Span::from_secs(600);

/// Where a run is on its way to the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The workload, and the faults as they come.
    Workload,
    /// Everything is healed; consumers go on until quiet.
    Healed,
    /// Quiet, and a log has records that a group has still to be handed: what a
    /// dead member had is given to others only when its session ends.
    Idling,
    Quiet,
    /// The time was up first.
    Undecided,
}

/// Conducts a world through its phases.
#[derive(Clone, Copy, Debug)]
pub struct Conductor {
    pub phase: Phase,
    /// In a cluster quiet is no sign that nothing will happen: a silent node is
    /// taken for dead only after a while (up to 75 s by Erlang's net tick), and
    /// until then nothing but housekeeping goes on. So a fault that lasts is not
    /// healed at the first quiet moment, and what was healed has time to be noticed.
    waits: bool,
    is_log: bool,
    /// The last thing that happened to any message, when the books were last looked
    /// into.
    looked: Option<Time>,
    grace: Span,
    healed: Time,
    heal_by: Time,
    end_by: Time,
}

impl Conductor {
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        // Whoever is down for good makes everyone else try again for ever, so
        // such a run is healed soon; otherwise a run heals when it is quiet.
        let lasts = plan.faults.iter().any(|fault| fault.lasting.is_none() && fault.action.lasts());
        let is_log = plan.model == Model::Log;
        let is_cluster = plan.lab.topology.brokers > 1 || is_log;
        let waits = is_cluster && lasts;
        let grace = if is_cluster { CLUSTER_GRACE } else { Span::ZERO };
        let patience = if lasts { Span::from_secs(90) } else { Span::from_secs(900) };
        let backlog =
            Span::from_millis(plan.settings.number("processing_ms").saturating_mul(plan.messages() as u64 * 4));
        let heal_by = plan.workload_ends() + patience + backlog;
        let end_by = heal_by + Span::from_secs(3600) + backlog;
        Self { phase: Phase::Workload, waits, is_log, looked: None, grace, healed: Time::ZERO, heal_by, end_by }
    }

    /// Takes the next happening, or heals. False once the run is over.
    pub fn step<B: Bookkeeper>(&mut self, plan: &Plan, world: &mut World<Cast>, books: &mut B) -> bool {
        match self.phase {
            Phase::Workload => {
                let is_late = world.next_time().is_none_or(|next| next > self.heal_by);
                let is_quiet = world.is_quiet() && !self.waits;
                if is_quiet || is_late {
                    if is_late && !is_quiet {
                        world.run_until(self.heal_by, books);
                    }
                    world.heal(books);
                    self.healed = world.now();
                    self.phase = Phase::Healed;
                    return true;
                }
                world.step(books)
            }
            Phase::Healed if self.is_log && self.is_settled(world) => {
                self.phase = Phase::Idling;
                true
            }
            Phase::Healed => {
                let is_over = self.is_settled(world) || self.is_hopeless(world);
                self.goes_on(is_over, world) && world.step(books)
            }
            Phase::Idling if self.has_news(world) => {
                self.looked = Some(world.last_message());
                audit(world, plan, books.ledger_mut());
                let is_over = !books.ledger_mut().is_pending();
                self.goes_on(is_over, world)
            }
            Phase::Idling => self.goes_on(world.idle() > HOPELESS, world) && world.step(books),
            Phase::Quiet | Phase::Undecided => false,
        }
    }

    /// Ends the run if it is over, or out of room or time.
    fn goes_on(&mut self, is_over: bool, world: &World<Cast>) -> bool {
        if is_over {
            self.phase = Phase::Quiet;
        } else if world.overflowed() || world.next_time().is_none_or(|next| next > self.end_by) {
            self.phase = Phase::Undecided;
        }
        !self.is_over()
    }

    /// Quiet again, and something has happened to a message since the books were
    /// looked into.
    fn has_news(&self, world: &World<Cast>) -> bool {
        world.is_quiet() && self.looked != Some(world.last_message())
    }

    /// When the next happening is, healing included, which comes at once when
    /// all is quiet.
    #[must_use]
    pub fn next_time(&self, world: &World<Cast>) -> Option<Time> {
        match self.phase {
            Phase::Quiet | Phase::Undecided => None,
            Phase::Healed if self.is_settled(world) => Some(world.now()),
            Phase::Idling if self.has_news(world) => Some(world.now()),
            Phase::Workload if world.is_quiet() && !self.waits => Some(world.now()),
            Phase::Workload => Some(world.next_time().map_or(self.heal_by, |next| next.min(self.heal_by))),
            Phase::Healed | Phase::Idling => world.next_time(),
        }
    }

    /// Quiet, and for long enough since the healing.
    fn is_settled(&self, world: &World<Cast>) -> bool {
        let until = self.healed + self.grace;
        world.is_quiet() && (self.grace.is_zero() || world.next_time().is_none_or(|next| next > until))
    }

    /// Everything is healed, and everyone tries again and again in vain: a cluster
    /// that lost the disks of a majority never serves again.
    fn is_hopeless(&self, world: &World<Cast>) -> bool {
        world.now().since(self.healed) > HOPELESS && world.idle() > HOPELESS
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Quiet | Phase::Undecided)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lab::{Lab, sample};

    const CLUSTER: &str = r#"
[topology]
broker = "log"
brokers = 3
producers = 1
consumers = 1
[workload]
messages = 20
rate = "100/s"
[settings.acks]
default = "all"
"#;

    fn conducted(lab: &Arc<Lab>, fault: &str) -> Conductor {
        Conductor::new(&sample::plan(lab, &[], &[fault]))
    }

    #[test]
    fn only_what_lasts_until_it_is_healed_is_waited_for() {
        let lab = sample::lab(sample::text(CLUSTER));
        let patient = conducted(&lab, "crash leader at 2s, restart after 1s");
        for fault in [
            "lose-produced from broker-1 to producer-1",
            "lose-produced from leader to producer-1",
            "lose-produced from a follower to producer-1",
            "cut producer-1 broker-1 at 2s",
            "throw consumer-1 on message 3",
            "add-partitions 6 at 2s",
            "isolate leader at 2s, for 3s",
        ] {
            let conductor = conducted(&lab, fault);
            assert!(!conductor.waits, "{fault}");
            assert_eq!(conductor.heal_by, patient.heal_by, "{fault}: nobody is down for good");
        }
        for fault in [
            "crash broker-1 at 2s",
            "crash a follower at 2s",
            "torn-write leader at 2s",
            "delay leader brokers by 1s at 2s",
            "isolate leader at 2s",
        ] {
            let conductor = conducted(&lab, fault);
            assert!(conductor.waits, "{fault}");
            assert!(conductor.heal_by < patient.heal_by, "{fault}");
        }
    }
}
