//! The queue protocol: AMQP 0-9-1 as RabbitMQ speaks it, cut down to what
//! changes the fate of a message. Left out: authentication, frame size, virtual
//! hosts, header properties. Source: the AMQP 0-9-1 reference and RabbitMQ's
//! documentation of confirms, consumers and channels.

mod properties;

pub use properties::{Death, DeathReason, Properties};

use std::sync::Arc;

use bytes::Bytes;

use super::{Frame, Name};
use crate::event::CopyId;
use crate::time::Span;

/// A method, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    // Client to broker, connection and channel.
    /// Opens the conversation. Zero turns heartbeats off.
    ConnectionOpen {
        heartbeat: Span,
    },
    ConnectionOpenOk,
    ChannelOpen,
    ChannelOpenOk,
    /// Either side, in good order or with a reply code.
    ChannelClose {
        code: u16,
    },
    ChannelCloseOk,
    Heartbeat,

    // Topology.
    QueueDeclare {
        queue: Name,
        durable: bool,
        arguments: Arc<Arguments>,
    },
    QueueDeclareOk {
        queue: Name,
    },
    ExchangeDeclare {
        exchange: Name,
        kind: ExchangeKind,
        durable: bool,
        /// `alternate-exchange`: takes what no binding of this one matches.
        alternate: Option<Name>,
    },
    ExchangeDeclareOk,
    QueueBind {
        queue: Name,
        exchange: Name,
        key: Name,
    },
    QueueBindOk,
    /// Deletes a queue with all that is in it.
    QueueDelete {
        queue: Name,
    },
    QueueDeleteOk,

    // Publishing.
    /// Turns publisher confirms on for this channel.
    ConfirmSelect,
    ConfirmSelectOk,
    /// From now on publishes and acknowledgements wait for a commit.
    TxSelect,
    TxSelectOk,
    TxCommit,
    TxCommitOk,
    TxRollback,
    TxRollbackOk,
    Publish(Publish),
    /// Publisher confirm: broker to client. Tags count publishes on the channel
    /// from 1. `multiple`: this one and all before it.
    Confirm {
        tag: u64,
        multiple: bool,
    },
    ConfirmNack {
        tag: u64,
        multiple: bool,
    },
    // Half messages, which AMQP has not: they are RocketMQ's.
    /// This client is a producer that may be asked back about halves.
    RegisterProducer,
    RegisterProducerOk,
    /// A message to be kept, and shown to nobody until its transaction has ended.
    /// Answered with a confirm.
    PublishHalf(Publish),
    /// How the transaction of a half ended. Nothing answers.
    EndTransaction {
        copy: CopyId,
        verdict: Verdict,
    },
    /// The broker has heard nothing about a half, and asks.
    CheckTransaction {
        copy: CopyId,
    },
    /// An unroutable mandatory message comes back; sent before its confirm.
    Return {
        copy: CopyId,
        code: u16,
    },
    /// The broker asks this connection to stop publishing (resource alarm).
    Blocked,
    Unblocked,

    // Consuming.
    /// Unacknowledged deliveries allowed per consumer. Zero: unlimited.
    Qos {
        prefetch: u16,
    },
    QosOk,
    Consume {
        queue: Name,
        consumer: u16,
        auto_ack: bool,
        /// `x-priority`: a lower one is served when no higher one can take more.
        priority: i16,
        /// Nobody else may consume from this queue.
        exclusive: bool,
    },
    ConsumeOk {
        consumer: u16,
    },
    /// Ends a subscription. From the broker (`consumer_cancel_notify`): its queue
    /// is gone.
    Cancel {
        consumer: u16,
    },
    CancelOk {
        consumer: u16,
    },
    Deliver(Deliver),
    /// Delivery tags count deliveries on the channel from 1.
    Ack {
        tag: u64,
        multiple: bool,
    },
    /// `basic.nack`.
    Nack {
        tag: u64,
        multiple: bool,
        requeue: bool,
    },
    /// `basic.reject`. Classic queues treat it as a `basic.nack` of one message;
    /// since 4.3 a quorum queue counts it towards the delivery limit, which it
    /// does not do for a nack.
    Reject {
        tag: u64,
        requeue: bool,
    },
}

/// What a queue is declared with besides its name: RabbitMQ's `x-` arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    pub kind: QueueKind,
    /// `x-message-ttl`.
    pub message_ttl: Option<Span>,
    /// `x-expires`: an unused queue goes after this long.
    pub expires: Option<Span>,
    /// `x-max-length`, in messages.
    pub max_length: Option<u32>,
    pub overflow: Overflow,
    pub dead_letter: Option<DeadLetter>,
    /// `x-max-priority`; 0 is a queue without priorities.
    pub max_priority: u8,
    pub single_active_consumer: bool,
    /// `x-delivery-limit` of a quorum queue; `None`: unlimited (-1).
    pub delivery_limit: Option<u32>,
    /// Only the connection that declared it may use it, and it dies with it.
    pub exclusive: bool,
    /// It goes with its last consumer.
    pub auto_delete: bool,
}

/// `x-queue-type`, and mirroring, which was a policy until RabbitMQ 3.13.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueKind {
    /// On one node.
    #[default]
    Classic,
    /// A classic queue with mirrors on the other nodes (removed in 4.0).
    Mirrored,
    /// Replicated by Raft.
    Quorum,
}

/// `x-overflow`: what a full queue does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    #[default]
    DropHead,
    RejectPublish,
}

/// Where dead messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// `x-dead-letter-exchange`.
    pub exchange: Name,
    /// `x-dead-letter-routing-key`; `None`: the message's own.
    pub key: Option<Name>,
    /// `x-dead-letter-strategy = at-least-once` (quorum queues only).
    pub at_least_once: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    pub exchange: Name,
    pub key: Name,
    pub copy: CopyId,
    /// Return it if no queue takes it.
    pub mandatory: bool,
    /// `delivery_mode = 2`.
    pub persistent: bool,
    /// What few messages have.
    pub properties: Option<Arc<Properties>>,
    pub payload: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    pub consumer: u16,
    pub tag: u64,
    pub redelivered: bool,
    pub copy: CopyId,
    pub payload: Bytes,
}

/// What a producer says of the local transaction that a half belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Commit,
    Rollback,
    /// It is still under way: ask again later.
    Unknown,
}

/// How an exchange picks queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangeKind {
    /// The binding's key equals the routing key.
    #[default]
    Direct,
    /// Every binding matches.
    Fanout,
    /// Binding keys are patterns of words: `order.*`, `order.#`.
    Topic,
    /// Bindings ask for headers: their key's text reads `all type=order` or
    /// `any type=order region=eu`.
    Headers,
    /// `x-consistent-hash` (a plugin): one queue by the key's hash; a binding's
    /// key is its weight. A new queue takes over only its own share of keys.
    ConsistentHash,
    /// `x-modulus-hash` (core since 4.3): one queue, hash modulo their number.
    ModulusHash,
}

/// AMQP reply codes that end a channel or a connection.
pub mod code {
    pub const OK: u16 = 200;
    pub const NO_ROUTE: u16 = 312;
    pub const ACCESS_REFUSED: u16 = 403;
    pub const NOT_FOUND: u16 = 404;
    pub const RESOURCE_LOCKED: u16 = 405;
    pub const PRECONDITION_FAILED: u16 = 406;
    pub const COMMAND_INVALID: u16 = 503;
}

impl Method {
    /// Declares a classic queue without arguments.
    #[must_use]
    pub fn declare(queue: Name, durable: bool) -> Self {
        Self::QueueDeclare { queue, durable, arguments: Arc::default() }
    }

    /// Declares an exchange without an alternate.
    #[must_use]
    pub const fn exchange(exchange: Name, kind: ExchangeKind, durable: bool) -> Self {
        Self::ExchangeDeclare { exchange, kind, durable, alternate: None }
    }

    /// Consumes without arguments.
    #[must_use]
    pub const fn consume(queue: Name, consumer: u16, auto_ack: bool) -> Self {
        Self::Consume { queue, consumer, auto_ack, priority: 0, exclusive: false }
    }

    /// The method as a frame on `channel`.
    #[must_use]
    pub const fn on(self, channel: u16) -> Frame {
        Frame::Queue { channel, method: self }
    }
}
