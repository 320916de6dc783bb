//! Bytes of commands and snapshots: little-endian numbers, lengths before what
//! varies. Payloads are slices of the bytes they came in, never copies: the log
//! entry, the queue and every delivery share one allocation.

use bytes::Bytes;

use crate::event::{CopyId, NodeId};
use crate::time::{Span, Time};

/// What marks "there is none" where a time is optional.
const NONE: u64 = u64::MAX;

/// Something that is written to bytes and read back.
pub trait Coded: Sized {
    fn put(&self, bytes: &mut Vec<u8>);

    /// `None`: the bytes are not one of these.
    fn get(reader: &mut Reader) -> Option<Self>;
}

/// Reads on from a place in shared bytes. Only payloads share them: a number is
/// copied, without a look at the count of those who share.
#[derive(Clone, Debug)]
pub struct Reader {
    bytes: Bytes,
    /// Where it reads on.
    at: usize,
}

impl Reader {
    #[must_use]
    pub const fn new(bytes: Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `length` bytes, shared.
    pub fn take(&mut self, length: usize) -> Option<Bytes> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        let taken = self.bytes.slice(self.at..end);
        self.at = end;
        Some(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = *self.bytes.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(array)
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }
}

/// Reads one value that must be all there is.
pub fn decode<T: Coded>(bytes: &Bytes) -> Option<T> {
    let mut reader = Reader::new(bytes.clone());
    let value = T::get(&mut reader)?;
    reader.is_empty().then_some(value)
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Coded for $number {
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn get(reader: &mut Reader) -> Option<Self> {
                reader.array().map(Self::from_le_bytes)
            }
        }
    )*};
}

number!(u8, u16, u32, u64, i16);

impl Coded for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        match u8::get(reader)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Coded for Time {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.as_nanos().put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        u64::get(reader).map(Self::from_nanos)
    }
}

impl Coded for Span {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.as_nanos().put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        u64::get(reader).map(Self::from_nanos)
    }
}

impl Coded for Option<Time> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.map_or(NONE, Time::as_nanos).put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        let nanos = u64::get(reader)?;
        Some((nanos != NONE).then(|| Time::from_nanos(nanos)))
    }
}

impl Coded for Option<Span> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.map_or(NONE, Span::as_nanos).put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        let nanos = u64::get(reader)?;
        Some((nanos != NONE).then(|| Span::from_nanos(nanos)))
    }
}

impl Coded for CopyId {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.tag().put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        u64::get(reader).map(Self::from_tag)
    }
}

impl Coded for NodeId {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        u16::get(reader).map(Self)
    }
}

impl Coded for Bytes {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u32).put(bytes);
        bytes.extend_from_slice(self);
    }

    fn get(reader: &mut Reader) -> Option<Self> {
        let length = u32::get(reader)?;
        reader.take(length as usize)
    }
}

/// Writes a list: its length, then its items.
pub fn put_all<'a, T: Coded + 'a>(items: impl ExactSizeIterator<Item = &'a T>, bytes: &mut Vec<u8>) {
    (items.len() as u32).put(bytes);
    for item in items {
        item.put(bytes);
    }
}

/// Reads what [`put_all`] wrote.
pub fn get_all<T: Coded, L: FromIterator<T>>(reader: &mut Reader) -> Option<L> {
    let length = u32::get(reader)?;
    (0..length).map(|_| T::get(reader)).collect()
}
