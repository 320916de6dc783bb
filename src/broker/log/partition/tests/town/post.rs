//! What goes from process to process.

use super::{Mail, Town};
use crate::broker::log::partition::Effect;
use crate::event::NodeId;
use crate::protocol::log::{Error, ReplicaState};

impl Town {
    pub(super) fn act(&mut self, node: usize) {
        for effect in std::mem::take(&mut self.nodes[node].effects) {
            if let Effect::ProposeIsr(change) = effect {
                self.mail.push(Mail::Proposal { from: node, broker_epoch: self.broker_epochs[node], change });
            }
        }
    }

    pub(super) fn ask_leader(&mut self, node: usize) {
        let leader = self.nodes[node].replica.state().and_then(|state| state.leader);
        if self.is_up[node]
            && self.mail.len() < 12
            && let Some(asked) = self.nodes[node].replica.next_fetch()
            && let Some(leader) = leader
        {
            let (broker_epoch, to) = (self.broker_epochs[node], usize::from(leader.0));
            self.mail.push(Mail::Fetch { from: node, broker_epoch, to, asked });
        }
    }

    pub(super) fn deliver(&mut self, mail: Mail) {
        let to = match &mail {
            Mail::Fetch { to, .. } | Mail::Fetched { to, .. } | Mail::Decision { to, .. } => *to,
            Mail::Proposal { from, .. } => *from,
        };
        let (is_up, current) = (self.is_up[to], self.broker_epochs[to]);
        let node = &mut self.nodes[to];
        match mail {
            Mail::Fetch { from, broker_epoch, asked, .. } if is_up => {
                let follower = ReplicaState { replica: NodeId(from as u16), broker_epoch };
                let answer =
                    node.act(|it, now, out, effects| it.follower_fetch(now, follower, &asked, 200, out, effects));
                self.mail.push(Mail::Fetched { to: from, broker_epoch, asked, answer });
            }
            Mail::Fetched { broker_epoch, asked, answer, .. } if is_up && broker_epoch == current => {
                node.act(|it, now, out, effects| it.fetched(now, &asked, answer, out, effects));
            }
            Mail::Proposal { from, broker_epoch, change } => {
                let answer = self.decide(from, broker_epoch, &change);
                self.mail.push(Mail::Decision { to, broker_epoch, proposed: change.partition_epoch, answer });
            }
            Mail::Decision { broker_epoch, proposed, answer, .. } if is_up && broker_epoch == current => {
                node.isr_answer(proposed, answer);
            }
            _ => {}
        }
        self.act(to);
    }

    /// A lost fetch is asked again; of a lost proposal its leader is told.
    pub(super) fn lose(&mut self, mail: Mail) {
        let (to, broker_epoch, proposed) = match mail {
            Mail::Fetch { .. } | Mail::Fetched { .. } => return,
            Mail::Proposal { from, broker_epoch, change } => (from, broker_epoch, change.partition_epoch),
            Mail::Decision { to, broker_epoch, proposed, .. } => (to, broker_epoch, proposed),
        };
        self.deliver(Mail::Decision { to, broker_epoch, proposed, answer: Err(Error::RequestTimedOut) });
    }
}
