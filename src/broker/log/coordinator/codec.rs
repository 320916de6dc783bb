//! Bytes of records in the internal topics: little-endian numbers, counts before
//! lists. A record that cannot be read is skipped by who loads; checksums of the
//! log have found what is damaged before it gets here.

use bytes::Bytes;

use crate::protocol::Name;
use crate::protocol::log::TopicPartition;

/// Something that is written to bytes and read back.
pub trait Coded: Sized {
    fn put(&self, bytes: &mut Vec<u8>);

    /// `None`: the bytes are not one of these.
    fn get(bytes: &mut &[u8]) -> Option<Self>;
}

pub fn encode(value: &impl Coded) -> Bytes {
    let mut bytes = Vec::new();
    value.put(&mut bytes);
    bytes.into()
}

/// Reads one value that must be all there is.
pub fn decode<T: Coded>(mut bytes: &[u8]) -> Option<T> {
    T::get(&mut bytes).filter(|_| bytes.is_empty())
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Coded for $number {
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn get(bytes: &mut &[u8]) -> Option<Self> {
                let (number, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(Self::from_le_bytes(*number))
            }
        }
    )*};
}

number!(u8, u16, u32, u64);

impl Coded for Name {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    fn get(bytes: &mut &[u8]) -> Option<Self> {
        u32::get(bytes).map(Self)
    }
}

impl Coded for TopicPartition {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.topic.put(bytes);
        self.partition.put(bytes);
    }

    fn get(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { topic: Name::get(bytes)?, partition: u16::get(bytes)? })
    }
}

/// Writes a list with its length.
pub fn put_list<T: Coded>(list: &[T], bytes: &mut Vec<u8>) {
    (list.len() as u32).put(bytes);
    list.iter().for_each(|value| value.put(bytes));
}

/// Reads what [`put_list`] wrote.
pub fn get_list<T: Coded>(bytes: &mut &[u8]) -> Option<Vec<T>> {
    (0..u32::get(bytes)?).map(|_| T::get(bytes)).collect()
}
