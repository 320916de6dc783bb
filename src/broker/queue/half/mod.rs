//! Half messages: RocketMQ's transactional message, on this broker's log. No
//! RabbitMQ has them.
//!
//! A producer that must commit something of its own *and* tell others sends its
//! message first, as a half: the broker stores it in an internal queue where no
//! consumer sees it, and confirms it. The producer then runs its local
//! transaction and says how that ended: commit, and the message goes to the queue
//! it was meant for; rollback, and it is dropped. That word is sent one way, and
//! whoever sent it may die first. So the broker asks back: a half about which
//! nothing was heard is looked at every 30 s, and the producer answers out of its
//! own database.
//!
//! What that makes certain is that the message goes out if, and only if, the
//! local transaction was committed: at least once, and perhaps half a minute
//! late. It says nothing of what a consumer makes of it.
//!
//! A half that has ended is not taken out at once: its mark waits with others for
//! up to 3 s and is then written with them. A broker that dies before has moved
//! the message and forgotten that it did: it finds the half, asks, is told to
//! commit, and moves it again. A word that comes twice within that time moves it
//! twice, too.
//!
//! One that nobody would tell about is put aside in a second internal queue. In
//! RocketMQ the two are topics, `RMQ_SYS_TRANS_HALF_TOPIC` and
//! `TRANS_CHECK_MAX_TIME_TOPIC`; here the lab names them.
//!
//! - `envelope`: what is stored of a half; `keep`: storing it, and finding it again.
//! - `verdict`: how halves end; `check`: asking about those that do not.
//!
//! Source: apache/rocketmq, August 2026: `TransactionalMessageServiceImpl`,
//! `EndTransactionProcessor`, `TransactionalOpBatchService`, `BrokerConfig`. Left
//! out: halves on a cluster, a time of their own for single messages
//! (`CHECK_IMMUNITY_TIME_IN_SECONDS`), producer groups (every registered producer
//! is of one group), and that a late word finds its half for as long as the log is
//! kept (here until it is marked).

mod check;
mod envelope;
mod keep;
mod verdict;

use std::collections::BTreeMap;

use super::entry::EntryIndex;
use crate::event::CopyId;
use crate::node::TimerId;
use crate::time::Time;

/// Halves are looked at.
pub(super) const CHECK: TimerId = TimerId(5);
/// Those that have ended are marked.
pub(super) const MARK: TimerId = TimerId(6);

/// A half that is in its queue.
#[derive(Clone, Copy, Debug)]
struct Half {
    entry: EntryIndex,
    born: Time,
    /// How often its producer was asked.
    checks: u8,
    /// Committed or rolled back, and not marked yet.
    ended: bool,
}

/// What this process knows of halves. All of it can be read back from their queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Halves {
    kept: BTreeMap<CopyId, Half>,
    /// How many of them have not ended.
    open: usize,
    /// Those that have, in order.
    ended: Vec<CopyId>,
    /// When the next look is, and whether a timer is set, perhaps as housekeeping.
    next_check: Time,
    alarm: Option<(Time, bool)>,
    mark_timer_set: bool,
    /// The channels of producers that can be asked, and whose turn it is.
    producers: Vec<(u32, u32)>,
    turn: usize,
}
