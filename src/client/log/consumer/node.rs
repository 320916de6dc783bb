//! The consumer as a node: whose matter an input is, and how it shows itself.

use super::{BACKGROUND, LogConsumer, RESTART};
use crate::client::handler::Signal;
use crate::client::log::network::Happening;
use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::{Lane, LaneLabel, Picture, Place, Role};
use crate::time::Time;

impl Node for LogConsumer {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        let input = match input {
            Input::Start(_) => {
                self.begin(now);
                self.handler.start(now, out);
                return self.go_on(now, out);
            }
            Input::Timer(RESTART) => {
                self.begin(now);
                return self.go_on(now, out);
            }
            Input::Timer(BACKGROUND) => {
                self.armed = None;
                return self.go_on(now, out);
            }
            input => input,
        };
        let input = match self.handler.handle(now, input, out) {
            Ok(Signal::None) => return,
            Ok(signal) if self.options.share_group => {
                self.share_handled(now, signal, out);
                return self.go_on(now, out);
            }
            Ok(signal) => {
                self.handled(now, signal, out);
                return self.go_on(now, out);
            }
            Err(input) => input,
        };
        let input = match self.coordination.handle(now, input, out) {
            Ok(Happening::Answer(_, asked, message)) => {
                self.coordinated(now, &asked, message, out);
                return self.go_on(now, out);
            }
            Ok(Happening::Down(_, requests)) => {
                self.coordination_lost(now, requests.into_iter().map(|(_, _, asked)| asked));
                return self.go_on(now, out);
            }
            Ok(Happening::None | Happening::Up(_) | Happening::Metadata) => return self.go_on(now, out),
            Err(input) => input,
        };
        match self.cluster.handle(now, input, out) {
            Ok(Happening::Answer(_, asked, message)) => self.heard(now, asked, message, out),
            Ok(Happening::Down(_, requests)) => {
                requests.into_iter().for_each(|(_, _, asked)| self.unanswered(now, asked));
            }
            Ok(Happening::None | Happening::Up(_) | Happening::Metadata) | Err(_) => {}
        }
        self.go_on(now, out);
    }

    fn reset(&mut self) {
        self.cluster.reset();
        self.coordination.reset();
        self.handler.reset();
        self.forget();
    }

    /// The log has every record; for this group, those are only here that were
    /// committed before they were done.
    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.assigned.iter().flat_map(|assigned| assigned.tracker.at_risk()).for_each(visit);
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Consumer;
        let ahead = self.assigned.iter().map(|assigned| assigned.arrived.len()).sum::<usize>();
        let in_hand = self.handler.copies().count();
        picture.lanes.push(Lane {
            label: LaneLabel::Unsettled,
            ready: (self.waiting() + self.share.waiting.len() + ahead) as u64,
            unacked: in_hand as u64,
        });
        let waiting = self.lanes.iter().flatten().chain(&self.share.waiting).map(|delivery| delivery.copy);
        let ahead = self.assigned.iter().flat_map(|assigned| assigned.arrived.iter().map(|arrived| arrived.copy));
        for copy in self.handler.copies().chain(waiting).chain(ahead) {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.cluster.connected());
        for node in self.coordination.connected() {
            if !picture.peers.contains(&node) {
                picture.peers.push(node);
            }
        }
        picture.peers.extend(self.handler.peers());
    }
}
