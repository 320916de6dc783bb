use super::*;

#[test]
fn a_missing_confirm_makes_the_connection_suspect() {
    let mut bench = Bench::started(Producer::new(with_confirms(2, Confirms::Async)));
    at(&mut bench, 20);
    bench.hear(confirm(1));
    at(&mut bench, 5_019);
    assert!(bench.closed.is_empty());
    at(&mut bench, 5_020);
    assert_eq!(bench.closed.len(), 1, "the second publish is 5 s old");
    at(&mut bench, 6_000);
    assert_eq!(bench.sends()[2..], [(2, 2)]);
}

/// Facts at these times, with asynchronous confirms.
fn facts_at(millis: &[u64]) -> Bench<Producer> {
    let mut workload = workload(millis.len() as u32).to_vec();
    for (occurrence, millis) in workload.iter_mut().zip(millis) {
        occurrence.at = Time::from_millis(*millis);
    }
    let options = ProducerOptions { workload: workload.into_iter().collect(), ..with_confirms(0, Confirms::Async) };
    Bench::started(Producer::new(options))
}

#[test]
fn every_publish_has_its_own_deadline_however_late_the_next_one_goes_out() {
    let mut bench = facts_at(&[10, 20, 5_015]);
    at(&mut bench, 20);
    bench.hear(confirm(1));
    at(&mut bench, 5_020);
    assert_eq!(bench.closed.len(), 1);
}

#[test]
fn a_publish_after_a_quiet_time_has_a_deadline_too() {
    let mut bench = facts_at(&[10, 20_000]);
    at(&mut bench, 10);
    bench.hear(confirm(1));
    at(&mut bench, 25_000);
    assert_eq!(bench.closed.len(), 1);
}

#[test]
fn a_restarted_producer_keeps_its_deadlines_as_the_first_did() {
    let mut bench = facts_at(&[10, 3_000]);
    at(&mut bench, 10);
    bench.crash(span(1_000));
    at(&mut bench, 8_000);
    assert_eq!(bench.closed.len(), 1);
}

#[test]
fn a_blocked_connection_holds_everything_back_and_time_outs_with_it() {
    let mut bench = Bench::started(Producer::new(with_confirms(3, Confirms::Async)));
    at(&mut bench, 10);
    bench.hear(Method::Blocked);
    at(&mut bench, 20_000);
    assert_eq!(bench.sends(), [(1, 1)]);
    assert!(bench.closed.is_empty());
    bench.hear(Method::Unblocked);
    assert_eq!(bench.sends(), [(1, 1), (2, 1), (3, 1)]);
    at(&mut bench, 24_999);
    assert!(bench.closed.is_empty(), "after the block time starts anew");
    at(&mut bench, 26_000);
    assert_eq!(bench.closed.len(), 1);
}
