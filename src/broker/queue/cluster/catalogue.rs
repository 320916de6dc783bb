//! What the whole cluster knows: queues, exchanges, bindings. A declaration that
//! is news becomes a command, which every node carries out in the same order;
//! the node the client is connected to answers when it has done so itself.
//!
//! A classic queue is placed on the node that its declaring client is connected
//! to (`queue_leader_locator`: `client-local`, the default).

use std::sync::Arc;

use super::command::Command;
use super::{Cluster, Place};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::channel::ACCESS_REFUSED;
use crate::broker::queue::exchange::Binding;
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, ExchangeKind, Method, code};
use crate::time::Time;

/// A client's declaration that waits to become true.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub request: u32,
    channel: u32,
    generation: u32,
    method: Method,
    pub until: Time,
}

/// What there is to do about a declaration.
enum Standing {
    /// It is true already.
    Answer(Method),
    Refuse(u16),
    /// The node that has the queue is down.
    Wait,
    Propose(Command),
}

impl QueueBroker {
    /// A client of a cluster declares something.
    pub(in crate::broker::queue) fn declare_in_cluster(
        &mut self,
        slot: u32,
        method: Method,
        now: Time,
        out: &mut Outputs,
    ) {
        let standing = match &method {
            Method::QueueDeclare { queue, durable, arguments } => self.queue_standing(*queue, *durable, arguments),
            Method::ExchangeDeclare { exchange, kind, durable } => self.exchange_standing(*exchange, *kind, *durable),
            Method::QueueBind { queue, exchange, key } => self.binding_standing(*queue, *exchange, *key),
            _ => return,
        };
        match standing {
            Standing::Answer(answer) => self.send(slot, answer, None, out),
            Standing::Refuse(code) => self.fail_channel(slot, code, now, out),
            Standing::Wait => self.wait_for_home(slot, method, now),
            Standing::Propose(command) => {
                let generation = self.channels[slot].generation;
                let request = self.cluster.next_request();
                let until = now + super::PROPOSAL_PATIENCE;
                self.cluster.pending.push(Pending { request, channel: slot, generation, method, until });
                self.propose(request, command, now, out);
            }
        }
    }

    fn queue_standing(&self, queue: Name, durable: bool, arguments: &Arc<Arguments>) -> Standing {
        let Some(index) = self.queues.find(queue) else {
            let home = self.cluster.me;
            return Standing::Propose(Command::Queue { queue, durable, home, arguments: Arc::clone(arguments) });
        };
        let it = &self.queues.list[index as usize];
        match it.place {
            _ if it.durable != durable => Standing::Refuse(code::PRECONDITION_FAILED),
            Place::At(node) if !self.cluster.serves(node) => Standing::Wait,
            Place::Here | Place::At(_) => Standing::Answer(Method::QueueDeclareOk { queue }),
        }
    }

    fn exchange_standing(&self, exchange: Name, kind: ExchangeKind, durable: bool) -> Standing {
        if exchange == Name::EMPTY {
            return Standing::Refuse(ACCESS_REFUSED);
        }
        match self.exchanges.find(exchange) {
            None => Standing::Propose(Command::Exchange { exchange, kind, durable }),
            Some(it) if it.durable != durable => Standing::Refuse(code::PRECONDITION_FAILED),
            Some(_) => Standing::Answer(Method::ExchangeDeclareOk),
        }
    }

    fn binding_standing(&self, queue: Name, exchange: Name, key: Name) -> Standing {
        if exchange == Name::EMPTY {
            return Standing::Refuse(ACCESS_REFUSED);
        }
        let (Some(index), Some(it)) = (self.queues.find(queue), self.exchanges.find(exchange)) else {
            return Standing::Refuse(code::NOT_FOUND);
        };
        if it.bindings.iter().any(|binding| (binding.key, binding.queue) == (key, index)) {
            Standing::Answer(Method::QueueBindOk)
        } else {
            Standing::Propose(Command::Binding { queue, exchange, key })
        }
    }

    fn propose(&mut self, request: u32, command: Command, now: Time, out: &mut Outputs) {
        for connection in self.cluster.peers.iter().filter_map(|peer| peer.connection()) {
            out.send(connection, crate::protocol::cluster::Message::Announce(command.encode().into()), None);
        }
        self.apply(command);
        self.request_done(request, now, out);
    }

    /// Carries out a command, as every node does, in the same order.
    pub(super) fn apply(&mut self, command: Command) {
        match command {
            Command::Queue { queue, durable, home, .. } => {
                if self.queues.find(queue).is_none() {
                    let index = self.queues.add(queue, durable);
                    let it = &mut self.queues.list[index as usize];
                    it.place = if home == self.cluster.me { Place::Here } else { Place::At(home) };
                    it.stored = true;
                }
            }
            Command::Exchange { exchange, durable, .. } => {
                self.exchanges.add(exchange, durable);
            }
            Command::Binding { queue, exchange, key } => {
                if let (Some(queue), Some(exchange)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) {
                    exchange.bind(Binding { key, queue, stored: true });
                }
            }
            Command::Forget { .. } => {}
        }
    }

    /// A command of this node was carried out: its client is answered, by what is
    /// now true.
    pub(super) fn request_done(&mut self, request: u32, now: Time, out: &mut Outputs) {
        let Some(at) = self.cluster.pending.iter().position(|pending| pending.request == request) else { return };
        let pending = self.cluster.pending.remove(at);
        if self.channels.is_alive(pending.channel, pending.generation) {
            self.declare_in_cluster(pending.channel, pending.method, now, out);
        }
    }
}

impl Cluster {
    fn next_request(&mut self) -> u32 {
        self.last_request += 1;
        self.last_request
    }
}
