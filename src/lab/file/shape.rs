//! The shape of a lab file, as TOML. Spans stay with everything that can be
//! wrong in a way that TOML cannot see.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::text::CourseText;

/// Settings with values, as written: `{ persistent = true, confirms = "async" }`.
pub type Given = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub id: Spanned<String>,
    pub lesson: String,
    pub title: CourseText,
    pub incident: CourseText,
    pub check_seeds: Option<Spanned<u64>>,
    pub topology: TopologyTable,
    pub exchange: Option<ExchangeTable>,
    #[serde(default)]
    pub queues: Vec<QueueTable>,
    pub topic: Option<TopicTable>,
    #[serde(default)]
    pub groups: Vec<GroupTable>,
    pub workload: WorkloadTable,
    #[serde(default)]
    pub fixed: Given,
    #[serde(default)]
    pub settings: BTreeMap<Spanned<String>, SettingTable>,
    #[serde(default)]
    pub faults: Vec<FaultTable>,
    #[serde(default)]
    pub predict: Vec<PredictTable>,
    #[serde(default)]
    pub claims: Vec<ClaimTable>,
    #[serde(default)]
    pub tasks: Vec<TaskTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopologyTable {
    /// `queue`, `log` or `queue-or-log`.
    pub broker: Spanned<String>,
    #[serde(alias = "brokers")]
    pub nodes: Spanned<u16>,
    pub controllers: Option<Spanned<u16>>,
    pub producers: Spanned<u16>,
    pub consumers: Spanned<u16>,
    pub caches: Option<Spanned<u16>>,
    pub forwarders: Option<Spanned<u16>>,
    pub reconcilers: Option<Spanned<u16>>,
    /// `reliable` or `disk`.
    pub database: Option<Spanned<String>>,
    /// `spread` or `first`.
    pub connect: Option<Spanned<String>>,
    /// `{ consumer-1 = "broker-2" }`.
    #[serde(default)]
    pub own_broker: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeTable {
    pub name: Spanned<String>,
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueTable {
    pub name: Spanned<String>,
    pub bind: Option<Vec<Spanned<String>>>,
    pub must_see: Option<Vec<Spanned<String>>>,
    pub consumers: Option<Spanned<u16>>,
    pub subscription: Option<Spanned<Subscription>>,
    pub dead_letters_of: Option<Spanned<String>>,
    pub forwarded_from: Option<Spanned<String>>,
    #[serde(default)]
    pub takes_unrouted: bool,
    #[serde(default)]
    pub declared_by_consumers: bool,
    #[serde(default)]
    pub settings: Given,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicTable {
    pub name: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupTable {
    pub name: Spanned<String>,
    pub consumers: Option<Spanned<u16>>,
    pub subscription: Option<Spanned<Subscription>>,
}

/// Whether a queue or a group is a subscription of its own, or whose it is.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Subscription {
    Own(bool),
    Of(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadTable {
    pub messages: Spanned<u32>,
    pub rate: Spanned<String>,
    pub keys: Option<Spanned<u32>>,
    pub payload: Option<Spanned<String>>,
    /// The routing keys of messages, in turn.
    pub routing: Option<Vec<Spanned<String>>>,
    /// The headers of messages, in turn: `type=order region=eu`.
    pub headers: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingTable {
    pub values: Option<Vec<Spanned<Value>>>,
    pub default: Option<Spanned<Value>>,
    /// False: a sweep keeps it at its default.
    pub varies: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultTable {
    pub id: Spanned<String>,
    pub title: CourseText,
    #[serde(rename = "do")]
    pub sentence: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictTable {
    pub id: Spanned<String>,
    pub ask: CourseText,
    #[serde(default)]
    pub given: Given,
    pub fault: Option<Spanned<String>>,
    pub options: Spanned<Vec<OptionTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionTable {
    pub id: Spanned<String>,
    pub text: CourseText,
    pub why: CourseText,
    pub right: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimTable {
    pub id: Spanned<String>,
    #[serde(default)]
    pub given: Given,
    pub fault: Option<Spanned<String>>,
    pub always: Option<Spanned<String>>,
    pub sometimes: Option<Spanned<String>>,
    pub says: CourseText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTable {
    pub id: Spanned<String>,
    pub ask: CourseText,
    #[serde(default)]
    pub start: Given,
    pub fault: Option<Spanned<String>>,
    pub keep: Spanned<String>,
    pub reference: Given,
}
