//! How fast the world is. The figures are those of an ordinary data centre, not
//! of a measured one: a millisecond between machines, a few milliseconds for a
//! sync (RabbitMQ's engineers report 5 to 15 ms for a confirm that includes one
//! on a slow SSD). What matters for a lesson is their order: a write to the
//! page cache is cheap, a message to another machine costs more, a sync most.

use crate::time::Span;

/// Latencies of links and devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// One way between two nodes.
    pub link_latency: Span,
    /// The most a frame about a message takes longer, by draw.
    pub link_jitter: Span,
    /// From an append to the word that the operating system has it.
    pub write_latency: Span,
    /// From a read to its bytes.
    pub read_latency: Span,
    /// From a sync to the word that the device has it.
    pub sync_latency: Span,
    /// The most a sync takes longer, by draw.
    pub sync_jitter: Span,
    /// The system writes all unsynced data of a file back to the device by
    /// itself, at drawn times this far apart. Linux takes up to about 30 s
    /// (`dirty_expire_centisecs`) plus a 5 s cycle; it is compressed here, so
    /// that a run of a few seconds meets both sides of it.
    pub write_back: (Span, Span),
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            link_latency: Span::from_millis(1),
            link_jitter: Span::from_micros(400),
            write_latency: Span::from_micros(50),
            read_latency: Span::from_micros(100),
            sync_latency: Span::from_millis(4),
            sync_jitter: Span::from_millis(2),
            write_back: (Span::from_millis(100), Span::from_millis(2000)),
        }
    }
}
