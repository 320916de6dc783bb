//! What is durable besides messages: queues, exchanges and bindings. RabbitMQ
//! keeps them in a Raft log of their own (Khepri), which syncs before it answers,
//! so a declaration is answered only once it is synced, whatever messages do.

use super::QueueBroker;
use super::declaration::Declaration;
use crate::event::Closed;
use crate::node::{FileId, Outputs};
use crate::protocol::queue::Method;
use crate::time::Time;

/// The log of declarations.
pub(super) const FILE: FileId = FileId(0);

/// AMQP's reply code for a failure inside the broker.
const INTERNAL_ERROR: u16 = 541;

/// An answer that waits for the declaration to be synced.
#[derive(Clone, Debug)]
struct Reply {
    channel: u32,
    generation: u32,
    method: Method,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// The length of the file in bytes, as far as the system has it.
    pub length: u64,
    buffer: Vec<(Declaration, Option<Reply>)>,
    /// Under way to the device.
    batch: Vec<(Declaration, Option<Reply>)>,
    batch_end: u64,
    busy: bool,
}

impl Metadata {
    /// Appends what is waiting, unless an append or sync is under way.
    fn write(&mut self, out: &mut Outputs) {
        if self.busy || self.buffer.is_empty() {
            return;
        }
        self.busy = true;
        std::mem::swap(&mut self.buffer, &mut self.batch);
        let (batch, end) = (&self.batch, &mut self.batch_end);
        *end = self.length;
        let encode = |bytes: &mut Vec<u8>| {
            for (declaration, _) in batch {
                *end += declaration.encode(bytes, FILE, *end);
            }
        };
        out.append(FILE, encode, []);
    }

    pub fn written(&mut self, out: &mut Outputs) {
        if self.busy {
            self.length = self.batch_end;
            out.sync(FILE);
        }
    }
}

impl QueueBroker {
    /// Answers once the declaration is synced; at once if there is none to sync.
    pub(super) fn declare(&mut self, channel: u32, record: Option<Declaration>, method: Method, out: &mut Outputs) {
        let Some(declaration) = record else { return self.send(channel, method, None, out) };
        let generation = self.channels[channel].generation;
        self.metadata.buffer.push((declaration, Some(Reply { channel, generation, method })));
        self.metadata.write(out);
    }

    /// Writes down what the broker did of its own accord.
    pub(super) fn record(&mut self, declaration: Declaration, out: &mut Outputs) {
        self.metadata.buffer.push((declaration, None));
        self.metadata.write(out);
    }

    pub(super) fn metadata_synced(&mut self, out: &mut Outputs) {
        let mut batch = std::mem::take(&mut self.metadata.batch);
        for (declaration, reply) in batch.drain(..) {
            self.mark_stored(declaration);
            let Some(reply) = reply else { continue };
            if self.channels.is_alive(reply.channel, reply.generation) {
                self.send(reply.channel, reply.method, None, out);
            }
        }
        self.metadata.batch = batch;
        self.metadata.busy = false;
        self.metadata.write(out);
    }

    /// The declarations may be lost: those who asked are cut off, and ask again.
    pub(super) fn metadata_failed(&mut self, now: Time, out: &mut Outputs) {
        let mut batch = std::mem::take(&mut self.metadata.batch);
        for reply in batch.drain(..).filter_map(|(_, reply)| reply) {
            if self.channels.is_alive(reply.channel, reply.generation) {
                let connection = self.channels[reply.channel].connection;
                self.end_connection(connection, Closed::Protocol(INTERNAL_ERROR), now, out);
            }
        }
        self.metadata.batch = batch;
        self.metadata.busy = false;
        self.metadata.write(out);
    }
}
