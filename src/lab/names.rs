//! The names of a lab's queues, exchange and routing keys, interned: nodes and
//! frames carry a number, and the texts stay with the lab, for screens and
//! narration and for brokers that must look into a routing key.

use std::sync::Arc;

use crate::protocol::Name;

/// Texts by [`Name`]. The first is always empty: the default exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    texts: Arc<[Box<str>]>,
}

impl Default for Names {
    fn default() -> Self {
        Self { texts: Arc::from([Box::from("")]) }
    }
}

impl Names {
    /// The name of a text, a new one if it has none yet.
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.find(text) {
            return name;
        }
        self.texts = self.texts.iter().cloned().chain([Box::from(text)]).collect();
        Name(self.texts.len() as u32 - 1)
    }

    #[must_use]
    pub fn find(&self, text: &str) -> Option<Name> {
        self.texts.iter().position(|known| **known == *text).map(|at| Name(at as u32))
    }

    /// The text of a name; empty for one that is not this lab's.
    #[must_use]
    pub fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", |text| text)
    }

    /// All texts, by name.
    #[must_use]
    pub fn texts(&self) -> &Arc<[Box<str>]> {
        &self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name_and_a_name_one_text() {
        let mut names = Names::default();
        let orders = names.intern("orders");
        assert_eq!((orders, names.intern("shop"), names.intern("orders")), (Name(1), Name(2), Name(1)));
        assert_eq!((names.text(orders), names.text(Name::EMPTY), names.text(Name(9))), ("orders", "", ""));
        assert_eq!(names.find("points"), None);
    }
}
