//! The append-only file. A write is answered before it is in the file for good:
//! the file is synced once a second (`appendfsync everysec`), so a power cut may
//! take the last second with it.

use super::{SYNC, Store};
use crate::codec::Coded;
use crate::event::{Kind, MessageId};
use crate::node::{FileInfo, Outputs};
use crate::protocol::store::{Entry, Key};
use crate::service::log::{FILE, Reading};
use crate::time::{Span, Time};
use crate::wal;

const SYNC_AFTER: Span = Span::from_secs(1);
const WRITE: u8 = 1;

#[derive(Clone, Debug, Default)]
pub(super) struct Append {
    /// In bytes.
    length: u64,
    timer_set: bool,
    given_up: bool,
}

impl Append {
    fn write(&mut self, key: Key, entry: Entry, out: &mut Outputs) {
        let at = self.length;
        let mut written = 0;
        let encode = |bytes: &mut Vec<u8>| written = encode(bytes, at, key, entry);
        out.append(FILE, encode, []);
        self.length += written as u64;
    }

    pub fn sync_due(&mut self, out: &mut Outputs) {
        self.timer_set = false;
        out.sync(FILE);
    }

    pub fn give_up(&mut self) {
        self.given_up = true;
    }
}

impl Store {
    pub(super) fn append(&mut self, key: Key, entry: Entry, now: Time, out: &mut Outputs) {
        if !self.options.appends || self.append.given_up {
            return;
        }
        self.append.write(key, entry, out);
        if !self.append.timer_set {
            self.append.timer_set = true;
            out.set_timer(SYNC, now + SYNC_AFTER);
        }
    }

    /// A replica that got everything anew writes its file anew.
    pub(super) fn rewrite(&mut self, now: Time, out: &mut Outputs) {
        if self.options.appends {
            out.truncate(FILE, 0);
            self.append.length = 0;
            for (key, entry) in self.keys.entries(now) {
                self.append(key, entry, now, out);
            }
        }
    }

    pub(super) fn begin_reading(&mut self, files: &[FileInfo], now: Time, out: &mut Outputs) {
        self.reading = Reading::begin(files, out);
        if self.reading.is_none() {
            self.is_read(0, now, out);
        }
    }

    pub(super) fn piece_read(&mut self, bytes: &[u8], now: Time, out: &mut Outputs) {
        let Some(mut reading) = self.reading.take() else { return };
        let keys = &mut self.keys;
        let is_done = reading.feed(bytes, out, |record| {
            if let Some((key, entry)) = decode(record) {
                keys.set(key, entry);
            }
        });
        if is_done {
            let end = reading.finish(out);
            self.is_read(end, now, out);
        } else {
            self.reading = Some(reading);
        }
    }

    fn is_read(&mut self, end: u64, now: Time, out: &mut Outputs) {
        self.append.length = end;
        out.note_with(Kind::Started, None, self.keys.entries(now).len() as u64);
        self.release_held(now, out);
    }
}

fn encode(bytes: &mut Vec<u8>, offset: u64, key: Key, entry: Entry) -> usize {
    wal::encode(bytes, FILE, offset, WRITE, |bytes| {
        key.subscription.put(bytes);
        key.message.0.put(bytes);
        entry.value.put(bytes);
        entry.expires.put(bytes);
    })
}

fn decode(record: wal::Record<'_>) -> Option<(Key, Entry)> {
    let from = &mut &record.payload[..];
    let key = Key { subscription: Coded::get(from)?, message: MessageId(Coded::get(from)?) };
    Some((key, Entry { value: Coded::get(from)?, expires: Coded::get(from)? }))
}
