use bytes::Bytes;

use super::bench::{Bench, GROUP};
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::raft::{Answer, Body, Entry, Identity, Members, Message, Peer, Position};
use crate::raft::effects::Effects;
use crate::raft::log::Log;
use crate::raft::member::{Member, Memory};
use crate::raft::{Outcome, Role};

fn propose(bench: &mut Bench, node: usize, text: &'static str) -> Result<Position, crate::raft::NotLeader> {
    bench.act(node, |host, now, out| host.propose(now, GROUP, Bytes::from_static(text.as_bytes()), None, out))
}

fn applied(bench: &Bench, node: usize) -> Vec<Bytes> {
    let commands = bench.told[node].iter().filter_map(|outcome| match outcome {
        Outcome::Committed { command, .. } => Some(command.clone()),
        _ => None,
    });
    commands.collect()
}

fn ask_for_vote(bench: &mut Bench, from: u16, to: usize, term: u64) -> bool {
    let last = Position { term: 99, index: 99 };
    let request = Message::RequestVote { term, last, identity: Identity(0), trial: false };
    bench.said.clear();
    bench.act(to, |host, now, out| host.frame(now, NodeId(from), GROUP, request, out));
    bench.said.iter().any(|(_, _, message)| matches!(message, Message::Vote { granted: true, .. }))
}

#[test]
fn who_declares_a_group_leads_it_and_all_apply_what_is_proposed() {
    let mut bench = Bench::found(3);
    assert!(propose(&mut bench, 0, "one").is_ok() && propose(&mut bench, 0, "two").is_ok());
    assert_eq!(propose(&mut bench, 1, "no").unwrap_err().leader, Some(NodeId(0)));
    for node in 0..3 {
        assert_eq!(applied(&bench, node), ["one", "two"]);
    }
}

#[test]
fn an_idle_group_sends_nothing_and_sets_no_timer() {
    let mut bench = Bench::found(3);
    propose(&mut bench, 0, "one").unwrap();
    assert_eq!(bench.timers, [None; 3]);
    bench.said.clear();
    bench.act(0, |_, _, _| ());
    assert!(bench.said.is_empty());
}

#[test]
fn followers_of_a_node_that_went_down_elect_another() {
    let mut bench = Bench::found(3);
    propose(&mut bench, 0, "one").unwrap();
    bench.away.push(NodeId(0));
    for node in [1, 2] {
        bench.act(node, |host, now, out| host.peer_down(now, NodeId(0), out));
        assert!(bench.timers[node].is_some());
    }
    bench.timer(1);
    assert_eq!(bench.hosts[1].status(GROUP).unwrap().role, Role::Leader);
    assert_eq!(bench.hosts[2].status(GROUP).unwrap().leader, Some(NodeId(1)));
    propose(&mut bench, 1, "two").unwrap();
    bench.away.clear();
    bench.act(1, |host, now, out| host.peer_up(now, NodeId(0), out));
    assert_eq!(applied(&bench, 0), ["one", "two"]);
    assert_eq!(bench.hosts[0].status(GROUP).unwrap().role, Role::Follower);
}

#[test]
fn a_member_that_sees_its_leader_refuses_to_elect_another() {
    let mut bench = Bench::found(3);
    bench.act(1, |host, now, out| host.peer_down(now, NodeId(0), out));
    bench.timer(1);
    let [leader, asker] = [0, 1].map(|node| bench.hosts[node].status(GROUP).unwrap());
    assert_eq!((leader.role, leader.term), (Role::Leader, 1));
    assert_eq!(asker.leader, Some(NodeId(0)), "the leader made itself heard");
}

/// Two candidates of one term ask one after the other; between them the process
/// starts again. Whether both got the vote.
fn votes_twice_around_a_restart() -> bool {
    let mut bench = Bench::found(3);
    assert!(ask_for_vote(&mut bench, 1, 2, 9));
    bench.restart(2);
    ask_for_vote(&mut bench, 0, 2, 9)
}

#[test]
fn a_vote_outlives_the_process() {
    assert!(!votes_twice_around_a_restart());
    assert!(flaw::with(Flaw::RaftForgetsTerm, votes_twice_around_a_restart));
}

#[test]
fn a_member_without_its_disk_has_no_say() {
    let mut bench = Bench::found(3);
    propose(&mut bench, 0, "one").unwrap();
    bench.lose_disk(2);
    assert!(!ask_for_vote(&mut bench, 1, 2, 9));
    bench.said.clear();
    bench.act(0, |host, now, out| host.peer_up(now, NodeId(2), out));
    assert!(bench.said.iter().all(|(from, ..)| *from != NodeId(2)), "it cannot say what it has");
    // The way back: out, and in again as somebody else.
    bench.act(0, |host, now, out| host.remove_member(now, GROUP, NodeId(2), out)).unwrap();
    bench.act(0, |host, now, out| host.add_member(now, GROUP, NodeId(2), out)).unwrap();
    let status = bench.hosts[0].status(GROUP).unwrap();
    let back = status.members.iter().find(|peer| peer.node == NodeId(2)).unwrap();
    assert!(back.voter && back.identity != Identity(0));
    assert_eq!(applied(&bench, 2), ["one", "one"], "told once in each life");
}

#[test]
fn what_a_failed_sync_left_unsure_is_not_acknowledged() {
    let mut bench = Bench::found(3);
    bench.failing = vec![NodeId(1), NodeId(2)];
    bench.said.clear();
    let at = propose(&mut bench, 0, "one").unwrap();
    assert!(applied(&bench, 0).is_empty());
    let acknowledges = |message: &Message| matches!(message, Message::Appended { answer: Answer::Matches(index), .. } if *index >= at.index);
    assert!(!bench.said.iter().any(|(_, _, message)| acknowledges(message)));
    // The disk is well again: everything is written once more, to another file.
    bench.failing.clear();
    bench.timer(1);
    assert_eq!(applied(&bench, 0), ["one"]);
    bench.restart(1);
    assert_eq!(bench.hosts[1].status(GROUP).unwrap().last, at);
}

/// Recovery writes all it read to another file. Until that is on the device, the
/// file it read from may be the only one, or may itself be in the page cache only.
#[test]
fn processes_that_die_while_they_recover_leave_a_synced_log_behind() {
    let mut bench = Bench::found(3);
    let at = propose(&mut bench, 0, "one").unwrap();
    bench.stuck = vec![NodeId(1)];
    for _ in 0..5 {
        bench.restart(1);
        assert!(bench.hosts[1].is_recovering());
    }
    // One gets as far as to write the other file, and the next reads that.
    for round in 0..4 {
        bench.stuck.clear();
        bench.sync_only = Some(round);
        bench.restart(1);
        bench.sync_only = None;
        bench.stuck = vec![NodeId(1)];
        bench.restart(1);
        bench.stuck.clear();
        bench.cut_power(1);
        assert_eq!(bench.hosts[1].status(GROUP).map(|status| status.last), Some(at), "after {round} syncs");
    }
}

/// A sync that fails takes what it was to write out of the kernel's books. If the
/// process dies before it hears of that, the next one reads the file, syncs it
/// with success, and has nothing on the device.
#[test]
fn what_the_kernel_failed_to_write_and_forgot_is_not_counted_on() {
    for file in ["the log", "a snapshot"] {
        let mut bench = Bench::found(3);
        propose(&mut bench, 0, "one").unwrap();
        let take_snapshot = |bench: &mut Bench, index| {
            bench.act(1, |host, now, out| host.snapshot(now, GROUP, index, Bytes::from_static(b"state"), out));
        };
        take_snapshot(&mut bench, 2);
        let at = propose(&mut bench, 0, "two").unwrap();
        bench.failing_unheard = vec![NodeId(1)];
        match file {
            "the log" => bench.restart(1),
            _ => take_snapshot(&mut bench, at.index),
        }
        bench.failing_unheard.clear();
        // It dies again as soon as it has synced what it read, or a little later.
        for round in 0..4 {
            bench.sync_only = Some(round);
            bench.restart(1);
        }
        bench.sync_only = None;
        bench.cut_power(1);
        let status = bench.hosts[1].status(GROUP).unwrap();
        assert_eq!(status.last, at, "{file}");
        let restored = bench.told[1].iter().rev().find_map(|outcome| match outcome {
            Outcome::Restored { at, .. } => Some(*at),
            _ => None,
        });
        assert_eq!(restored, Some(status.base), "{file}: the log goes on behind the snapshot");
    }
}

#[test]
fn who_is_invited_back_from_a_newer_term_joins_under_a_leader_of_one() {
    let mut bench = Bench::found(3);
    propose(&mut bench, 0, "one").unwrap();
    bench.away = vec![NodeId(2)];
    bench.act(0, |host, now, out| host.remove_member(now, GROUP, NodeId(2), out)).unwrap();
    // Out there it was asked for a vote in a newer term, by nobody who won.
    ask_for_vote(&mut bench, 1, 2, 9);
    bench.away.clear();
    bench.act(0, |host, now, out| host.add_member(now, GROUP, NodeId(2), out)).unwrap();
    assert!(bench.hosts[0].status(GROUP).unwrap().term >= 9, "its leader learns of it");
    bench.timer(0);
    bench.timer(0);
    bench.act(0, |host, now, out| host.add_member(now, GROUP, NodeId(2), out)).unwrap();
    assert_eq!(applied(&bench, 2), ["one", "one"], "told once in each life");
}

/// Figure 8 of the paper: a leader of term 4 finds an entry of term 2 on most
/// disks. Whether it takes that for committed.
fn commits_an_old_entry_by_count() -> bool {
    let voter = |node| Peer { node: NodeId(node), identity: Identity(0), voter: true };
    let members: Members = (0..5).map(voter).collect();
    let mut log = Log::default();
    for (term, index) in [(1, 1), (2, 2)] {
        log.push(Entry { at: Position { term, index }, body: Body::Nothing, about: None });
    }
    let memory = Memory { term: 3, members: Some(members), log, ..Memory::default() };
    let (mut member, mut effects) = (Member::new(GROUP, NodeId(0), memory, None), Effects::default());
    member.time_is_up(&mut effects);
    for trial in [true, false] {
        for node in [1, 2] {
            member.vote_came(NodeId(node), (4, true), Identity(0), trial, &mut effects);
        }
    }
    assert_eq!((member.role, member.log.last()), (Role::Leader, Position { term: 4, index: 3 }));
    let mut answers = |member: &mut Member, index| {
        for node in [1, 2] {
            member.answer_came(NodeId(node), 4, Identity(0), Answer::Matches(index), &mut effects);
        }
    };
    answers(&mut member, 2);
    let too_early = member.commit >= 2;
    answers(&mut member, 3);
    member.synced(Position { term: 4, index: 3 }, &mut effects);
    assert_eq!(member.commit, 3, "with an entry of its own it commits both");
    too_early
}

#[test]
fn an_entry_of_an_earlier_term_is_committed_only_with_one_of_this() {
    assert!(!commits_an_old_entry_by_count());
    assert!(flaw::with(Flaw::RaftCommitsOldTermByCount, commits_an_old_entry_by_count));
}

#[test]
fn a_snapshot_replaces_the_log_before_it_here_and_for_one_who_was_away() {
    let mut bench = Bench::found(3);
    bench.away.push(NodeId(2));
    bench.act(0, |host, now, out| host.peer_down(now, NodeId(2), out));
    let mut last = Position::default();
    for _ in 0..20 {
        last = propose(&mut bench, 0, "again").unwrap();
    }
    bench.act(0, |host, now, out| host.snapshot(now, GROUP, last.index, Bytes::from_static(b"twenty"), out));
    assert_eq!(bench.hosts[0].status(GROUP).unwrap().base, last);
    bench.away.clear();
    bench.act(0, |host, now, out| host.peer_up(now, NodeId(2), out));
    let restored =
        |outcome: &&Outcome| matches!(outcome, Outcome::Restored { at, state, .. } if *at == last && state == "twenty");
    assert_eq!(bench.told[2].iter().filter(restored).count(), 1);
    for node in [0, 2] {
        bench.restart(node);
        assert_eq!(bench.hosts[node].status(GROUP).unwrap().base, last);
        assert!(bench.told[node].iter().rev().any(|outcome| restored(&outcome)));
    }
}
