//! Small nodes to try the world with.

use crate::event::{CopyId, Event, EventId, Kind, MessageId, NodeId, Recorder};
use crate::node::{ConnectionId, FileId, Holding, Input, Node, Outputs, TimerId};
use crate::picture::Picture;
use crate::protocol::queue::Method;
use crate::random::Digest;
use crate::time::{Span, Time};

pub const SENDER: NodeId = NodeId(0);
pub const KEEPER: NodeId = NodeId(1);
pub const FILE: FileId = FileId(7);
pub const RECORD: usize = 10;

/// A copy of message `n`.
pub fn copy(n: u32) -> CopyId {
    CopyId { message: MessageId(n), attempt: 1, branch: 0 }
}

/// Records everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History(pub Vec<Event>);

impl Recorder for History {
    fn record(&mut self, event: Event) -> Option<EventId> {
        self.0.push(event);
        Some(EventId(self.0.len() as u32 - 1))
    }
}

impl History {
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::default();
        for event in &self.0 {
            event.digest(&mut digest);
            digest.add(event.cause.map_or(u64::MAX, |cause| u64::from(cause.0)));
        }
        digest
    }

    /// The times at which `kind` happened, with the message.
    pub fn of(&self, kind: Kind) -> Vec<(Time, Option<u32>)> {
        let of_kind = self.0.iter().filter(|event| event.kind == kind);
        of_kind.map(|event| (event.time, event.message().map(|message| message.0))).collect()
    }

    pub fn messages(&self, kind: Kind) -> Vec<u32> {
        self.of(kind).into_iter().filter_map(|(_, message)| message).collect()
    }

    /// The event an event names as its cause.
    pub fn cause(&self, event: &Event) -> Option<&Event> {
        event.cause.map(|cause| &self.0[cause.0 as usize])
    }
}

/// Either a sender, which publishes `total` messages one every `every` and counts
/// the confirms, or a keeper, which appends every message to a file, syncs, and
/// confirms once synced.
#[derive(Clone, Debug)]
pub enum Toy {
    Sender(Sender),
    Keeper(Keeper),
}

#[derive(Clone, Debug)]
pub struct Sender {
    pub total: u32,
    pub every: Span,
    pub sent: u32,
    pub connection: Option<ConnectionId>,
    pub confirmed: Vec<u32>,
    pub heartbeat: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Keeper {
    pub connection: Option<ConnectionId>,
    /// Messages written to, with the end of their record.
    pub waiting: Vec<(u32, u64)>,
    pub end: u64,
    pub syncs: bool,
    pub recovered: Vec<u8>,
}

const TICK: TimerId = TimerId(0);
const HEARTBEAT: TimerId = TimerId(1);
const RETRY: TimerId = TimerId(2);

pub fn sender(total: u32, every: Span) -> Toy {
    Toy::Sender(Sender { total, every, sent: 0, connection: None, confirmed: Vec::new(), heartbeat: false })
}

pub fn keeper() -> Toy {
    Toy::Keeper(Keeper { syncs: true, ..Keeper::default() })
}

impl Sender {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                out.note(Kind::Started, None);
                out.open(KEEPER);
                out.set_timer(RETRY, now + Span::from_millis(300));
                if self.heartbeat {
                    out.set_periodic_timer(HEARTBEAT, now + Span::from_millis(100));
                }
            }
            Input::Opened { connection, .. } => {
                out.note(Kind::Connected, None);
                self.connection = Some(connection);
                out.cancel_timer(RETRY);
                if self.sent < self.total {
                    out.set_timer(TICK, now + self.every);
                }
            }
            Input::Timer(TICK) => {
                let Some(connection) = self.connection else { return };
                let copy = copy(self.sent);
                self.sent += 1;
                out.note(Kind::Sent, Some(copy));
                // A confirm with an attempt in its tag stands for a publish.
                let publish = Method::Return { copy, code: 0 };
                out.send(connection, publish.on(1), Some(copy));
                if self.sent < self.total {
                    out.set_timer(TICK, now + self.every);
                }
            }
            Input::Timer(HEARTBEAT) => {
                if let Some(connection) = self.connection {
                    out.send(connection, Method::Heartbeat.on(0), None);
                }
                out.set_periodic_timer(HEARTBEAT, now + Span::from_millis(100));
            }
            Input::Timer(RETRY) => {
                out.open(KEEPER);
                out.set_timer(RETRY, now + Span::from_millis(300));
            }
            Input::Frame { about: Some(copy), .. } => {
                out.note(Kind::Confirmed, Some(copy));
                self.confirmed.push(copy.message.0);
            }
            Input::Closed { why, .. } => {
                out.note(Kind::Disconnected(why), None);
                self.connection = None;
                out.cancel_timer(TICK);
                out.set_timer(RETRY, now + Span::from_millis(50));
            }
            Input::Disturbed(_) => out.note(Kind::Threw, None),
            _ => {}
        }
    }
}

impl Keeper {
    fn handle(&mut self, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(files) => {
                out.note_with(Kind::Started, None, files.len() as u64);
                for file in &files {
                    out.read(file.file, 0, file.length as u32);
                }
            }
            Input::ReadDone { bytes, .. } => {
                self.end = bytes.len() as u64;
                self.recovered = bytes.to_vec();
            }
            Input::Opened { connection, .. } => self.connection = Some(connection),
            Input::Closed { why, .. } => {
                out.note(Kind::Disconnected(why), None);
                self.connection = None;
            }
            Input::Frame { about: Some(copy), .. } => {
                out.note(Kind::Received, Some(copy));
                out.append(FILE, |bytes| bytes.extend([copy.message.0 as u8 + 1; RECORD]), [copy.tag()]);
                self.end += RECORD as u64;
                self.waiting.push((copy.message.0, self.end));
                if self.syncs {
                    out.sync(FILE);
                }
            }
            Input::Written { end, .. } if !self.syncs => self.confirm(end, out),
            Input::Synced { end, .. } => self.confirm(end, out),
            _ => {}
        }
    }

    fn confirm(&mut self, end: u64, out: &mut Outputs) {
        while let Some((message, _)) = self.waiting.first().copied().filter(|(_, at)| *at <= end) {
            self.waiting.remove(0);
            out.note(Kind::Synced, Some(copy(message)));
            if let Some(connection) = self.connection {
                let confirm = Method::Confirm { tag: 0, multiple: false };
                out.send(connection, confirm.on(1), Some(copy(message)));
            }
        }
    }
}

impl Node for Toy {
    fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match self {
            Self::Sender(sender) => sender.handle(now, input, out),
            Self::Keeper(keeper) => keeper.handle(input, out),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Sender(sender) => sender.connection = None,
            Self::Keeper(keeper) => *keeper = Keeper { syncs: keeper.syncs, ..Keeper::default() },
        }
    }

    fn in_memory(&self, visit: &mut dyn FnMut(CopyId)) {
        if let Self::Keeper(keeper) = self {
            keeper.waiting.iter().for_each(|(message, _)| visit(copy(*message)));
        }
    }

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, _: &mut Picture) {}
}
