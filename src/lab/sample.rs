//! What the tests of this room share: a lab of given tables, and its plan.

use std::sync::Arc;

use super::{Lab, Plan};
use crate::source::Source;

/// A lab file of these tables, with nothing to read in it.
pub fn text(tables: &str) -> String {
    format!(
        r#"id = "test"
lesson = "00-method"
title = {{ zh = "", en = "" }}
incident = {{ zh = "", en = "" }}
{tables}"#
    )
}

/// The lab that a file is. Fails with the first trouble in it.
pub fn lab(text: String) -> Arc<Lab> {
    let parsed = Lab::parse(&Source::new("test.toml", text));
    Arc::new(parsed.unwrap_or_else(|troubles| panic!("{}", troubles[0])))
}

pub fn plan(lab: &Arc<Lab>, set: &[(&str, &str)], faults: &[&str]) -> Plan {
    let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let faults: Vec<_> = faults.iter().map(|&fault| fault.to_owned()).collect();
    Plan::new(lab.clone(), &set, &faults).unwrap()
}
