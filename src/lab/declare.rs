//! What the clients of a lab declare: queues, the exchange, and bindings. Every
//! producer declares all of it, a consumer its own queue, and both in the same
//! words, because a broker refuses a second declaration that differs (406).

use std::sync::Arc;

use super::plan::Plan;
use super::wiring::{ExchangeType, Queue};
use crate::protocol::queue::{Arguments, ExchangeKind, Method};

/// What a producer declares.
pub fn by_producer(plan: &Plan) -> Arc<[Method]> {
    let wiring = &plan.lab.wiring;
    let mut script: Vec<Method> = wiring.queues.iter().map(|queue| declare(plan, queue)).collect();
    let exchange = wiring.exchange;
    script.push(Method::exchange(exchange, kind(wiring.exchange_type), is_durable(plan)));
    if plan.settings.is_on("bound") {
        for queue in &wiring.queues {
            script.extend(queue.bind.iter().map(|key| Method::QueueBind { queue: queue.name, exchange, key: *key }));
        }
    }
    script.into()
}

/// What a consumer of a queue declares.
pub fn by_consumer(plan: &Plan, queue: &Queue) -> Arc<[Method]> {
    Arc::from([declare(plan, queue)])
}

fn declare(plan: &Plan, queue: &Queue) -> Method {
    let durable = queue.dead_letters_of.is_some() || is_durable(plan);
    Method::QueueDeclare { queue: queue.name, durable, arguments: arguments(plan, queue) }
}

/// The settings about queues make the arguments of the lab's queues; where dead
/// letters go is plain and durable.
fn arguments(_plan: &Plan, _queue: &Queue) -> Arc<Arguments> {
    Arc::default()
}

fn is_durable(plan: &Plan) -> bool {
    plan.settings.is_on("durable")
}

const fn kind(exchange_type: ExchangeType) -> ExchangeKind {
    match exchange_type {
        ExchangeType::Direct => ExchangeKind::Direct,
        ExchangeType::Fanout => ExchangeKind::Fanout,
        ExchangeType::Topic => ExchangeKind::Topic,
        ExchangeType::Headers => ExchangeKind::Headers,
        ExchangeType::ConsistentHash => ExchangeKind::ConsistentHash,
        ExchangeType::ModulusHash => ExchangeKind::ModulusHash,
    }
}
