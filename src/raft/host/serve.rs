//! How a host lets its members act: their writes go to the journal, their words
//! to the outbox, at once or when the journal has caught up, and their patience
//! to the clock.

use super::snapshot::Places;
use super::{Host, Options, Seat};
use crate::event::NodeId;
use crate::node::Outputs;
use crate::protocol::raft::{Group, Identity, Message};
use crate::raft::effects::{Effects, Letter, Outcome, Patience, Role, Write};
use crate::raft::member::{Member, Memory};
use crate::random::Purpose;
use crate::time::{Span, Time};

/// How many messages for unknown groups are kept.
const MOST_EARLY: usize = 64;

impl Host {
    /// Takes a message to the member it is for. One for an unknown group waits:
    /// perhaps this node only learns of the group a moment later than others.
    pub(super) fn hear(&mut self, now: Time, from: NodeId, group: Group, message: Message) {
        if let Message::Invite { term } = message {
            self.invited(now, from, group, term);
        } else if self.seats.contains_key(&group) {
            self.with(group, now, |member, effects| member.hear(from, message, effects));
        } else {
            self.early.push_back((from, group, message));
            if self.early.len() > MOST_EARLY {
                self.early.pop_front();
            }
        }
    }

    /// Takes what came too early to its member, as far as there is one now.
    pub(super) fn hear_early(&mut self, now: Time) {
        for (from, group, message) in std::mem::take(&mut self.early) {
            self.hear(now, from, group, message);
        }
    }

    pub(super) fn begin(&mut self, now: Time, group: Group, memory: Memory) {
        let Memory { identity, term, members, .. } = &memory;
        let members = members.clone().unwrap_or_default();
        self.effects.outcomes.push_back(Outcome::Begun { group });
        self.effects.writes.push(Write::Begin { identity: *identity, term: *term, members });
        // Until the log on the device tells of this life, it tells of the one before,
        // which needs its snapshot.
        let earlier = self.seats.get(&group).and_then(|seat| seat.places.spoken_of);
        self.seat(group, Member::new(group, self.options.me, memory, None), earlier);
        self.settle(group, now);
    }

    /// Gives the member its seat. `spoken_of`: where the snapshot is that the log
    /// on the device speaks of.
    pub(super) fn seat(&mut self, group: Group, member: Member, spoken_of: Option<u32>) {
        let places = Places { newest: spoken_of, spoken_of };
        let seat = Seat { member, attempts: 0, places, snapshot_due: false, is_dirty: false };
        self.seats.insert(group, seat);
    }

    /// A leader wants this node as a new, empty member. What it had of the group
    /// is of no use to anyone: it is not a member any more.
    pub(super) fn invited(&mut self, now: Time, leader: NodeId, group: Group, term: u64) {
        let known = self.seats.get(&group).map(|seat| &seat.member);
        if let Some(term) = known.map(|member| member.term).filter(|known| *known > term) {
            self.with(group, now, |member, effects| {
                let identity = member.identity;
                effects.promise(leader, Message::Accept { term, identity });
            });
            return;
        }
        let is_ready = known.is_some_and(|member| member.members().is_empty() && member.log.last().index == 0);
        if !is_ready {
            let subject = self.options.seed.draw(Purpose::Identity).by(self.options.me.0.into());
            let drawn = subject.by(group.0.into()).by(now.as_nanos()).value() as u32;
            self.begin(now, group, Memory { identity: Identity(drawn | 1), term, ..Memory::default() });
        }
        self.with(group, now, |member, effects| {
            let identity = member.identity;
            effects.promise(leader, Message::Accept { term, identity });
        });
    }

    pub(super) fn for_all(&mut self, now: Time, out: &mut Outputs, mut act: impl FnMut(&mut Member, &mut Effects)) {
        if self.is_recovering() {
            return;
        }
        let mut next = self.seats.keys().next().copied();
        while let Some(group) = next {
            self.with(group, now, &mut act);
            next = self.seats.range(Group(group.0 + 1)..).next().map(|(group, _)| *group);
        }
        self.finish(now, out);
    }

    /// Lets a member act, and takes down what it wants.
    pub(super) fn with<T>(
        &mut self,
        group: Group,
        now: Time,
        act: impl FnOnce(&mut Member, &mut Effects) -> T,
    ) -> Option<T> {
        let seat = self.seats.get_mut(&group)?;
        let result = act(&mut seat.member, &mut self.effects);
        self.settle(group, now);
        Some(result)
    }

    fn settle(&mut self, group: Group, now: Time) {
        let writes = std::mem::take(&mut self.effects.writes);
        for write in &writes {
            self.write_of(group, write);
        }
        self.effects.writes = writes;
        self.effects.writes.clear();
        for Letter { to, message, promises } in self.effects.letters.drain(..) {
            if promises && self.journal.is_behind() {
                self.journal.hold(to, group, message);
            } else {
                self.outbox.push_back((to, group, message));
            }
        }
        let Some(seat) = self.seats.get_mut(&group) else { return };
        if seat.member.role == Role::Leader && !seat.is_dirty {
            seat.is_dirty = true;
            self.dirty.push(group);
        }
        if let Some(patience) = self.effects.patience.take() {
            self.wait(group, patience, now);
        }
    }

    /// Ends the handling of an input: begins what can be begun.
    pub(super) fn finish(&mut self, now: Time, out: &mut Outputs) {
        self.go_on_writing(out);
        self.clock.arm(now, out);
    }

    /// How long the member waits for a leader. The figures are those of `ra`,
    /// with its default broadcast time of 100 ms.
    fn wait(&mut self, group: Group, patience: Patience, now: Time) {
        let Some(seat) = self.seats.get_mut(&group) else { return };
        let (least, most) = match patience {
            Patience::Forever => {
                seat.attempts = 0;
                return self.clock.set(group, None);
            }
            Patience::None => (0, 0),
            Patience::Short => (100, 600),
            Patience::Medium => (100, 1_100),
            Patience::Long => (1_000, 2_000),
        };
        let Options { me, seed, .. } = self.options;
        let draw = seed.draw(Purpose::ElectionDelay).by(me.0.into()).by(group.0.into());
        let draw = draw.by(seat.member.term).by(seat.attempts.into());
        let delay = draw.span(Span::from_millis(least), Span::from_millis(most));
        self.clock.set(group, Some((now + delay, seat.attempts)));
    }

    pub(super) fn time_passed(&mut self, now: Time) {
        self.clock.fired();
        while let Some(group) = self.clock.next_due(now) {
            if let Some(seat) = self.seats.get_mut(&group) {
                seat.attempts += 1;
            }
            self.with(group, now, |member, effects| member.time_is_up(effects));
        }
        self.try_disk_again(now);
    }
}

impl Member {
    pub(super) fn hear(&mut self, from: NodeId, message: Message, effects: &mut Effects) {
        match message {
            Message::RequestVote { term, last, identity, trial } => {
                self.vote_requested(from, (term, last), identity, trial, effects);
            }
            Message::Vote { term, granted, identity, trial } => {
                self.vote_came(from, (term, granted), identity, trial, effects);
            }
            Message::Append { term, previous, commit, entries, probe } => {
                self.append_came(from, term, (previous, commit), (&entries, probe), effects);
            }
            Message::Appended { term, identity, answer } => self.answer_came(from, term, identity, answer, effects),
            Message::Install { term, snapshot } => self.snapshot_came(from, term, &snapshot, effects),
            Message::Accept { term, identity } => self.invitation_accepted(from, term, identity, effects),
            Message::Invite { .. } => {}
        }
    }
}
