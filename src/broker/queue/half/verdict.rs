//! How halves end. A commit passes the message on at once, to the queues that its
//! exchange finds for it now; nobody waits for it there, as its publisher was told
//! long ago. A rollback drops it. Either way the half stays in its queue until it
//! is marked, with all others that ended within 3 s (`transactionOpBatchInterval`);
//! on this log a mark is the record that settles it.

use bytes::Bytes;

use super::envelope::Envelope;
use super::{Half, MARK};
use crate::broker::queue::QueueBroker;
use crate::event::{CopyId, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::queue::{Publish, Verdict};
use crate::time::{Span, Time};

/// How long marks are collected.
const MARKS_TOGETHER: Span = Span::from_secs(3);

impl QueueBroker {
    /// A producer says how the transaction of a half ended. If the half is not
    /// there, it is marked already, or was never stored.
    pub(in crate::broker::queue) fn end_transaction(
        &mut self,
        slot: u32,
        copy: CopyId,
        verdict: Verdict,
        now: Time,
        out: &mut Outputs,
    ) {
        let Some(half) = self.halves.kept.get(&copy).copied() else { return };
        if verdict == Verdict::Unknown {
            return;
        }
        if !self.is_there(copy, half) {
            return self.take_half_out(copy, now, out);
        }
        match verdict {
            Verdict::Commit => self.release(slot, copy, half, now, out),
            Verdict::Rollback | Verdict::Unknown => out.note(Kind::Dropped(Reason::RolledBack), Some(copy)),
        }
        if !half.ended {
            self.halves.kept.insert(copy, Half { ended: true, ..half });
            self.halves.open -= 1;
            self.halves.ended.push(copy);
        }
        if !self.halves.mark_timer_set {
            self.halves.mark_timer_set = true;
            out.set_periodic_timer(MARK, now + MARKS_TOGETHER);
        }
        self.arm_check(out);
    }

    /// The half becomes a message.
    fn release(&mut self, slot: u32, copy: CopyId, half: Half, now: Time, out: &mut Outputs) {
        let sealed: Bytes = self.entries.payload(half.entry);
        let Some(Envelope { exchange, key, payload, .. }) = Envelope::open(&sealed) else { return };
        let properties = self.entries.particulars(half.entry).and_then(|it| it.properties.clone());
        let publish = Publish { exchange, key, copy, mandatory: false, persistent: true, properties, payload };
        let mut routes = std::mem::take(&mut self.channels.routes);
        if self.route(&publish, &mut routes) {
            self.take_in(slot, publish, &routes, None, now, out);
        } else {
            out.note(Kind::Dropped(Reason::Unroutable), Some(copy));
        }
        self.channels.routes = routes;
    }

    /// Marks what has ended.
    pub(in crate::broker::queue) fn mark_halves(&mut self, now: Time, out: &mut Outputs) {
        self.halves.mark_timer_set = false;
        let mut ended = std::mem::take(&mut self.halves.ended);
        for copy in ended.drain(..) {
            self.take_half_out(copy, now, out);
        }
        self.halves.ended = ended;
        self.arm_check(out);
    }
}
