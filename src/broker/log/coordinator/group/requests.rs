//! Which request goes where, and what is answered by a coordinator that is none.

use super::super::{Caller, Effect, Effects};
use super::appends::{OffsetFetch, Purpose};
use super::classic::{ClassicGroup, Desk};
use super::record::Record;
use super::{Flaw, GroupCoordinator, flaw};
use crate::codec::encode;
use crate::protocol::Name;
use crate::protocol::log::{Error, Group, Join, MemberId, Message, OffsetAt, ProducerId, Share};
use crate::time::Time;

impl GroupCoordinator {
    /// Takes a request: `Message::Group` but for `FindCoordinator`, and of
    /// `Message::Share` `Heartbeat` and `Leave`. One that is not active answers
    /// `CoordinatorLoadInProgress`; where there is none, the host says
    /// `NotCoordinator` by [`refusal`](Self::refusal).
    pub fn handle(&mut self, now: Time, caller: Caller, message: Message, effects: &mut Effects) {
        if !self.is_active {
            let refusal = Self::refusal(&message, Error::CoordinatorLoadInProgress);
            effects.extend(refusal.map(|refusal| Effect::Reply(caller, refusal)));
            return;
        }
        match message {
            Message::Group(request) => self.handle_group(now, caller, request, effects),
            Message::Share(request) => self.handle_share(now, caller, request, effects),
            _ => {}
        }
    }

    /// How a request that belongs to a group coordinator is refused as a whole.
    #[must_use]
    pub fn refusal(request: &Message, error: Error) -> Option<Message> {
        let refused = Err(error);
        Some(match request {
            Message::Group(request) => match request {
                Group::Join(join) => Group::Joined { member: join.member, answer: Err(error) }.into(),
                Group::Sync { .. } => Group::Synced { answer: Err(error) }.into(),
                Group::Heartbeat { .. } => Group::HeartbeatAnswer { error: Some(error) }.into(),
                Group::Leave { .. } => Group::Left.into(),
                Group::OffsetCommit { .. } | Group::TxnOffsetCommit { .. } => {
                    Group::OffsetCommitted { error: Some(error) }.into()
                }
                Group::OffsetFetch { .. } => Group::OffsetsFetched { answer: Err(error) }.into(),
                _ => return None,
            },
            Message::Share(Share::Heartbeat { member, .. }) => {
                Share::HeartbeatAnswer { member: *member, answer: refused }.into()
            }
            _ => return None,
        })
    }

    fn handle_group(&mut self, now: Time, caller: Caller, request: Group, effects: &mut Effects) {
        match request {
            Group::Join(join) => self.join(now, caller, &join, effects),
            Group::Sync { group, member, generation, assignments } => {
                self.with_group(now, group, effects, |group, desk| match group {
                    Some(group) => group.sync(caller, member, generation, assignments, desk),
                    None => desk.reply(caller, Group::Synced { answer: Err(Error::UnknownMemberId) }),
                });
            }
            Group::Heartbeat { group, member, generation } => {
                self.with_group(now, group, effects, |group, desk| match group {
                    Some(group) => group.heartbeat(caller, member, generation, desk),
                    None => desk.reply(caller, Group::HeartbeatAnswer { error: Some(Error::UnknownMemberId) }),
                });
            }
            Group::Leave { group, member } => {
                self.with_group(now, group, effects, |group, desk| match group {
                    Some(group) => group.leave(caller, member, desk),
                    None => desk.reply(caller, Group::Left),
                });
            }
            Group::OffsetCommit { group, member, offsets } => {
                self.commit(now, caller, group, None, member, offsets, effects);
            }
            Group::TxnOffsetCommit { group, producer, member, offsets } => {
                self.commit(now, caller, group, Some(producer), member, offsets, effects);
            }
            Group::OffsetFetch { group, partitions } => {
                if let Err(fetch) = self.appends.wait(OffsetFetch { caller, group, partitions }) {
                    let answer = self.offsets.fetch(fetch.group, &fetch.partitions);
                    effects.push(Effect::Reply(caller, Group::OffsetsFetched { answer }.into()));
                }
            }
            _ => {}
        }
    }

    fn with_group(
        &mut self,
        now: Time,
        name: Name,
        effects: &mut Effects,
        work: impl FnOnce(Option<&mut ClassicGroup>, &mut Desk),
    ) {
        let initial_delay = self.options.initial_rebalance_delay;
        let desk = &mut Desk { now, initial_delay, appends: &mut self.appends, effects };
        work(self.groups.get_mut(&name), desk);
    }

    /// A stranger's join makes the group, if it is its first.
    fn join(&mut self, now: Time, caller: Caller, join: &Join, effects: &mut Effects) {
        let initial_delay = self.options.initial_rebalance_delay;
        let mut desk = Desk { now, initial_delay, appends: &mut self.appends, effects };
        if join.member != MemberId::default() && !self.groups.contains_key(&join.group) {
            let answer = Err(Error::UnknownMemberId);
            return desk.reply(caller, Group::Joined { member: join.member, answer });
        }
        let group = self.groups.entry(join.group).or_insert_with(|| ClassicGroup::new(join.group));
        let (epoch, given) = (self.epoch, &mut self.given);
        group.join(caller, join, || Self::next_member(epoch, given), &mut desk);
    }

    /// Offsets of a member, of a stranger who chose its partitions itself, or of a
    /// transaction, which count when that has ended.
    #[expect(clippy::too_many_arguments, reason = "a request taken apart")]
    fn commit(
        &mut self,
        now: Time,
        caller: Caller,
        name: Name,
        producer: Option<ProducerId>,
        member: Option<(MemberId, u32)>,
        offsets: Box<[OffsetAt]>,
        effects: &mut Effects,
    ) {
        let initial_delay = self.options.initial_rebalance_delay;
        let desk = &mut Desk { now, initial_delay, appends: &mut self.appends, effects };
        let group = self.groups.entry(name).or_insert_with(|| ClassicGroup::new(name));
        let allowed = group.check_commit(member, producer.is_some());
        if let Err(error) = allowed
            && !flaw::is_on(Flaw::ZombieNotFenced)
        {
            if member.is_some() && error != Error::RebalanceInProgress {
                desk.fenced(caller.client);
            }
            return desk.reply(caller, Group::OffsetCommitted { error: Some(error) });
        }
        if let (Some((id, _)), None) = (member, producer) {
            group.heard(id, desk);
        }
        let record = |at: &OffsetAt| encode(&Record::Offset { group: name, at: *at });
        let records = offsets.iter().map(record).collect();
        if flaw::is_on(Flaw::OffsetAnsweredBeforeCommitted) {
            desk.reply(caller, Group::OffsetCommitted { error: None });
        }
        let purpose = Purpose::Offsets { group: name, producer, offsets, caller: Some(caller) };
        desk.appends.append(now, records, producer, purpose, desk.effects);
    }

    fn handle_share(&mut self, now: Time, caller: Caller, request: Share, effects: &mut Effects) {
        match request {
            Share::Heartbeat { group, mut member, topics } => {
                if member == MemberId::default() {
                    member = Self::next_member(self.epoch, &mut self.given);
                }
                let known = topics.iter().map(|topic| (*topic, self.topics.get(topic).copied().unwrap_or(0)));
                let known: Vec<_> = known.collect();
                let expires = now + self.options.share_session_timeout;
                let answer = Ok(self.shares.heard(group, member, caller.client, &known, expires));
                effects.push(Effect::Reply(caller, Share::HeartbeatAnswer { member, answer }.into()));
            }
            Share::Leave { group, member } => self.shares.leave(group, member),
            _ => {}
        }
    }
}
