//! A consumer of a log.

mod options;
mod settings;

pub use options::*;
pub use settings::SETTINGS;

use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::Picture;
use crate::time::Time;

/// A consumer with its policy.
#[derive(Clone, Debug)]
pub struct LogConsumer {
    options: LogConsumerOptions,
}

impl LogConsumer {
    #[must_use]
    pub fn new(options: LogConsumerOptions) -> Self {
        Self { options }
    }

    #[must_use]
    pub const fn options(&self) -> &LogConsumerOptions {
        &self.options
    }
}

impl Node for LogConsumer {
    fn handle(&mut self, _: Time, _: Input, _: &mut Outputs) {}
    fn reset(&mut self) {}
    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}
    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}
    fn picture(&self, _: &mut Picture) {}
}
