//! Which queues a publish goes to: the default exchange, whose every queue is
//! bound by its own name, and direct exchanges, where a binding's key must equal
//! the routing key. A queue gets a message once however many bindings match.

use super::QueueBroker;
use crate::protocol::Name;
use crate::protocol::queue::Publish;

#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub name: Name,
    pub durable: bool,
    /// Its declaration is synced, if it is durable.
    pub stored: bool,
    /// Sorted by key, then queue.
    pub bindings: Vec<Binding>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    pub key: Name,
    /// The index of the queue.
    pub queue: u32,
    /// It is synced, if both its ends are durable.
    pub stored: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Exchanges {
    /// Sorted by name.
    list: Vec<Exchange>,
}

impl Exchanges {
    pub fn find(&self, name: Name) -> Option<&Exchange> {
        let at = self.list.binary_search_by_key(&name, |exchange| exchange.name).ok()?;
        Some(&self.list[at])
    }

    pub fn find_mut(&mut self, name: Name) -> Option<&mut Exchange> {
        let at = self.list.binary_search_by_key(&name, |exchange| exchange.name).ok()?;
        Some(&mut self.list[at])
    }

    /// Adds an exchange that is not there yet.
    pub fn add(&mut self, name: Name, durable: bool) {
        if let Err(at) = self.list.binary_search_by_key(&name, |exchange| exchange.name) {
            self.list.insert(at, Exchange { name, durable, stored: false, bindings: Vec::new() });
        }
    }
}

impl Exchanges {
    /// A queue is gone.
    pub fn unbind(&mut self, queue: u32) {
        for exchange in &mut self.list {
            exchange.bindings.retain(|binding| binding.queue != queue);
        }
    }
}

impl Exchange {
    fn place_of(&self, key: Name, queue: u32) -> Result<usize, usize> {
        self.bindings.binary_search_by_key(&(key, queue), |binding| (binding.key, binding.queue))
    }

    pub fn binding_mut(&mut self, key: Name, queue: u32) -> Option<&mut Binding> {
        let at = self.place_of(key, queue).ok()?;
        Some(&mut self.bindings[at])
    }

    /// Adds a binding, unless it is there, and returns it.
    pub fn bind(&mut self, binding: Binding) -> &mut Binding {
        let at = match self.place_of(binding.key, binding.queue) {
            Ok(at) => at,
            Err(at) => {
                self.bindings.insert(at, binding);
                at
            }
        };
        &mut self.bindings[at]
    }
}

impl QueueBroker {
    /// Collects the queues that a publish goes to. False: no such exchange.
    pub(super) fn route(&self, publish: &Publish, queues: &mut Vec<u32>) -> bool {
        queues.clear();
        if publish.exchange == Name::EMPTY {
            queues.extend(self.queues.find(publish.key));
            return true;
        }
        let Some(exchange) = self.exchanges.find(publish.exchange) else { return false };
        let from = exchange.bindings.partition_point(|binding| binding.key < publish.key);
        let matching = exchange.bindings[from..].iter().take_while(|binding| binding.key == publish.key);
        queues.extend(matching.map(|binding| binding.queue));
        true
    }
}
