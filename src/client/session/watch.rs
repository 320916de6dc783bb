//! Keeping watch: whether the peer is alive, and whether it knows that we are.

use super::{Session, Signal, Stage};
use crate::event::Closed;
use crate::node::Outputs;
use crate::protocol::queue::Method;
use crate::time::{Span, Time};

impl Session {
    /// The watch timer fired: is the peer alive, and does it know that we are?
    pub(super) fn keep_watch(&mut self, now: Time, out: &mut Outputs) -> Signal {
        match self.stage {
            Stage::Down => return Signal::None,
            Stage::Connection | Stage::Channel | Stage::Script(_) => {
                if now < self.watch_at {
                    return Signal::None;
                }
                self.abandon(now, Closed::Unanswered, out);
                return Signal::Lost;
            }
            Stage::Ready | Stage::Refused => {}
        }
        if now.since(self.watch_at) > self.half_heartbeat() {
            // This process stood still. It reads what came in before it judges.
            self.set_watch(now, out);
            return Signal::None;
        }
        if now.since(self.heard) >= self.heartbeat.times(2) {
            self.abandon(now, Closed::HeartbeatMissed, out);
            return Signal::Lost;
        }
        if now.since(self.said) >= self.half_heartbeat() {
            self.say(now, Method::Heartbeat, None, out);
        }
        self.set_watch(now, out);
        Signal::None
    }

    pub(super) fn set_watch(&mut self, now: Time, out: &mut Outputs) {
        if self.heartbeat.is_zero() {
            out.cancel_timer(self.watch);
            return;
        }
        self.watch_at = now + self.half_heartbeat();
        if self.settled {
            out.set_periodic_timer(self.watch, self.watch_at);
        } else {
            out.set_timer(self.watch, self.watch_at);
        }
    }

    fn half_heartbeat(&self) -> Span {
        Span::from_nanos((self.heartbeat.as_nanos() / 2).max(1))
    }

    /// Something other than a heartbeat passed, so whether the peer lives is open again.
    pub(super) fn do_business(&mut self, now: Time, out: &mut Outputs) {
        self.business = now;
        if self.settled {
            self.settled = false;
            if !self.heartbeat.is_zero() {
                out.set_timer(self.watch, self.watch_at);
            }
        }
    }
}
