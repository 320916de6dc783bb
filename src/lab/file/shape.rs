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
    pub topology: TopologyTable,
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
    pub broker: Spanned<String>,
    pub nodes: Spanned<u16>,
    pub producers: Spanned<u16>,
    pub consumers: Spanned<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadTable {
    pub messages: Spanned<u32>,
    pub rate: Spanned<String>,
    pub keys: Option<Spanned<u32>>,
    pub payload: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingTable {
    pub values: Option<Vec<Spanned<Value>>>,
    pub default: Option<Spanned<Value>>,
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
