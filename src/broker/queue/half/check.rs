//! Asking back. Every 30 s the broker looks at its halves; one that is older than
//! 6 s and not marked is asked about, which any registered producer may answer. It
//! is written to its queue anew with one more question counted, so that the count
//! outlives a restart. One that was asked about 15 times is put aside, in a queue
//! that only people look into.
//!
//! The numbers are the defaults of `BrokerConfig`: `transactionCheckInterval`,
//! `transactionTimeOut`, `transactionCheckMax`. A question that nobody is there to
//! hear counts as well. The real question brings the whole message along; here the
//! copy names the fact.

use super::envelope::Envelope;
use super::{CHECK, Half};
use crate::broker::queue::QueueBroker;
use crate::event::{CopyId, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::queue::Method;
use crate::random::Purpose;
use crate::time::{Span, Time};

/// How often halves are looked at.
pub(super) const EVERY: Span = Span::from_secs(30);
/// A half this young is left alone: its transaction may be under way.
const IMMUNE: Span = Span::from_secs(6);
/// How often its producer is asked at most.
const MOST: u8 = 15;

impl QueueBroker {
    /// The process began. A run begins somewhere in a broker's life, so its first
    /// look is drawn; after a restart it is a whole interval away.
    pub(super) fn begin_checks(&mut self, now: Time) {
        let first = self.options.seed.draw(Purpose::HalfCheck).span(Span::ZERO, EVERY);
        self.halves.next_check = now + if now == Time::ZERO { first } else { EVERY };
    }

    /// Sees to it that the next look comes. While a half is open, that is no
    /// housekeeping: something is still to be done about it.
    pub(super) fn arm_check(&mut self, out: &mut Outputs) {
        let halves = &mut self.halves;
        let wanted = (!halves.kept.is_empty()).then_some((halves.next_check, halves.open == 0));
        if wanted == halves.alarm {
            return;
        }
        halves.alarm = wanted;
        match wanted {
            None => out.cancel_timer(CHECK),
            Some((at, true)) => out.set_periodic_timer(CHECK, at),
            Some((at, false)) => out.set_timer(CHECK, at),
        }
    }

    /// The time of the next look, which may have passed while there was nothing to
    /// look at.
    pub(super) fn catch_up(&mut self, now: Time) {
        while self.halves.next_check <= now {
            self.halves.next_check += EVERY;
        }
    }

    /// It is time to look.
    pub(in crate::broker::queue) fn check_halves(&mut self, now: Time, out: &mut Outputs) {
        self.halves.alarm = None;
        self.catch_up(now);
        let due = self.halves.kept.iter().filter(|(_, half)| now.since(half.born) > IMMUNE);
        let due: Vec<(CopyId, Half)> = due.map(|(copy, half)| (*copy, *half)).collect();
        for (copy, half) in due {
            if !self.is_there(copy, half) {
                self.take_half_out(copy, now, out);
            } else if half.checks >= MOST {
                self.put_aside(copy, half, now, out);
            } else {
                self.ask_back(copy, half, now, out);
            }
        }
        self.arm_check(out);
    }

    fn ask_back(&mut self, copy: CopyId, half: Half, now: Time, out: &mut Outputs) {
        let sealed = self.entries.payload(half.entry);
        let Some(envelope) = Envelope::open(&sealed) else { return self.take_half_out(copy, now, out) };
        let queue = self.entries[half.entry].queue;
        let particulars = self.entries.particulars(half.entry).cloned();
        // First written anew, then taken out: a crash in between leaves both or one.
        let checks = half.checks + 1;
        let entry = self.store_half(queue, copy, &Envelope { checks, ..envelope }, None, now);
        if let Some(particulars) = particulars {
            self.entries.set_particulars(entry, particulars);
        }
        self.take_half_out(copy, now, out);
        self.halves.ended.retain(|ended| *ended != copy);
        self.know_half(copy, Half { entry, checks, ended: false, ..half });
        if let Some(slot) = self.producer_in_turn() {
            out.note(Kind::CheckedBack, Some(copy));
            self.send(slot, Method::CheckTransaction { copy }, Some(copy), out);
        }
    }

    fn producer_in_turn(&mut self) -> Option<u32> {
        let channels = &self.channels;
        let halves = &mut self.halves;
        halves.producers.retain(|(slot, generation)| channels.is_alive(*slot, *generation));
        halves.turn += 1;
        let at = halves.turn.checked_rem(halves.producers.len())?;
        Some(halves.producers[at].0)
    }

    fn put_aside(&mut self, copy: CopyId, half: Half, now: Time, out: &mut Outputs) {
        if let Some(envelope) = Envelope::open(&self.entries.payload(half.entry)) {
            let aside = self.queue_aside(out);
            self.store_half(aside, copy, &envelope, None, now);
        }
        out.note(Kind::Dropped(Reason::CheckedTooOften), Some(copy));
        self.halves.ended.retain(|ended| *ended != copy);
        self.take_half_out(copy, now, out);
    }
}
