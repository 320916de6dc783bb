//! What a sentence can speak of: the nodes, and the partitions of the topic. How many
//! partitions there are is a setting, and other sentences may add some, so a scope
//! knows the fewest and the most that there can be.

use super::Topology;

/// The nodes and the partitions that a sentence can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    pub topology: Topology,
    /// The fewest partitions that the topic can begin with. Queues have none.
    pub fewest: u16,
    /// The most that it can come to have.
    pub most: u16,
}

impl Scope {
    /// The scope of queues, which have no partitions.
    #[must_use]
    pub const fn queues(topology: Topology) -> Self {
        Self { topology: Topology { controllers: 0, ..topology }, fewest: 0, most: 0 }
    }

    /// The scope of a topic that begins with one of these numbers of partitions.
    #[must_use]
    pub const fn topic(topology: Topology, fewest: u16, most: u16) -> Self {
        Self { topology, fewest, most }
    }

    /// The same if these sentences are said as well.
    #[must_use]
    pub fn beside(self, text: &str) -> Self {
        let mut words = text.split([' ', ',', ';', '\t', '\n']).filter(|word| !word.is_empty());
        let mut most = self.most;
        while let Some(word) = words.next() {
            if word == "add-partitions" {
                most = words.next().and_then(|number| number.parse().ok()).unwrap_or(0).max(most);
            }
        }
        Self { most, ..self }
    }
}
