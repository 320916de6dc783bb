//! The nodes of a lab, who connects to whom, and what occurs.

use toml::Spanned;

use super::Reader;
use crate::lab::file::shape::{TopologyTable, WorkloadTable};
use crate::lab::model::{Model, Models};
use crate::lab::topology::{Connect, Topology};
use crate::lab::workload::{Pace, Workload};
use crate::picture::Role;
use crate::protocol::fact::Fact;
use crate::time::Span;

/// As much as one screen and one sweep can carry today.
const MESSAGES_AT_MOST: u32 = 10_000_000;

impl Reader<'_> {
    pub(super) fn models(&mut self, table: &TopologyTable) -> Models {
        Models::named(table.broker.get_ref()).unwrap_or_else(|| {
            let reason = format!("there is no broker {:?}", table.broker.get_ref());
            self.trouble(table.broker.span(), reason, "write \"queue\", \"log\" or \"queue-or-log\"");
            Models::Only(Model::Queue)
        })
    }

    pub(super) fn topology(&mut self, table: &TopologyTable) -> Topology {
        let controllers = u16::from(self.models.offer(Model::Log));
        let mut count = |value: &Spanned<u16>, (least, most): (u16, u16), what: &str| {
            let count = *value.get_ref();
            if !(least..=most).contains(&count) {
                let reason = format!("{count} {what} are out of range");
                self.trouble(value.span(), reason, &format!("write {least} to {most}"));
            }
            count.clamp(least, most)
        };
        Topology {
            brokers: count(&table.nodes, (1, 7), "nodes"),
            producers: count(&table.producers, (1, 4), "producers"),
            consumers: count(&table.consumers, (0, 32), "consumers"),
            caches: table.caches.as_ref().map_or(0, |caches| count(caches, (0, 2), "caches")),
            forwarders: table.forwarders.as_ref().map_or(0, |forwarders| count(forwarders, (0, 1), "forwarders")),
            reconcilers: table.reconcilers.as_ref().map_or(0, |count_of| count(count_of, (0, 1), "reconcilers")),
            controllers: match &table.controllers {
                Some(written) => count(written, (controllers, 3 * controllers), "controllers"),
                None => controllers,
            },
        }
    }

    pub(super) fn connect(&mut self, table: &TopologyTable) -> Connect {
        let mut connect = Connect::default();
        match table.connect.as_ref().map(|word| (word.get_ref().as_str(), word.span())) {
            None | Some(("spread", _)) => {}
            Some(("first", _)) => connect.first = true,
            Some((other, span)) => {
                let reason = format!("clients cannot connect {other:?}");
                self.trouble(span, reason, "write \"spread\" (the default) or \"first\"");
            }
        }
        for (client, broker) in &table.own_broker {
            let topology = self.topology;
            let is_client = |role: Role| matches!(role, Role::Producer | Role::Consumer);
            let known = topology.named(client.get_ref()).filter(|node| is_client(topology.role(*node)));
            let own = topology.named(broker.get_ref()).filter(|node| topology.role(*node) == Role::Broker);
            match (known, own) {
                (Some(known), Some(own)) => connect.own.push((known, own)),
                (None, _) => self.no_node(client, "producer or consumer"),
                (_, None) => self.no_node(broker, "broker"),
            }
        }
        connect
    }

    fn no_node(&mut self, name: &Spanned<String>, what: &str) {
        let reason = format!("{:?} is no {what} of this lab", name.get_ref());
        let names = self.topology.names();
        self.trouble(name.span(), reason, &format!("this lab has {names}"));
    }

    pub(super) fn database_on_disk(&mut self, table: &TopologyTable) -> bool {
        let Some(word) = &table.database else { return false };
        match word.get_ref().as_str() {
            "disk" => return true,
            "reliable" => {}
            other => {
                let reason = format!("there is no database {other:?}");
                self.trouble(word.span(), reason, "write \"reliable\" (the default) or \"disk\"");
            }
        }
        false
    }

    /// Over how many seeds the lab is checked at most.
    pub(super) fn check_seeds(&mut self, seeds: Option<&Spanned<u64>>) -> Option<u64> {
        if let Some(none) = seeds.filter(|seeds| *seeds.get_ref() == 0) {
            let hint = "write check_seeds = 2, or leave it out: then as many as are asked for";
            self.trouble(none.span(), "a claim that is checked over no seed says nothing".to_owned(), hint);
        }
        seeds.map(|seeds| *seeds.get_ref())
    }

    pub(super) fn workload(&mut self, table: &WorkloadTable) -> Workload {
        let messages = *table.messages.get_ref();
        if !(1..=MESSAGES_AT_MOST).contains(&messages) {
            let hint = format!("write 1 to {MESSAGES_AT_MOST}");
            self.trouble(table.messages.span(), format!("{messages} messages are out of range"), &hint);
        }
        let paces = Pace::parse(table.rate.get_ref()).unwrap_or_else(|| {
            let reason = format!("{:?} is no rate", table.rate.get_ref());
            let hint = "write \"20/s\", \"every 50ms\" or \"5000/s for 10s, then 200/s\"";
            self.trouble(table.rate.span(), reason, hint);
            vec![Pace { interval: Span::from_millis(50), lasting: None }]
        });
        let keys = table.keys.as_ref().map_or(1, |keys| *keys.get_ref());
        if let Some(keys) = table.keys.as_ref().filter(|_| !(1..=messages.max(1)).contains(&keys)) {
            let reason = format!("{} keys for {messages} messages are out of range", keys.get_ref());
            self.trouble(keys.span(), reason, "write 1 to as many as there are messages");
        }
        let payload = table.payload.as_ref().map_or(Some(32), |text| bytes(text.get_ref())).unwrap_or_else(|| {
            let span = table.payload.as_ref().map_or(0..0, Spanned::span);
            let reason = format!("a payload has {} to 65536 bytes", Fact::LENGTH);
            self.trouble(span, reason, "write \"32B\"");
            32
        });
        Workload {
            messages: messages.clamp(1, MESSAGES_AT_MOST),
            paces,
            keys: keys.clamp(1, messages.clamp(1, MESSAGES_AT_MOST)),
            payload,
        }
    }
}

fn bytes(text: &str) -> Option<usize> {
    let length = text.strip_suffix('B')?.parse().ok()?;
    (Fact::LENGTH..=65_536).contains(&length).then_some(length)
}
