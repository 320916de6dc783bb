//! Lists that are cheap to clone however long they are. A world is cloned for
//! every snapshot of a run, and a queue in it may hold millions of messages.
//!
//! All of them work alike. Most of a list lies in sealed pages behind `Arc`,
//! which clones share; a few pages are open, and those a clone copies. Whoever
//! writes to a sealed page opens it first, which copies it only if it is shared.
//! Open pages are plain vectors, so that the usual write checks no reference
//! count: that check is an atomic operation, and an event makes many writes.
//!
//! - [`Pages`]: read and written anywhere, grows at the end. For tables.
//! - [`List`]: grows at the end, is read anywhere, cut at both ends. For logs.
//! - [`Line`]: first in, first out, with returns to places further back. For
//!   queues.
//!
//! Persistent collections (trees that share their nodes) would clone in constant
//! time, but each read and write would walk a tree. Clones are rare here, and
//! reads are not.

mod line;
mod list;
mod table;

pub use line::{Line, Spot};
pub use list::List;
pub use table::Pages;
