//! A consumer of no group: it reads every partition from the start, for ever.

use std::sync::Arc;

use super::town::TOPIC;
use crate::event::{Closed, CopyId, NodeId};
use crate::node::{ConnectionId, Input, Outputs, TimerId};
use crate::protocol::Frame;
use crate::protocol::log::{Client, FetchPartition, Isolation, Message, TopicPartition};
use crate::time::{Span, Time};

const TICK: TimerId = TimerId(0);
const PERIOD: Span = Span::from_millis(50);
const PATIENCE: Span = Span::from_secs(3);

#[derive(Clone, Debug)]
pub struct Reader {
    /// A connection to each broker, whether it is open, since when a fetch waits.
    links: Vec<(NodeId, Option<ConnectionId>, bool, Option<Time>)>,
    correlation: u32,
    leaders: Vec<(TopicPartition, Option<NodeId>)>,
    pub positions: Vec<u64>,
    /// What it read: partition, offset, copy, when.
    pub seen: Vec<(u16, u64, CopyId, Time)>,
}

impl Reader {
    pub fn new(brokers: &Arc<[NodeId]>, partitions: u16) -> Self {
        Self {
            links: brokers.iter().map(|node| (*node, None, false, None)).collect(),
            correlation: 0,
            leaders: Vec::new(),
            positions: vec![0; usize::from(partitions)],
            seen: Vec::new(),
        }
    }

    pub fn handle(&mut self, now: Time, input: Input, out: &mut Outputs) {
        match input {
            Input::Start(_) | Input::Timer(_) => self.tick(now, out),
            Input::Opened { connection, .. } => {
                for link in self.links.iter_mut().filter(|link| link.1 == Some(connection)) {
                    (link.2, link.3) = (true, None);
                }
            }
            Input::Closed { connection, .. } => self.lost(connection),
            Input::Frame { connection, frame: Frame::Log { message, .. }, .. } => {
                self.answered(connection, message, now, out);
            }
            _ => {}
        }
    }

    fn lost(&mut self, connection: ConnectionId) {
        for link in self.links.iter_mut().filter(|link| link.1 == Some(connection)) {
            (link.1, link.2, link.3) = (None, false, None);
        }
    }

    fn tick(&mut self, now: Time, out: &mut Outputs) {
        out.set_periodic_timer(TICK, now + PERIOD);
        for at in 0..self.links.len() {
            if self.links[at].3.is_some_and(|since| now.since(since) > PATIENCE)
                && let Some(connection) = self.links[at].1
            {
                out.close(connection, Closed::Orderly);
                self.lost(connection);
            }
            match self.links[at].1 {
                None => {
                    self.links[at].1 = Some(out.open(self.links[at].0));
                    // A machine without power does not even refuse.
                    self.links[at].3 = Some(now);
                }
                Some(connection) if self.links[at].2 && self.links[at].3.is_none() => {
                    self.links[at].3 = Some(now);
                    self.correlation += 1;
                    out.send(connection, Message::from(Client::Metadata).on(self.correlation), None);
                    self.fetch(at, connection, out);
                }
                Some(_) => {}
            }
        }
    }

    fn fetch(&mut self, at: usize, connection: ConnectionId, out: &mut Outputs) {
        let leader = self.links[at].0;
        let led = self.leaders.iter().filter(|(it, node)| *node == Some(leader) && it.topic == TOPIC);
        let partitions: Box<[FetchPartition]> = led
            .map(|(partition, _)| FetchPartition {
                partition: *partition,
                offset: self.positions[usize::from(partition.partition)],
                leader_epoch: None,
                last_epoch: None,
                high_watermark: 0,
            })
            .collect();
        self.correlation += 1;
        let request = Client::Fetch {
            replica: None,
            max_wait: Span::from_millis(500),
            min_bytes: 1,
            isolation: Isolation::ReadUncommitted,
            partitions,
        };
        out.send(connection, Message::from(request).on(self.correlation), None);
    }

    fn answered(&mut self, connection: ConnectionId, message: Message, now: Time, out: &mut Outputs) {
        match message {
            Message::Client(Client::MetadataAnswer { partitions, .. }) => {
                for info in partitions.iter() {
                    match self.leaders.iter_mut().find(|(known, _)| *known == info.partition) {
                        Some(known) => known.1 = info.leader,
                        None => self.leaders.push((info.partition, info.leader)),
                    }
                }
            }
            Message::Client(Client::Fetched { partitions }) => {
                let Some(at) = self.links.iter().position(|link| link.1 == Some(connection)) else { return };
                self.links[at].3 = None;
                let mut is_news = false;
                for fetched in &partitions {
                    let number = fetched.partition.partition;
                    for batch in &fetched.batches {
                        for (offset, record) in (batch.first_offset..).zip(batch.records.iter()) {
                            let position = &mut self.positions[usize::from(number)];
                            if offset >= *position {
                                *position = offset + 1;
                                is_news = true;
                                self.seen.push((number, offset, record.copy, now));
                            }
                        }
                    }
                }
                if is_news {
                    self.links[at].3 = Some(now);
                    self.fetch(at, connection, out);
                }
            }
            _ => {}
        }
    }
}
