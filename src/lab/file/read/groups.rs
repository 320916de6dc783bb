//! The topic of a log, and the groups of consumers that read it.

use super::Reader;
use super::queues::subscribe;
use crate::lab::file::shape::{GroupTable, Subscription, TopicTable};
use crate::lab::model::{Model, Models};
use crate::lab::wiring::{Group, INTERNAL_TOPICS, Wiring};
use crate::protocol::Name;

/// The group, where a lab names none.
const GROUP: &str = "shop-workers";

impl Reader<'_> {
    pub(super) fn groups(&mut self, topic: Option<TopicTable>, tables: Vec<GroupTable>, wiring: &mut Wiring) {
        if !self.models.offer(Model::Log) {
            if let Some(span) = topic.map(|topic| topic.name.span()).or(tables.first().map(|table| table.name.span())) {
                let reason = "topics and groups are of a log, and this lab runs on queues".to_owned();
                self.trouble(span, reason, "write broker = \"log\" or \"queue-or-log\"");
            }
            return;
        }
        // The first name of all: that of the queue too, in a lab that has both.
        wiring.topic = Name(1);
        if let Some(topic) = topic.filter(|topic| wiring.names.text(wiring.topic) != topic.name.get_ref()) {
            let reason = format!("the lab's first queue is called {:?}", wiring.names.text(wiring.topic));
            self.trouble(topic.name.span(), reason, "call the topic so too: a message goes to the one or the other");
        }
        for name in INTERNAL_TOPICS {
            wiring.names.intern(name);
        }
        for producer in 0..self.topology.producers {
            wiring.names.intern(&self.topology.name(self.topology.producer(producer)));
        }
        if tables.is_empty() {
            let name = wiring.names.intern(GROUP);
            let subscription = self.subscription_of_all(name, wiring);
            wiring.groups.push(Group { name, consumers: self.topology.consumers, subscription: Some(subscription) });
            return;
        }
        self.named_groups(tables, wiring);
    }

    /// In a lab that runs on either, its one group must see what its one queue must.
    fn subscription_of_all(&self, group: Name, wiring: &mut Wiring) -> u16 {
        if self.models == Models::Either && wiring.subscriptions.len() == 1 {
            return 0;
        }
        let name = wiring.names.text(group).to_owned();
        subscribe(wiring, &name)
    }

    fn named_groups(&mut self, tables: Vec<GroupTable>, wiring: &mut Wiring) {
        let is_alone = tables.len() == 1;
        let mut dealt = 0;
        for table in tables {
            let span = table.name.span();
            let name = wiring.names.intern(table.name.get_ref());
            if wiring.groups.iter().any(|other| other.name == name) {
                let reason = format!("there are two groups {:?}", table.name.get_ref());
                self.trouble(span.clone(), reason, "give each a name of its own");
            }
            let subscription = match table.subscription.map(toml::Spanned::into_inner) {
                Some(Subscription::Own(false)) => None,
                Some(Subscription::Of(of)) => Some(subscribe(wiring, &of)),
                _ if is_alone => Some(self.subscription_of_all(name, wiring)),
                _ => Some(subscribe(wiring, table.name.get_ref())),
            };
            let all = if is_alone { self.topology.consumers } else { 0 };
            let mut consumers = table.consumers.map_or(all, toml::Spanned::into_inner);
            dealt = u16::saturating_add(dealt, consumers);
            if dealt > self.topology.consumers {
                let reason = format!("{dealt} consumers by this group, and the lab has {}", self.topology.consumers);
                self.trouble(span, reason, "deal out as many as the topology has");
                consumers = 0;
            }
            wiring.groups.push(Group { name, consumers, subscription });
        }
        if dealt < self.topology.consumers {
            let reason = format!("{} consumers, and the groups take {dealt}", self.topology.consumers);
            self.trouble(0..0, reason, "say `consumers = n` for each group");
        }
    }
}
