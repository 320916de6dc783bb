//! Where the high watermark stood, kept beside the log (`replication-offset-
//! checkpoint`): written and synced every five seconds if it has changed. A replica
//! that starts goes on from there. What it does not know any more is the leader's
//! to tell, or to find out again from its followers.

use super::codec;
use crate::node::{FileId, Outputs};
use crate::time::{Span, Time};
use crate::wal;

/// `replica.high.watermark.checkpoint.interval.ms`.
const INTERVAL: Span = Span::from_secs(5);
/// The file begins anew when it has grown to this, in bytes.
const LONGEST: u64 = 64 << 10;

#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    pub file: FileId,
    /// In bytes.
    pub length: u64,
    /// What it holds: the high watermark and the log start.
    pub high_watermark: u64,
    pub log_start: u64,
    pub due: Option<Time>,
}

impl Checkpoint {
    pub fn new(file: FileId) -> Self {
        Self { file, length: 0, high_watermark: 0, log_start: 0, due: None }
    }

    pub fn changed(&mut self, now: Time) {
        self.due.get_or_insert(now + INTERVAL);
    }

    pub fn write_if_due(&mut self, high_watermark: u64, log_start: u64, now: Time, out: &mut Outputs) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        self.due = None;
        if (self.high_watermark, self.log_start) == (high_watermark, log_start) {
            return;
        }
        (self.high_watermark, self.log_start) = (high_watermark, log_start);
        if self.length >= LONGEST {
            out.truncate(self.file, 0);
            self.length = 0;
        }
        let (file, position) = (self.file, self.length);
        let mut length = 0;
        let write = |bytes: &mut Vec<u8>| {
            let payload = |bytes: &mut Vec<u8>| codec::encode_checkpoint(bytes, high_watermark, log_start);
            length = wal::encode(bytes, file, position, codec::CHECKPOINT, payload);
        };
        out.append(file, write, []);
        out.sync(file);
        self.length += length as u64;
    }
}
