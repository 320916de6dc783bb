//! The RabbitMQ model, one node: connections, channels, exchanges, classic
//! queues, publisher confirms, and the message store behind them.
//!
//! - `connection`: the handshake and heartbeats.
//! - `channel`: methods on a channel, consumers, tags.
//! - `confirm`: publishing, and what publishers are told.
//! - `acknowledge`: what consumers say about their deliveries.
//! - `topology`: declaring queues, exchanges and bindings.
//! - `exchange`: which queues a publish goes to.
//! - `classic`: classic queues: ready and unacknowledged copies, delivery, requeue.
//! - `entry`: the copies themselves, in one slab.
//! - `store`: the write buffer, when it is written, and the log's segments.
//! - `batch`: one write on its way.
//! - `metadata`: what is durable besides messages (queues, exchanges, bindings).
//! - `recovery`: reading both logs back when the process starts.
//! - `record`: the records of both logs.
//! - `settings`: what a learner may toggle.
//! - `show`: what the audit, faults and screens get to see.
//!
//! Facts: RabbitMQ's documentation of confirms and consumers, and its source of
//! August 2026 (`rabbit_channel`, `rabbit_amqqueue_process`,
//! `rabbit_variable_queue`, `rabbit_classic_queue_index_v2`, `_store_v2`,
//! `rabbit_heartbeat`). Left out for now: other kinds of exchanges, TTL, length
//! limits, dead letters, priorities, resource alarms, quorum queues, clusters.

mod acknowledge;
mod batch;
mod channel;
mod classic;
mod confirm;
mod connection;
mod entry;
mod exchange;
mod metadata;
pub mod quorum;
mod record;
mod recovery;
mod settings;
mod show;
mod store;
mod topology;

#[cfg(test)]
mod tests;

use crate::event::CopyId;
use crate::node::{DiskOperation, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::time::Time;

use channel::Channels;
use classic::Queues;
use connection::Connections;
use entry::Entries;
use exchange::Exchanges;
use metadata::Metadata;
use recovery::Recovering;
pub use settings::{Options, SETTINGS};
use store::Store;

/// The store looks whether it should write.
const FLUSH: TimerId = TimerId(0);
/// Connections are checked for silence.
const HEARTBEAT: TimerId = TimerId(1);

/// One RabbitMQ node.
#[derive(Clone, Debug)]
pub struct QueueBroker {
    options: Options,
    connections: Connections,
    channels: Channels,
    exchanges: Exchanges,
    queues: Queues,
    entries: Entries,
    store: Store,
    metadata: Metadata,
    /// Set while the files are being read back.
    recovering: Option<Recovering>,
}

impl QueueBroker {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            connections: Connections::default(),
            channels: Channels::default(),
            exchanges: Exchanges::default(),
            queues: Queues::default(),
            entries: Entries::with_capacity(options.message_capacity),
            store: Store::new(&options),
            metadata: Metadata::default(),
            recovering: None,
            options,
        }
    }

    /// What an input set in motion is finished once, at its end: deliveries, then
    /// answers to publishers, then the question whether to write.
    fn settle_down(&mut self, now: Time, out: &mut Outputs) {
        self.deliver_from_touched_queues(now, out);
        self.answer_publishers(out);
        self.write_if_due(now, out);
    }
}

impl Node for QueueBroker {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(files) => self.start(&files, now, out),
            Input::Opened { connection, peer, .. } => self.connections.add(connection, peer, now),
            Input::Closed { connection, why } => self.connection_ended(connection, why, now, out),
            Input::Frame { connection, frame, .. } => self.frame(now, connection, frame, out),
            Input::Timer(FLUSH) => self.store.alarm_rang(),
            Input::Timer(_) => self.check_heartbeats(now, out),
            Input::ReadDone { file, bytes, .. } => self.piece_read(file, &bytes, now, out),
            Input::Written { file, .. } if file == metadata::FILE => self.metadata.written(out),
            Input::Synced { file, .. } if file == metadata::FILE => self.metadata_synced(out),
            Input::Written { .. } => self.batch_written(out),
            Input::Synced { .. } => self.batch_synced(out),
            Input::DiskError { file, operation: DiskOperation::Read, .. } => self.read_failed(file, now, out),
            Input::DiskError { file, .. } if file == metadata::FILE => self.metadata_failed(now, out),
            Input::DiskError { .. } => self.batch_failed(now, out),
            // A broker has no handler that could throw.
            Input::Disturbed(_) => {}
        }
        self.settle_down(now, out);
    }

    fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.options));
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.show_in_memory(visit);
    }

    fn holdings(&self, visit: &mut dyn FnMut(Holding)) {
        self.show_holdings(visit);
    }

    fn picture(&self, picture: &mut Picture) {
        self.show_picture(picture);
    }
}
