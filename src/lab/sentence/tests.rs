//! Sentences are written as they were read, and what cannot be read, or would do
//! nothing, is answered with the word that is to blame.

use super::{Scope, parse, write};
use crate::lab::Topology;

const TOPOLOGY: Topology = Topology::new(1, 3, 2);
const QUEUES: Scope = Scope::queues(TOPOLOGY);

#[test]
fn a_sentence_is_written_as_it_was_read() {
    for text in [
        "crash broker-1 at 2s, restart after 500ms",
        "power-cut broker-1 within 300ms after message 12 reaches broker-1, restart after 2s",
        "power-cut broker-1 + broker-2 after 20ms after message 3 is-confirmed",
        "lose-confirm from broker-1 to producer-1 for message 12",
        "throw consumer-2 on message 5",
        "partition producer-1 broker-1 after message 7 occurs, for 3s",
        "one-way-cut broker-1 broker-2 at 1500us, for 3s",
        "disk-slow broker-1 by 10x at 1s, for 3s",
        "sync-error broker-1 at 1s, for 3s",
        "delay producer-1 broker-1 by 200ms at 1s, for 3s",
        "crash consumer-1 after message 9 reaches consumer-1",
        "crash consumer-1 after message 9 is-applied",
        "bit-rot broker-2 before input 532",
        "crash broker-1 + broker-2 at 2s, restart after 500ms",
        "disk-loss all brokers at 2s, restart after 500ms",
        "power-cut all brokers within 10ms after message 3 is-committed broker-2, restart after 1s",
        "isolate broker-1 after message 3 is-dead-lettered, for 90s",
        "isolate broker-1 + consumer-1 at 1s, for 90s",
        "isolate broker-1 from brokers at 1s, for 90s",
        "partition broker-1 + broker-2 from broker-3 + consumer-1 at 1s, for 90s",
        "crash leader after 1s after broker-2 leads, restart after 2s",
        "isolate leader at 1s, for 5s",
        "isolate leader from brokers at 1s, for 5s",
        "alarm memory broker-1 at 1s, for 5s",
        "alarm disk all brokers after producer-1 is-blocked, for 5s",
    ] {
        let fault = parse(text, QUEUES).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(write(&fault, TOPOLOGY), text);
    }
}

const LOG: Topology = Topology { controllers: 3, ..TOPOLOGY };
const TOPIC: Scope = Scope::topic(LOG, 3, 3);

#[test]
fn a_sentence_about_a_log_is_written_as_it_was_read() {
    for text in [
        "crash leader of partition 2 at 2s, restart after 500ms",
        "crash a follower after message 3 is-appended, restart after 500ms",
        "disk-loss a follower of partition 1 at 2s, restart after 500ms",
        "pause active controller at 2s, for 3s",
        "isolate leader from controllers at 1s, for 5s",
        "isolate leader from brokers + controllers at 1s, for 5s",
        "isolate broker-2 from brokers at 1s, for 5s",
        "isolate controller-1 at 1s, for 5s",
        "delay leader brokers by 40s at 1s, for 60s",
        "delay leader producer-1 by 1s at 1s, for 60s",
        "delay broker-2 brokers by 40s at 1s, for 60s",
        "add-partitions 6 after message 20 is-committed",
        "lose-produced from leader to producer-1 for message 12",
        "lose-produce from producer-1 to leader of partition 1 for message 12",
        "lose-produced from a follower to producer-1 for message 12",
        "torn-write a follower of partition 1 at 2s, restart after 500ms",
        "lose-commit from consumer-1 to broker-1",
        "crash leader after 2s after any broker isr-shrinks, restart after 30s",
        "crash broker-1 within 3ms after any broker decides-commit, restart after 1s",
        "crash consumer-2 after any consumer is-assigned, restart after 30s",
        "pause broker-1 after controller-1 fences, for 1s",
    ] {
        let fault = parse(text, TOPIC).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(write(&fault, LOG), text);
    }
    for (text, word) in [
        ("crash leader of orders at 2s", "orders"),
        ("crash a broker at 2s", "broker"),
        ("isolate leader from brokers + consumers at 2s", "consumers"),
        ("add-partitions many at 2s", "many"),
    ] {
        let error = parse(text, TOPIC).expect_err(text);
        assert_eq!(&text[error.span], word, "{text}");
    }
    assert!(parse("crash active controller at 2s", QUEUES).is_err());
}

#[test]
fn a_sentence_that_would_do_nothing_or_something_else_is_refused() {
    const ALONE: Scope = Scope::topic(Topology { controllers: 1, ..Topology::new(1, 1, 2) }, 4, 8);
    for (scope, text, word, hint) in [
        (QUEUES, "delay broker-1 broker-1 by 200ms at 1s, for 1s", "broker-1", "another"),
        (QUEUES, "delay leader broker-1 by 200ms at 1s, for 1s", "broker-1", "another"),
        (ALONE, "delay broker-1 brokers by 200ms at 1s, for 1s", "brokers", "other side"),
        (QUEUES, "delay broker-1 broker-2 by 0ms at 1s, for 1s", "0ms", "200ms"),
        (QUEUES, "disk-slow broker-1 by 1x at 1s, for 1s", "1x", "10x"),
        (QUEUES, "cut broker-1 broker-1 at 1s", "broker-1", "another"),
        (QUEUES, "one-way-cut broker-1 broker-1 at 1s, for 1s", "broker-1", "another"),
        (QUEUES, "isolate all brokers from brokers at 1s, for 1s", "from brokers", "other side"),
        (QUEUES, "add-partitions 6 at 1s", "add-partitions", "log"),
        (ALONE, "add-partitions 17 at 1s", "17", "16"),
        (ALONE, "add-partitions 70000 at 1s", "70000", "16"),
        (ALONE, "add-partitions 4 at 1s", "4", "only ever added"),
        (QUEUES, "lose-ack from broker-1 + broker-2 to consumer-1", "broker-1 + broker-2", "each"),
        (QUEUES, "lose-ack from all brokers to consumer-1", "all brokers", "each"),
        (QUEUES, "lose-confirm from broker-1 to broker-1", "broker-1", "another"),
        (QUEUES, "lose-confirm from broker-1 to leader", "leader", "another"),
        (TOPIC, "lose-produced from a follower to leader", "leader", "producer-1"),
        (TOPIC, "crash leader of partition 3 at 1s", "3", "0 to 2"),
        (TOPIC, "crash leader of partition 99 at 1s", "99", "0 to 2"),
        (QUEUES, "crash leader of partition 1 at 1s", "1", "alone"),
        (ALONE, "crash a follower at 1s", "a follower", "name a node"),
        (QUEUES, "cut broker-1 broker-2 at 1s, for 3s", "for", "comma"),
        (QUEUES, "throw consumer-1 on message 3, for 3s", "for", "comma"),
        (QUEUES, "bit-rot broker-1 at 1s, for 3s", "for", "comma"),
        (QUEUES, "restart broker-1 at 1s, restart after 3s", "restart", "comma"),
        (TOPIC, "lose-produced from a follower to producer-1, for 3s", "for", "comma"),
        (TOPIC, "add-partitions 6 at 1s, for 3s", "for", "comma"),
    ] {
        let error = parse(text, scope).expect_err(text);
        assert!(error.span.end == text.len() || text[error.span.end..].starts_with([' ', ',']), "{text}: {error:?}");
        assert_eq!(&text[error.span.clone()], word, "{text}: {error:?}");
        assert!(error.hint.en.contains(hint), "{text}: {error:?}");
        assert!(!error.reason.zh.is_empty() && !error.hint.zh.is_empty(), "{text}");
    }
}

#[test]
fn a_sentence_can_speak_of_partitions_that_another_adds() {
    let (text, other) = ("crash leader of partition 5 at 3s", "add-partitions 6 at 1s");
    assert!(parse(text, TOPIC).is_err());
    assert!(parse(text, TOPIC.beside(&format!("crash leader at 1s; {other}"))).is_ok());
    assert_eq!(TOPIC.beside("add-partitions many at 1s"), TOPIC);
}

#[test]
fn a_wrong_sentence_is_answered_with_the_word_and_what_could_stand_there() {
    for (text, word, hint) in [
        ("crush broker-1 at 2s", "crush", "crash, restart"),
        ("crash broker-9 at 2s", "broker-9", "broker-3"),
        ("crash broker-1", "", "at 2s"),
        ("crash broker-1 sometime", "sometime", "after message"),
        ("crash broker-1 at 2", "2", "300ms"),
        ("crash broker-1 after message x reaches broker-1", "x", "12"),
        ("crash broker-1 after message 3 vanishes", "vanishes", "reaches"),
        ("crash broker-1 after message 3 is-applied broker-1", "is-applied", "reaches"),
        ("crash broker-1 after message 3 reaches", "reaches", "broker-1"),
        ("crash broker-1 at 2s, for 3s", "for", "restart after"),
        ("pause broker-1 at 2s, restart after 3s", "restart", "for 3s"),
        ("crash broker-1 at 2s restart after 3s", "restart", "comma"),
        ("partition broker-1 + broker-2 at 2s", "at", "from broker-3"),
        ("partition broker-1 from broker-2 + broker-1 at 2s", "from", "once"),
        ("isolate broker-1 from consumers at 2s", "consumers", "from brokers"),
        ("power-cut all consumers at 2s", "consumers", "all brokers"),
        ("alarm broker-1 at 2s", "broker-1", "memory"),
        ("crash broker-1 after broker-2 rules", "rules", "leads"),
        ("crash broker-1 after consumer-1 leads", "leads", "is-blocked"),
        ("isolate leader at 2s, restart after 3s", "restart", "for 3s"),
    ] {
        let error = parse(text, QUEUES).expect_err(text);
        let shown = text.get(error.span.clone()).unwrap_or_default();
        assert_eq!(shown, word, "{text}: {error:?}");
        assert!(error.hint.en.contains(hint), "{text}: {error:?}");
    }
}
