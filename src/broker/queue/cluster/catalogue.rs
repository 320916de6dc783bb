//! What the whole cluster knows: queues, exchanges, bindings. A declaration that
//! is news becomes a command, which every node carries out in the same order;
//! the node the client is connected to answers when it has done so itself.
//!
//! A classic queue is placed on the node that its declaring client is connected
//! to (`queue_leader_locator`: `client-local`, the default).

use std::sync::Arc;

use super::command::Command;
use super::{Mirrored, Place};
use crate::broker::queue::QueueBroker;
use crate::broker::queue::classic::Queue;
use crate::broker::queue::exchange::Binding;
use crate::broker::queue::matching;
use crate::broker::queue::quorum::is_lawful;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, ExchangeKind, Method, QueueKind, code};
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

/// Whether a method changes what the whole cluster knows.
pub(in crate::broker::queue) const fn is_declaration(method: &Method) -> bool {
    matches!(
        method,
        Method::QueueDeclare { .. }
            | Method::QueueDelete { .. }
            | Method::ExchangeDeclare { .. }
            | Method::QueueBind { .. }
    )
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
            Method::QueueDeclare { queue, durable, arguments } => {
                self.queue_standing(slot, *queue, *durable, arguments)
            }
            Method::QueueDelete { queue } => self.deletion_standing(slot, *queue),
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

    fn queue_standing(&mut self, slot: u32, queue: Name, durable: bool, arguments: &Arc<Arguments>) -> Standing {
        let Some(index) = self.queues.find(queue) else {
            if !is_lawful(durable, arguments) {
                return Standing::Refuse(code::PRECONDITION_FAILED);
            }
            return Standing::Propose(Command::Queue { queue, durable, arguments: Arc::clone(arguments) });
        };
        if self.is_locked(slot, index) {
            return Standing::Refuse(code::RESOURCE_LOCKED);
        }
        let connection = self.channels[slot].connection;
        let serving = self.cluster.serving();
        let it = &mut self.queues.list[index as usize];
        match it.place {
            _ if it.durable != durable || it.arguments != *arguments => Standing::Refuse(code::PRECONDITION_FAILED),
            // Whoever uses it from another node is refused there.
            Place::At(_) if it.arguments.exclusive => Standing::Refuse(code::RESOURCE_LOCKED),
            Place::At(node) if !self.cluster.serves(node) => Standing::Wait,
            place if it.mirrored.as_mut().is_some_and(|it| !it.has_gathered(place, serving)) => Standing::Wait,
            Place::Here if it.arguments.exclusive => {
                it.owner = Some(connection);
                Standing::Answer(Method::QueueDeclareOk { queue })
            }
            Place::Here | Place::Quorum | Place::At(_) => Standing::Answer(Method::QueueDeclareOk { queue }),
        }
    }

    fn deletion_standing(&self, slot: u32, queue: Name) -> Standing {
        match self.queues.find(queue) {
            // Deleting what is not there is no error.
            None => Standing::Answer(Method::QueueDeleteOk),
            Some(index) if self.is_locked(slot, index) => Standing::Refuse(code::RESOURCE_LOCKED),
            Some(_) => Standing::Propose(Command::Delete { queue }),
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
        let is_weight = matching::weight(self.options.text(key)).is_some();
        if it.kind == ExchangeKind::ConsistentHash && !is_weight {
            Standing::Refuse(code::PRECONDITION_FAILED)
        } else if it.is_bound(key, index) {
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
                    let place = self.cluster.place_of(origin);
                    let index = self.queues.add(queue, durable, &arguments);
                    let it = &mut self.queues.list[index as usize];
                    it.home_started = started;
                    it.used_at = now;
                    it.mirrored = (arguments.kind == QueueKind::Mirrored)
                        .then(|| Box::new(Mirrored::led_by(origin, self.cluster.boot.is_done())));
                    it.stored = true;
                    if it.place == Place::Quorum {
                        let again = !self.is_ready();
                        self.found_quorum_queue(queue, &arguments, origin, again, now, out);
                    } else {
                        it.place = place;
                        self.queues.touch(index);
                        self.join_masters(out);
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
            Command::Moved { queue } => self.master_moved(queue, origin),
            Command::Delete { queue } => {
                if let Some(index) = self.queues.find(queue) {
                    self.forget_queue(index, now, out);
                }
            }
            Command::Forget => {
                let place = self.cluster.place_of(origin);
                let is_mortal = |queue: &Queue| !queue.durable || queue.arguments.exclusive;
                let died = |it: &Queue| is_mortal(it) && it.place == place && it.home_started != started;
                let gone: Vec<Name> = self.queues.alive().filter(|it| died(it)).map(|it| it.name).collect();
                for index in gone.into_iter().filter_map(|name| self.queues.find(name)).collect::<Vec<_>>() {
                    self.forget_queue(index, now, out);
                }
                self.ask_again(now, out);
            }
        }
    }

    /// What the log says of masters counts for a node that starts, or that has
    /// lost its master from sight; the others have heard it from the masters.
    fn master_moved(&mut self, queue: Name, origin: NodeId) {
        let Some(index) = self.queues.find(queue) else { return };
        let place = self.queues.list[index as usize].place;
        let is_out_of_sight =
            origin != self.cluster.me && matches!(place, Place::At(master) if !self.cluster.serves(master));
        if !self.cluster.boot.is_done() || is_out_of_sight {
            self.queues.list[index as usize].place = self.cluster.place_of(origin);
        }
    }

    /// A queue is gone, with all that is in it and its bindings; its consumers are
    /// told by the node they are connected to.
    fn forget_queue(&mut self, index: u32, now: Time, out: &mut Outputs) {
        self.empty_queue(index, now, out);
        for slot in self.channels.open_slots() {
            let consumers = self.channels[slot].consumers.iter().filter(|consumer| consumer.queue == index);
            for tag in consumers.map(|consumer| consumer.tag).collect::<Vec<_>>() {
                self.cancel_for_client(slot, tag, out);
            }
        }
    }

    /// This node deleted a queue of its own accord; the others are to know.
    pub(in crate::broker::queue) fn propose_deletion(&mut self, queue: u32, now: Time, out: &mut Outputs) {
        let queue = self.queues.list[queue as usize].name;
        self.propose(Command::Delete { queue }, now, out);
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
