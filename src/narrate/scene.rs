//! Who is in an event: its node, its peer and its message, by name.

use crate::event::{CopyId, Event, NodeId, detail_offset, detail_partition, detail_queue, detail_term, fault_peer};
use crate::lab::Topology;
use crate::protocol::Name;
use crate::protocol::store::STOCK;
use crate::text::Language;

/// The one topic of a lab; all others are Kafka's own.
const LAB_TOPIC: Name = Name(1);

pub(super) struct Scene<'a> {
    pub event: &'a Event,
    pub topology: Topology,
}

impl Scene<'_> {
    pub fn node(&self) -> String {
        self.topology.name(self.event.node)
    }

    /// Whether this is a log: queues have no controllers.
    pub fn is_log(&self) -> bool {
        self.topology.controllers > 0
    }

    /// The other end of a connection that began or ended.
    pub fn peer(&self) -> String {
        self.topology.name(NodeId(self.event.detail as u16))
    }

    /// The other end of the link that a fault concerns.
    pub fn fault_peer(&self) -> Option<String> {
        fault_peer(self.event.detail).map(|peer| self.topology.name(peer))
    }

    /// Of which leader an event about a replicated queue speaks: the queue's or the
    /// cluster's own, and the term.
    pub fn of_queue(&self, language: Language) -> String {
        if self.is_log() && detail_queue(self.event.detail) != Name::EMPTY {
            return self.of_partition(language);
        }
        let (queue, term) = (detail_queue(self.event.detail), detail_term(self.event.detail));
        match (queue == Name::EMPTY, language) {
            (true, Language::Zh) => format!("集群元数据（任期 {term}）的"),
            (false, Language::Zh) => format!("队列（任期 {term}）的"),
            (true, Language::En) => format!(" of the cluster's metadata (term {term})"),
            (false, Language::En) => format!(" of the queue (term {term})"),
        }
    }

    /// The partition that the detail names, and the offset in it.
    pub fn partition(&self) -> u16 {
        detail_offset(self.event.detail).0
    }

    pub fn offset(&self) -> u64 {
        detail_offset(self.event.detail).1
    }

    /// The partitions of an assignment, of which the detail has a bit each.
    pub fn partitions(&self, language: Language) -> String {
        let numbers: Vec<_> =
            (0..64).filter(|bit| self.event.detail >> bit & 1 == 1).map(|bit| bit.to_string()).collect();
        match (numbers.is_empty(), language) {
            (true, Language::Zh) => "零个分区".to_owned(),
            (true, Language::En) => "no partition".to_owned(),
            (false, Language::Zh) => format!("分区 {}", numbers.join("、")),
            (false, Language::En) => format!("partitions {}", numbers.join(", ")),
        }
    }

    /// The partition and the epoch that an event about leadership of a log speaks of.
    fn of_partition(&self, language: Language) -> String {
        let ((topic, partition), epoch) = (detail_partition(self.event.detail), detail_term(self.event.detail));
        match (topic == LAB_TOPIC, language) {
            (true, Language::Zh) => format!("分区 {partition}（epoch {epoch}）的"),
            (false, Language::Zh) => format!("内部主题（epoch {epoch}）的"),
            (true, Language::En) => format!(" of partition {partition} (epoch {epoch})"),
            (false, Language::En) => format!(" of an internal topic (epoch {epoch})"),
        }
    }

    /// What a reservation is of.
    pub fn part(&self, language: Language) -> &'static str {
        match (self.event.detail == u64::from(STOCK), language) {
            (true, Language::Zh) => "库存和券",
            (false, Language::Zh) => "积分",
            (true, Language::En) => "stock and coupon",
            (false, Language::En) => "points",
        }
    }

    pub fn copy(&self) -> Option<CopyId> {
        self.event.copy
    }

    /// Whether a reconciler made this copy.
    pub fn is_refill(&self) -> bool {
        self.event.copy.is_some_and(|copy| copy.refill().is_some())
    }

    /// The number of the send, if it is not the first.
    pub fn resend(&self) -> Option<u16> {
        self.event.copy.map(|copy| copy.attempt).filter(|attempt| *attempt > 1)
    }
}
