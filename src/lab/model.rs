//! Which model of a broker a lab runs on: queues like RabbitMQ's, or logs like
//! Kafka's. A lab may offer both, to run one workload on either; then its setting
//! `model` decides, and of its other settings those that belong to the model not
//! chosen are dead: they change nothing, no sweep varies them, and the bench
//! shows them as such.

use std::fmt;

/// One model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Queue,
    Log,
}

/// What a lab's file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Models {
    Only(Model),
    /// As the setting `model` says.
    Either,
}

impl Models {
    /// Reads the `broker` of a topology.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "queue" => Some(Self::Only(Model::Queue)),
            "log" => Some(Self::Only(Model::Log)),
            "queue-or-log" => Some(Self::Either),
            _ => None,
        }
    }

    /// Whether a lab can run on a model.
    #[must_use]
    pub fn offer(self, model: Model) -> bool {
        match self {
            Self::Only(only) => only == model,
            Self::Either => true,
        }
    }

    /// The model of a run whose setting `model` has this value.
    #[must_use]
    pub fn chosen(self, word: &str) -> Model {
        match self {
            Self::Only(model) => model,
            Self::Either if word == "log" => Model::Log,
            Self::Either => Model::Queue,
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue => "queue",
            Self::Log => "log",
        })
    }
}
