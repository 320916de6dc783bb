//! What a client knows of the cluster: which brokers there are and who leads which
//! partition. It is asked of any broker, at the start, every five minutes, and
//! whenever an error or a broken connection suggests that it is out of date. An
//! answer may be older than what is known already, as brokers learn at different
//! times; the leader epoch tells.
//!
//! Since 4.0 a client to whom no broker is left begins again from its bootstrap
//! servers (`metadata.recovery.strategy=rebootstrap`), and what it knew of topics
//! is forgotten with that. A producer feels it: `send()` waits for a topic that it
//! has long been sending to. Here the producer does so; the brokers of a lab keep
//! their addresses, so forgetting is all that is left of it.
//!
//! Source: `Metadata`, `NetworkClient.DefaultMetadataUpdater`. Left out: that a
//! consumer begins again as well, which keeps its positions and notices nothing.

use std::sync::Arc;

use super::network::{Happening, Network, Pace, back_off};
use crate::event::{CopyId, NodeId};
use crate::node::{Input, Outputs, TimerId};
use crate::protocol::Name;
use crate::protocol::log::{Client, Message, PartitionInfo, TopicPartition};
use crate::random::Purpose;
use crate::time::{Span, Time};

/// `metadata.max.age.ms`.
const MAX_AGE: Span = Span::from_secs(300);

/// A request, of the client's own or for metadata.
#[derive(Clone, Debug)]
pub enum Asked<R> {
    Metadata,
    Own(R),
}

/// Connections and metadata together: all that a client needs to find its way.
#[derive(Clone, Debug)]
pub struct Cluster<R> {
    network: Network<Asked<R>>,
    brokers: Arc<[NodeId]>,
    topics: Arc<[Name]>,
    pace: Pace,
    timer: TimerId,
    armed: Option<Time>,
    /// Of the topics of interest, in order.
    partitions: Vec<PartitionInfo>,
    /// Begins again from the bootstrap servers when no broker can be reached.
    rebootstraps: bool,
    /// An update is wanted.
    is_stale: bool,
    is_asked: bool,
    /// When it was last asked for, and how often in vain since it last helped.
    asked_at: Option<Time>,
    failures: u32,
}

impl<R> Cluster<R> {
    /// `timer` and the next one are its timers.
    pub fn new(brokers: Arc<[NodeId]>, topics: Arc<[Name]>, pace: Pace, timer: TimerId) -> Self {
        assert!(!brokers.is_empty(), "a client needs a broker");
        Self {
            network: Network::new(pace, timer),
            brokers,
            topics,
            pace,
            timer: TimerId(timer.0 + 1),
            armed: None,
            partitions: Vec::new(),
            rebootstraps: false,
            is_stale: true,
            is_asked: false,
            asked_at: None,
            failures: 0,
        }
    }

    /// Sets whether it forgets its topics when no broker can be reached.
    pub const fn rebootstrapping(mut self, rebootstraps: bool) -> Self {
        self.rebootstraps = rebootstraps;
        self
    }

    pub fn reset(&mut self) {
        self.network.reset();
        self.partitions.clear();
        self.armed = None;
        self.is_stale = true;
        self.is_asked = false;
        self.asked_at = None;
        self.failures = 0;
    }

    /// Closes every connection in good order, and forgets all.
    pub fn close(&mut self, out: &mut Outputs) {
        self.network.close(out);
        self.reset();
    }

    pub const fn network(&mut self) -> &mut Network<Asked<R>> {
        &mut self.network
    }

    pub fn connected(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.network.connected()
    }

    /// How many partitions a topic has; zero if it is not known.
    pub fn partitions_of(&self, topic: Name) -> u16 {
        self.partitions.iter().filter(|info| info.partition.topic == topic).count() as u16
    }

    pub fn leader(&self, partition: TopicPartition) -> Option<(NodeId, u32)> {
        let place = self.partitions.binary_search_by_key(&partition, |info| info.partition).ok()?;
        let info = self.partitions[place];
        info.leader.map(|leader| (leader, info.leader_epoch))
    }

    /// What is known seems to be wrong.
    pub const fn suspect(&mut self) {
        self.is_stale = true;
    }

    /// Any broker that can be asked now.
    pub fn any(&mut self, now: Time, out: &mut Outputs) -> Option<NodeId> {
        self.network.choose(now, &self.brokers, out)
    }

    /// Sends a request to a broker that is ready.
    pub fn ask(&mut self, now: Time, node: NodeId, message: impl Into<Message>, request: R, out: &mut Outputs) {
        self.network.send(now, node, message, None, Some(Asked::Own(request)), out);
    }

    /// The same, about a copy, or without an answer to come.
    pub fn send(
        &mut self,
        now: Time,
        node: NodeId,
        message: impl Into<Message>,
        about: Option<CopyId>,
        request: Option<R>,
        out: &mut Outputs,
    ) {
        self.network.send(now, node, message, about, request.map(Asked::Own), out);
    }

    /// Takes an input that is about brokers; gives back any other. Requests for
    /// metadata are its own matter.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) -> Result<Happening<R>, Input> {
        if let Input::Timer(timer) = input
            && timer == self.timer
        {
            self.armed = None;
            return Ok(Happening::None);
        }
        Ok(match self.network.handle(now, input, out)? {
            Happening::None => Happening::None,
            Happening::Metadata => Happening::Metadata,
            Happening::Up(node) => Happening::Up(node),
            Happening::Down(node, mut requests) => {
                self.is_stale = true;
                self.is_asked &= !requests.iter().any(|(.., asked)| matches!(asked, Asked::Metadata));
                let own = requests.drain(..).filter_map(|(correlation, sent, asked)| match asked {
                    Asked::Own(request) => Some((correlation, sent, request)),
                    Asked::Metadata => None,
                });
                Happening::Down(node, own.collect())
            }
            Happening::Answer(node, Asked::Own(request), message) => Happening::Answer(node, request, message),
            Happening::Answer(_, Asked::Metadata, message) => {
                self.is_asked = false;
                if let Message::Client(Client::MetadataAnswer { partitions, .. }) = message {
                    self.learn(&partitions);
                }
                Happening::Metadata
            }
        })
    }

    fn learn(&mut self, partitions: &[PartitionInfo]) {
        let before = self.partitions.clone();
        for info in partitions.iter().filter(|info| self.topics.contains(&info.partition.topic)) {
            match self.partitions.binary_search_by_key(&info.partition, |known| known.partition) {
                Ok(place) if info.leader_epoch >= self.partitions[place].leader_epoch => {
                    self.partitions[place] = *info;
                }
                Ok(_) => {}
                Err(place) => self.partitions.insert(place, *info),
            }
        }
        let is_whole = !self.partitions.is_empty() && self.partitions.iter().all(|info| info.leader.is_some());
        self.is_stale = !is_whole;
        self.failures = if self.partitions != before { 0 } else { self.failures.saturating_add(1) };
    }

    /// When metadata is to be asked for next.
    fn ask_at(&self) -> Time {
        let Some(asked_at) = self.asked_at else { return Time::ZERO };
        if !self.is_stale {
            return asked_at + MAX_AGE;
        }
        let draw = self.pace.seed.draw(Purpose::RetryBackOff).by(u64::MAX).by(u64::from(self.failures));
        asked_at + back_off(self.pace.retry_back_off, self.failures, draw.value())
    }

    /// Asks for metadata if that is due, and sets the timers. To be called after
    /// every input.
    pub fn keep_up(&mut self, now: Time, out: &mut Outputs) {
        let is_due = !self.is_asked && self.ask_at() <= now;
        if is_due && self.rebootstraps && self.network.is_cut_off(now, &self.brokers) {
            self.partitions.clear();
        }
        if is_due && let Some(node) = self.any(now, out) {
            self.is_asked = true;
            self.asked_at = Some(now);
            self.network.send(now, node, Client::Metadata, None, Some(Asked::Metadata), out);
        }
        // Without a connection, the network's own timer comes first.
        let next = Some(self.ask_at()).filter(|at| !self.is_asked && *at > now);
        if next != self.armed {
            self.armed = next;
            match next {
                Some(at) => out.set_periodic_timer(self.timer, at),
                None => out.cancel_timer(self.timer),
            }
        }
        self.network.arm(now, out);
    }
}
