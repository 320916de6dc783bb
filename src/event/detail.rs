//! What the one number of an event holds.

use super::NodeId;
use crate::protocol::Name;
use crate::protocol::service::Call;

/// The detail of a [`Kind::Fault`](super::Kind::Fault): which fault of the schedule it is (none for a
/// fault that follows from another, such as the end of a pause), and the peer if
/// it concerns a link.
#[must_use]
pub fn fault_detail(index: Option<u16>, peer: Option<NodeId>) -> u64 {
    u64::from(index.map_or(0, |index| index + 1)) | u64::from(peer.map_or(0, |peer| peer.0 + 1)) << 16
}

/// Which fault of the schedule an event's detail names.
#[must_use]
pub fn fault_index(detail: u64) -> Option<u16> {
    (detail as u16).checked_sub(1)
}

/// The peer that a link fault's detail names.
#[must_use]
pub fn fault_peer(detail: u64) -> Option<NodeId> {
    ((detail >> 16) as u16).checked_sub(1).map(NodeId)
}

/// The detail of an event about a queue of a cluster: its name ([`Name::EMPTY`]
/// for the cluster's own metadata) and the term, 0 where there is none.
#[must_use]
pub fn queue_detail(queue: Name, term: u64) -> u64 {
    u64::from(queue.0) | term << 32
}

/// The queue that a detail made by [`queue_detail`] names.
#[must_use]
pub const fn detail_queue(detail: u64) -> Name {
    Name(detail as u32)
}

/// The term that a detail made by [`queue_detail`] names.
#[must_use]
pub const fn detail_term(detail: u64) -> u64 {
    detail >> 32
}

/// A partition of a log as one name, where an event speaks of it in the place of a
/// queue: the topic in the lower half, the partition in the upper. Partition 0 is
/// called like its topic.
#[must_use]
pub const fn partition_name(topic: Name, partition: u16) -> Name {
    Name(topic.0 & 0xffff | (partition as u32) << 16)
}

/// The topic and the partition that [`partition_name`] made one name of.
#[must_use]
pub const fn name_partition(name: Name) -> (Name, u16) {
    (Name(name.0 & 0xffff), (name.0 >> 16) as u16)
}

/// The detail of an event about a partition and its leader's epoch; read it with
/// [`detail_partition`] and [`detail_term`].
#[must_use]
pub fn partition_detail(topic: Name, partition: u16, leader_epoch: u32) -> u64 {
    queue_detail(partition_name(topic, partition), u64::from(leader_epoch))
}

/// The topic and the partition that a detail made by [`partition_detail`] names.
#[must_use]
pub const fn detail_partition(detail: u64) -> (Name, u16) {
    name_partition(detail_queue(detail))
}

/// The detail of a [`Kind::EffectLost`](super::Kind::EffectLost): for which
/// subscription, and at which version its key now stands.
#[must_use]
pub fn effect_detail(subscription: u16, version: u32) -> u64 {
    u64::from(subscription) | u64::from(version) << 16
}

/// The version that a lost effect leaves its key at.
#[must_use]
pub fn effect_version(detail: u64) -> u32 {
    (detail >> 16) as u32
}

/// The detail of a [`Kind::OffsetCommitted`](super::Kind::OffsetCommitted): whose
/// offset, in which partition of the topic, and the next to read. A lab has few names
/// and groups (12 bits), and the offset has 36 bits.
#[must_use]
pub fn commit_detail(group: Name, partition: u16, offset: u64) -> u64 {
    offset_detail(partition, u64::from(group.0 & 0xfff) << 36 | offset & 0xf_ffff_ffff)
}

/// The group, the partition and the offset that a detail made by [`commit_detail`] names.
#[must_use]
pub const fn detail_commit(detail: u64) -> (Name, u16, u64) {
    let (partition, rest) = detail_offset(detail);
    (Name((rest >> 36) as u32), partition, rest & 0xf_ffff_ffff)
}

/// The detail of an event about an offset in a partition of the topic, such as a
/// [`Kind::OffsetReset`](super::Kind::OffsetReset). The offset has 48 bits.
#[must_use]
pub fn offset_detail(partition: u16, offset: u64) -> u64 {
    u64::from(partition) << 48 | offset & 0xffff_ffff_ffff
}

/// The partition and the offset that a detail made by [`offset_detail`] names.
#[must_use]
pub const fn detail_offset(detail: u64) -> (u16, u64) {
    ((detail >> 48) as u16, detail & 0xffff_ffff_ffff)
}

/// The detail of a [`Kind::TransactionDecided`](super::Kind::TransactionDecided) and a
/// [`Kind::ProducerIdentified`](super::Kind::ProducerIdentified): the producer's number
/// and the epoch of its transaction.
#[must_use]
pub fn producer_detail(number: u64, epoch: u16) -> u64 {
    number << 16 | u64::from(epoch)
}

/// The number and the epoch that a detail made by [`producer_detail`] names.
#[must_use]
pub const fn detail_producer(detail: u64) -> (u64, u16) {
    (detail >> 16, detail as u16)
}

/// The detail of a [`Kind::Told`](super::Kind::Told) that no broker answered: the
/// program has aborted the transaction that the message was in.
pub const ABORTED: u64 = 1;
/// The same for an order that its coordinator has decided on.
pub const DECIDED: u64 = 2;
/// The same for an order that its shop, asked back about a half message, does not find
/// in its database.
pub const NOT_FOUND: u64 = 3;

/// The detail of a [`Kind::Committed`](super::Kind::Committed) of a record that some
/// transaction still keeps from those who read only what is committed; beside it
/// stands the offset.
pub const UNSTABLE: u64 = 1 << 63;

/// The detail of a [`Kind::AckSent`](super::Kind::AckSent) of a consumer of a log that
/// settles the record itself, as in a share group. Otherwise it commits an offset.
pub const SETTLED: u64 = 1;

/// The detail of what services do about one of the three calls of TCC.
#[must_use]
pub const fn call_detail(call: Call) -> u64 {
    match call {
        Call::Try => 1,
        Call::Confirm => 2,
        Call::Cancel => 3,
    }
}

/// The call that a detail made by [`call_detail`] names.
#[must_use]
pub const fn detail_call(detail: u64) -> Option<Call> {
    match detail {
        1 => Some(Call::Try),
        2 => Some(Call::Confirm),
        3 => Some(Call::Cancel),
        _ => None,
    }
}
