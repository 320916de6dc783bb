use super::rig::{GROUP, Rig, TOPIC, at, commit, fetch, join, sync};
use crate::broker::log::coordinator::Effect;
use crate::event::Kind;
use crate::protocol::log::{Error, Group, Join, MemberId, Message, OffsetAt, Share, Strategy};
use crate::time::Span;

const SECOND: Span = Span::from_secs(1);

#[test]
fn a_stranger_joins_twice_and_the_first_rebalance_waits_for_others() {
    let mut rig = Rig::new();
    let first = rig.announce(0);
    let number = rig.send(0, join(first));
    rig.pass(Span::from_millis(2_500));
    let second = rig.announce(1);
    let other = rig.send(1, join(second));
    rig.pass(Span::from_millis(600));
    assert_eq!(rig.answer(number), None, "somebody came, so three seconds more");
    rig.pass(SECOND.times(3));
    let joined = rig.joined(number);
    assert_eq!((joined.generation, joined.leader), (1, first));
    assert_eq!(joined.members.iter().map(|member| member.id).collect::<Vec<_>>(), [first, second]);
    assert!(rig.joined(other).members.is_empty(), "only the leader is told who is there");
}

#[test]
fn the_first_rebalance_ends_when_newcomers_keep_coming() {
    let mut rig = Rig::new();
    let first = rig.announce(0);
    let number = rig.send(0, join(first));
    for client in 1..20 {
        let member = rig.announce(client);
        rig.send(client, join(member));
        rig.pass(SECOND.times(2));
    }
    assert!(rig.joined(number).members.len() > 10, "at the longest it lasts as a rebalance may");
}

#[test]
fn nobody_gets_partitions_before_the_log_has_them() {
    let mut rig = Rig::new();
    let member = rig.announce(0);
    let number = rig.send(0, join(member));
    rig.pass(SECOND.times(3));
    assert_eq!(rig.joined(number).generation, 1);
    let number = rig.send(0, sync(member, 1, [(member, [at(0)].into())].into()));
    assert_eq!(rig.answer(number), None);
    rig.commit_all();
    assert!(rig.answer(number).is_some());
}

#[test]
fn assignments_that_cannot_be_kept_begin_another_rebalance() {
    let mut rig = Rig::new();
    let member = rig.announce(0);
    rig.send(0, join(member));
    rig.pass(SECOND.times(3));
    let number = rig.send(0, sync(member, 1, [(member, [at(0)].into())].into()));
    rig.refuse_last(Error::NotEnoughReplicas);
    let refused = Group::Synced { answer: Err(Error::CoordinatorNotAvailable) };
    assert_eq!(rig.answer(number), Some(refused.into()));
    let number = rig.send(0, join(member));
    assert_eq!(rig.joined(number).generation, 2);
}

#[test]
fn a_member_that_joins_makes_the_others_join_again() {
    let mut rig = Rig::new();
    let mut members = rig.stable(2);
    members.push(rig.announce(2));
    assert_eq!(rig.heartbeat(0, members[0], 1), None, "a number alone disturbs nobody");
    let third = rig.send(2, join(members[2]));
    assert_eq!(rig.heartbeat(0, members[0], 1), Some(Error::RebalanceInProgress));
    assert_eq!(rig.commit(0, members[0], 1, 5), None, "the last chance to commit");
    let first = rig.send(0, join(members[0]));
    assert_eq!(rig.answer(first), None, "the second is missing");
    let second = rig.send(1, join(members[1]));
    for number in [first, second, third] {
        assert_eq!(rig.joined(number).generation, 2);
    }
    assert_eq!(rig.commit(0, members[0], 2, 6), Some(Error::RebalanceInProgress), "it has no partitions yet");
    rig.sync_all(&members, 2);
    assert_eq!(rig.commit(0, members[0], 1, 7), Some(Error::IllegalGeneration));
    assert_eq!(rig.commit(0, members[0], 2, 8), None);
    assert_eq!(rig.offset(0), Some(8));
}

#[test]
fn who_does_not_come_back_in_time_is_out() {
    let mut rig = Rig::new();
    let members = rig.stable(2);
    let third = rig.announce(2);
    let number = rig.send(2, join(third));
    let first = rig.send(0, join(members[0]));
    for _ in 0..10 {
        assert_eq!(rig.answer(number), None);
        rig.pass(SECOND.times(3));
        // It lives, but its application is still at work.
        rig.heartbeat(1, members[1], 1);
    }
    assert_eq!(rig.joined(first).members.len(), 2);
    assert_eq!(rig.commit(1, members[1], 1, 5), Some(Error::UnknownMemberId));
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::Note(Kind::MemberFenced, 1))));
}

#[test]
fn a_silent_member_is_out_after_its_session() {
    let mut rig = Rig::new();
    let members = rig.stable(2);
    for _ in 0..4 {
        rig.pass(SECOND.times(3));
        rig.heartbeat(0, members[0], 1);
    }
    assert_eq!(rig.heartbeat(0, members[0], 1), Some(Error::RebalanceInProgress));
    let number = rig.send(0, join(members[0]));
    assert_eq!(rig.joined(number).members.len(), 1);
    assert_eq!(rig.heartbeat(1, members[1], 1), Some(Error::UnknownMemberId));
}

#[test]
fn who_never_asks_for_its_partitions_is_out() {
    let mut rig = Rig::new();
    let members: Vec<_> = (0..2).map(|client| rig.announce(client)).collect();
    members.iter().zip(0..).for_each(|(member, client)| {
        rig.send(client, join(*member));
    });
    rig.pass(SECOND.times(6));
    rig.ask(0, sync(members[0], 1, [(members[0], [at(0)].into())].into()));
    for _ in 0..11 {
        rig.pass(SECOND.times(3));
        rig.heartbeat(0, members[0], 1);
        rig.heartbeat(1, members[1], 1);
    }
    assert_eq!(rig.heartbeat(1, members[1], 1), Some(Error::UnknownMemberId));
}

#[test]
fn who_leaves_is_missed_at_once_and_the_next_leads() {
    let mut rig = Rig::new();
    let members = rig.stable(2);
    assert_eq!(rig.ask(0, Group::Leave { group: GROUP, member: members[0] }), Some(Group::Left.into()));
    assert_eq!(rig.heartbeat(1, members[1], 1), Some(Error::RebalanceInProgress));
    let number = rig.send(1, join(members[1]));
    assert_eq!(rig.joined(number).leader, members[1]);
}

#[test]
fn a_lost_answer_to_a_join_is_given_again() {
    let mut rig = Rig::new();
    let members = rig.stable(2);
    let number = rig.send(1, join(members[1]));
    assert_eq!(rig.joined(number).generation, 1, "nothing new, no rebalance");
    rig.send(0, join(members[0]));
    assert_eq!(rig.heartbeat(1, members[1], 1), Some(Error::RebalanceInProgress), "a leader means it");
}

#[test]
fn another_strategy_is_refused() {
    let mut rig = Rig::new();
    rig.stable(1);
    let Group::Join(mine) = join(MemberId::default()) else { unreachable!() };
    let answer = rig.ask(1, Group::Join(Join { strategy: Strategy::CooperativeSticky, ..mine }));
    let refused = Group::Joined { member: MemberId::default(), answer: Err(Error::InconsistentGroupProtocol) };
    assert_eq!(answer, Some(refused.into()));
}

#[test]
fn a_generation_survives_its_coordinator() {
    let mut rig = Rig::new();
    let members = rig.stable(2);
    assert_eq!(rig.commit(0, members[0], 1, 5), None);
    rig.fail_over(0);
    assert_eq!(rig.heartbeat(0, members[0], 1), None);
    assert_eq!(rig.offset(0), Some(5));
    let again = rig.ask(1, sync(members[1], 1, [].into()));
    assert_eq!(again, Some(Group::Synced { answer: Ok([at(1)].into()) }.into()));
    let other = rig.announce(5);
    assert!(!members.contains(&other));
}

#[test]
fn an_offset_is_answered_and_read_once_the_log_has_it() {
    let mut rig = Rig::new();
    let members = rig.stable(1);
    let number = rig.send(0, commit(Some((members[0], 1)), 0, 5));
    let read = rig.send(0, fetch());
    assert_eq!((rig.answer(number), rig.answer(read), rig.offset(0)), (None, None, None));
    rig.commit_all();
    assert_eq!(rig.answer(number), Some(Group::OffsetCommitted { error: None }.into()));
    let offsets = [OffsetAt { partition: at(0), offset: 5, leader_epoch: Some(2) }].into();
    assert_eq!(rig.answer(read), Some(Group::OffsetsFetched { answer: Ok(offsets) }.into()));
}

#[test]
fn a_commit_that_takes_too_long_is_unknown_to_its_sender() {
    let mut rig = Rig::new();
    let members = rig.stable(1);
    let number = rig.send(0, commit(Some((members[0], 1)), 0, 5));
    rig.pass(SECOND.times(5));
    let late = Group::OffsetCommitted { error: Some(Error::CoordinatorNotAvailable) };
    assert_eq!(rig.answer(number), Some(late.into()));
    rig.commit_all();
    assert_eq!(rig.offset(0), Some(5), "it counts all the same");
}

#[test]
fn a_stranger_commits_only_in_an_empty_group() {
    let mut rig = Rig::new();
    assert_eq!(rig.ask(3, commit(None, 0, 5)), Some(Group::OffsetCommitted { error: None }.into()));
    rig.stable(1);
    let refused = Group::OffsetCommitted { error: Some(Error::UnknownMemberId) };
    assert_eq!(rig.ask(3, commit(None, 0, 9)), Some(refused.into()));
    assert_eq!(rig.offset(0), Some(5));
}

#[test]
fn all_members_of_a_share_group_get_all_partitions_until_they_are_silent() {
    let mut rig = Rig::new();
    let beat = |member| Share::Heartbeat { group: GROUP, member, topics: [TOPIC].into() };
    for client in 0..3 {
        let answer = rig.ask(client, beat(MemberId::default()));
        let Some(Message::Share(Share::HeartbeatAnswer { member, answer: Ok(all) })) = answer else { panic!() };
        assert!(member != MemberId::default() && all.len() == 4);
    }
    let mut groups = Vec::new();
    rig.coordinator.show(&mut groups);
    assert_eq!(groups[0].members.len(), 3);
    rig.pass(SECOND.times(45));
    groups.clear();
    rig.coordinator.show(&mut groups);
    assert!(groups.is_empty());
}
