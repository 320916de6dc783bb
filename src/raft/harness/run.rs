//! One run: found the groups, propose under faults, heal, perhaps cut the power
//! of all at once, propose again, and judge.

use super::check::{Check, Trouble};
use super::habits::Habits;
use super::plan::{KINDS, Plan};
use super::replica::Replica;
use super::seen::What;
use crate::event::NodeId;
use crate::random::{Digest, Purpose, Seed};
use crate::sim::{Action, Fault, Profile, When, World};
use crate::time::{Span, Time};

/// The size of a run.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub nodes: u16,
    pub groups: u32,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What must not have happened, and did.
    pub troubles: Vec<String>,
    /// What the run met, of [`Report::counted`], to tell how much a swarm covers.
    pub met: Vec<&'static str>,
    /// The same seed must give the same.
    pub digest: Digest,
    /// Commands reported committed.
    pub confirmed: usize,
}

/// When the faults are over, at the latest.
const HEAL: Time = Time::from_millis(3_000);
/// How long the replicas have to recover. An election waits two seconds at most
/// and one in three may come to nothing: among a million runs some need many.
const RECOVER: Span = Span::from_millis(30_000);
const OUTAGE: Span = Span::from_millis(100);
const FINAL: Span = Span::from_millis(1_000);

impl Report {
    /// What is counted besides the kinds of faults.
    pub const EVENTS: [&'static str; 7] = [
        "elections",
        "truncations",
        "snapshots installed",
        "confirmed",
        "membership changed",
        "snapshots restored",
        "final power cut",
    ];

    /// The names of all that is counted.
    #[must_use]
    pub fn counted() -> Vec<&'static str> {
        KINDS.into_iter().chain(Self::EVENTS).collect()
    }
}

/// Makes one run.
#[must_use]
pub fn run(world: &mut World<Replica>, setup: Setup, seed: Seed) -> Report {
    let draw = seed.draw(Purpose::Workload).by(2);
    let has_final_cut = draw.by(1).chance(1, 2);
    let final_from = HEAL + RECOVER + OUTAGE;
    let mut habits = Habits {
        nodes: setup.nodes,
        groups: setup.groups,
        propose_every: draw.by(2).span(Span::from_millis(4), Span::from_millis(90)),
        propose_until: Time::from_millis(2_400),
        final_from,
        final_until: final_from + FINAL,
        snapshot_every: 2 + draw.by(3).below(40),
        roll_bytes: 400 + draw.by(4).below(8_000),
        wishes: Vec::new(),
    };
    let plan = Plan::draw(seed, &habits);
    habits.wishes.clone_from(&plan.wishes);
    let mut faults: Vec<Fault> = plan.faults.iter().map(|(_, fault)| fault.clone()).collect();
    if has_final_cut {
        let all = (0..setup.nodes).map(NodeId).collect();
        faults.push(Fault {
            action: Action::PowerCut(all),
            when: When::At(HEAL + Span::from_millis(draw.by(5).below(2_000))),
            lasting: Some(OUTAGE),
        });
    }
    let nodes = (0..setup.nodes).map(|node| Replica::new(NodeId(node), &habits, seed));
    world.start(&Profile::default(), nodes, &faults, seed);
    let mut troubles = Vec::new();
    world.run_until(HEAL, &mut ());
    heal(world, has_final_cut);
    troubles.extend(Check::logs(world));
    world.run_until(habits.final_until + FINAL, &mut ());
    troubles.extend(Check::logs(world));
    let check = Check::of(world);
    troubles.extend(check.troubles());
    troubles.extend(check.liveness(world, &habits));
    let mut report = Report { digest: digest(world), confirmed: check.confirmed(), ..Report::default() };
    report.troubles = troubles.iter().map(Trouble::to_string).collect();
    cover(world, &plan, &mut report, has_final_cut);
    report
}

/// Ends what does not end by itself before this time. The final power cut is
/// still to come, and healing would give it up.
fn heal(world: &mut World<Replica>, has_final_cut: bool) {
    if !has_final_cut {
        world.heal(&mut ());
    }
}

fn digest(world: &World<Replica>) -> Digest {
    let mut digest = Digest::default();
    for (_, replica) in world.nodes() {
        for seen in &replica.seen {
            digest.add(seen.time.as_nanos());
            digest.add(u64::from(seen.group.0));
            match &seen.what {
                What::Applied { state, .. } | What::Restored { state, .. } => digest.add(state.0),
                What::Led { term, .. } => digest.add(*term),
                _ => digest.add(1),
            }
        }
    }
    digest
}

fn cover(world: &World<Replica>, plan: &Plan, report: &mut Report, has_final_cut: bool) {
    for (index, (kind, _)) in plan.faults.iter().enumerate() {
        if world.fired(index).is_some() && !report.met.contains(&KINDS[*kind]) {
            report.met.push(KINDS[*kind]);
        }
    }
    let all = || world.nodes().flat_map(|(_, replica)| &replica.seen);
    let any = |is: &dyn Fn(&What) -> bool| all().any(|seen| is(&seen.what));
    if plan.wishes.len() > plan.faults.iter().filter(|(kind, _)| KINDS[*kind] == "disk loss").count() {
        report.met.push("member leaves");
    }
    let [elections, truncations, installed, confirmed, members, restored, cut] = Report::EVENTS;
    let facts = [
        (elections, any(&|what| matches!(what, What::Led { term, .. } if *term > 1))),
        (truncations, any(&|what| matches!(what, What::Overwritten { .. }))),
        (installed, any(&|what| matches!(what, What::Restored { by_leader: true, .. }))),
        (confirmed, any(&|what| matches!(what, What::Confirmed { .. }))),
        (
            members,
            any(&|what| matches!(what, What::Members(members) if members.iter().any(|peer| peer.identity.0 > 0))),
        ),
        (restored, any(&|what| matches!(what, What::Restored { by_leader: false, .. }))),
        (cut, has_final_cut),
    ];
    report.met.extend(facts.iter().filter(|(_, met)| *met).map(|(name, _)| *name));
}
