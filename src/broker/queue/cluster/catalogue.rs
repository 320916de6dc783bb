//! What the whole cluster knows: queues, exchanges, bindings. A declaration that
//! is news becomes a command, which every node carries out in the same order;
//! the node the client is connected to answers when it has done so itself.
//!
//! A classic queue is placed on the node that its declaring client is connected
//! to (`queue_leader_locator`: `client-local`, the default).

use std::sync::Arc;

use super::Place;
use super::command::Command;
use crate::broker::queue::QueueBroker;
use crate::broker::queue::classic::Queue;
use crate::broker::queue::exchange::Binding;
use crate::broker::queue::quorum::is_lawful;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, ExchangeKind, Method, code};
use crate::time::Time;

/// A client's declaration that waits to become true.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub request: u32,
    pub channel: u32,
    pub generation: u32,
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
            Method::ExchangeDeclare { exchange, kind, durable, alternate } => {
                self.exchange_standing(*exchange, *kind, *durable, *alternate)
            }
            Method::QueueBind { queue, exchange, key } => self.binding_standing(*queue, *exchange, *key),
            _ => return,
        };
        match standing {
            Standing::Answer(answer) => self.send(slot, answer, None, out),
            Standing::Refuse(code) => self.fail_channel(slot, code, now, out),
            Standing::Wait => self.wait_for_home(slot, method, now),
            Standing::Propose(command) => {
                let generation = self.channels[slot].generation;
                let until = now + super::PROPOSAL_PATIENCE;
                let request = self.propose(command, now, out);
                self.cluster.pending.push(Pending { request, channel: slot, generation, method, until });
                if flaw::is_on(Flaw::MetadataWithoutMajority) {
                    self.request_done(request, now, out);
                }
            }
        }
    }

    fn queue_standing(&self, queue: Name, durable: bool, arguments: &Arc<Arguments>) -> Standing {
        let Some(index) = self.queues.find(queue) else {
            if !is_lawful(durable, arguments) {
                return Standing::Refuse(code::PRECONDITION_FAILED);
            }
            return Standing::Propose(Command::Queue { queue, durable, arguments: Arc::clone(arguments) });
        };
        let it = &self.queues.list[index as usize];
        match it.place {
            _ if it.durable != durable || it.arguments != *arguments => Standing::Refuse(code::PRECONDITION_FAILED),
            Place::At(node) if !self.cluster.serves(node) => Standing::Wait,
            Place::Here | Place::Quorum | Place::At(_) => Standing::Answer(Method::QueueDeclareOk { queue }),
        }
    }

    fn exchange_standing(
        &self,
        exchange: Name,
        kind: ExchangeKind,
        durable: bool,
        alternate: Option<Name>,
    ) -> Standing {
        if exchange == Name::EMPTY {
            return Standing::Refuse(code::ACCESS_REFUSED);
        }
        match self.exchanges.find(exchange) {
            None => Standing::Propose(Command::Exchange { exchange, kind, durable, alternate }),
            Some(it) if (it.kind, it.durable, it.alternate) != (kind, durable, alternate) => {
                Standing::Refuse(code::PRECONDITION_FAILED)
            }
            Some(_) => Standing::Answer(Method::ExchangeDeclareOk),
        }
    }

    fn binding_standing(&self, queue: Name, exchange: Name, key: Name) -> Standing {
        if exchange == Name::EMPTY {
            return Standing::Refuse(code::ACCESS_REFUSED);
        }
        let (Some(index), Some(it)) = (self.queues.find(queue), self.exchanges.find(exchange)) else {
            return Standing::Refuse(code::NOT_FOUND);
        };
        if it.is_bound(key, index) {
            Standing::Answer(Method::QueueBindOk)
        } else {
            Standing::Propose(Command::Binding { queue, exchange, key })
        }
    }

    /// Carries out a command, as every node does, in the same order.
    pub(super) fn apply(&mut self, origin: NodeId, started: Time, command: Command, now: Time, out: &mut Outputs) {
        match command {
            Command::Queue { queue, durable, arguments } => {
                if self.queues.find(queue).is_none() {
                    let place = self.place_for(origin);
                    let index = self.queues.add(queue, durable, &arguments);
                    let it = &mut self.queues.list[index as usize];
                    it.home_started = started;
                    it.stored = true;
                    if it.place == Place::Quorum {
                        let again = !self.is_ready();
                        self.found_quorum_queue(queue, &arguments, origin, again, now, out);
                    } else {
                        it.place = place;
                    }
                }
            }
            Command::Exchange { exchange, kind, durable, alternate } => {
                self.exchanges.add(exchange, kind, durable, alternate);
            }
            Command::Binding { queue, exchange, key } => {
                if let (Some(queue), Some(exchange)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) {
                    exchange.bind(Binding { key, queue, stored: true });
                }
            }
            Command::Delete { queue } => {
                if let Some(index) = self.queues.find(queue) {
                    self.forget_queue(index, now, out);
                }
            }
            Command::Forget => {
                let place = self.place_for(origin);
                let died = |queue: &Queue| !queue.durable && queue.place == place && queue.home_started != started;
                let gone: Vec<Name> = self.queues.alive().filter(|it| died(it)).map(|it| it.name).collect();
                for index in gone.into_iter().filter_map(|name| self.queues.find(name)).collect::<Vec<_>>() {
                    self.forget_queue(index, now, out);
                }
                self.ask_again(now, out);
            }
        }
    }

    /// A queue is gone, with its bindings; its consumers are told.
    fn forget_queue(&mut self, index: u32, now: Time, out: &mut Outputs) {
        let it = &mut self.queues.list[index as usize];
        it.deleted = true;
        let name = it.name;
        self.forget_quorum_queue(name, now, out);
        self.exchanges.unbind(index);
        for slot in self.channels.open_slots() {
            let consumers: Vec<u16> = self.channels[slot].consumers_where(|queue| queue == index).collect();
            for tag in consumers {
                self.cancel_for_client(slot, tag, out);
            }
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
