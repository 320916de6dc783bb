//! Faults that wait for a frame: they take it just as it would have arrived.
//!
//! Such a fault may name a message. Many frames carry several: a batch of records,
//! an answer about a whole batch, a commit that goes past many records, a publisher
//! confirm for all tags up to one. Whichever of them is named, the frame is meant.
//! What a frame holds can be asked of it; what an answer speaks of is only known to
//! whoever sends it, who says so ([`Outputs::carries`](crate::node::Outputs::carries)).
//! That is kept for frames under way alone, and only if a fault has named a message.

use super::connection::Side;
use super::fault::When;
use super::world::World;
use crate::event::{CopyId, EventId, FaultKind, Kind, MessageId, NodeId, Recorder, Tier, fault_detail};
use crate::node::{ConnectionId, Node};
use crate::protocol::{Frame, FrameKind};

/// Faults that fired and wait for a frame, and what frames under way carry of what such
/// faults name, besides what the frames say themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Snares {
    laid: Vec<u16>,
    baits: Vec<Bait>,
    /// How many frames there were so far with something to remember.
    frames: u32,
}

#[derive(Clone, Copy, Debug)]
struct Bait {
    frame: u32,
    copy: CopyId,
}

impl Snares {
    pub fn clear(&mut self) {
        self.laid.clear();
        self.baits.clear();
        self.frames = 0;
    }

    pub const fn is_empty(&self) -> bool {
        self.laid.is_empty()
    }

    pub fn lay(&mut self, index: u16) {
        self.laid.push(index);
    }

    /// Takes back those that never caught anything.
    pub fn take_back(&mut self) -> Vec<u16> {
        std::mem::take(&mut self.laid)
    }
}

impl<N: Node> World<N> {
    /// Remembers what the output at `place` carries and a fault waits for. Returns a
    /// number for the frame; zero if there is nothing to remember.
    pub(super) fn bait(&mut self, place: usize, kind: FrameKind) -> u32 {
        let first = self.outputs.carried.partition_point(|(of, _)| (*of as usize) < place);
        let mut frame = 0;
        for at in first..self.outputs.carried.len() {
            let (of, copy) = self.outputs.carried[at];
            if of as usize != place {
                break;
            }
            if self.is_wanted(kind, copy.message) {
                if frame == 0 {
                    self.snares.frames += 1;
                    frame = self.snares.frames;
                }
                self.snares.baits.push(Bait { frame, copy });
            }
        }
        frame
    }

    /// Whether a fault waits, or will, for such a frame with this message. One that has
    /// a time, as those injected into a run under way have, knows nothing of what was
    /// sent before: no more does it in a run that has it from the start.
    fn is_wanted(&self, kind: FrameKind, message: MessageId) -> bool {
        (0..).zip(self.schedule.faults()).any(|(index, fault)| {
            let is_there = matches!(fault.when, When::After { .. }) || self.snares.laid.contains(&index);
            is_there && fault.action.names_frame(kind, message)
        })
    }

    /// Whether a fault waits for this very frame. If so it fires: the connection
    /// resets, and the frame is lost with it.
    pub(super) fn is_snared<R: Recorder>(
        &mut self,
        (connection, to): (ConnectionId, Side),
        (frame, bait, about): (&Frame, u32, Option<CopyId>),
        cause: Option<EventId>,
        recorder: &mut R,
    ) -> bool {
        let link = &self.connections[connection.0 as usize];
        let (sender, receiver) = (link.node(to.other()), link.node(to));
        let caught = self.snares.laid.iter().enumerate().find_map(|(place, index)| {
            // Whoever leads when the frame comes.
            let action = &self.schedule.fault(*index).action;
            let (from, to, kind, message) = action.lost_frame(&|queue| self.schedule.leader(queue))?;
            if (from, to, kind) != (sender, receiver, frame.kind()) {
                return None;
            }
            match message {
                None => Some((place, about)),
                Some(message) => self.carried(message, frame, bait, about).map(|copy| (place, Some(copy))),
            }
        });
        if bait > 0 {
            self.snares.baits.retain(|one| one.frame != bait);
        }
        let Some((place, copy)) = caught else { return false };
        let index = self.snares.laid.remove(place);
        self.schedule.mark_fired(index, self.now);
        self.update_trouble();
        let detail = fault_detail(Some(index), Some(receiver));
        let event = self.record(recorder, sender, Kind::Fault(FaultKind::FrameLost), copy, detail, cause);
        self.lost_on_the_way(receiver, frame, copy, event, recorder);
        self.reset(connection, event, recorder);
        true
    }

    /// The copy of a message that a frame carries.
    fn carried(&self, message: MessageId, frame: &Frame, bait: u32, about: Option<CopyId>) -> Option<CopyId> {
        let is_meant = |copy: &CopyId| copy.message == message;
        let mut held = about.filter(is_meant);
        if held.is_none() {
            frame.copies(&mut |copy| held = held.or(Some(copy).filter(is_meant)));
        }
        let baits = self.snares.baits.iter().filter(|one| one.frame == bait).map(|one| one.copy);
        held.or_else(|| baits.into_iter().find(is_meant))
    }

    /// A frame is lost on its way, and the copies in it. What a broker sends is a copy
    /// of what it keeps, and one of them stands for all; of what a producer sends it
    /// may be the only one.
    pub(super) fn lost_on_the_way<R: Recorder>(
        &mut self,
        to: NodeId,
        frame: &Frame,
        about: Option<CopyId>,
        cause: Option<EventId>,
        recorder: &mut R,
    ) {
        let mut batched = Vec::new();
        if frame.kind() == FrameKind::Publish {
            frame.copies(&mut |copy| batched.push(copy));
        }
        if batched.is_empty() {
            return self.destroyed(to, about, Tier::Network, cause, recorder);
        }
        for copy in batched {
            self.destroyed(to, Some(copy), Tier::Network, cause, recorder);
        }
    }
}
