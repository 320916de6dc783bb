//! The channel is lost and the connection is not: the broker refused something,
//! or ended the subscription. Either way the channel is opened again after the
//! link's pause, and the script played on it.

use super::{CHANNEL, HOPELESS, Session, Signal, Stage};
use crate::event::{Closed, Kind};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::queue::{Method, code};
use crate::time::Time;

impl Session {
    pub(super) fn channel_closed(&mut self, now: Time, code: u16, out: &mut Outputs) -> Signal {
        let Some(connection) = self.link.connection() else { return Signal::None };
        out.send(connection, Method::ChannelCloseOk.on(CHANNEL), None);
        out.note_with(Kind::Disconnected(Closed::Protocol(code)), None, u64::from(self.link.peer().0));
        self.said = now;
        self.stage = Stage::Refused;
        self.refusals += 1;
        let at = now + self.link.pause();
        if self.refusals < HOPELESS {
            out.set_timer(self.link.timer_id(), at);
        } else {
            out.set_periodic_timer(self.link.timer_id(), at);
        }
        self.settled = self.refusals >= HOPELESS;
        self.set_watch(now, out);
        Signal::Lost
    }

    /// The broker ended the subscription, as the node that has the queue is down.
    /// Like Spring's container, the client gives its channel up and subscribes
    /// anew on another, for as long as it takes.
    pub(super) fn cancelled(&mut self, now: Time, connection: ConnectionId, out: &mut Outputs) -> Signal {
        out.send(connection, Method::ChannelClose { code: code::OK }.on(CHANNEL), None);
        self.said = now;
        self.stage = Stage::Refused;
        out.set_timer(self.link.timer_id(), now + self.link.pause());
        self.settled = false;
        self.set_watch(now, out);
        Signal::Lost
    }
}
