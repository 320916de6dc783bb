//! Reads a file back, piece by piece, up to the first record that is not certain.

use super::record::{HEADER, LARGEST_BODY, checksum};
use crate::flaw::{self, Flaw};
use crate::node::FileId;

/// A record as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it starts in its file.
    pub offset: u64,
    pub kind: u8,
    pub payload: &'a [u8],
}

/// The recovery of one file. Feed it the pieces in order; ask it for the end.
#[derive(Clone, Debug)]
pub struct Recovery {
    file: FileId,
    /// Where the first byte not yet accepted is.
    end: u64,
    /// Bytes from `end` on that do not yet make a whole record.
    rest: Vec<u8>,
    damaged: bool,
}

/// What the bytes at the front are.
enum Front {
    /// A whole record with a body of this length.
    Whole(usize),
    /// Perhaps a record; more bytes are needed.
    Part,
    Bad,
}

impl Recovery {
    #[must_use]
    pub fn new(file: FileId) -> Self {
        Self::starting_at(file, 0)
    }

    /// Begins at a record in the middle of a file.
    #[must_use]
    pub fn starting_at(file: FileId, offset: u64) -> Self {
        Self { file, end: offset, rest: Vec::new(), damaged: false }
    }

    /// Takes the next piece of the file and hands out the records it completes.
    /// After the first bad record, pieces are ignored.
    pub fn feed(&mut self, piece: &[u8], mut visit: impl FnMut(Record<'_>)) {
        if self.damaged {
            return;
        }
        // A record that spans two pieces is joined here; nothing else is copied
        // when the pieces end where records do.
        let mut rest = std::mem::take(&mut self.rest);
        let bytes = if rest.is_empty() {
            piece
        } else {
            rest.extend_from_slice(piece);
            &rest[..]
        };
        let used = self.take_records(bytes, &mut visit);
        if rest.is_empty() {
            rest.extend_from_slice(&piece[used..]);
        } else {
            rest.drain(..used);
        }
        self.rest = rest;
    }

    /// Whether a bad record was met: nothing after [`Recovery::end`] can be trusted.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// The offset just behind the last good record. Once all pieces were fed, a
    /// file that is longer ends in a damaged or half-written record and must be
    /// cut to this length before anything is appended.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Returns how many bytes it is done with.
    fn take_records(&mut self, bytes: &[u8], visit: &mut impl FnMut(Record<'_>)) -> usize {
        let mut at = 0;
        loop {
            match front(self.file, self.end, &bytes[at..]) {
                Front::Whole(length) => {
                    let body = &bytes[at + HEADER..at + HEADER + length];
                    visit(Record { offset: self.end, kind: body[0], payload: &body[1..] });
                    at += HEADER + length;
                    self.end += (HEADER + length) as u64;
                }
                Front::Part => return at,
                Front::Bad => {
                    if flaw::is_on(Flaw::ContinuesPastTornRecord)
                        && let Some(next) = self.next_whole(&bytes[at..])
                    {
                        at += next;
                        self.end += next as u64;
                        continue;
                    }
                    self.damaged = true;
                    return bytes.len();
                }
            }
        }
    }
}

impl Recovery {
    /// Where the next record begins that looks whole: what a recovery must not
    /// look for, because the records between are gone.
    fn next_whole(&self, bytes: &[u8]) -> Option<usize> {
        let is_whole = |at: &usize| matches!(front(self.file, self.end + *at as u64, &bytes[*at..]), Front::Whole(_));
        (1..bytes.len()).find(is_whole)
    }
}

fn front(file: FileId, offset: u64, bytes: &[u8]) -> Front {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Front::Part };
    let length_bytes = [header[0], header[1], header[2], header[3]];
    let length = u32::from_le_bytes(length_bytes) as usize;
    if length == 0 || length > LARGEST_BODY {
        return Front::Bad;
    }
    let Some(body) = rest.get(..length) else { return Front::Part };
    let written = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    if written != checksum(file, offset, length_bytes, body) && !flaw::is_on(Flaw::ChecksumSkipped) {
        return Front::Bad;
    }
    Front::Whole(length)
}
