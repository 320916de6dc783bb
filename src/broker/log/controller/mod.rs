//! The controller: who is alive, who leads which partition, who is in sync.
//!
//! One or three controllers keep the same metadata log (KRaft). The one that
//! leads it, and has carried out everything that earlier leaders wrote, is active:
//! brokers register with it, send it heartbeats and ask it for changes. It decides
//! on the state as it will be once everything it has written is committed, writes
//! its decision, and answers when that is committed; so nobody ever learns of a
//! decision that is later forgotten.
//!
//! - `election`: how a partition's state changes: who leads, who is in sync, who
//!   is eligible. Pure rules.
//! - `metadata`: the state the log amounts to. `codec`: its changes as bytes.
//! - `decide`: what the active controller decides: `brokers` come, go and fall
//!   silent; `partitions` are created, altered, balanced.
//! - `quorum`: the metadata log among the controllers. `link`: their connections.
//! - `desk`: brokers' requests, and answers that wait for a commit.
//! - `news`: committed changes on their way to brokers. `show`: pictures.
//!
//! The source of the rules is Kafka's `metadata` module (`QuorumController` and
//! its managers). Left out: combined mode, controlled shutdown, observers, moving
//! replicas, deleting topics, configurations that change during a run (an unclean
//! election that is enabled later), and standby controllers that refuse to start
//! for want of a formatted disk.

use crate::broker::log::Options;
use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::{Picture, Role};
use crate::time::Time;

/// One controller, in a process of its own.
#[derive(Clone, Debug)]
pub struct LogController {
    options: Options,
}

impl LogController {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options }
    }
}

impl Node for LogController {
    fn handle(&mut self, _: Time, _: Input, _: &mut Outputs) {}

    fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.options));
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Controller;
    }
}
