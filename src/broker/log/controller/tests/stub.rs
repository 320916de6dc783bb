//! A broker reduced to what controllers see of it. It registers, sends
//! heartbeats, follows the metadata, and proposes in-sync replicas, good ones and
//! bad ones, as drawn. What it was told it keeps through its crashes, for the test.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::{Closed, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::log::{Change, Controller, Error, IsrChange, Message, Partition, TopicPartition};
use crate::random::{Draw, Purpose, Seed};
use crate::time::{Span, Time};

const SPEAK: TimerId = TimerId(0);
const PROPOSE: TimerId = TimerId(1);
const HEARTBEAT: Span = Span::from_secs(2);
const RETRY: Span = Span::from_millis(200);
const PATIENCE: Span = Span::from_secs(4);
/// Then it leaves everything as it is, so that all can agree on it.
const PROPOSES_UNTIL: Time = Time::from_millis(60_000);

/// Everything a broker was ever told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub epochs: Vec<(u64, u64)>,
    pub refusals: Vec<(Time, Error)>,
    pub states: Vec<(TopicPartition, Partition)>,
    /// Proposals that were accepted, with the state that followed.
    pub accepted: Vec<(IsrChange, Partition)>,
    pub refused: Vec<(Error, IsrChange)>,
    pub producer_ids: Vec<(u64, u32)>,
}

#[derive(Clone, Debug)]
pub struct Stub {
    pub me: NodeId,
    controllers: Arc<[NodeId]>,
    seed: Seed,
    proposes: bool,
    turn: usize,
    connection: Option<ConnectionId>,
    is_open: bool,
    /// The active controller answers on this connection.
    is_accepted: bool,
    asked: Option<Time>,
    incarnation: u64,
    epoch: Option<u64>,
    proposed: BTreeMap<u32, Box<[IsrChange]>>,
    correlation: u32,
    /// The metadata as it knows them.
    pub offset: u64,
    pub is_fenced: bool,
    pub brokers: BTreeMap<NodeId, (u64, bool)>,
    pub partitions: BTreeMap<TopicPartition, Arc<Partition>>,
    pub told: Told,
}

impl Stub {
    pub fn new(me: NodeId, controllers: Arc<[NodeId]>, seed: Seed, proposes: bool) -> Self {
        Self {
            me,
            controllers,
            seed,
            proposes,
            turn: usize::from(me.0),
            connection: None,
            is_open: false,
            is_accepted: false,
            asked: None,
            incarnation: 0,
            epoch: None,
            proposed: BTreeMap::new(),
            correlation: 0,
            offset: 0,
            is_fenced: true,
            brokers: BTreeMap::new(),
            partitions: BTreeMap::new(),
            told: Told::default(),
        }
    }

    pub fn reset(&mut self) {
        let told = std::mem::take(&mut self.told);
        *self = Self { told, ..Self::new(self.me, Arc::clone(&self.controllers), self.seed, self.proposes) };
    }

    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) => {
                self.incarnation = now.as_nanos() + 1;
                self.connect(now, out);
                if self.proposes {
                    out.set_periodic_timer(PROPOSE, now + Span::from_millis(700));
                }
            }
            Input::Opened { inbound: false, .. } => {
                self.is_open = true;
                self.speak(now, out);
            }
            Input::Closed { connection, .. } if self.connection == Some(connection) => self.lost(now, out),
            Input::Timer(SPEAK) => match self.connection {
                None => self.connect(now, out),
                // No answer came, or nobody was there to connect to.
                Some(_) if !self.is_open || self.asked.is_some() => self.leave(now, out),
                Some(_) => self.speak(now, out),
            },
            Input::Timer(PROPOSE) if now < PROPOSES_UNTIL => {
                out.set_periodic_timer(PROPOSE, now + Span::from_millis(700));
                self.propose(now, out);
            }
            Input::Frame { frame: Frame::Log { correlation, message: Message::Controller(message) }, .. } => {
                self.hear(correlation, message, now, out);
            }
            _ => {}
        }
    }

    fn connect(&mut self, now: Time, out: &mut Outputs) {
        self.turn += 1;
        out.set_timer(SPEAK, now + PATIENCE);
        self.connection = Some(out.open(self.controllers[self.turn % self.controllers.len()]));
    }

    fn leave(&mut self, now: Time, out: &mut Outputs) {
        if let Some(connection) = self.connection {
            out.close(connection, Closed::Orderly);
        }
        self.lost(now, out);
    }

    fn lost(&mut self, now: Time, out: &mut Outputs) {
        (self.connection, self.is_open, self.is_accepted, self.asked) = (None, false, false, None);
        self.proposed.clear();
        out.set_timer(SPEAK, now + RETRY);
    }

    fn say(&mut self, message: Controller, out: &mut Outputs) -> u32 {
        self.correlation += 1;
        if let Some(connection) = self.connection {
            out.send(connection, Message::from(message).on(self.correlation), None);
        }
        self.correlation
    }

    fn speak(&mut self, now: Time, out: &mut Outputs) {
        let message = match self.epoch {
            None => Controller::Register { incarnation: self.incarnation, is_clean: false },
            Some(broker_epoch) => Controller::Heartbeat { broker_epoch, offset: self.offset },
        };
        self.say(message, out);
        self.asked = Some(now + PATIENCE);
        out.set_timer(SPEAK, now + PATIENCE);
    }

    fn hear(&mut self, correlation: u32, message: Controller, now: Time, out: &mut Outputs) {
        match message {
            Controller::Registered { answer: Err(Error::NotController) }
            | Controller::HeartbeatAnswer { error: Some(Error::NotController), .. } => {
                self.leave(now, out);
            }
            Controller::Registered { answer: Ok(epoch) } => {
                self.told.epochs.push((self.incarnation, epoch));
                self.epoch = Some(epoch);
                self.accepted(out);
                self.rest(now + RETRY, false, out);
            }
            Controller::Registered { answer: Err(error) } => {
                self.told.refusals.push((now, error));
                self.rest(now + Span::from_millis(500), false, out);
            }
            Controller::HeartbeatAnswer { error, is_fenced } => {
                if let Some(error) = error {
                    self.told.refusals.push((now, error));
                }
                self.is_fenced = is_fenced;
                self.accepted(out);
                let pause = if is_fenced { RETRY } else { HEARTBEAT };
                self.rest(now + pause, !is_fenced, out);
            }
            Controller::News { first, changes } => self.learn(first, &changes),
            Controller::PartitionAltered { answers } => self.answered(correlation, &answers),
            Controller::ProducerIdsAllocated { answer: Ok(block) } => self.told.producer_ids.push(block),
            _ => {}
        }
    }

    fn rest(&mut self, until: Time, is_content: bool, out: &mut Outputs) {
        self.asked = None;
        if is_content {
            out.set_periodic_timer(SPEAK, until);
        } else {
            out.set_timer(SPEAK, until);
        }
    }

    fn accepted(&mut self, out: &mut Outputs) {
        if !std::mem::replace(&mut self.is_accepted, true) {
            let offset = self.offset;
            self.say(Controller::Subscribe { offset }, out);
        }
    }

    fn learn(&mut self, first: u64, changes: &[Change]) {
        for (at, change) in (first..).zip(changes) {
            if at < self.offset {
                continue;
            }
            match change {
                Change::Broker { broker, epoch, is_fenced, .. } => {
                    self.brokers.insert(*broker, (*epoch, *is_fenced));
                }
                Change::Partition { partition, state } => {
                    self.told.states.push((*partition, Partition::clone(state)));
                    self.partitions.insert(*partition, Arc::clone(state));
                }
                _ => {}
            }
        }
        self.offset = self.offset.max(first + changes.len() as u64);
    }

    fn answered(&mut self, correlation: u32, answers: &[(TopicPartition, Result<Partition, Error>)]) {
        let Some(proposed) = self.proposed.remove(&correlation) else { return };
        for (change, (_, answer)) in proposed.into_iter().zip(answers) {
            match answer {
                Ok(state) => self.told.accepted.push((change, state.clone())),
                Err(error) => self.told.refused.push((*error, change)),
            }
        }
    }

    fn propose(&mut self, now: Time, out: &mut Outputs) {
        let (Some(broker_epoch), true) = (self.epoch, self.is_accepted) else { return };
        let draw = self.seed.draw(Purpose::Test).by(self.me.0.into()).by(now.as_nanos());
        if draw.chance(1, 8) {
            self.say(Controller::AllocateProducerIds, out);
        }
        let led = self.partitions.iter().filter(|(_, state)| state.leader == Some(self.me) || draw.chance(1, 10));
        let draws = (1..).map(|number| draw.by(number));
        let changes: Box<[IsrChange]> =
            led.zip(draws).map(|((id, state), draw)| self.proposal(*id, state, draw)).collect();
        if !changes.is_empty() {
            let correlation = self.say(Controller::AlterPartition { broker_epoch, changes: changes.clone() }, out);
            self.proposed.insert(correlation, changes);
        }
    }

    /// Mostly a lawful proposal; sometimes of an old epoch, or with a replica that is
    /// fenced or has restarted.
    fn proposal(&self, partition: TopicPartition, state: &Partition, draw: Draw) -> IsrChange {
        let other = state.replicas[draw.by(1).below(state.replicas.len() as u64) as usize];
        let mut list: Vec<NodeId> = state.in_sync.to_vec();
        if other != self.me && list.contains(&other) {
            list.retain(|node| *node != other);
        } else if !list.contains(&other) {
            list.push(other);
        }
        if !list.contains(&self.me) && draw.by(2).chance(1, 2) {
            list.push(self.me);
        }
        let wrong = draw.by(3).below(20);
        let epoch = |node: &NodeId| self.brokers.get(node).map_or(0, |(epoch, _)| *epoch);
        let in_sync = list.iter().map(|node| (*node, epoch(node) - u64::from(wrong == 0 && epoch(node) > 0)));
        IsrChange {
            partition,
            leader_epoch: state.leader_epoch.saturating_sub(u32::from(wrong == 1)),
            partition_epoch: state.partition_epoch.saturating_sub(u32::from(wrong == 2)),
            in_sync: in_sync.collect(),
            recovery: crate::protocol::log::RecoveryState::Recovered,
        }
    }
}
