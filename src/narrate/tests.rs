use unicode_width::UnicodeWidthStr;

use super::*;
use crate::event::{
    ABORTED, Answer, Closed, CopyId, DECIDED, FaultKind, Kind, MessageId, NOT_FOUND, NodeId, Reason, Resource, SETTLED,
    Tier, UNSTABLE, call_detail, fault_detail,
};
use crate::lesson::wrap::{is_full_width_mark, is_han};
use crate::time::Time;

const TOPOLOGY: Topology = Topology::new(1, 1, 1);
const PRODUCER: NodeId = NodeId(0);
const BROKER: NodeId = NodeId(1);

const TIERS: [Tier; 4] = [Tier::Network, Tier::Memory, Tier::PageCache, Tier::Disk];
const ANSWERS: [Answer; 3] = [Answer::Ok, Answer::Refused, Answer::Unknown];
const ENDS: [Closed; 6] = [
    Closed::Orderly,
    Closed::Reset,
    Closed::Refused,
    Closed::HeartbeatMissed,
    Closed::Unanswered,
    Closed::Protocol(404),
];
const REASONS: [Reason; 22] = [
    Reason::Unroutable,
    Reason::NotConnected,
    Reason::GaveUp,
    Reason::Rejected,
    Reason::Expired,
    Reason::Overflowed,
    Reason::Transient,
    Reason::TornLog,
    Reason::DiskError,
    Reason::DeliveryLimit,
    Reason::DeadLetterUnroutable,
    Reason::Overwritten,
    Reason::SideDiscarded,
    Reason::QueueDeleted,
    Reason::HomeDown,
    Reason::OffsetSkipped,
    Reason::DeliveryTimeout,
    Reason::BufferFull,
    Reason::Retained,
    Reason::Aborted,
    Reason::RolledBack,
    Reason::CheckedTooOften,
];
const RESOURCES: [Resource; 2] = [Resource::Memory, Resource::Disk];
const LINK_FAULTS: [FaultKind; 5] =
    [FaultKind::ConnectionCut, FaultKind::Partition, FaultKind::LinkSlow, FaultKind::LinkHeals, FaultKind::FrameLost];
const NODE_FAULTS: [FaultKind; 15] = [
    FaultKind::ProcessCrash,
    FaultKind::PowerCut,
    FaultKind::Restart,
    FaultKind::Pause,
    FaultKind::Resume,
    FaultKind::DiskLoss,
    FaultKind::DiskFull,
    FaultKind::DiskSlow,
    FaultKind::SyncError,
    FaultKind::DiskHeals,
    FaultKind::TornWrite,
    FaultKind::BitRot,
    FaultKind::Exception,
    FaultKind::Shortage,
    FaultKind::TopicGrown,
];

/// The kinds that are noted without a message.
fn kinds_of_nodes() -> Vec<Kind> {
    let mut kinds = vec![
        Kind::Started,
        Kind::Connected,
        Kind::Blocked,
        Kind::Unblocked,
        Kind::LeaderElected,
        Kind::SteppedDown,
        Kind::PeerDown,
        Kind::PeerUp,
        Kind::MirrorPromoted { synchronised: true },
        Kind::MirrorPromoted { synchronised: false },
        Kind::MirrorSynchronised,
        Kind::MinorityPaused,
        Kind::MinorityResumed,
        Kind::ConsumerCancelled,
        Kind::ReplicaPromoted,
        Kind::IsrShrunk,
        Kind::IsrGrew,
        Kind::UncleanLeaderElected,
        Kind::BrokerFenced,
        Kind::BrokerUnfenced,
        Kind::GroupRebalanced,
        Kind::OffsetCommitted,
        Kind::MemberFenced,
        Kind::PollIntervalExceeded,
        Kind::PartitionsAssigned,
        Kind::PartitionsRevoked,
        Kind::OffsetReset,
        Kind::TruncationDetected,
        Kind::TransactionDecided { is_commit: true },
        Kind::TransactionDecided { is_commit: false },
        Kind::MarkerAppended { is_commit: true },
        Kind::MarkerAppended { is_commit: false },
        Kind::ProducerIdentified,
        Kind::ProducerFenced,
    ];
    for resource in RESOURCES {
        kinds.extend([Kind::AlarmRaised(resource), Kind::AlarmCleared(resource)]);
    }
    for fault in LINK_FAULTS.into_iter().chain(NODE_FAULTS) {
        kinds.extend([Kind::Fault(fault), Kind::FaultMissed(fault)]);
    }
    kinds.extend(ENDS.map(Kind::Disconnected));
    kinds
}

/// The kinds that are noted with one.
fn kinds_of_messages() -> Vec<Kind> {
    let mut kinds = vec![
        Kind::WrittenBack,
        Kind::Attempted,
        Kind::Sent,
        Kind::Received,
        Kind::Enqueued,
        Kind::Written,
        Kind::Synced,
        Kind::Confirmed,
        Kind::Nacked,
        Kind::Returned,
        Kind::Delivered { redelivered: false },
        Kind::Delivered { redelivered: true },
        Kind::Acked,
        Kind::Requeued,
        Kind::Rejected,
        Kind::DeadLettered,
        Kind::Recovered,
        Kind::Prepared,
        Kind::CheckedBack,
        Kind::Taken,
        Kind::LockExpired,
        Kind::AckRefused,
        Kind::WorkBegan,
        Kind::Threw,
        Kind::AckSent,
        Kind::Applied { first: true },
        Kind::Applied { first: false },
        Kind::Committed,
        Kind::ConsumerTimedOut,
        Kind::Marked,
        Kind::Leased,
        Kind::Called,
        Kind::Unanswered,
        Kind::TryRefused,
        Kind::RolledBackEmpty { marked: true },
        Kind::RolledBackEmpty { marked: false },
        Kind::Skipped,
        Kind::EffectLost,
        Kind::Superseded,
        Kind::Recorded,
        Kind::FoundMissing,
        Kind::Compensated { first: true },
        Kind::Compensated { first: false },
        Kind::Frozen,
        Kind::Used,
        Kind::Released { frozen: true },
        Kind::Released { frozen: false },
        Kind::Batched,
        Kind::BufferFull,
    ];
    kinds.extend(TIERS.map(Kind::Destroyed));
    kinds.extend(ANSWERS.map(Kind::Told));
    kinds.extend(REASONS.map(Kind::Dropped));
    kinds
}

fn event(kind: Kind, copy: Option<CopyId>) -> Event {
    let detail = match kind {
        Kind::Fault(fault) | Kind::FaultMissed(fault) => {
            fault_detail(Some(0), LINK_FAULTS.contains(&fault).then_some(PRODUCER))
        }
        _ => 0,
    };
    Event { time: Time::ZERO, node: BROKER, kind, copy, detail, cause: None, prior: None }
}

fn copy(attempt: u16, branch: u16) -> Option<CopyId> {
    Some(CopyId { message: MessageId(23), attempt, branch })
}

fn told(kind: Kind, copy: Option<CopyId>, language: Language) -> String {
    sentence(&event(kind, copy), TOPOLOGY, language)
}

/// All kinds as they are noted: about the first copy of a message, or of none.
fn all(language: Language) -> Vec<String> {
    let nodes = kinds_of_nodes().into_iter().map(|kind| (kind, None));
    let messages = kinds_of_messages().into_iter().map(|kind| (kind, copy(1, 0)));
    nodes.chain(messages).map(|(kind, copy)| told(kind, copy, language)).collect()
}

/// Where a line breaks the rule of spaces: one between Han and Latin letters or
/// digits, none beside a full-width mark.
fn misplaced_space(line: &str) -> Option<String> {
    let wide = |c: char| is_full_width_mark(c) || matches!(c, '“' | '”');
    let characters: Vec<char> = line.chars().collect();
    let wrong = characters.windows(2).find(|pair| {
        let [a, b] = [pair[0], pair[1]];
        (is_han(a) && (b.is_ascii_alphanumeric() || b == '#'))
            || (a.is_ascii_alphanumeric() && is_han(b))
            || (a == ' ' && (wide(b) || b == ' '))
            || (b == ' ' && wide(a))
    });
    wrong.map(|pair| pair.iter().collect())
}

#[test]
fn the_lists_of_this_test_name_every_variant_there_is() {
    let source = concat!(include_str!("../event/kind.rs"), include_str!("../event/vocabulary.rs"));
    let listed: Vec<Kind> = kinds_of_nodes().into_iter().chain(kinds_of_messages()).collect();
    let listed = format!("{listed:?}");
    let words: Vec<&str> = listed.split(|c: char| !c.is_alphanumeric()).collect();
    for name in ["Tier", "Answer", "Reason", "Closed", "FaultKind", "Resource", "Kind"] {
        let head = format!("pub enum {name} {{\n");
        let start = source.find(&head).unwrap() + head.len();
        let body = &source[start..start + source[start..].find("\n}").unwrap()];
        let variants = body.lines().filter_map(|line| line.strip_prefix("    "));
        for variant in variants.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase())) {
            let variant = variant.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            assert!(words.contains(&variant), "{name}::{variant} is not listed");
        }
    }
}

#[test]
fn a_sentence_is_one_short_line_that_begins_with_its_node_or_message_and_has_no_full_stop() {
    for line in Language::ALL.into_iter().flat_map(all) {
        assert!(line.starts_with("broker-1") || line.starts_with("#23"), "{line}");
        assert!(!line.ends_with(['.', '。']) && !line.contains('\n'), "{line}");
        assert!(line.width() <= 70, "{} cells: {line}", line.width());
    }
}

#[test]
fn no_two_kinds_of_event_read_the_same() {
    for language in Language::ALL {
        let mut lines = all(language);
        lines.sort_unstable();
        for pair in lines.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}

#[test]
fn an_event_of_a_message_names_it_and_says_which_send_and_which_copy_it_was() {
    let frame_lost = Kind::Fault(FaultKind::FrameLost);
    for kind in kinds_of_messages().into_iter().chain([frame_lost]) {
        for (language, second_send, second_copy) in
            [(Language::En, "attempt 2", "copy 2"), (Language::Zh, "第 2 次发送", "第 2 份")]
        {
            for (attempt, branch) in [(1, 0), (2, 0), (1, 1), (2, 1)] {
                let line = told(kind, copy(attempt, branch), language);
                assert!(line.contains("#23"), "{line}");
                assert_eq!(line.contains(second_send), attempt == 2, "{line}");
                assert_eq!(line.contains(second_copy), branch == 1, "{line}");
            }
        }
    }
}

#[test]
fn chinese_has_one_space_between_han_and_latin_and_none_beside_a_full_width_mark() {
    assert_eq!(misplaced_space("确认#23").as_deref(), Some("认#"));
    assert_eq!(misplaced_space("#23（1） 的").as_deref(), Some("） "));
    let copies = [copy(1, 0), copy(2, 0), copy(1, 1), copy(2, 1), None];
    for kind in kinds_of_nodes().into_iter().chain(kinds_of_messages()) {
        for line in copies.map(|copy| told(kind, copy, Language::Zh)) {
            assert_eq!(misplaced_space(&line), None, "{line}");
        }
        let label = label(kind, Language::Zh);
        assert_eq!(misplaced_space(label), None, "{label}");
    }
}

#[test]
fn faults_of_links_and_connections_name_both_ends() {
    let faults = LINK_FAULTS.map(Kind::Fault);
    let connections = ENDS.map(Kind::Disconnected);
    for kind in faults.into_iter().chain(connections).chain([Kind::Connected]) {
        for line in Language::ALL.map(|language| told(kind, None, language)) {
            assert!(line.contains("broker-1") && line.contains("producer-1"), "{line}");
        }
    }
}

#[test]
fn short_words_are_there_in_both_languages() {
    for language in Language::ALL {
        let mut words: Vec<&str> = Vec::new();
        words.extend(kinds_of_nodes().into_iter().chain(kinds_of_messages()).map(|kind| label(kind, language)));
        words.extend(TIERS.map(|it| tier(it, language)));
        words.extend(ANSWERS.map(|it| answer(it, language)));
        words.extend(REASONS.map(|it| reason(it, language)));
        words.extend(ENDS.map(|it| closed(it, language)));
        for word in words {
            assert!(!word.is_empty() && !word.ends_with(['.', '。']), "{word}");
        }
    }
}

#[test]
fn the_sentences_of_a_resend_read_as_a_story() {
    let lines = |kind| Language::ALL.map(|language| told(kind, copy(2, 0), language));
    assert_eq!(lines(Kind::Sent), ["broker-1 第 2 次发送 #23", "broker-1 sends #23 again (attempt 2)"]);
    assert_eq!(lines(Kind::Acked)[0], "broker-1 收到 #23（第 2 次发送）的 ack，不再保留");
    assert_eq!(lines(Kind::Confirmed), ["broker-1 确认 #23（第 2 次发送）", "broker-1 confirms #23 (attempt 2)"]);
}

#[test]
fn a_start_says_how_much_it_read_back() {
    let start = |recovered| {
        let event = Event { detail: recovered, ..event(Kind::Started, None) };
        Language::ALL.map(|language| sentence(&event, TOPOLOGY, language))
    };
    assert_eq!(start(0), ["broker-1 启动完成", "broker-1 is up"]);
    assert_eq!(start(1)[1], "broker-1 is up, with 1 message read back from its disk");
    assert_eq!(start(12)[0], "broker-1 启动完成，从磁盘读回 12 条消息");
}

fn with(kind: Kind, detail: u64, topology: Topology) -> [String; 2] {
    let event = Event { detail, ..event(kind, copy(1, 0)) };
    Language::ALL.map(|language| sentence(&event, topology, language))
}

#[test]
fn every_call_is_told_by_its_name_and_so_is_what_a_participant_does_about_it() {
    use crate::protocol::service::Call::{Cancel, Confirm, Try};
    for (kind, call, name) in [
        (Kind::Sent, Try, "Try"),
        (Kind::Called, Confirm, "Confirm"),
        (Kind::Called, Cancel, "Cancel"),
        (Kind::Taken, Try, "Try"),
        (Kind::Taken, Confirm, "Confirm"),
        (Kind::Taken, Cancel, "Cancel"),
        (Kind::TryRefused, Try, "Try"),
        (Kind::Unanswered, Try, "Try"),
    ] {
        for line in with(kind, call_detail(call), TOPOLOGY) {
            assert!(line.contains("#23") && line.contains(name) && line.width() <= 74, "{line}");
        }
    }
    let [zh, en] = with(Kind::RolledBackEmpty { marked: true }, call_detail(Cancel), TOPOLOGY);
    assert!(zh.contains("空回滚") && zh.contains("标记") && en.contains("marks #23 as cancelled"), "{zh} {en}");
    for (call, zh, en) in [(Confirm, "确认过", "confirmed"), (Cancel, "取消过", "cancelled")] {
        let told = with(Kind::Skipped, call_detail(call), TOPOLOGY);
        assert!(told[0].contains(zh) && told[1].contains(en), "{told:?}");
    }
}

#[test]
fn what_a_program_decides_itself_was_not_refused() {
    let refused = Kind::Told(Answer::Refused);
    for (kind, by, zh, en) in [
        (refused, ABORTED, "自己放弃", "gives #23 up itself"),
        (refused, DECIDED, "决定取消", "decides to cancel"),
        (refused, NOT_FOUND, "查不到", "has no #23 in its database"),
        (Kind::Told(Answer::Ok), DECIDED, "决定确认", "decides to confirm"),
    ] {
        let told = with(kind, by, TOPOLOGY);
        assert!(told[0].contains(zh) && told[1].contains(en), "{told:?}");
        assert!(!told[0].contains("被拒") && !told[1].contains("refused"), "{told:?}");
    }
    assert!(with(refused, 0, TOPOLOGY)[0].contains("被拒绝"));
}

#[test]
fn a_log_has_offsets_in_the_place_of_acks_and_says_who_has_to_wait_for_a_commit() {
    let log = Topology { controllers: 1, ..TOPOLOGY };
    let [zh, en] = with(Kind::AckSent, 0, log);
    assert!(zh.contains("提交位移") && en.contains("commits its offset") && !en.contains("ack"), "{zh} {en}");
    let [zh, en] = with(Kind::AckSent, SETTLED, log);
    assert!(zh.contains("确认 #23") && en.contains("settles #23"), "{zh} {en}");
    for (detail, waits) in [(7, false), (7 | UNSTABLE, true)] {
        for line in with(Kind::Committed, detail, log) {
            assert_eq!(line.contains("read_committed"), waits, "{line}");
            assert!(line.width() <= 70, "{line}");
        }
    }
}
