//! Declaring queues, exchanges and bindings. Declaring again what is there is
//! fine; declaring it otherwise is an error.

use super::QueueBroker;
use super::channel::ACCESS_REFUSED;
use super::exchange::Binding;
use super::record::Declaration;
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Method, code};
use crate::time::Time;

impl QueueBroker {
    pub(super) fn declare_queue(&mut self, slot: u32, name: Name, durable: bool, now: Time, out: &mut Outputs) {
        let index = self.queues.add(name, durable);
        let queue = &self.queues.list[index as usize];
        if queue.durable != durable {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let record = (durable && !queue.stored).then_some(Declaration::Queue(name));
        self.declare(slot, record, Method::QueueDeclareOk { queue: name }, out);
    }

    pub(super) fn declare_exchange(&mut self, slot: u32, name: Name, durable: bool, now: Time, out: &mut Outputs) {
        if name == Name::EMPTY {
            return self.fail_channel(slot, ACCESS_REFUSED, now, out);
        }
        self.exchanges.add(name, durable);
        let Some(exchange) = self.exchanges.find(name) else { return };
        if exchange.durable != durable {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let record = (durable && !exchange.stored).then_some(Declaration::Exchange(name));
        self.declare(slot, record, Method::ExchangeDeclareOk, out);
    }

    pub(super) fn bind(&mut self, slot: u32, queue: Name, exchange: Name, key: Name, now: Time, out: &mut Outputs) {
        if exchange == Name::EMPTY {
            return self.fail_channel(slot, ACCESS_REFUSED, now, out);
        }
        let (Some(index), Some(it)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) else {
            return self.fail_channel(slot, code::NOT_FOUND, now, out);
        };
        // A binding is as durable as both its ends.
        let durable = it.durable && self.queues.list[index as usize].durable;
        let stored = it.bind(Binding { key, queue: index, stored: false }).stored;
        let record = (durable && !stored).then_some(Declaration::Binding { queue, exchange, key });
        self.declare(slot, record, Method::QueueBindOk, out);
    }

    /// Makes a declaration that was read back true again.
    pub(super) fn redeclare(&mut self, declaration: Declaration) {
        match declaration {
            Declaration::Queue(name) => {
                self.queues.add(name, true);
            }
            Declaration::Exchange(name) => self.exchanges.add(name, true),
            Declaration::Binding { queue, exchange, key } => {
                if let (Some(queue), Some(exchange)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) {
                    exchange.bind(Binding { key, queue, stored: true });
                }
            }
        }
        self.mark_stored(declaration);
    }

    pub(super) fn mark_stored(&mut self, declaration: Declaration) {
        match declaration {
            Declaration::Queue(name) => {
                if let Some(queue) = self.queues.find(name) {
                    self.queues.list[queue as usize].stored = true;
                }
            }
            Declaration::Exchange(name) => {
                if let Some(exchange) = self.exchanges.find_mut(name) {
                    exchange.stored = true;
                }
            }
            Declaration::Binding { queue, exchange, key } => self.mark_binding_stored(queue, exchange, key),
        }
    }

    fn mark_binding_stored(&mut self, queue: Name, exchange: Name, key: Name) {
        let Some(queue) = self.queues.find(queue) else { return };
        if let Some(binding) = self.exchanges.find_mut(exchange).and_then(|exchange| exchange.binding_mut(key, queue)) {
            binding.stored = true;
        }
    }
}
