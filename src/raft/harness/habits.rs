//! How the replicas of a run behave, and what their operator wants.

use super::seen::Wish;
use crate::time::{Span, Time};

/// How the replicas of a run are set up.
#[derive(Clone, Debug)]
pub struct Habits {
    pub nodes: u16,
    pub groups: u32,
    /// How often a leader proposes, and until when. Then again from the final
    /// time on.
    pub propose_every: Span,
    pub propose_until: Time,
    pub final_from: Time,
    pub final_until: Time,
    /// Commands applied between two snapshots.
    pub snapshot_every: u64,
    pub roll_bytes: u64,
    pub(super) wishes: Vec<Wish>,
}
