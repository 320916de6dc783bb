//! A producer of a log: a shop whose business facts must be told to Kafka.
//!
//! Facts occur at their times while the process runs, as with a producer of
//! queues. The program calls `send()` for each as it occurs, which only puts the
//! record in the client's buffer; a thread of the client's sends batches to the
//! leaders of their partitions, and the program hears of the outcome later, by a
//! callback. A crash of the process loses what is in the buffer.
//!
//! What the program is told:
//!
//! - **ok**: the leader acknowledged, as `acks` asks for it. With a transaction:
//!   it is committed.
//! - **unknown**: `acks=0`, which asks for no answer (the callback says ok at
//!   once and knows nothing); or `delivery.timeout.ms` has passed; or retries are
//!   off, and the request was lost or the answer leaves it open.
//! - **refused**: `send()` threw after `max.block.ms`, and nothing was ever sent;
//!   or retries are off, and the broker refused before it wrote; or the
//!   transaction was aborted.
//!
//! - `buffer`, `batch`: what waits and what is in flight, and the numbers that make
//!   a resend harmless.
//! - `sender`: which batches go when, to whom. `answers`: what comes back.
//! - `identity`: the producer's id. `transaction`: several records, all or none.
//! - `shop`: a database that has each fact first, and an outbox.
//! - `refusal`: with which settings it does not start.
//!
//! Sources: `KafkaProducer`, `Sender`. Left out:
//! compression, splitting a batch that is too large, bytes (a batch and the buffer
//! count records).

mod answers;
mod batch;
mod buffer;
mod identity;
mod options;
mod refusal;
mod sender;
mod settings;
mod shop;
mod transaction;

#[cfg(test)]
mod tests;

pub use options::LogProducerOptions;
pub use refusal::refusal;
pub use settings::SETTINGS;

use super::metadata::Cluster;
use super::network::{Happening, Pace};
use crate::client::occurrences::Payloads;
use crate::event::{Answer, CopyId, Kind, Reason, offset_detail};
use crate::node::{Holding, Input, Node, Outputs, TimerId};
use crate::picture::{Figure, Lane, LaneLabel, Picture, Place, Role};
use crate::time::Time;

use buffer::Buffer;
use identity::Identity;
use shop::Shop;
use transaction::Transaction;

/// The next fact occurs.
const OCCUR: TimerId = TimerId(0);
/// Something may be sent, or its time is over.
const SENDER: TimerId = TimerId(1);
/// The cluster's two.
const CLUSTER: TimerId = TimerId(2);

/// A request of a producer, as it remembers it.
#[derive(Clone, Debug)]
enum Asked {
    /// The partitions and the batches.
    Produce(Box<[(u16, u64)]>),
    Coordinator,
    ProducerId,
    AddPartitions,
    End,
}

/// A producer with its policy.
#[derive(Clone, Debug)]
pub struct LogProducer {
    options: LogProducerOptions,
    cluster: Cluster<Asked>,
    /// The next fact of the workload.
    next: usize,
    payloads: Payloads,
    buffer: Buffer,
    identity: Identity,
    /// Set if it has transactions.
    transaction: Option<Transaction>,
    /// Set if the shop has a database.
    shop: Option<Shop>,
    armed: Option<Time>,
    told: Told,
}

/// What this process was told so far.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    sent: u64,
    ok: u64,
    refused: u64,
    unknown: u64,
}

impl LogProducer {
    #[must_use]
    pub fn new(options: LogProducerOptions) -> Self {
        let pace = Pace {
            request_timeout: options.request_timeout,
            retry_back_off: options.retry_back_off,
            seed: options.seed,
        };
        let cluster = Cluster::new(options.brokers.clone(), [options.topic].into(), pace, CLUSTER);
        let cluster = cluster.rebootstrapping(options.rebootstraps);
        let transaction = options.transactional_id.map(|_| Transaction::default());
        let shop = Shop::of(&options);
        Self {
            options,
            cluster,
            next: 0,
            payloads: Payloads::default(),
            buffer: Buffer::default(),
            identity: Identity::default(),
            transaction,
            shop,
            armed: None,
            told: Told::default(),
        }
    }

    #[must_use]
    pub const fn options(&self) -> &LogProducerOptions {
        &self.options
    }

    fn await_next_fact(&self, out: &mut Outputs) {
        if let Some(at) = self.options.workload.at(self.next) {
            out.set_timer(OCCUR, at);
        }
    }

    /// Lets every fact occur whose time has come.
    fn occur(&mut self, now: Time, out: &mut Outputs) {
        while self.options.workload.at(self.next).is_some_and(|at| at <= now) {
            let index = self.next as u32;
            self.next += 1;
            out.note(Kind::Attempted, Some(self.copy(index, 1)));
            self.record(now, index, out);
        }
        self.await_next_fact(out);
    }

    /// `send()`. It blocks behind those that block already.
    fn call(&mut self, now: Time, index: u32, out: &mut Outputs) {
        if self.buffer.blocked.is_empty() && self.buffer.has_room(&self.options) {
            self.append(now, index, out);
        } else {
            out.note(Kind::BufferFull, Some(self.copy(index, 1)));
            self.buffer.blocked.push_back((index, now));
        }
    }

    fn append(&mut self, now: Time, index: u32, out: &mut Outputs) {
        let partition = self.buffer.append(now, index, &self.options);
        out.note_with(Kind::Batched, Some(self.copy(index, 1)), offset_detail(partition, 0));
    }

    /// Calls that block go on, or throw.
    fn unblock(&mut self, now: Time, out: &mut Outputs) {
        self.buffer.know(self.cluster.partitions_of(self.options.topic));
        while let Some((index, since)) = self.buffer.blocked.front().copied() {
            if self.buffer.has_room(&self.options) {
                self.buffer.blocked.pop_front();
                self.append(now, index, out);
            } else if since + self.options.max_block <= now {
                self.buffer.blocked.pop_front();
                self.throw(index, out);
            } else {
                break;
            }
        }
    }

    /// `send()` throws: nothing was sent.
    fn throw(&mut self, index: u32, out: &mut Outputs) {
        let copy = self.copy(index, 1);
        self.tell(copy, Answer::Refused, out);
        self.drop_record(copy, Reason::BufferFull, out);
        if let Some(transaction) = &mut self.transaction {
            transaction.threw(index);
        }
    }

    /// All that can be done now. To be called after every input.
    fn go_on(&mut self, now: Time, out: &mut Outputs) {
        self.unblock(now, out);
        self.identify(now, out);
        self.transact(now, out);
        self.expire(now, out);
        self.renew_epoch();
        self.send_batches(now, out);
        self.transact(now, out);
        self.unblock(now, out);
        self.cluster.keep_up(now, out);
        // It may have forgotten the topic just now.
        self.buffer.know(self.cluster.partitions_of(self.options.topic));
        self.relay(now, out);
        self.arm(now, out);
    }

    fn copy(&self, index: u32, attempt: u16) -> CopyId {
        let message = self.options.workload.message(index as usize);
        CopyId { message, attempt: attempt.saturating_add(self.sent_before(message)), branch: 0 }
    }

    fn say(&mut self, copy: CopyId, answer: Answer, out: &mut Outputs) {
        self.say_by(copy, answer, 0, out);
    }

    /// With the detail that says who has answered.
    fn say_by(&mut self, copy: CopyId, answer: Answer, by: u64, out: &mut Outputs) {
        match answer {
            Answer::Ok => self.told.ok += 1,
            Answer::Refused => self.told.refused += 1,
            Answer::Unknown => self.told.unknown += 1,
        }
        out.note_with(Kind::Told(answer), Some(copy), by);
    }

    /// What only this process has, and what it might send again. What comes from an
    /// outbox is there.
    fn held(&self) -> impl Iterator<Item = CopyId> + '_ {
        let relays = self.relays();
        let waiting =
            self.transaction.iter().flat_map(|transaction| transaction.waiting.iter().map(|index| (*index, 1)));
        let to_send = self.buffer.held().chain(waiting).filter(move |_| !relays);
        let uncommitted = self.uncommitted().map(|index| (index, 1));
        to_send.chain(uncommitted).map(|(index, attempt)| self.copy(index, attempt))
    }
}

impl Node for LogProducer {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        let Some(input) = self.take_of_database(now, input, out) else { return self.go_on(now, out) };
        match input {
            Input::Start(_) => {
                self.shop.iter_mut().for_each(|shop| shop.start(now, out));
                self.next = self.options.workload.before(now);
                self.await_next_fact(out);
            }
            Input::Timer(OCCUR) => self.occur(now, out),
            Input::Timer(SENDER) => self.armed = None,
            input => match self.cluster.handle(now, input, out) {
                Ok(Happening::Answer(node, asked, message)) => self.hear(now, node, asked, message, out),
                Ok(Happening::Down(_, requests)) => {
                    requests.into_iter().for_each(|(_, _, asked)| self.lost(now, asked, out));
                }
                Ok(Happening::None | Happening::Up(_) | Happening::Metadata) | Err(_) => {}
            },
        }
        self.go_on(now, out);
    }

    fn reset(&mut self) {
        self.cluster.reset();
        self.next = 0;
        self.buffer.reset();
        self.identity = Identity::default();
        self.transaction.iter_mut().for_each(|transaction| *transaction = Transaction::default());
        self.shop.iter_mut().for_each(Shop::reset);
        self.armed = None;
        self.told = Told::default();
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        self.held().for_each(visit);
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = Role::Producer;
        let in_flight = self.buffer.lanes.iter().flat_map(|lane| &lane.in_flight);
        let unanswered = in_flight.map(|batch| batch.records.len()).sum::<usize>();
        let waiting = self.transaction.as_ref().map_or(0, |transaction| transaction.waiting.len());
        picture.lanes.push(Lane {
            label: LaneLabel::Unconfirmed,
            ready: (self.buffer.records - unanswered + self.buffer.blocked.len() + waiting) as u64,
            unacked: unanswered as u64,
        });
        picture.figures.extend([
            Figure::Sent(self.told.sent),
            Figure::ToldOk(self.told.ok),
            Figure::ToldRefused(self.told.refused),
            Figure::ToldUnknown(self.told.unknown),
        ]);
        for copy in self.held() {
            picture.hold(copy, Place::Memory);
        }
        picture.peers.extend(self.cluster.connected());
    }
}
