//! What goes wrong in a run: one to four faults, drawn and laid out before it
//! begins, and what the operator does about a lost disk.

use super::habits::Habits;
use super::seen::Wish;
use crate::event::NodeId;
use crate::protocol::FrameKind;
use crate::random::{Draw, Purpose, Seed};
use crate::sim::{Action, Fault, When};
use crate::time::{Span, Time};

/// The faults of a run, with the name under which each is counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub faults: Vec<(usize, Fault)>,
    pub wishes: Vec<Wish>,
}

pub(super) const KINDS: [&str; 17] = [
    "crash",
    "power cut",
    "power cut of all",
    "torn write",
    "pause",
    "cut",
    "partition",
    "one-way",
    "isolation",
    "delay",
    "slow disk",
    "full disk",
    "sync error",
    "lost frame",
    "double crash",
    "disk loss",
    "member leaves",
];
const FIRST_OF_MEMBERSHIP: usize = 15;

/// When faults begin, and when all of them are over.
const FIRST: Time = Time::from_millis(60);
const WITHIN: Span = Span::from_millis(1_800);

struct Drawn {
    draw: Draw,
    nodes: u16,
}

impl Drawn {
    fn millis(&self, subject: u64, least: u64, most: u64) -> Span {
        self.draw.by(subject).span(Span::from_millis(least), Span::from_millis(most))
    }

    fn node(&self) -> NodeId {
        NodeId(self.draw.by(20).below(self.nodes.into()) as u16)
    }

    fn other(&self) -> NodeId {
        NodeId((self.node().0 + 1 + self.draw.by(21).below(u64::from(self.nodes) - 1) as u16) % self.nodes)
    }
}

impl Plan {
    /// Lays out the faults of a run.
    pub fn draw(seed: Seed, habits: &Habits) -> Self {
        let mut plan = Self::default();
        let draw = seed.draw(Purpose::Workload).by(1);
        let mut membership = false;
        for n in 0..=draw.below(4) {
            let draw = draw.by(n);
            let kinds = if membership { FIRST_OF_MEMBERSHIP } else { KINDS.len() };
            let kind = draw.below(kinds as u64) as usize;
            membership |= kind >= FIRST_OF_MEMBERSHIP;
            plan.add(kind, &Drawn { draw, nodes: habits.nodes });
        }
        plan
    }

    fn add(&mut self, kind: usize, drawn: &Drawn) {
        let at = FIRST + drawn.draw.by(30).span(Span::ZERO, WITHIN);
        let (node, other) = (drawn.node(), drawn.other());
        let all = || (0..drawn.nodes).map(NodeId).collect::<Vec<_>>();
        let short = drawn.millis(31, 20, 900);
        let long = drawn.millis(32, 100, 1_500);
        let mut push = |action, at, lasting| {
            self.faults.push((kind, Fault { action, when: When::At(at), lasting: Some(lasting) }));
        };
        match kind {
            0 => push(Action::Crash(node), at, short),
            1 => push(Action::PowerCut(vec![node]), at, short),
            2 => push(Action::PowerCut(all()), at, short),
            3 => push(Action::TornWrite(node), at, short),
            4 => push(Action::Pause(node), at, long),
            5 => push(Action::Cut { from: node, to: other }, at, short),
            6 => push(Action::Partition { from: node, to: other, one_way: false }, at, long),
            7 => push(Action::Partition { from: node, to: other, one_way: true }, at, long),
            8 => {
                for to in all().into_iter().filter(|to| *to != node) {
                    push(Action::Partition { from: node, to, one_way: false }, at, long);
                }
            }
            9 => push(Action::Delay { from: node, to: other, extra: drawn.millis(33, 1, 300) }, at, long),
            10 => push(Action::DiskSlow { node, factor: 2 + drawn.draw.by(34).below(60) as u32 }, at, long),
            11 => push(Action::DiskFull(node), at, long),
            12 => push(Action::SyncError(node), at, short),
            13 => {
                let kinds = [FrameKind::Vote, FrameKind::Replicate, FrameKind::Replicated, FrameKind::Snapshot];
                let frame = kinds[drawn.draw.by(35).below(4) as usize];
                push(Action::LoseFrame { from: node, to: other, frame, message: None }, at, short);
            }
            14 => {
                push(Action::Crash(node), at, short);
                push(Action::PowerCut(vec![other]), at + drawn.millis(36, 0, 60), long);
            }
            15 => {
                push(Action::DiskLoss(node), at, short);
                let leaves = at + drawn.millis(37, 100, 1_000);
                self.leave_and_return(node, leaves, leaves + drawn.millis(38, 100, 1_200));
            }
            _ => self.leave_and_return(node, at, at + drawn.millis(38, 200, 1_500)),
        }
    }

    fn leave_and_return(&mut self, node: NodeId, leaves: Time, returns: Time) {
        self.wishes.push(Wish { node, leaves, returns });
    }
}
