//! Reading a service's log back when its process starts, piece by piece. The
//! log is one file of checked records (see [`crate::wal`]); it is cut behind its
//! last good record, and appended to from there.

use crate::node::{FileId, FileInfo, Outputs};
use crate::wal;

/// The one file of a service.
pub const FILE: FileId = FileId(0);

/// How much is read at a time, in bytes.
const PIECE: u64 = 64 << 10;

/// A log that is being read.
#[derive(Clone, Debug)]
pub struct Reading {
    log: wal::Recovery,
    /// How long the file is, and how much of it was read.
    length: u64,
    fed: u64,
}

impl Reading {
    /// Begins to read the log as the process finds it. `None` if there is nothing.
    pub fn begin(files: &[FileInfo], out: &mut Outputs) -> Option<Self> {
        let length = files.iter().find(|info| info.file == FILE).map_or(0, |info| info.length);
        Self::of_length(length, out)
    }

    /// Begins to read a log of this length, in bytes.
    pub fn of_length(length: u64, out: &mut Outputs) -> Option<Self> {
        if length == 0 {
            return None;
        }
        let reading = Self { log: wal::Recovery::new(FILE), length, fed: 0 };
        reading.ask(out);
        Some(reading)
    }

    /// Takes the next piece. True once there is no more to come.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Outputs, visit: impl FnMut(wal::Record<'_>)) -> bool {
        self.fed += bytes.len() as u64;
        self.log.feed(bytes, visit);
        let done = self.fed >= self.length || bytes.is_empty() || self.log.is_damaged();
        if !done {
            self.ask(out);
        }
        done
    }

    /// Cuts off what cannot be trusted, and returns where the log goes on.
    pub fn finish(self, out: &mut Outputs) -> u64 {
        let end = self.log.end();
        if end < self.length {
            out.truncate(FILE, end);
        }
        end
    }

    fn ask(&self, out: &mut Outputs) {
        out.read(FILE, self.fed, (self.length - self.fed).min(PIECE) as u32);
    }
}
