//! Following. For every broker that leads something this broker follows there is
//! one connection and one fetch under way, with all those partitions in it. The
//! next is sent when the records of the last are written: so it says what this
//! replica has, and the leader's high watermark rises with it.
//!
//! Source: `AbstractFetcherThread`, `RemoteLeaderEndPoint`; one fetcher a leader
//! (`num.replica.fetchers`), no fetch sessions.

use super::LogBroker;
use super::link::Link;
use crate::event::NodeId;
use crate::node::{ConnectionId, Outputs};
use crate::protocol::log::{Client, Error, FetchPartition, FetchedPartition, Isolation, Message, ReplicaState};
use crate::time::{Span, Time};

/// `replica.fetch.wait.max.ms`.
const MAX_WAIT: Span = Span::from_millis(500);
/// `replica.fetch.backoff.ms`: after a connection has failed, or one partition.
const BACK_OFF: Span = Span::from_secs(1);
/// `replica.socket.timeout.ms`.
const PATIENCE: Span = Span::from_secs(30);
/// `socket.connection.setup.timeout.ms`.
const SETUP: Span = Span::from_secs(10);

#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    leader: NodeId,
    pub link: Link,
    correlation: u32,
    /// What was asked, while the answer is under way.
    asked: Vec<FetchPartition>,
    /// Until when the answer may take.
    until: Time,
}

impl Fetcher {
    const fn new(leader: NodeId) -> Self {
        Self { leader, link: Link::NEW, correlation: 0, asked: Vec::new(), until: Time::ZERO }
    }

    fn due(&self) -> Option<Time> {
        self.link.due().or_else(|| (!self.asked.is_empty()).then_some(self.until))
    }
}

impl LogBroker {
    /// Fetches whatever can be fetched. Called at the end of every input.
    pub(super) fn send_fetches(&mut self, now: Time, out: &mut Outputs) {
        for at in 0..self.seats.list.len() {
            if let Some(leader) = self.seats.list[at].following
                && !self.fetchers.iter().any(|fetcher| fetcher.leader == leader)
            {
                self.fetchers.push(Fetcher::new(leader));
            }
        }
        let mut at = 0;
        while at < self.fetchers.len() {
            let leader = self.fetchers[at].leader;
            if self.seats.list.iter().any(|seat| seat.following == Some(leader)) {
                self.fetcher_goes_on(at, now, out);
                at += 1;
            } else {
                self.fetchers.remove(at).link.drop_until(now, out);
            }
        }
    }

    fn fetcher_goes_on(&mut self, at: usize, now: Time, out: &mut Outputs) {
        let fetcher = &mut self.fetchers[at];
        match fetcher.link {
            Link::Idle { until } if until <= now => fetcher.link.connect(fetcher.leader, now, SETUP, out),
            Link::Opening { until, .. } if until <= now => fetcher.link.drop_until(now + BACK_OFF, out),
            Link::Open { .. } if !fetcher.asked.is_empty() && fetcher.until <= now => {
                fetcher.asked.clear();
                fetcher.link.drop_until(now + BACK_OFF, out);
            }
            Link::Open { connection } if fetcher.asked.is_empty() => self.send_fetch(at, connection, now, out),
            _ => {}
        }
    }

    fn send_fetch(&mut self, at: usize, connection: ConnectionId, now: Time, out: &mut Outputs) {
        let Some(broker_epoch) = self.session.broker_epoch else { return };
        let fetcher = &mut self.fetchers[at];
        for seat in &self.seats.list {
            if seat.following != Some(fetcher.leader) || seat.retry_at > now || seat.fenced_in.is_some() {
                continue;
            }
            match seat.replica.next_fetch() {
                Some(asked) => fetcher.asked.push(asked),
                // Still writing: what is sent without it would keep it waiting.
                None => return fetcher.asked.clear(),
            }
        }
        if fetcher.asked.is_empty() {
            return;
        }
        fetcher.correlation += 1;
        fetcher.until = now + PATIENCE;
        let request = Client::Fetch {
            replica: Some(ReplicaState { replica: self.options.me, broker_epoch }),
            max_wait: MAX_WAIT,
            min_bytes: 1,
            isolation: Isolation::ReadUncommitted,
            partitions: fetcher.asked.as_slice().into(),
        };
        out.send(connection, Message::from(request).on(fetcher.correlation), None);
    }

    pub(super) fn fetched(
        &mut self,
        at: usize,
        correlation: u32,
        answers: Box<[FetchedPartition]>,
        now: Time,
        out: &mut Outputs,
    ) {
        if self.fetchers[at].correlation != correlation || self.fetchers[at].asked.is_empty() {
            return;
        }
        let leader = self.fetchers[at].leader;
        let mut asked = std::mem::take(&mut self.fetchers[at].asked);
        for answer in answers {
            let Some(question) = asked.iter().find(|asked| asked.partition == answer.partition) else { continue };
            let Some(at) = self.seats.find(&self.options, answer.partition) else { continue };
            if self.seats.list[at].following != Some(leader) {
                continue;
            }
            self.after_error(at, question, answer.error, now);
            self.seats.list[at].replica.fetched(now, question, answer, out, &mut self.effects);
            self.absorb(at, now, out);
        }
        asked.clear();
        self.fetchers[at].asked = asked;
    }

    /// An error concerns one partition; the others go on.
    fn after_error(&mut self, at: usize, asked: &FetchPartition, error: Option<Error>, now: Time) {
        let seat = &mut self.seats.list[at];
        match error {
            // The replica begins anew where the leader's log begins.
            None | Some(Error::OffsetOutOfRange) => {}
            Some(Error::FencedLeaderEpoch) if asked.leader_epoch == Some(seat.replica.leader_epoch()) => {
                seat.fenced_in = asked.leader_epoch;
            }
            Some(_) => seat.retry_at = now + BACK_OFF,
        }
    }

    pub(super) fn fetcher_of(&self, connection: ConnectionId) -> Option<usize> {
        self.fetchers.iter().position(|fetcher| fetcher.link.is(connection))
    }

    pub(super) fn fetcher_closed(&mut self, at: usize, now: Time) {
        let fetcher = &mut self.fetchers[at];
        fetcher.asked.clear();
        fetcher.link = Link::Idle { until: now + BACK_OFF };
    }

    pub(super) fn fetchers_due(&self, now: Time) -> Option<Time> {
        let links = self.fetchers.iter().filter_map(Fetcher::due);
        let retries = self.seats.list.iter().filter(|seat| seat.following.is_some() && seat.fenced_in.is_none());
        let is_idle = |leader| self.fetchers.iter().any(|it| Some(it.leader) == leader && it.asked.is_empty());
        let retries = retries.filter(|seat| seat.retry_at > now && is_idle(seat.following));
        links.chain(retries.map(|seat| seat.retry_at)).min()
    }
}
