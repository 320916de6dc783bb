//! What the clients of a lab declare: queues, the exchange, and bindings. Every
//! producer declares all of it, a consumer its own queue, and both in the same
//! words, because a broker refuses a second declaration that differs (406). A queue
//! that is declared by its consumers alone is bound by them as well: what was
//! published before they came never goes there.

use std::borrow::Cow;
use std::sync::Arc;

use super::plan::Plan;
use super::settings::{WILDCARD, WILDCARDS};
use super::wiring::{ExchangeType, Queue};
use crate::client::declare::Declare;
use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, ExchangeKind, Method};

/// What a producer declares.
pub fn by_producer(plan: &Plan) -> Arc<[Method]> {
    let wiring = &plan.lab.wiring;
    let mut script: Vec<Method> = declared(plan).map(|queue| declare(plan, queue)).collect();
    let exchange = wiring.exchange;
    let (durable, alternate) = (is_durable(plan), alternate(plan));
    script.extend(alternate.map(|alternate| Method::exchange(alternate, ExchangeKind::Fanout, durable)));
    script.push(Method::ExchangeDeclare { exchange, kind: kind(plan), durable, alternate });
    if plan.settings.is_on("bound") {
        for queue in declared(plan) {
            script.extend(bindings(plan, queue));
            let unrouted = alternate.filter(|_| queue.takes_unrouted);
            let bind = |exchange| Method::QueueBind { queue: queue.name, exchange, key: Name::EMPTY };
            script.extend(unrouted.map(bind));
        }
    }
    script.into()
}

/// What a consumer of a queue declares.
pub fn by_consumer(plan: &Plan, queue: &Queue) -> Arc<[Method]> {
    if !queue.declared_by_consumers {
        return Arc::from([declare(plan, queue)]);
    }
    let (exchange, durable, alternate) = (plan.lab.wiring.exchange, is_durable(plan), alternate(plan));
    let declarations =
        [declare(plan, queue), Method::ExchangeDeclare { exchange, kind: kind(plan), durable, alternate }];
    declarations.into_iter().chain(bindings(plan, queue)).collect()
}

/// What a forwarder declares: the queue it takes from, and those it fills.
pub fn by_forwarder(plan: &Plan, from: &Queue) -> Arc<[Method]> {
    let to = plan.lab.wiring.queues.iter().filter(|queue| queue.forwarded_from.is_some());
    std::iter::once(from).chain(to).map(|queue| declare(plan, queue)).collect()
}

fn bindings(plan: &Plan, queue: &Queue) -> impl Iterator<Item = Method> {
    let bind = |key: &Name| Method::QueueBind {
        queue: queue.name,
        exchange: plan.lab.wiring.exchange,
        key: binding(plan, *key),
    };
    queue.bind.iter().map(bind)
}

/// Where the exchange sends what it cannot route, if anywhere.
fn alternate(plan: &Plan) -> Option<Name> {
    plan.lab.wiring.unrouted.filter(|_| plan.settings.is_on("alternate_exchange"))
}

/// The name of a binding, its wildcard as the setting says.
fn binding(plan: &Plan, key: Name) -> Name {
    let names = &plan.lab.wiring.names;
    let text = names.text(key);
    let chosen = plan.settings.word("wildcard");
    let wildcard = WILDCARDS.iter().find(|(word, _)| *word == chosen).filter(|_| text.contains(WILDCARD));
    wildcard.and_then(|(_, sign)| names.find(&text.replace(WILDCARD, sign))).unwrap_or(key)
}

fn declare(plan: &Plan, queue: &Queue) -> Method {
    let durable = queue.dead_letters_of.is_some() || is_durable(plan);
    Method::QueueDeclare { queue: queue.name, durable, arguments: arguments(plan, queue) }
}

/// The settings about queues make the arguments of the lab's queues; where dead
/// letters go is plain and durable.
fn arguments(plan: &Plan, queue: &Queue) -> Arc<Arguments> {
    if queue.dead_letters_of.is_some() {
        return Arc::default();
    }
    let mut settings = Cow::Borrowed(&plan.settings);
    for (name, value) in &queue.settings {
        settings.to_mut().set(name, value);
    }
    let declare = Declare::default().with(&settings);
    let wiring = &plan.lab.wiring;
    let place = wiring.queues.iter().position(|other| other.name == queue.name);
    let letters = place.and_then(|place| wiring.dead_letter_queue(place));
    let dead_letter = letters.zip(declare.dead_letter).map(|(letters, at_least_once)| DeadLetter {
        exchange: Name::EMPTY,
        key: Some(letters.name),
        at_least_once,
    });
    Arc::new(Arguments { dead_letter, ..declare.arguments })
}

/// The queues that are there from the start: without that for dead letters, if it
/// was forgotten.
fn declared(plan: &Plan) -> impl Iterator<Item = &Queue> {
    let forgotten = !plan.settings.is_on("dead_letter_queue");
    let queues = plan.lab.wiring.queues.iter().filter(|queue| !queue.declared_by_consumers);
    queues.filter(move |queue| !forgotten || queue.dead_letters_of.is_none())
}

fn is_durable(plan: &Plan) -> bool {
    plan.settings.is_on("durable")
}

/// The exchange is what the lab says, or what its setting says, if it has one.
fn kind(plan: &Plan) -> ExchangeKind {
    if plan.lab.setting("exchange_type").is_some() {
        return Declare::default().with(&plan.settings).exchange_kind;
    }
    match plan.lab.wiring.exchange_type {
        ExchangeType::Direct => ExchangeKind::Direct,
        ExchangeType::Fanout => ExchangeKind::Fanout,
        ExchangeType::Topic => ExchangeKind::Topic,
        ExchangeType::Headers => ExchangeKind::Headers,
        ExchangeType::ConsistentHash => ExchangeKind::ConsistentHash,
        ExchangeType::ModulusHash => ExchangeKind::ModulusHash,
    }
}
