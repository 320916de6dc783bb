//! Deleting what is old.

use super::bench::{Bench, batch, by, consumer_asks, options, state, three};
use crate::broker::log::partition::Options;
use crate::event::{Kind, Reason};
use crate::protocol::log::{Acks, Error, Isolation};
use crate::time::Span;

const PLAIN: Isolation = Isolation::ReadUncommitted;

fn keeping(retention: Option<Span>, retention_bytes: Option<u64>) -> Options {
    Options { retention, retention_bytes, retention_check: Span::from_secs(10), ..options() }
}

fn alone(options: Options) -> Bench {
    let mut leader = Bench::new(0, options);
    leader.lead(&state(Some(0), 1, 1, &[0]));
    leader
}

fn send(leader: &mut Bench, messages: std::ops::Range<u32>) {
    for message in messages {
        leader.produce(by((1, 0), message, batch([message])), Acks::Leader).unwrap();
    }
}

#[test]
fn old_records_go_though_nobody_has_read_them_and_offsets_go_on() {
    let mut leader = alone(keeping(Some(Span::from_secs(60)), None));
    send(&mut leader, 0..20);
    leader.wait(Span::from_secs(50));
    send(&mut leader, 20..25);
    leader.wait(Span::from_secs(30));
    let first = leader.replica.log_start();
    assert!((1..=20).contains(&first), "{first}");
    assert_eq!(leader.log().first(), Some(&(first as u32)));
    assert_eq!(leader.noted(Kind::Dropped(Reason::Retained)), (0..first as u32).collect::<Vec<_>>());
    assert_eq!(leader.read(0, PLAIN).error, Some(Error::OffsetOutOfRange));
    leader.wait(Span::from_secs(100));
    leader.wait(Span::from_secs(100));
    assert!(leader.log().is_empty());
    assert_eq!((leader.replica.log_start(), leader.replica.log_end()), (25, 25));
    assert_eq!(leader.disk.files.len(), 2, "the checkpoint and an empty segment");
    for is_power_cut in [false, true] {
        leader.disk.crash(is_power_cut, |_, _| 0);
        leader.start();
        assert_eq!((leader.replica.log_start(), leader.replica.log_end()), (25, 25));
        assert_eq!(leader.replica.high_watermark(), 25);
    }
    leader.lead(&state(Some(0), 2, 2, &[0]));
    let again = leader.produce(by((1, 0), 24, batch([24])), Acks::Leader).unwrap();
    assert!(again.is_repeat, "the producer outlives its records");
    send(&mut leader, 25..26);
    assert_eq!(leader.log(), [25]);
}

#[test]
fn a_log_is_cut_to_its_size_by_whole_segments() {
    let mut leader = alone(keeping(None, Some(1000)));
    send(&mut leader, 0..50);
    leader.wait(Span::from_secs(10));
    let size: usize =
        leader.disk.files.iter().filter(|(number, _)| **number > 100).map(|(_, file)| file.bytes.len()).sum();
    assert!((1000..1500).contains(&size), "{size}");
    assert_eq!(leader.log().last(), Some(&49));
}

#[test]
fn nothing_above_the_high_watermark_is_deleted() {
    let [mut leader, mut follower, _] = three(keeping(Some(Span::from_secs(20)), None));
    send(&mut leader, 0..20);
    follower.catch_up(&mut leader);
    leader.wait(Span::from_secs(100));
    assert_eq!(leader.replica.log_start(), 0);
    leader.follower_has(2, 20);
    leader.wait(Span::from_secs(10));
    assert_eq!(leader.replica.log_start(), 20);
    follower.catch_up(&mut leader);
    follower.catch_up(&mut leader);
    assert_eq!(follower.replica.log_start(), 20, "a follower keeps what its leader keeps");
    assert!(follower.log().is_empty());
}

#[test]
fn an_internal_topic_is_not_deleted() {
    let mut leader = alone(Options { is_internal: true, ..keeping(Some(Span::from_secs(1)), None) });
    leader.produce(batch([1]), Acks::Leader).unwrap();
    leader.wait(Span::from_secs(1000));
    assert_eq!(leader.replica.read(&consumer_asks(0), PLAIN, 100).batches.len(), 1);
}
