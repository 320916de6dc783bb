//! What a leader knows of one who follows it.

use crate::event::NodeId;

#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub node: NodeId,
    /// Everything through this index is there, and synced.
    pub matches: u64,
    /// What to send next.
    pub next: u64,
    /// The newest news of a commit that was sent.
    pub commit_told: u64,
    pub state: State,
    /// One who joins votes once it matches this.
    pub target: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing was sent yet.
    New,
    /// The node seems to be down: nothing is sent.
    Away,
    /// One append was sent to find out where the logs agree; its answer decides.
    Probing { previous: u64 },
    /// Entries follow each other without waiting for answers.
    Pipelined,
    /// A snapshot through this index is on its way.
    Installing { index: u64 },
}

impl Progress {
    /// One of whom nothing is known yet: it is tried from `next` on.
    pub fn new(node: NodeId, next: u64) -> Self {
        Self { node, matches: 0, next, commit_told: 0, state: State::New, target: next - 1 }
    }

    /// Begins anew behind what is certain. A follower of which nothing is known
    /// yet is tried from where it was tried before.
    pub fn restart(&mut self) {
        if self.matches > 0 {
            self.next = self.matches + 1;
        }
        self.state = State::New;
    }
}
