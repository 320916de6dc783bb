//! A lab with faults that were drawn, run and judged: what the scopes of the two
//! brokers have in common.

use std::sync::Arc;

use super::Report;
use super::hazard::Drawn;
use crate::event::Event;
use crate::lab::{Lab, Outcome, Plan, Runner};
use crate::protocol::log::TopicPartition;
use crate::random::Seed;
use crate::source::Source;

/// Runs one lab again and again.
pub struct Rig {
    lab: Arc<Lab>,
    pub runner: Runner,
}

impl Rig {
    /// # Panics
    /// If the lab, which is part of the program, cannot be read.
    pub fn new(text: &str) -> Self {
        let lab = Lab::parse(&Source::new("swarm".to_owned(), text.to_owned()));
        Self { lab: Arc::new(lab.unwrap_or_else(|troubles| panic!("{troubles:?}"))), runner: Runner::new() }
    }

    /// The partitions of its topic.
    ///
    /// # Panics
    /// If the lab does not say how many there are.
    #[must_use]
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let (_, count) = self.lab.fixed.iter().find(|(name, _)| *name == "partitions").expect("they are fixed");
        let topic = self.lab.wiring.topic;
        (0..count.parse().expect("a number")).map(|partition| TopicPartition { topic, partition }).collect()
    }

    /// Runs it with these settings and faults, and shows every event to `watch`.
    ///
    /// # Panics
    /// If a setting or a fault that a scope has drawn does not exist.
    pub fn run(
        &mut self,
        seed: u64,
        set: &[(String, String)],
        faults: &[Drawn],
        watch: &mut dyn FnMut(&Event),
    ) -> Outcome {
        let sentences: Vec<String> = faults.iter().map(|fault| fault.sentence.clone()).collect();
        let plan = Plan::new(Arc::clone(&self.lab), set, &sentences).unwrap_or_else(|error| panic!("{error}"));
        self.runner.watch(&plan, Seed(seed), watch)
    }
}

/// What a run is found to have done wrong, each with all that it takes to see why.
pub struct Findings<'a> {
    troubles: Vec<String>,
    set: &'a [(String, String)],
    faults: &'a [Drawn],
}

impl<'a> Findings<'a> {
    /// Begins with what no run may do: unbalanced books, or no end.
    pub fn new(outcome: &Outcome, set: &'a [(String, String)], faults: &'a [Drawn]) -> Self {
        let mut findings = Self { troubles: outcome.violation.iter().cloned().collect(), set, faults };
        findings.expect(!outcome.is_undecided, || "it was not quiet in the end".to_owned());
        findings
    }

    pub fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if holds {
            return;
        }
        let set: Vec<String> = self.set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.sentence.as_str()).collect();
        self.troubles.push(format!("{}; settings: {}; faults: {}", what(), set.join(" "), faults.join("; ")));
    }

    /// The report, with what the run met: its faults if they fired, and of the
    /// events those that happened.
    pub fn report(self, outcome: &Outcome, events: &[(&'static str, bool)]) -> Report {
        let fired = self.faults.iter().filter(|_| outcome.is_witness).map(|fault| fault.name);
        let happened = events.iter().filter(|(_, happened)| *happened).map(|(name, _)| *name);
        let mut met: Vec<&'static str> = fired.chain(happened).collect();
        met.sort_unstable();
        met.dedup();
        Report { troubles: self.troubles, met }
    }
}
