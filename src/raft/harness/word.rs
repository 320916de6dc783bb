//! A member's word, as an observer outside its process hears it. No crash erases
//! what others were told: a member binds itself with its vote, with what it says
//! to have synced, and with what it sends as a leader. It never binds itself again
//! in an older term, and votes for one candidate a term. After a restart it
//! knows that term. And a leader counts copies
//! of entries of its own term alone (section 5.4.2 of the paper): one of an older
//! term is committed by one of its own behind it, or may yet be overwritten.
//!
//! Each is a promise on which the others rest. What breaks it may go well a
//! thousand times: a run must meet a rare company of faults before anything is
//! lost. So it is checked by itself.

use std::collections::BTreeMap;

use crate::event::NodeId;
use crate::protocol::raft::{Answer, Group, Message};
use crate::raft::{Host, Role};

/// What an observer keeps of one node.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    /// In the life of a member: the newest term in which it bound itself, and the
    /// candidate it voted for then.
    given: BTreeMap<(Group, u32), (u64, Option<NodeId>)>,
    /// The term in which it leads, and how far it has committed.
    led: BTreeMap<Group, (u64, u64)>,
}

impl Word {
    /// It says something. False: it must not, by what it has said before.
    pub fn hear(&mut self, me: NodeId, to: NodeId, group: Group, message: &Message) -> bool {
        let (term, identity, vote) = match message {
            Message::RequestVote { term, identity, trial: false, .. } => (*term, identity.0, Some(me)),
            Message::Vote { term, granted: true, identity, trial: false } => (*term, identity.0, Some(to)),
            Message::Appended { term, identity, answer: Answer::Matches(_) } => (*term, identity.0, None),
            _ => return true,
        };
        let known = self.given.entry((group, identity)).or_default();
        if term > known.0 {
            *known = (term, vote);
            return true;
        }
        let votes_again = vote.is_some() && known.1.is_some() && vote != known.1;
        known.1 = known.1.or(vote);
        term == known.0 && !votes_again
    }

    /// What it has committed since it was last looked at. False: by counting copies
    /// of an entry of an older term.
    pub fn look(&mut self, host: &Host, group: Group) -> bool {
        let Some(status) = host.status(group).filter(|status| status.role == Role::Leader) else {
            self.led.remove(&group);
            return true;
        };
        let former = self.led.insert(group, (status.term, status.commit));
        let Some((_, commit)) = former.filter(|(term, commit)| *term == status.term && *commit < status.commit) else {
            return true;
        };
        let newly = host.entries(group).filter(|entry| entry.at.index > commit && entry.at.index <= status.commit);
        newly.last().is_none_or(|last| last.at.term == status.term)
    }

    /// It is back: whether this life of the member knows the term in which it bound
    /// itself.
    pub fn is_kept(&self, host: &Host, group: Group) -> bool {
        host.status(group).is_none_or(|status| {
            let given = self.given.get(&(group, status.identity.0));
            given.is_none_or(|(term, _)| *term <= status.term)
        })
    }

    /// The process ended: what it led, it leads no more.
    pub fn process_ended(&mut self) {
        self.led.clear();
    }
}
