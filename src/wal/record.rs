//! One record: `length u32 | crc32c u32 | kind u8 | payload`, little-endian. The
//! length counts kind and payload, so it is never zero, and a hole of zeros can
//! never pass for a record.

use crate::node::FileId;

/// The bytes of a record before its kind: length and checksum.
pub const HEADER: usize = 8;

/// A longer body is taken for damage, so that a rotten length cannot make
/// recovery buffer a whole file. RabbitMQ's largest message is 16 MiB.
pub const LARGEST_BODY: usize = 32 << 20;

/// Appends one record to `bytes` and returns its length. `offset` is where the
/// record will start in `file`; `payload` writes what it carries.
///
/// # Panics
/// If the payload is larger than [`LARGEST_BODY`]: callers bound what they take in.
pub fn encode(bytes: &mut Vec<u8>, file: FileId, offset: u64, kind: u8, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; HEADER]);
    bytes.push(kind);
    payload(bytes);
    let length = bytes.len() - start - HEADER;
    assert!(length <= LARGEST_BODY, "a record of {length} bytes");
    let length_bytes = (length as u32).to_le_bytes();
    let checksum = checksum(file, offset, length_bytes, &bytes[start + HEADER..]);
    bytes[start..start + 4].copy_from_slice(&length_bytes);
    bytes[start + 4..start + HEADER].copy_from_slice(&checksum.to_le_bytes());
    bytes.len() - start
}

/// What the checksum covers besides the body: where the record is, and its length.
const PLACE: usize = 16;
/// With its place, a short record has at most so many bytes.
const SHORT: usize = 128;

/// The checksum of a record at its place.
pub(super) fn checksum(file: FileId, offset: u64, length: [u8; 4], body: &[u8]) -> u32 {
    let mut bytes = [0; SHORT];
    bytes[..4].copy_from_slice(&file.0.to_le_bytes());
    bytes[4..12].copy_from_slice(&offset.to_le_bytes());
    bytes[12..PLACE].copy_from_slice(&length);
    // Most records are short: one pass costs less than two.
    match bytes.get_mut(PLACE..PLACE + body.len()) {
        Some(rest) => {
            rest.copy_from_slice(body);
            crc32c::crc32c(&bytes[..PLACE + body.len()])
        }
        None => crc32c::crc32c_append(crc32c::crc32c(&bytes[..PLACE]), body),
    }
}
