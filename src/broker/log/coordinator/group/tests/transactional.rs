use super::rig::{Rig, commit_in, fetch};
use crate::protocol::log::{Control, Error, Group, ProducerId};

const PRODUCER: ProducerId = ProducerId { number: 3, epoch: 0 };

fn end(rig: &mut Rig, control: Control) {
    rig.commit_all();
    let marker = ProducerId { epoch: 1, ..PRODUCER };
    rig.log.marker(marker, control);
    rig.coordinator.marker(marker, control, &mut rig.effects);
}

fn ok() -> Option<crate::protocol::log::Message> {
    Some(Group::OffsetCommitted { error: None }.into())
}

#[test]
fn offsets_of_a_transaction_count_when_it_commits_and_meanwhile_readers_wait() {
    let mut rig = Rig::new();
    let member = Some((rig.stable(1)[0], 1));
    assert_eq!(rig.ask(0, commit_in(PRODUCER, member, 5)), ok());
    assert_eq!(rig.offset(0), None);
    let unstable = Group::OffsetsFetched { answer: Err(Error::UnstableOffsetCommit) };
    assert_eq!(rig.ask(0, fetch()), Some(unstable.clone().into()));
    rig.fail_over(0);
    assert_eq!(rig.ask(0, fetch()), Some(unstable.into()), "another coordinator knows of it too");
    end(&mut rig, Control::Commit);
    assert_eq!(rig.offset(0), Some(5));
    rig.fail_over(0);
    assert_eq!(rig.offset(0), Some(5));
}

#[test]
fn offsets_of_an_aborted_transaction_never_count() {
    let mut rig = Rig::new();
    assert_eq!(rig.ask(0, commit_in(PRODUCER, None, 5)), ok());
    end(&mut rig, Control::Abort);
    assert_eq!(rig.offset(0), None);
    rig.fail_over(0);
    assert_eq!(rig.offset(0), None);
}

#[test]
fn a_transaction_is_held_to_the_generation() {
    let mut rig = Rig::new();
    let member = rig.stable(1)[0];
    let refused = Group::OffsetCommitted { error: Some(Error::IllegalGeneration) };
    assert_eq!(rig.ask(0, commit_in(PRODUCER, Some((member, 0)), 5)), Some(refused.into()));
}

#[test]
fn a_later_offset_is_not_overtaken_by_a_transaction_that_ends_later() {
    let mut rig = Rig::new();
    let member = rig.stable(1)[0];
    assert_eq!(rig.ask(0, commit_in(PRODUCER, Some((member, 1)), 5)), ok());
    assert_eq!(rig.commit(0, member, 1, 9), None);
    end(&mut rig, Control::Commit);
    assert_eq!(rig.offset(0), Some(9));
    rig.fail_over(0);
    assert_eq!(rig.offset(0), Some(9), "after a reload as before");
}

#[test]
fn the_log_refuses_a_producer_that_was_fenced() {
    let mut rig = Rig::new();
    let number = rig.send(0, commit_in(PRODUCER, None, 5));
    rig.refuse_last(Error::InvalidProducerEpoch);
    let refused = Group::OffsetCommitted { error: Some(Error::InvalidProducerEpoch) };
    assert_eq!(rig.answer(number), Some(refused.into()));
}
