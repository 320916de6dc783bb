//! The whole state as bytes. A snapshot lets the log before it go, brings a
//! replica up that fell too far behind, and starts a restarted one from there.
//!
//! The encoding is canonical, so two replicas are in the same state exactly when
//! their bytes are equal. The configuration is not in it: it comes with the
//! queue's declaration.

use bytes::{Buf, Bytes};

use super::command::Session;
use super::config::Config;
use super::consumer::Consumer;
use super::machine::{Enqueuer, Machine};
use crate::codec::{Coded, get_all, put_all};
use crate::flaw::{self, Flaw};

impl Machine {
    /// Whether a snapshot now would free so much that it is worth writing: more
    /// than a threshold, and more than it costs.
    #[must_use]
    pub fn is_worth_a_snapshot(&self) -> bool {
        self.reclaimable >= self.config.snapshot_after && {
            let kept: u64 = self.messages().chain(self.dead.iter()).map(super::message::Message::size).sum();
            self.reclaimable >= kept
        }
    }

    /// The log behind this state is gone, or about to go.
    pub fn snapshot_taken(&mut self) {
        self.reclaimable = 0;
    }

    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut bytes = Vec::new();
        self.ready.put(&mut bytes);
        put_all(self.enqueuers.iter(), &mut bytes);
        let forgetful = flaw::is_on(Flaw::QuorumSnapshotDropsCheckedOut);
        let consumers = if forgetful { &[][..] } else { &self.consumers };
        put_all(consumers.iter(), &mut bytes);
        put_all(self.waiting.iter(), &mut bytes);
        put_all(self.service.iter(), &mut bytes);
        self.dead.put(&mut bytes);
        bytes.into()
    }

    /// `None`: the bytes are not a snapshot of a quorum queue.
    #[must_use]
    pub fn decode(config: Config, bytes: Bytes) -> Option<Self> {
        let mut bytes = bytes;
        let r = &mut bytes;
        let machine = Self {
            config,
            ready: Coded::get(r)?,
            enqueuers: get_all(r)?,
            consumers: get_all::<Consumer, _>(r)?,
            waiting: get_all(r)?,
            service: get_all(r)?,
            dead: Coded::get(r)?,
            reclaimable: 0,
        };
        bytes.is_empty().then_some(machine)
    }
}

impl Coded for Enqueuer {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.session.put(bytes);
        self.next.put(bytes);
        self.blocked.put(bytes);
    }

    fn get(r: &mut impl Buf) -> Option<Self> {
        Some(Self { session: Session::get(r)?, next: u64::get(r)?, blocked: bool::get(r)? })
    }
}
