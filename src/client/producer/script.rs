//! What a producer says besides its messages: what it declares on every new
//! channel, how it asks for answers, and the properties that messages carry.

use std::sync::Arc;

use super::{Confirms, ProducerOptions};
use crate::protocol::Name;
use crate::protocol::queue::{Method, Properties};

/// What a producer declares on every new channel.
pub(super) fn of(options: &ProducerOptions) -> Arc<[Method]> {
    let ProducerOptions { queue, exchange, key, durable, declare, .. } = *options;
    let mut script = options.declarations.to_vec();
    if !script.is_empty() {
        return asking(script, options);
    }
    if queue != Name::EMPTY {
        script.extend(declare.queue(queue, durable));
    }
    if exchange != Name::EMPTY {
        script.push(Method::exchange(exchange, declare.exchange_kind, durable));
        if options.bound && queue != Name::EMPTY {
            script.push(Method::QueueBind { queue, exchange, key });
        }
    }
    asking(script, options)
}

/// The end of a script: how the producer asks for answers.
fn asking(mut script: Vec<Method>, options: &ProducerOptions) -> Arc<[Method]> {
    match options.confirms {
        Confirms::Off => {}
        Confirms::WaitEach | Confirms::Async => script.push(Method::ConfirmSelect),
        Confirms::Transaction => script.push(Method::TxSelect),
    }
    if options.halves {
        script.push(Method::RegisterProducer);
    }
    script.into()
}

impl ProducerOptions {
    /// What the message at this place of the workload carries, if anything.
    pub(super) fn properties(&self, index: u32) -> Option<Arc<Properties>> {
        let urgent = self.urgent_every > 0 && (index + 1).is_multiple_of(self.urgent_every);
        let headers = self.headers_of(self.workload.message(index as usize));
        if self.expiration.is_zero() && !urgent && headers == Name::EMPTY {
            return None;
        }
        let expiration = Some(self.expiration).filter(|span| !span.is_zero());
        // A queue takes what is above its highest priority for that.
        let priority = if urgent { u8::MAX } else { 0 };
        Some(Arc::new(Properties { expiration, priority, headers, ..Properties::default() }))
    }
}
