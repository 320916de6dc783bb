//! Plays network, disk and clock for one broker.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use crate::broker::queue::{Options, QueueBroker};
use crate::event::{Closed, CopyId, Kind, MessageId, NodeId, Note};
use crate::node::{
    ConnectionId, DiskError, DiskOperation, FileId, FileInfo, Holding, Input, Node, Output, Outputs, TimerId,
};
use crate::picture::Picture;
use crate::protocol::queue::{Arguments, Deliver, Method, Properties, Publish};
use crate::protocol::{Frame, Name};
use crate::random::Draw;
use crate::time::{Span, Time};

pub const QUEUE: Name = Name(1);
pub const OTHER_QUEUE: Name = Name(2);
pub const EXCHANGE: Name = Name(3);
pub const KEY: Name = Name(4);
pub const NOWHERE: Name = Name(5);
/// The channel that tests use unless they need two.
pub const CHANNEL: u16 = 1;

pub struct Rig {
    pub broker: QueueBroker,
    pub now: Time,
    out: Outputs,
    next_connection: u32,
    timers: BTreeMap<TimerId, Time>,
    /// What the operating system holds.
    pub files: BTreeMap<FileId, Vec<u8>>,
    /// How much of each file is on the device.
    synced: BTreeMap<FileId, usize>,
    /// Appends and syncs not yet carried out, with the bytes of appends.
    disk: VecDeque<(FileId, Option<Vec<u8>>)>,
    /// Whether the disk works at once, or only when told to.
    pub disk_is_fast: bool,
    pub disk_is_full: bool,
    pub sync_fails: bool,
    pub sent: Vec<(ConnectionId, u16, Method)>,
    pub notes: Vec<Note>,
    pub closed: Vec<(ConnectionId, Closed)>,
    pub removed: Vec<FileId>,
    pub appends: usize,
    pub syncs: usize,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let subscriptions = vec![(QUEUE, 0), (OTHER_QUEUE, 1)];
        let mut rig = Self {
            broker: QueueBroker::new(Options { subscriptions, ..options }),
            now: Time::from_millis(1),
            out: Outputs::default(),
            next_connection: 0,
            timers: BTreeMap::new(),
            files: BTreeMap::new(),
            synced: BTreeMap::new(),
            disk: VecDeque::new(),
            disk_is_fast: true,
            disk_is_full: false,
            sync_fails: false,
            sent: Vec::new(),
            notes: Vec::new(),
            closed: Vec::new(),
            removed: Vec::new(),
            appends: 0,
            syncs: 0,
        };
        rig.give(Input::Start(Box::new([])));
        rig
    }

    pub fn syncing_before_confirm() -> Self {
        Self::with(Options { sync_before_confirm: true, ..Options::default() })
    }

    /// One input, and whatever a fast disk makes of it.
    pub fn give(&mut self, input: Input) {
        self.out.clear();
        self.broker.handle(self.now, input, &mut self.out);
        let mut reads = Vec::new();
        for output in std::mem::take(&mut self.out.list) {
            match output {
                Output::Send { connection, frame: Frame::Queue { channel, method }, .. } => {
                    self.sent.push((connection, channel, method));
                }
                Output::Close { connection, why } => self.closed.push((connection, why)),
                Output::SetTimer { timer, at, .. } => {
                    self.timers.insert(timer, at);
                }
                Output::CancelTimer { timer } => {
                    self.timers.remove(&timer);
                }
                Output::Append { file, bytes, .. } => {
                    let bytes = self.out.bytes[bytes.start as usize..bytes.end as usize].to_vec();
                    self.disk.push_back((file, Some(bytes)));
                    self.appends += 1;
                }
                Output::Sync { file } => {
                    self.disk.push_back((file, None));
                    self.syncs += 1;
                }
                Output::Read { file, offset, length } => reads.push((file, offset, length)),
                Output::Truncate { file, length } => {
                    self.files.entry(file).or_default().truncate(length as usize);
                    self.synced.insert(file, length as usize);
                }
                Output::Remove { file } => {
                    self.files.remove(&file);
                    self.synced.remove(&file);
                    self.removed.push(file);
                }
                Output::Note(note) => self.notes.push(note),
                other => panic!("a broker has no use for {other:?}"),
            }
        }
        for (file, offset, length) in reads {
            let rest = &self.files[&file][offset as usize..];
            let bytes = &rest[..rest.len().min(length as usize)];
            self.give(Input::ReadDone { file, offset, bytes: Bytes::copy_from_slice(bytes) });
        }
        while self.disk_is_fast && self.disk_step() {}
    }

    /// One input to a broker whose reads the test answers itself.
    pub fn give_without_reading(&mut self, input: Input) {
        self.out.clear();
        crate::node::Node::handle(&mut self.broker, self.now, input, &mut self.out);
        for output in std::mem::take(&mut self.out.list) {
            if let Output::Send { connection, frame: Frame::Queue { channel, method }, .. } = output {
                self.sent.push((connection, channel, method));
            }
        }
    }

    /// The disk carries out one operation. False: there was none.
    pub fn disk_step(&mut self) -> bool {
        let Some((file, bytes)) = self.disk.pop_front() else { return false };
        let input = match bytes {
            Some(_) if self.disk_is_full => {
                Input::DiskError { file, operation: DiskOperation::Append, error: DiskError::Full }
            }
            Some(bytes) => {
                let content = self.files.entry(file).or_default();
                content.extend_from_slice(&bytes);
                Input::Written { file, end: content.len() as u64 }
            }
            None if self.sync_fails => {
                Input::DiskError { file, operation: DiskOperation::Sync, error: DiskError::SyncFailed }
            }
            None => {
                let end = self.files.get(&file).map_or(0, Vec::len);
                self.synced.insert(file, end);
                Input::Synced { file, end: end as u64 }
            }
        };
        self.give(input);
        true
    }

    /// Lets time pass; timers ring on the way.
    pub fn wait(&mut self, span: Span) {
        let until = self.now + span;
        while let Some((&timer, &at)) = self.timers.iter().min_by_key(|(timer, at)| (**at, **timer)) {
            if at > until {
                break;
            }
            self.timers.remove(&timer);
            self.now = self.now.max(at);
            self.give(Input::Timer(timer));
        }
        self.now = until;
    }

    /// Long enough for everything that is going to be written to be written.
    pub fn settle(&mut self) {
        while self.disk_step() {}
        self.disk_is_fast = true;
        self.wait(Span::from_secs(3));
    }

    /// The process dies and starts again; the system keeps what it was given.
    pub fn crash(&mut self) {
        self.disk.clear();
        self.timers.clear();
        self.broker.reset();
        let info = |(file, bytes): (&FileId, &Vec<u8>)| FileInfo { file: *file, length: bytes.len() as u64 };
        let files: Box<[FileInfo]> = self.files.iter().map(info).collect();
        self.give(Input::Start(files));
    }

    /// The machine loses power, and nothing that was not synced survives.
    pub fn power_cut(&mut self) {
        for (file, bytes) in &mut self.files {
            bytes.truncate(self.synced.get(file).copied().unwrap_or(0));
        }
        self.crash();
    }

    /// The machine loses power; of what was not synced, a drawn part survives,
    /// perhaps with a hole in it.
    pub fn torn_power_cut(&mut self, draw: Draw) {
        for (file, bytes) in &mut self.files {
            let draw = draw.by(u64::from(file.0));
            let synced = self.synced.get(file).copied().unwrap_or(0);
            let unsynced = (bytes.len() - synced) as u64;
            bytes.truncate(synced + draw.by(1).below(unsynced + 1) as usize);
            let hole = synced + draw.by(2).below(unsynced * 2 + 1) as usize;
            bytes.iter_mut().skip(hole).take(20).for_each(|byte| *byte = 0);
        }
        self.crash();
    }

    pub fn connect(&mut self, heartbeat: Span) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let peer = NodeId(10 + connection.0 as u16);
        self.give(Input::Opened { connection, peer, inbound: true });
        self.frame(connection, 0, Method::ConnectionOpen { heartbeat });
        connection
    }

    /// A client with one open channel.
    pub fn client(&mut self) -> ConnectionId {
        let connection = self.connect(Span::ZERO);
        self.say(connection, Method::ChannelOpen);
        connection
    }

    /// A client that gets confirms, and the durable queue to publish to.
    pub fn publisher(&mut self) -> ConnectionId {
        let client = self.client();
        self.say(client, Method::ConfirmSelect);
        self.say(client, Method::declare(QUEUE, true));
        client
    }

    /// Declares a durable queue with arguments.
    pub fn declare(&mut self, client: ConnectionId, queue: Name, arguments: Arguments) {
        self.say(client, Method::QueueDeclare { queue, durable: true, arguments: Arc::new(arguments) });
    }

    /// A client that consumes by hand.
    pub fn consumer(&mut self, prefetch: u16) -> ConnectionId {
        let client = self.client();
        self.consume(client, prefetch, false);
        client
    }

    pub fn consume(&mut self, client: ConnectionId, prefetch: u16, auto_ack: bool) {
        self.say(client, Method::Qos { prefetch });
        self.say(client, Method::consume(QUEUE, 1, auto_ack));
    }

    pub fn frame(&mut self, connection: ConnectionId, channel: u16, method: Method) {
        self.give(Input::Frame { connection, frame: method.on(channel), about: None });
    }

    pub fn say(&mut self, connection: ConnectionId, method: Method) {
        self.frame(connection, CHANNEL, method);
    }

    pub fn publish(&mut self, client: ConnectionId, message: u32) {
        self.say(client, Method::Publish(persistent(message)));
    }

    pub fn publish_transient(&mut self, client: ConnectionId, message: u32) {
        self.say(client, Method::Publish(Publish { persistent: false, ..persistent(message) }));
    }

    pub fn ack(&mut self, client: ConnectionId, tag: u64) {
        self.say(client, Method::Ack { tag, multiple: false });
    }

    pub fn hang_up(&mut self, connection: ConnectionId) {
        self.give(Input::Closed { connection, why: Closed::Reset });
    }

    /// What was sent on a connection since this was last asked.
    pub fn heard(&mut self, connection: ConnectionId) -> Vec<Method> {
        let mut heard = Vec::new();
        self.sent.retain(|(to, _, method)| {
            if *to == connection {
                heard.push(method.clone());
            }
            *to != connection
        });
        heard
    }

    /// Message, tag and `redelivered` of each delivery since last asked.
    pub fn deliveries(&mut self, connection: ConnectionId) -> Vec<(u32, u64, bool)> {
        let delivery = |method| match method {
            Method::Deliver(Deliver { copy, tag, redelivered, .. }) => Some((copy.message.0, tag, redelivered)),
            _ => None,
        };
        self.heard(connection).into_iter().filter_map(delivery).collect()
    }

    /// The messages delivered since last asked.
    pub fn delivered(&mut self, connection: ConnectionId) -> Vec<u32> {
        self.deliveries(connection).into_iter().map(|(message, ..)| message).collect()
    }

    /// Tag and `multiple` of each positive confirm since last asked.
    pub fn confirms(&mut self, connection: ConnectionId) -> Vec<(u64, bool)> {
        let confirm = |method| match method {
            Method::Confirm { tag, multiple } => Some((tag, multiple)),
            _ => None,
        };
        self.heard(connection).into_iter().filter_map(confirm).collect()
    }

    /// The messages that a kind of event was noted for, ever.
    pub fn noted(&self, kind: Kind) -> Vec<u32> {
        let notes = self.notes.iter().filter(|note| note.kind == kind);
        notes.filter_map(|note| note.copy).map(|copy| copy.message.0).collect()
    }

    /// The messages the broker holds for the first subscription, sorted.
    pub fn holds(&self) -> Vec<u32> {
        let mut held = Vec::new();
        self.broker.holdings(&mut |Holding { copy, subscription, .. }| {
            if subscription == 0 {
                held.push(copy.message.0);
            }
        });
        held.sort_unstable();
        held
    }

    /// The messages that a crash would destroy, sorted.
    pub fn in_memory(&self) -> Vec<u32> {
        let mut held = Vec::new();
        self.broker.in_memory(&mut |copy| held.push(copy.message.0));
        held.sort_unstable();
        held
    }

    pub fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        self.broker.picture(&mut picture);
        picture
    }
}

/// A persistent message with properties.
pub fn with_properties(message: u32, properties: Properties) -> Method {
    Method::Publish(Publish { properties: Some(Arc::new(properties)), ..persistent(message) })
}

/// A persistent message for the queue, by way of the default exchange.
pub fn persistent(message: u32) -> Publish {
    Publish {
        exchange: Name::EMPTY,
        key: QUEUE,
        copy: CopyId { message: MessageId(message), attempt: 1, branch: 0 },
        mandatory: false,
        persistent: true,
        properties: None,
        payload: Bytes::from_static(b"an order, in its first state"),
    }
}
