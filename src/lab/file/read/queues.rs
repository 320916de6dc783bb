//! The exchange of a lab, its queues, and which of them are subscriptions.

use std::sync::Arc;

use toml::Spanned;

use super::Reader;
use crate::lab::file::shape::{ExchangeTable, GroupTable, QueueTable, Subscription, TopicTable, WorkloadTable};
use crate::lab::model::{Model, Models};
use crate::lab::names::Names;
use crate::lab::settings::{WILDCARD, WILDCARDS};
use crate::lab::wiring::{ExchangeType, Queue, Wiring};
use crate::protocol::Name;

/// The routing key, where a lab names none.
const KEY: &str = "order.placed";

impl Reader<'_> {
    pub(super) fn wiring(
        &mut self,
        exchange: Option<ExchangeTable>,
        tables: Vec<QueueTable>,
        (topic, groups): (Option<TopicTable>, Vec<GroupTable>),
        workload: &WorkloadTable,
    ) -> Wiring {
        let mut wiring = Wiring::simple(self.topology.consumers);
        let mut names = Names::default();
        let first = match (tables.first(), &topic) {
            (Some(table), _) => Some(&table.name),
            (None, topic) => topic.as_ref().map(|topic| &topic.name),
        };
        let (first, span) = first.map_or(("orders", 0..0), |name| (name.get_ref().as_str(), name.span()));
        names.intern(first);
        let name = exchange.as_ref().map_or("shop", |table| table.name.get_ref());
        if name == first {
            self.trouble(span, format!("the exchange is called {name:?} too"), "give the queue a name of its own");
        }
        wiring.exchange = names.intern(name);
        wiring.exchange_type = exchange.as_ref().map_or(ExchangeType::Direct, |table| self.exchange_type(&table.kind));
        wiring.keys = match workload.routing.as_deref() {
            None | Some([]) => Arc::from([names.intern(KEY)]),
            Some(keys) => keys.iter().map(|key| names.intern(key.get_ref())).collect(),
        };
        wiring.headers = workload.headers.iter().flatten().map(|headers| names.intern(headers.get_ref())).collect();
        if tables.iter().any(|table| table.takes_unrouted) {
            wiring.unrouted = Some(names.intern(&format!("{name}.unrouted")));
        }
        wiring.names = names;
        if self.models == Models::Only(Model::Log) {
            if let Some(table) = tables.first() {
                let reason = "queues are of RabbitMQ, and this lab runs on a log".to_owned();
                self.trouble(table.name.span(), reason, "write a [topic] and [[groups]], or broker = \"queue-or-log\"");
            }
            wiring.queues.clear();
            wiring.subscriptions.clear();
        } else if tables.is_empty() {
            wiring.queues[0].bind = vec![wiring.names.intern(self.default_binding(wiring.exchange_type))];
        } else {
            self.queues(tables, &mut wiring);
        }
        self.groups(topic, groups, &mut wiring);
        wiring.entitle();
        wiring
    }

    fn exchange_type(&mut self, kind: &Spanned<String>) -> ExchangeType {
        ExchangeType::named(kind.get_ref()).unwrap_or_else(|| {
            let known = ExchangeType::ALL.map(|(name, _)| name).join(", ");
            let reason = format!("there is no exchange of type {:?}", kind.get_ref());
            self.trouble(kind.span(), reason, &format!("the types are {known}"));
            ExchangeType::Direct
        })
    }

    fn default_binding(&self, exchange_type: ExchangeType) -> &'static str {
        match exchange_type {
            ExchangeType::Direct | ExchangeType::Topic => KEY,
            ExchangeType::Fanout | ExchangeType::Headers => "",
            // The weight.
            ExchangeType::ConsistentHash | ExchangeType::ModulusHash => "1",
        }
    }

    fn queues(&mut self, tables: Vec<QueueTable>, wiring: &mut Wiring) {
        wiring.queues.clear();
        wiring.subscriptions.clear();
        let mut dealt = 0;
        let is_alone = tables.iter().filter(|table| table.dead_letters_of.is_none()).count() == 1;
        for table in tables {
            let span = table.name.span();
            let mut queue = self.queue(table, is_alone, wiring);
            if wiring.queues.iter().any(|other| other.name == queue.name) {
                let reason = format!("there are two queues {:?}", wiring.names.text(queue.name));
                self.trouble(span.clone(), reason, "give each a name of its own");
            }
            dealt = u16::saturating_add(dealt, queue.consumers);
            if dealt > self.topology.consumers {
                let reason = format!("{dealt} consumers by this queue, and the lab has {}", self.topology.consumers);
                self.trouble(span, reason, "deal out as many as the topology has");
                queue.consumers = 0;
            }
            wiring.queues.push(queue);
        }
        if dealt < self.topology.consumers {
            let reason = format!("{} consumers, and the queues take {dealt}", self.topology.consumers);
            self.trouble(0..0, reason, "say `consumers = n` for each queue");
        }
    }

    /// The place of a queue that another one serves.
    fn source_of(&mut self, of: &Spanned<String>, wiring: &Wiring) -> Option<usize> {
        let name = wiring.names.find(of.get_ref());
        let place = wiring.queues.iter().position(|queue| Some(queue.name) == name);
        if place.is_none() {
            let reason = format!("there is no queue {:?} before this one", of.get_ref());
            self.trouble(of.span(), reason, "a queue that serves another stands after it");
        }
        place
    }

    fn queue(&mut self, table: QueueTable, is_alone: bool, wiring: &mut Wiring) -> Queue {
        let name = wiring.names.intern(table.name.get_ref());
        let dead_letters_of = table.dead_letters_of.as_ref().and_then(|of| self.source_of(of, wiring));
        let forwarded_from = table.forwarded_from.as_ref().and_then(|from| self.source_of(from, wiring));
        let is_dead_letters = table.dead_letters_of.is_some();
        let bind = match table.bind {
            Some(keys) => keys.iter().map(|key| binding(&mut wiring.names, key.get_ref())).collect(),
            None if is_dead_letters || forwarded_from.is_some() || table.takes_unrouted => Vec::new(),
            None => vec![wiring.names.intern(self.default_binding(wiring.exchange_type))],
        };
        let subscription = match table.subscription.map(Spanned::into_inner) {
            Some(Subscription::Own(false)) => None,
            None if is_dead_letters => None,
            None if forwarded_from.is_some() => forwarded_from.and_then(|from| wiring.queues[from].subscription),
            Some(Subscription::Of(group)) => Some(subscribe(wiring, &group)),
            // Queues that share messages out see them together.
            _ if wiring.exchange_type.shares_out() => {
                let exchange = wiring.names.text(wiring.exchange).to_owned();
                Some(subscribe(wiring, &exchange))
            }
            _ => Some(subscribe(wiring, table.name.get_ref())),
        };
        let all = if is_alone && !is_dead_letters { self.topology.consumers } else { 0 };
        Queue {
            name,
            bind,
            must_see: table.must_see.into_iter().flatten().map(Spanned::into_inner).collect(),
            consumers: table.consumers.map_or(all, Spanned::into_inner),
            subscription,
            dead_letters_of,
            forwarded_from,
            takes_unrouted: table.takes_unrouted,
            declared_by_consumers: table.declared_by_consumers,
            settings: self.fixed(&table.settings, &[]),
        }
    }
}

/// The name of a binding. One with a wildcard that is a setting has a name for
/// each of its values as well.
fn binding(names: &mut Names, key: &str) -> Name {
    if key.contains(WILDCARD) {
        for (_, wildcard) in WILDCARDS {
            names.intern(&key.replace(WILDCARD, wildcard));
        }
    }
    names.intern(key)
}

/// The number of a subscription, a new one if the name is new.
pub(super) fn subscribe(wiring: &mut Wiring, text: &str) -> u16 {
    let name: Name = wiring.names.intern(text);
    let known = wiring.subscriptions.iter().position(|other| *other == name);
    let at = known.unwrap_or_else(|| {
        wiring.subscriptions.push(name);
        wiring.subscriptions.len() - 1
    });
    at as u16
}
