//! Every kind of event in English.

use super::of_calls as calls;
use super::of_log as log;
use super::scene::Scene;
use super::words::{fault, protocol_error, reason, resource};
use crate::event::{
    Answer, Closed, CopyId, FaultKind, Kind, Reason, Tier, detail_commit, detail_producer, detail_term,
};
use crate::text::Language::En;

pub(super) fn tell(scene: &Scene) -> String {
    let node = scene.node();
    let message = message(scene.copy());
    if let Some(told) = log::tell(scene, &message, En).or_else(|| calls::tell(scene, &message, En)) {
        return told;
    }
    match scene.event.kind {
        Kind::Started => started(&node, scene.event.detail),
        Kind::Fault(kind) => befallen(scene, kind),
        Kind::FaultMissed(kind) => format!("{node}: the fault “{}” never fired", fault(kind, En)),
        Kind::Destroyed(tier) => destroyed(&node, &message, tier),
        Kind::WrittenBack => format!("{node}'s system writes {message} back to the disk"),

        Kind::Connected => format!("{node} is connected with {}", scene.peer()),
        Kind::Disconnected(why) => disconnected(&node, &scene.peer(), why),
        Kind::Attempted => format!("{node} has {message} to send"),
        Kind::Sent => sent(scene, &node),
        Kind::Told(answer) => told(&node, &message, answer),
        Kind::Blocked => format!("{node} is told to hold its publishes back (connection.blocked)"),
        Kind::Unblocked => format!("{node} may publish again"),

        Kind::Received => format!("{node} receives {message}"),
        Kind::Enqueued => format!("{node} puts {message} in a queue"),
        Kind::Written => format!("{node} writes {message} to its page cache"),
        Kind::Synced => format!("{node} has synced {message} to the disk"),
        Kind::Confirmed => format!("{node} confirms {message}"),
        Kind::Nacked => format!("{node} nacks {message}"),
        Kind::Returned => format!("{node} returns {message}: no queue takes it"),
        Kind::Delivered { redelivered: false } => format!("{node} delivers {message}"),
        Kind::Delivered { redelivered: true } => format!("{node} delivers {message}, marked as redelivered"),
        Kind::Acked => format!("{node} gets the ack for {message} and is done with it"),
        Kind::Requeued => format!("{node} puts {message} back in its queue"),
        Kind::Rejected => format!("{node} hears that {message} is rejected, not to be requeued"),
        Kind::DeadLettered => format!("{node} moves {message} to a dead-letter queue"),
        Kind::Dropped(Reason::GaveUp) => format!("{node} gives up {message}: {}", reason(Reason::GaveUp, En)),
        Kind::Dropped(Reason::CheckedTooOften) => {
            format!("{node} moves the half {message} to a topic of its own after 15 checks")
        }
        Kind::Dropped(why) => format!("{node} drops {message}: {}", reason(why, En)),
        Kind::Recovered => format!("{node} reads {message} back from its log"),

        Kind::Taken => format!("{node} takes {message}"),
        Kind::WorkBegan => format!("{node} begins work on {message}"),
        Kind::Threw => format!("{node}'s handler throws on {message}"),
        Kind::AckSent => format!("{node} sends the ack for {message}"),
        Kind::Applied { first } => applied(&node, &message, first),

        Kind::LeaderElected => format!("{node} is elected leader{}", scene.of_queue(En)),
        Kind::SteppedDown => format!("{node} is leader no more{}", scene.of_queue(En)),
        Kind::PeerDown => format!("{node} takes {} for dead", scene.peer()),
        Kind::PeerUp => format!("{node} hears {} again", scene.peer()),
        Kind::Committed => format!("{node} sees {message} on the disks of a majority"),
        Kind::MirrorPromoted { synchronised: true } => {
            format!("{node} promotes its mirror, which is in step, to master")
        }
        Kind::MirrorPromoted { synchronised: false } => {
            format!("{node} promotes its mirror, though not in step with the master")
        }
        Kind::MirrorSynchronised => format!("{node}'s mirror has caught up with its master"),
        Kind::MinorityPaused => format!("{node} sees only a minority and stops serving"),
        Kind::MinorityResumed => format!("{node} sees a majority again and serves"),
        Kind::AlarmRaised(of) => format!("{node} runs short of {}: publishers must wait", resource(of, En)),
        Kind::AlarmCleared(of) => format!("{node} has enough {} again", resource(of, En)),
        Kind::ConsumerCancelled => format!("{node} ends a subscription (basic.cancel)"),
        Kind::ConsumerTimedOut => format!("{node} waited too long for the ack of {message} (consumer timeout)"),
        _ => of_services(scene, &node, &message),
    }
}

/// The kinds that only services know, and those of half messages.
fn of_services(scene: &Scene, node: &str, message: &str) -> String {
    match scene.event.kind {
        Kind::Marked => format!("{node} keeps the mark for {message}"),
        Kind::Leased => format!("{node} keeps the lease on {message}: someone is at work"),
        Kind::Skipped => format!("{node} finds {message} done and skips it"),
        Kind::EffectLost => format!("{node} comes back without the effect of {message}"),
        Kind::Superseded => format!("{node} leaves {message} out: a newer version is there"),
        Kind::Recorded => format!("{node} commits the business row of {message}"),
        Kind::ReplicaPromoted => format!("{node} becomes primary: it was a replica"),
        Kind::FoundMissing => format!("{node} finds {message} in the books and its effect nowhere"),
        Kind::Frozen => format!("{node} reserves {} for {message}", scene.part(En)),
        Kind::Used => format!("{node} uses {} reserved for {message}", scene.part(En)),
        Kind::Released { frozen: true } => format!("{node} gives back {} reserved for {message}", scene.part(En)),
        Kind::Released { frozen: false } => {
            format!("{node} gives back {} for {message}, never reserved", scene.part(En))
        }
        Kind::Compensated { first } => undone(node, message, first),
        Kind::Prepared => format!("{node} keeps {message} as a half, which no consumer sees"),
        Kind::CheckedBack => format!("{node} has heard nothing about {message}, and asks its producer back"),
        _ => of_log(scene, node, message),
    }
}

/// The kinds that only a log knows.
fn of_log(scene: &Scene, node: &str, message: &str) -> String {
    match scene.event.kind {
        Kind::IsrShrunk => format!("{node}: the ISR shrinks, {} left", detail_term(scene.event.detail)),
        Kind::IsrGrew => format!("{node}: the ISR grows, {} now", detail_term(scene.event.detail)),
        Kind::UncleanLeaderElected => format!("{node} leads, and may be behind: Kafka books an unclean election"),
        Kind::BrokerFenced => format!("{node} fences {}: it may lead no more", scene.peer()),
        Kind::BrokerUnfenced => format!("{node} lets {} take part (unfenced)", scene.peer()),
        Kind::GroupRebalanced => format!("{node} begins generation {} of the consumer group", scene.event.detail),
        Kind::OffsetCommitted => {
            let (_, partition, offset) = detail_commit(scene.event.detail);
            format!("{node} keeps offset {offset} of partition {partition} for the group")
        }
        Kind::MemberFenced => format!("{node} shuts {} out of its group", scene.peer()),
        Kind::Batched => format!("{node} puts {message} in a batch for partition {}", scene.partition()),
        Kind::BufferFull => format!("{node} blocks on {message}: its buffer is full, or the topic unknown"),
        Kind::PartitionsAssigned => format!("{node} is assigned {}", scene.partitions(En)),
        Kind::PartitionsRevoked => format!("{node} has to give up {}", scene.partitions(En)),
        Kind::OffsetReset => {
            format!("{node} has no valid offset in partition {} and begins at {}", scene.partition(), scene.offset())
        }
        Kind::TruncationDetected => {
            format!("{node} finds partition {} cut, and goes back to offset {}", scene.partition(), scene.offset())
        }
        Kind::TransactionDecided { is_commit } => {
            let (number, epoch) = detail_producer(scene.event.detail);
            let end = if is_commit { "commits" } else { "aborts" };
            format!("{node} decides: the transaction of producer id {number} (epoch {epoch}) {end}")
        }
        Kind::MarkerAppended { is_commit } => {
            let end = if is_commit { "commit" } else { "abort" };
            format!("{node} appends the {end} marker to partition {} at {}", scene.partition(), scene.offset())
        }
        Kind::ProducerIdentified => {
            let (number, epoch) = detail_producer(scene.event.detail);
            format!("{node} is producer id {number}, epoch {epoch}: earlier epochs are over")
        }
        Kind::ProducerFenced => {
            format!("{node} is fenced: its transactional.id has a newer epoch")
        }
        _ => String::new(),
    }
}

/// `#23`, and which copy of it where there is more than one.
fn message(copy: Option<CopyId>) -> String {
    let Some(CopyId { message, attempt, branch }) = copy else { return "a message".to_owned() };
    let number = message.0;
    if copy.is_some_and(|copy| copy.refill().is_some()) {
        return format!("#{number} (refill)");
    }
    match (attempt > 1, branch > 0) {
        (false, false) => format!("#{number}"),
        (true, false) => format!("#{number} (attempt {attempt})"),
        (false, true) => format!("#{number} (copy {})", u32::from(branch) + 1),
        (true, true) => format!("#{number} (attempt {attempt}, copy {})", u32::from(branch) + 1),
    }
}

fn told(node: &str, message: &str, answer: Answer) -> String {
    match answer {
        Answer::Ok => format!("{node} is told ok for {message}"),
        Answer::Refused => format!("{node} is told that {message} was refused"),
        Answer::Unknown => format!("{node} does not know what became of {message}"),
    }
}

fn applied(node: &str, message: &str, first: bool) -> String {
    if first { format!("{node} applies {message}") } else { format!("{node} applies {message} once more: a duplicate") }
}

fn undone(node: &str, message: &str, first: bool) -> String {
    if first {
        format!("{node} undoes b and c of {message}: stock and coupon go back")
    } else {
        format!("{node} undoes b and c of {message} again: too much goes back")
    }
}

fn sent(scene: &Scene, node: &str) -> String {
    let first = message(scene.copy().map(|copy| CopyId { attempt: 1, ..copy }));
    match scene.resend() {
        Some(_) if scene.is_refill() => format!("{node} sends {first} again, from the books"),
        None => format!("{node} sends {first}"),
        Some(attempt) => format!("{node} sends {first} again (attempt {attempt})"),
    }
}

fn started(node: &str, recovered: u64) -> String {
    match recovered {
        0 => format!("{node} is up"),
        1 => format!("{node} is up, with 1 message read back from its disk"),
        _ => format!("{node} is up, with {recovered} messages read back from its disk"),
    }
}

fn destroyed(node: &str, message: &str, tier: Tier) -> String {
    match tier {
        // Answers and acks are about a message too, and are lost in the same way.
        Tier::Network => format!("{message}: a frame about it is lost on its way to {node}"),
        Tier::Memory => format!("{message} in {node}'s memory: gone"),
        Tier::PageCache => format!("{message} in {node}'s page cache, not synced: gone"),
        Tier::Disk => format!("{message} on {node}'s disk: gone"),
    }
}

fn disconnected(node: &str, peer: &str, why: Closed) -> String {
    match why {
        Closed::Orderly => format!("{node}'s connection with {peer} is closed"),
        Closed::Reset => format!("{node}'s connection with {peer} is reset"),
        Closed::Refused => format!("{node} cannot connect with {peer}: nobody listens"),
        Closed::HeartbeatMissed => format!("{node} ends its connection with {peer}: no heartbeat"),
        Closed::Unanswered => format!("{node} gives up on {peer}: no answer"),
        Closed::Protocol(code) => format!("{node} and {peer} have a protocol error: {}", protocol_error(code)),
    }
}

fn befallen(scene: &Scene, kind: FaultKind) -> String {
    let node = scene.node();
    let peer = scene.fault_peer().unwrap_or_else(|| "its peer".to_owned());
    match kind {
        FaultKind::ProcessCrash => format!("{node}'s process crashes"),
        FaultKind::PowerCut => format!("{node} loses power"),
        FaultKind::Restart => format!("{node} is started again"),
        FaultKind::Pause => format!("{node}'s process stands still"),
        FaultKind::Resume => format!("{node}'s process goes on"),
        FaultKind::DiskLoss => format!("{node} loses its disk with everything on it"),
        FaultKind::DiskFull => format!("{node}'s disk is full: it refuses writes"),
        FaultKind::DiskSlow => format!("{node}'s disk becomes slow"),
        FaultKind::SyncError => format!("{node}'s disk is going to fail its next sync"),
        FaultKind::DiskHeals => format!("{node}'s disk is well again"),
        FaultKind::TornWrite => format!("{node} loses power, tearing its last write if that is not synced"),
        FaultKind::BitRot => format!("{node}'s disk rots: a synced byte changes by itself"),
        FaultKind::ConnectionCut => format!("{node}'s connections with {peer} are cut"),
        FaultKind::Partition if scene.fault_peer().is_none() => format!("{node} is cut off by a network partition"),
        FaultKind::Partition => format!("{node} is partitioned from {peer}"),
        FaultKind::LinkSlow => format!("{node}'s link with {peer} becomes slow"),
        FaultKind::LinkHeals => format!("{node}'s link with {peer} is well again"),
        FaultKind::FrameLost => frame_lost(scene, &node, &peer),
        FaultKind::Exception => format!("{node}'s handler is going to throw"),
        FaultKind::Shortage => format!("{node}'s machine runs short"),
        FaultKind::TopicGrown => format!("{node} is asked by an operator for more partitions"),
    }
}

fn frame_lost(scene: &Scene, node: &str, peer: &str) -> String {
    match scene.copy() {
        Some(copy) => format!("{node}'s frame about {} to {peer} is lost, connection reset", message(Some(copy))),
        None => format!("{node}'s frame to {peer} is lost, connection reset"),
    }
}
