//! A broker: replicas, connections, requests that wait.

use crate::broker::log::settings::Options;
use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::protocol::Name;
use crate::protocol::log::TopicPartition;
use crate::time::Time;

/// One Kafka broker.
#[derive(Clone, Debug)]
pub struct LogBroker {
    options: Options,
}

impl LogBroker {
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// Whether it believes to lead a partition.
    #[must_use]
    pub fn leads(&self, _: TopicPartition) -> bool {
        false
    }

    /// Where groups that this broker coordinates go on reading: the next offset.
    pub fn committed_offsets(&self, _: &mut dyn FnMut(Name, TopicPartition, u64)) {}

    /// The records of its replica from an offset on, in order.
    pub fn records(&self, _: TopicPartition, _from: u64, _: &mut dyn FnMut(CopyId, u64)) {}

    /// The first offset of its replica, if it has one.
    #[must_use]
    pub fn log_start(&self, _: TopicPartition) -> Option<u64> {
        None
    }

    /// The first offset that consumers may not read, if it has a replica.
    #[must_use]
    pub fn high_watermark(&self, _: TopicPartition) -> Option<u64> {
        None
    }

    /// The offset after the last record of its replica, if it has one.
    #[must_use]
    pub fn log_end(&self, _: TopicPartition) -> Option<u64> {
        None
    }

    /// Whether its process has caught up and the controller lets it serve.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        false
    }
}

impl Node for LogBroker {
    fn handle(&mut self, _: Time, _: Input, _: &mut Outputs) {}

    fn reset(&mut self) {
        let options = self.options.clone();
        *self = Self::new(options);
    }

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, _: &mut Picture) {}
}
