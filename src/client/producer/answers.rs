//! What a producer does with the broker's answers, and with their absence.

use crate::event::{Answer, Closed, CopyId, Kind, Reason};
use crate::node::Outputs;
use crate::protocol::queue::Method;
use crate::random::Purpose;
use crate::time::{Span, Time};

use super::window::Held;
use super::{CONFIRM, Confirms, Producer, RESEND};

/// The back-off after a nack: this, doubled per attempt up to a limit, of which
/// at least half is waited.
const BACK_OFF: Span = Span::from_millis(100);
const BACK_OFF_DOUBLINGS: u32 = 5;

impl Producer {
    pub(super) fn hear(&mut self, now: Time, method: Method, out: &mut Outputs) {
        match method {
            Method::Confirm { tag, multiple } => self.answered(now, tag, multiple, true, out),
            Method::ConfirmNack { tag, multiple } => self.answered(now, tag, multiple, false, out),
            Method::TxCommitOk => self.answered(now, 0, true, true, out),
            Method::CheckTransaction { copy } => self.asked_back(now, copy, out),
            Method::Return { copy, .. } => self.returned(copy, out),
            Method::Blocked if !self.blocked => {
                self.blocked = true;
                out.note(Kind::Blocked, None);
            }
            Method::Unblocked if self.blocked => {
                self.blocked = false;
                self.unblocked_at = now;
                out.note(Kind::Unblocked, None);
                self.publish(now, out);
            }
            _ => {}
        }
    }

    /// A confirm or a nack, of one publish or of all up to it.
    fn answered(&mut self, now: Time, tag: u64, multiple: bool, positive: bool, out: &mut Outputs) {
        for tag in self.window.covered(tag, multiple) {
            let Some(slot) = self.window.settle(tag) else { continue };
            if self.relays() {
                // The row is still there: marked now, or found again.
                if positive && !slot.returned {
                    self.mark_sent(now, slot.held, out);
                } else {
                    self.wake_relay(now, out);
                }
            } else if positive && self.sends_halves() {
                self.half_confirmed(now, slot.held, out);
            } else if positive && !slot.returned {
                self.tell(self.copy(slot.held), Answer::Ok, out);
            } else if positive || !self.options.resend {
                self.tell_failure(slot.held, out);
            } else {
                self.send_later(now, slot.held, out);
            }
        }
        self.window.trim();
        self.publish(now, out);
    }

    /// An unroutable message came back. With confirms its acknowledgement is
    /// still to come; without, this is all there will be.
    fn returned(&mut self, copy: CopyId, out: &mut Outputs) {
        if self.options.confirms == Confirms::Off {
            if !self.relays() {
                self.tell(copy, Answer::Refused, out);
            }
            return;
        }
        let workload = &self.options.workload;
        self.window.mark_returned(|held| {
            held.attempt == copy.attempt && workload.message(held.index as usize) == copy.message
        });
    }

    /// Sends a nacked message again after a back-off.
    fn send_later(&mut self, now: Time, held: Held, out: &mut Outputs) {
        let Some(again) = self.again(held, held.unanswered, out) else { return };
        let limit = BACK_OFF.times(1 << u32::from(held.attempt - 1).min(BACK_OFF_DOUBLINGS));
        let message = self.copy(held).message;
        let draw = self.options.seed.draw(Purpose::RetryBackOff).by(u64::from(message.0)).by(held.attempt.into());
        let due = now + draw.span(Span::from_nanos(limit.as_nanos() / 2), limit);
        let place = self.later.partition_point(|(other, _)| *other <= due);
        self.later.insert(place, (due, again));
        out.set_timer(RESEND, self.later[0].0);
    }

    /// Back-offs are over.
    pub(super) fn resend_due(&mut self, now: Time, out: &mut Outputs) {
        let due = self.later.partition_point(|(due, _)| *due <= now);
        for (_, held) in self.later.drain(..due).rev() {
            self.waiting.push_front(held);
        }
        if let Some((due, _)) = self.later.front() {
            out.set_timer(RESEND, *due);
        }
        self.publish(now, out);
    }

    /// Has the oldest unanswered publish waited too long?
    pub(super) fn confirms_due(&mut self, now: Time, out: &mut Outputs) {
        self.confirm_timer_set = false;
        let Some(oldest) = self.window.oldest() else { return };
        let mut due = oldest.max(self.unblocked_at) + self.options.confirm_timeout;
        if self.blocked {
            due = now + self.options.confirm_timeout;
        } else if due <= now {
            self.session.abandon(now, Closed::Orderly, out);
            self.lost(now, out);
            return;
        }
        self.confirm_timer_set = true;
        out.set_timer(CONFIRM, due);
    }

    /// The channel is lost, and with it every answer that was still to come.
    pub(super) fn lost(&mut self, now: Time, out: &mut Outputs) {
        self.greeted = true;
        self.blocked = false;
        if self.relays() {
            self.window.clear();
            self.waiting.clear();
            self.wake_relay(now, out);
            return;
        }
        let before = self.waiting.len();
        while let Some(slot) = self.window.pop() {
            if self.options.resend && !slot.returned {
                if let Some(again) = self.again(slot.held, true, out) {
                    self.waiting.push_back(again);
                }
            } else {
                let unanswered = slot.held.unanswered || !slot.returned;
                self.tell_failure(Held { unanswered, ..slot.held }, out);
            }
        }
        // What was sent first goes out first again.
        self.waiting.rotate_left(before);
        self.publish(now, out);
    }

    /// The next attempt, if there may be one.
    fn again(&mut self, held: Held, unanswered: bool, out: &mut Outputs) -> Option<Held> {
        let held = Held { unanswered, ..held };
        if held.attempt < self.options.attempts_at_most {
            return Some(Held { attempt: held.attempt + 1, ..held });
        }
        self.tell_failure(held, out);
        out.note(Kind::Dropped(Reason::GaveUp), Some(self.copy(held)));
        None
    }

    /// The matter ends without an acknowledgement. One unanswered send is enough
    /// to leave it open what became of the message.
    fn tell_failure(&mut self, held: Held, out: &mut Outputs) {
        let answer = if held.unanswered { Answer::Unknown } else { Answer::Refused };
        self.tell(self.copy(held), answer, out);
    }

    pub(super) fn tell(&mut self, copy: CopyId, answer: Answer, out: &mut Outputs) {
        match answer {
            Answer::Ok => self.told.ok += 1,
            Answer::Refused => self.told.refused += 1,
            Answer::Unknown => self.told.unknown += 1,
        }
        out.note(Kind::Told(answer), Some(copy));
    }
}
