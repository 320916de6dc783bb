//! A log of checked records: how a program finds out, after a crash, which of
//! its writes really happened.
//!
//! A file is a row of records, each `length | checksum | kind | payload`. After a
//! power cut the tail of the file can be anything: whole records, half of one,
//! zeros where the file system had grown the file but not filled it, or old
//! bytes. [`record`] writes records so that each of these shows, and
//! [`Recovery`] reads a file back piece by piece, hands out the records that are
//! certain, and stops at the first that is not.
//!
//! The checksum covers the file's id and the record's own offset besides its
//! contents. A record that is whole but stale, or that ended up in another
//! place, therefore fails like a torn one. RocksDB's and SQLite's logs keep out
//! stale records with a log number or a salt for the same reason.
//!
//! Sans-IO: nothing here reads or writes a file. Left out: repair. A bad record
//! in the middle of old, synced data (bit rot) ends the log just as a torn tail
//! does; only replicas could do better.

pub mod record;
mod recovery;

#[cfg(test)]
mod properties;

pub use record::{HEADER, LARGEST_BODY, encode};
pub use recovery::{Record, Recovery};
