//! Values as bytes and back, for whatever a node keeps in a file or sends as an
//! opaque command: numbers are little-endian, a count comes before a list, and an
//! option is written as the one value that no real one has.
//!
//! Reading goes through [`Buf`], so the same code reads a borrowed record and
//! shared [`Bytes`]. Of the latter a payload is a slice and never a copy: the log
//! entry, the queue and every delivery share one allocation.
//!
//! Nothing here carries a version or the names of fields, as serialisation crates
//! offer: what is written in a run is read in the same run. Checksums stand around
//! records (`wal`), so a value that cannot be read is one of another kind.

#[cfg(test)]
mod tests;

use bytes::{Buf, Bytes};

use crate::event::{CopyId, NodeId};
use crate::protocol::Name;
use crate::protocol::log::{ProducerId, TopicPartition};
use crate::time::{Span, Time};

/// Something that is written to bytes and read back.
pub trait Coded: Sized {
    fn put(&self, bytes: &mut Vec<u8>);

    /// Reads it off the front. `None`: the bytes are not one of these.
    fn get(from: &mut impl Buf) -> Option<Self>;
}

pub fn encode(value: &impl Coded) -> Bytes {
    let mut bytes = Vec::new();
    value.put(&mut bytes);
    bytes.into()
}

/// Reads one value that must be all there is.
pub fn decode<T: Coded>(mut from: impl Buf) -> Option<T> {
    T::get(&mut from).filter(|_| !from.has_remaining())
}

macro_rules! numbers {
    ($($number:ty: $get:ident),*) => {$(
        impl Coded for $number {
            #[inline]
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn get(from: &mut impl Buf) -> Option<Self> {
                from.$get().ok()
            }
        }
    )*};
}

numbers!(u8: try_get_u8, u16: try_get_u16_le, u32: try_get_u32_le, u64: try_get_u64_le, i16: try_get_i16_le);

/// What is written as another type, and how to get there and back.
macro_rules! written_as {
    ($($type:ty as $other:ty: $to:expr, $back:expr;)*) => {$(
        impl Coded for $type {
            #[inline]
            fn put(&self, bytes: &mut Vec<u8>) {
                $to(*self).put(bytes);
            }

            #[inline]
            fn get(from: &mut impl Buf) -> Option<Self> {
                <$other>::get(from).map($back)
            }
        }
    )*};
}

written_as! {
    Time as u64: Self::as_nanos, Self::from_nanos;
    Span as u64: Self::as_nanos, Self::from_nanos;
    CopyId as u64: Self::tag, Self::from_tag;
    NodeId as u16: |node: Self| node.0, Self;
    Name as u32: |name: Self| name.0, Self;
}

impl Coded for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        match u8::get(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Coded for TopicPartition {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.topic.put(bytes);
        self.partition.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self { topic: Coded::get(from)?, partition: Coded::get(from)? })
    }
}

impl Coded for ProducerId {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.number.put(bytes);
        self.epoch.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self { number: Coded::get(from)?, epoch: Coded::get(from)? })
    }
}

/// With its length before it.
impl Coded for Bytes {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u32).put(bytes);
        bytes.extend_from_slice(self);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let length = u32::get(from)? as usize;
        (from.remaining() >= length).then(|| from.copy_to_bytes(length))
    }
}

/// A type with a value that stands for "there is none".
pub trait Absent: Coded + Copy + PartialEq {
    const ABSENT: Self;
}

macro_rules! absent {
    ($($type:ty: $value:expr;)*) => {$(
        impl Absent for $type {
            const ABSENT: Self = $value;
        }
    )*};
}

absent! {
    u16: Self::MAX;
    u32: Self::MAX;
    u64: Self::MAX;
    Time: Self::MAX;
    Span: Self::from_nanos(u64::MAX);
    NodeId: Self(u16::MAX);
    Name: Self(u32::MAX);
}

impl<T: Absent> Coded for Option<T> {
    #[inline]
    fn put(&self, bytes: &mut Vec<u8>) {
        self.unwrap_or(T::ABSENT).put(bytes);
    }

    #[inline]
    fn get(from: &mut impl Buf) -> Option<Self> {
        T::get(from).map(|value| Some(value).filter(|value| *value != T::ABSENT))
    }
}

/// Writes a list: its length, then its items.
pub fn put_all<'a, T: Coded + 'a>(items: impl ExactSizeIterator<Item = &'a T>, bytes: &mut Vec<u8>) {
    (items.len() as u32).put(bytes);
    items.for_each(|item| item.put(bytes));
}

/// Reads what [`put_all`] wrote.
pub fn get_all<T: Coded, L: FromIterator<T>>(from: &mut impl Buf) -> Option<L> {
    let length = u32::get(from)?;
    get_many(length as usize, from)
}

/// Reads so many items, whose count was written in a way of its own.
pub fn get_many<T: Coded, L: FromIterator<T>>(count: usize, from: &mut impl Buf) -> Option<L> {
    (0..count).map(|_| T::get(from)).collect()
}

/// Writes a choice as its place in the list of all.
///
/// # Panics
/// If it is not in the list: a choice was added and its list forgotten.
pub fn put_place<T: PartialEq>(all: &[T], choice: &T, bytes: &mut Vec<u8>) {
    let place = all.iter().position(|one| one == choice).expect("every choice is in the list of all");
    bytes.push(place as u8);
}

/// Reads what [`put_place`] wrote.
pub fn get_place<T: Copy>(all: &[T], from: &mut impl Buf) -> Option<T> {
    all.get(usize::from(u8::get(from)?)).copied()
}

/// All that is left, shared where the bytes are.
pub fn rest(from: &mut impl Buf) -> Bytes {
    from.copy_to_bytes(from.remaining())
}
