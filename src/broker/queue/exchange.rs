//! Which queues a publish goes to. The default exchange binds every queue by its
//! own name; others pick by their kind (see `matching`). A queue gets a message
//! once however many bindings match. What no binding matches goes to the
//! alternate exchange, if there is one; only then is it unroutable.
//!
//! Patterns and headers are compared as texts, so what was found is kept for
//! each key until a binding changes. Left out: bindings between exchanges.

use std::collections::BTreeMap;

use super::QueueBroker;
use super::matching::{self, Key};
use crate::protocol::Name;
use crate::protocol::queue::{ExchangeKind, Publish};

#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub name: Name,
    pub kind: ExchangeKind,
    pub durable: bool,
    pub alternate: Option<Name>,
    /// Its declaration is synced, if it is durable.
    pub stored: bool,
    /// Sorted by key, then queue; of a consistent hash, as they came.
    bindings: Vec<Binding>,
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
    /// What was found for an exchange and what it looks at: a routing key, or
    /// headers.
    found: BTreeMap<(Name, Name), Box<[u32]>>,
}

impl Exchanges {
    fn place_of(&self, name: Name) -> Option<usize> {
        self.list.binary_search_by_key(&name, |exchange| exchange.name).ok()
    }

    pub fn find(&self, name: Name) -> Option<&Exchange> {
        self.place_of(name).map(|at| &self.list[at])
    }

    /// For changes: what was found before holds no more.
    pub fn find_mut(&mut self, name: Name) -> Option<&mut Exchange> {
        self.found.clear();
        self.place_of(name).map(|at| &mut self.list[at])
    }

    /// Adds an exchange that is not there yet.
    pub fn add(&mut self, name: Name, kind: ExchangeKind, durable: bool, alternate: Option<Name>) {
        if let Err(at) = self.list.binary_search_by_key(&name, |exchange| exchange.name) {
            let exchange = Exchange { name, kind, durable, alternate, stored: false, bindings: Vec::new() };
            self.list.insert(at, exchange);
        }
    }

    /// A queue is gone, and so are its bindings.
    pub fn unbind(&mut self, queue: u32) {
        self.found.clear();
        for exchange in &mut self.list {
            exchange.bindings.retain(|binding| binding.queue != queue);
        }
    }
}

impl Exchange {
    fn place_of(&self, key: Name, queue: u32) -> Result<usize, usize> {
        if self.kind == ExchangeKind::ConsistentHash {
            let found = self.bindings.iter().position(|binding| (binding.key, binding.queue) == (key, queue));
            return found.ok_or(self.bindings.len());
        }
        self.bindings.binary_search_by_key(&(key, queue), |binding| (binding.key, binding.queue))
    }

    pub fn binding_mut(&mut self, key: Name, queue: u32) -> Option<&mut Binding> {
        let at = self.place_of(key, queue).ok()?;
        Some(&mut self.bindings[at])
    }

    pub fn is_bound(&self, key: Name, queue: u32) -> bool {
        self.place_of(key, queue).is_ok()
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

    /// Bindings with exactly this key.
    fn direct(&self, key: Name, queues: &mut Vec<u32>) {
        let from = self.bindings.partition_point(|binding| binding.key < key);
        let matching = self.bindings[from..].iter().take_while(|binding| binding.key == key);
        queues.extend(matching.map(|binding| binding.queue));
    }
}

impl QueueBroker {
    /// Collects the queues that a publish goes to. False: no such exchange.
    #[inline]
    pub(super) fn route(&mut self, publish: &Publish, queues: &mut Vec<u32>) -> bool {
        queues.clear();
        if publish.exchange == Name::EMPTY {
            queues.extend(self.queues.find(publish.key));
            return true;
        }
        let Some(at) = self.exchanges.place_of(publish.exchange) else { return false };
        let exchange = &self.exchanges.list[at];
        if exchange.kind == ExchangeKind::Direct {
            exchange.direct(publish.key, queues);
        } else {
            self.route_by_kind(at, publish, queues);
        }
        if queues.is_empty() {
            self.route_to_alternates(at, publish, queues);
        }
        true
    }

    /// Each exchange is asked at most once, should alternates form a circle.
    fn route_to_alternates(&mut self, mut at: usize, publish: &Publish, queues: &mut Vec<u32>) {
        for _ in 0..self.exchanges.list.len() {
            let Some(alternate) = self.exchanges.list[at].alternate else { return };
            if alternate == Name::EMPTY {
                return queues.extend(self.queues.find(publish.key));
            }
            let Some(next) = self.exchanges.place_of(alternate) else { return };
            self.route_by_kind(next, publish, queues);
            if !queues.is_empty() {
                return;
            }
            at = next;
        }
    }

    fn route_by_kind(&mut self, at: usize, publish: &Publish, queues: &mut Vec<u32>) {
        let exchange = &self.exchanges.list[at];
        let looked_at = match exchange.kind {
            ExchangeKind::Direct => return exchange.direct(publish.key, queues),
            ExchangeKind::Headers => publish.properties.as_ref().map_or(Name::EMPTY, |it| it.headers),
            ExchangeKind::Fanout => Name::EMPTY,
            ExchangeKind::Topic | ExchangeKind::ConsistentHash | ExchangeKind::ModulusHash => publish.key,
        };
        let place = (exchange.name, looked_at);
        if let Some(found) = self.exchanges.found.get(&place) {
            return queues.extend_from_slice(found);
        }
        let text = |name: Name| self.options.text(name);
        let key = Key { name: looked_at, text: text(looked_at) };
        let bindings = exchange.bindings.iter().map(|binding| (text(binding.key), binding.queue));
        let by_name = |queue: &u32| self.queues.list[*queue as usize].name;
        matching::pick(exchange.kind, key, bindings, by_name, queues);
        self.exchanges.found.insert(place, queues.as_slice().into());
    }
}
