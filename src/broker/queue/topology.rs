//! Declaring queues, exchanges and bindings. Declaring again what is there is
//! fine; declaring it otherwise is an error (406).

use std::sync::Arc;

use super::QueueBroker;
use super::declaration::Declaration;
use super::exchange::Binding;
use super::matching;
use super::quorum::is_lawful;
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, ExchangeKind, Method, QueueKind, code};
use crate::time::Time;

impl QueueBroker {
    pub(super) fn declare_queue(
        &mut self,
        slot: u32,
        name: Name,
        durable: bool,
        arguments: &Arc<Arguments>,
        now: Time,
        out: &mut Outputs,
    ) {
        let is_new = self.queues.find(name).is_none();
        if is_new && !is_lawful(durable, arguments) {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let index = self.queues.add(name, durable, arguments);
        if self.is_locked(slot, index) {
            return self.fail_channel(slot, code::RESOURCE_LOCKED, now, out);
        }
        let owner = self.channels[slot].connection;
        let queue = &mut self.queues.list[index as usize];
        if queue.durable != durable || queue.arguments != *arguments {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        if is_new && arguments.exclusive {
            queue.owner = Some(owner);
        }
        queue.used_at = now;
        // An exclusive queue dies with its connection, so it never outlives a
        // restart.
        let is_kept = durable && !arguments.exclusive && !queue.stored;
        let record = is_kept.then_some(Declaration::Queue { name, arguments: **arguments });
        self.queues.touch(index);
        if is_new && arguments.kind == QueueKind::Quorum {
            let me = self.cluster.me;
            self.found_quorum_queue(name, arguments, me, false, now, out);
        }
        self.declare(slot, record, Method::QueueDeclareOk { queue: name }, out);
    }

    pub(super) fn declare_exchange(&mut self, slot: u32, method: &Method, now: Time, out: &mut Outputs) {
        let Method::ExchangeDeclare { exchange: name, kind, durable, alternate } = *method else { return };
        if name == Name::EMPTY {
            return self.fail_channel(slot, code::ACCESS_REFUSED, now, out);
        }
        self.exchanges.add(name, kind, durable, alternate);
        let Some(exchange) = self.exchanges.find(name) else { return };
        if (exchange.kind, exchange.durable, exchange.alternate) != (kind, durable, alternate) {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        let record = (durable && !exchange.stored).then_some(Declaration::Exchange { name, kind, alternate });
        self.declare(slot, record, Method::ExchangeDeclareOk, out);
    }

    pub(super) fn bind(&mut self, slot: u32, queue: Name, exchange: Name, key: Name, now: Time, out: &mut Outputs) {
        if exchange == Name::EMPTY {
            return self.fail_channel(slot, code::ACCESS_REFUSED, now, out);
        }
        let (Some(index), Some(it)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) else {
            return self.fail_channel(slot, code::NOT_FOUND, now, out);
        };
        let is_weight = matching::weight(self.options.text(key)).is_some();
        if it.kind == ExchangeKind::ConsistentHash && !is_weight {
            return self.fail_channel(slot, code::PRECONDITION_FAILED, now, out);
        }
        // A binding is as durable as both its ends.
        let durable = it.durable && self.queues.list[index as usize].durable;
        let stored = it.bind(Binding { key, queue: index, stored: false }).stored;
        let is_kept = durable && !stored && self.queues.list[index as usize].owner.is_none();
        let record = is_kept.then_some(Declaration::Binding { queue, exchange, key });
        self.declare(slot, record, Method::QueueBindOk, out);
    }

    /// Makes a declaration that was read back true again.
    pub(super) fn redeclare(&mut self, declaration: Declaration) {
        match declaration {
            Declaration::Queue { name, arguments } => {
                self.queues.add(name, true, &Arc::new(arguments));
            }
            Declaration::Exchange { name, kind, alternate } => self.exchanges.add(name, kind, true, alternate),
            Declaration::Binding { queue, exchange, key } => {
                if let (Some(queue), Some(exchange)) = (self.queues.find(queue), self.exchanges.find_mut(exchange)) {
                    exchange.bind(Binding { key, queue, stored: true });
                }
            }
            Declaration::QueueDeleted(name) => {
                if let Some(queue) = self.queues.find(name) {
                    self.queues.list[queue as usize].deleted = true;
                    self.exchanges.unbind(queue);
                }
            }
        }
        self.mark_stored(declaration);
    }

    pub(super) fn mark_stored(&mut self, declaration: Declaration) {
        match declaration {
            Declaration::Queue { name, .. } => {
                if let Some(queue) = self.queues.find(name) {
                    self.queues.list[queue as usize].stored = true;
                }
            }
            Declaration::Exchange { name, .. } => {
                if let Some(exchange) = self.exchanges.find_mut(name) {
                    exchange.stored = true;
                }
            }
            Declaration::Binding { queue, exchange, key } => self.mark_binding_stored(queue, exchange, key),
            Declaration::QueueDeleted(_) => {}
        }
    }

    fn mark_binding_stored(&mut self, queue: Name, exchange: Name, key: Name) {
        let Some(queue) = self.queues.find(queue) else { return };
        if let Some(binding) = self.exchanges.find_mut(exchange).and_then(|exchange| exchange.binding_mut(key, queue)) {
            binding.stored = true;
        }
    }
}
