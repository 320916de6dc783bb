//! The part of the fake cluster that serves share groups: every record is free,
//! taken, or settled.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Verdict, place};
use crate::protocol::log::{AcquiredRange, Batch, MemberId, Record, Share, ShareAnswer, ShareFetched, TopicPartition};
use crate::time::{Span, Time};

#[derive(Default)]
pub struct FakeShare {
    /// By partition and offset: taken (`None`), or what was said of it.
    states: BTreeMap<(u16, u64), Option<ShareAnswer>>,
}

impl FakeShare {
    pub fn accepted(&self) -> Vec<(u16, u64)> {
        let accepted = self.states.iter().filter(|(_, state)| **state == Some(ShareAnswer::Accept));
        accepted.map(|(at, _)| *at).collect()
    }

    pub fn hear(&mut self, now: Time, logs: &[Vec<Record>], message: Share) -> Verdict {
        match message {
            Share::Heartbeat { .. } => {
                let partitions: Arc<[TopicPartition]> = (0..logs.len() as u16).map(place).collect();
                Verdict::Answer(Share::HeartbeatAnswer { member: MemberId(5), answer: Ok(partitions) }.into())
            }
            Share::Fetch { partitions, .. } => {
                let fetched: Box<[ShareFetched]> = partitions.iter().map(|at| self.acquire(logs, *at)).collect();
                let has_news = fetched.iter().any(|one| one.answer.as_ref().is_ok_and(|ranges| !ranges.is_empty()));
                let answer = Share::Fetched { partitions: fetched }.into();
                let at = now + Span::from_millis(500);
                if has_news { Verdict::Answer(answer) } else { Verdict::AnswerAt(at, answer) }
            }
            Share::Acknowledge { partition, answers, .. } => {
                for (first, last, answer) in answers {
                    for offset in first..=last {
                        let at = (partition.partition, offset);
                        match answer {
                            ShareAnswer::Release => self.states.remove(&at),
                            _ => self.states.insert(at, Some(answer)),
                        };
                    }
                }
                Verdict::Answer(Share::Acknowledged { partition, error: None }.into())
            }
            other => panic!("not here: {other:?}"),
        }
    }

    fn acquire(&mut self, logs: &[Vec<Record>], partition: TopicPartition) -> ShareFetched {
        let log = &logs[usize::from(partition.partition)];
        let mut ranges = Vec::new();
        for (offset, record) in (0..).zip(log) {
            if self.states.contains_key(&(partition.partition, offset)) {
                continue;
            }
            self.states.insert((partition.partition, offset), None);
            let batch = Batch {
                first_offset: offset,
                leader_epoch: 0,
                sequence: None,
                is_transactional: false,
                control: None,
                records: [record.clone()].into(),
            };
            ranges.push(AcquiredRange { first: offset, last: offset, deliveries: 1, batch: Arc::new(batch) });
        }
        ShareFetched { partition, answer: Ok(ranges.into()) }
    }
}
