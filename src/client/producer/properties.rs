//! What must hold whatever a broker answers and whenever a connection breaks.

use proptest::collection::vec;
use proptest::prelude::*;

use super::tests::options;
use super::*;
use crate::client::peer::{BROKER, Bench, copy};
use crate::random::Seed;
use crate::time::Span;

/// One thing that happens to a producer.
#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Confirm(u64, bool),
    Nack(u64, bool),
    Return(u32, u16),
    Cut,
    CloseChannel,
    Block,
    Unblock,
    Listen(bool),
    Crash(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1u64..200).prop_map(Act::Wait),
        1 => (1_000u64..8_000).prop_map(Act::Wait),
        6 => (0u64..12, any::<bool>()).prop_map(|(tag, multiple)| Act::Confirm(tag, multiple)),
        2 => (0u64..12, any::<bool>()).prop_map(|(tag, multiple)| Act::Nack(tag, multiple)),
        1 => (0u32..20, 1u16..4).prop_map(|(message, attempt)| Act::Return(message, attempt)),
        2 => Just(Act::Cut),
        1 => Just(Act::CloseChannel),
        1 => Just(Act::Block),
        1 => Just(Act::Unblock),
        1 => any::<bool>().prop_map(Act::Listen),
        1 => (1u64..100).prop_map(Act::Crash),
    ]
}

fn policy() -> impl Strategy<Value = ProducerOptions> {
    let confirms = prop_oneof![Just(Confirms::Off), Just(Confirms::WaitEach), Just(Confirms::Async)];
    (confirms, any::<bool>(), 0usize..5, 0u16..4, any::<u64>()).prop_map(
        |(confirms, resend, window, attempts, seed)| {
            let attempts_at_most = attempts;
            ProducerOptions { confirms, resend, window, attempts_at_most, seed: Seed(seed), ..options(20) }
        },
    )
}

fn perform(bench: &mut Bench<Producer>, act: Act) {
    match act {
        Act::Wait(millis) => bench.run_until(bench.now + Span::from_millis(millis)),
        Act::Confirm(tag, multiple) => bench.hear(Method::Confirm { tag, multiple }),
        Act::Nack(tag, multiple) => bench.hear(Method::ConfirmNack { tag, multiple }),
        Act::Return(message, attempt) => bench.hear(Method::Return { copy: copy(message, attempt), code: 312 }),
        Act::Cut => bench.cut(BROKER),
        Act::CloseChannel => bench.hear(Method::ChannelClose { code: 404 }),
        Act::Block => bench.hear(Method::Blocked),
        Act::Unblock => bench.hear(Method::Unblocked),
        Act::Listen(listening) => bench.listening = listening,
        Act::Crash(down) => bench.crash(Span::from_millis(down)),
    }
}

/// How often something was noted of each message.
fn count(bench: &Bench<Producer>, counts: impl Fn(Kind) -> bool) -> [u32; 32] {
    let mut found = [0; 32];
    for (message, _, kind) in bench.story() {
        found[message as usize] += u32::from(counts(kind));
    }
    found
}

/// Notes that end a matter. Without confirms a return may follow one, as the
/// only answer such a producer ever gets.
fn is_final(confirms: Confirms) -> impl Fn(Kind) -> bool {
    move |kind| match kind {
        Kind::Told(Answer::Refused) => confirms != Confirms::Off,
        Kind::Told(_) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_message_is_told_at_most_once_sent_within_its_attempts_and_the_window_holds(
        options in policy(),
        acts in vec(act(), 1..80),
    ) {
        let (confirms, limit) = (options.confirms, options.attempts_at_most.max(1));
        let room = if confirms == Confirms::WaitEach { 1 } else { options.window.max(1) };
        let mut bench = Bench::started(Producer::new(options));
        for act in acts {
            perform(&mut bench, act);
            prop_assert!(bench.node.window.open() <= room);
        }
        prop_assert!(count(&bench, is_final(confirms)).into_iter().all(|told| told <= 1));
        prop_assert!(bench.sends().iter().all(|(_, attempt)| (1..=limit).contains(attempt)));
        let mut sends = bench.sends();
        sends.sort_unstable();
        prop_assert!(sends.windows(2).all(|pair| pair[0] != pair[1]), "no copy is sent twice");
        for (message, attempt) in sends {
            prop_assert!(attempt == 1 || bench.sends().contains(&(message, attempt - 1)));
        }
    }

    #[test]
    fn with_confirms_and_resend_a_message_is_either_told_or_kept(
        options in policy(),
        acts in vec(act(), 1..80),
    ) {
        let confirms = if options.confirms == Confirms::Off { Confirms::Async } else { options.confirms };
        let options = ProducerOptions { confirms, resend: true, ..options };
        let mut bench = Bench::started(Producer::new(options));
        for act in acts {
            // A returned message is kept no longer, but not told before its answer.
            if matches!(act, Act::Crash(_) | Act::Return(..)) {
                continue;
            }
            perform(&mut bench, act);
            let mut kept = [0; 32];
            bench.in_memory().iter().for_each(|(message, _)| kept[*message as usize] += 1);
            let attempted = count(&bench, |kind| kind == Kind::Attempted);
            let told = count(&bench, is_final(confirms));
            for message in 0..32 {
                prop_assert_eq!(attempted[message], told[message] + kept[message], "message {}", message);
            }
        }
    }

    #[test]
    fn once_the_broker_answers_again_every_message_ends_in_an_answer_and_the_run_is_quiet(
        options in policy(),
        acts in vec(act(), 1..40),
    ) {
        let confirms = options.confirms;
        let mut bench = Bench::started(Producer::new(options));
        for act in acts {
            perform(&mut bench, act);
        }
        bench.listening = true;
        bench.hear(Method::Unblocked);
        for _ in 0..200 {
            bench.run_until(bench.now + Span::from_millis(100));
            bench.hear(Method::Confirm { tag: 0, multiple: true });
        }
        bench.run_until_quiet();
        prop_assert!(bench.in_memory().is_empty());
        prop_assert_eq!(bench.node.window.open(), 0);
        // What an earlier process held died with it: those are attempted and not told.
        let told = count(&bench, |kind| is_final(confirms)(kind) || kind == Kind::Dropped(Reason::NotConnected));
        prop_assert!(told.into_iter().all(|told| told <= 1));
    }
}
