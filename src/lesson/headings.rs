//! The ids of a lesson's headings: progress, links and the course check all name
//! a place by one.

use std::collections::BTreeSet;

use super::block::Block;
use super::link::is_name;
use super::parse::Reader;
use super::step::StepKind;

/// Ids are unique, and those of `##` headings are steps.
pub(super) fn check(reader: &mut Reader, blocks: &[Block]) {
    let parts = blocks.iter().filter(|block| matches!(block, Block::Heading { level: 1, .. })).count();
    let mut seen = BTreeSet::new();
    let mut part: Option<&str> = None;
    for block in blocks {
        let Block::Heading { level, id, span, .. } = block else { continue };
        if *level == 1 {
            part = id.as_deref();
        }
        match id {
            Some(id) if !seen.insert(id) => {
                reader.refuse(span.clone(), format!("two headings have the id {id:?}"), "links need it to be unique");
            }
            Some(id) if !is_name(id) => {
                let hint = "ids are small letters, digits and hyphens";
                reader.refuse(span.clone(), format!("{id:?} cannot be an id"), hint);
            }
            Some(id) if *level == 2 && StepKind::of_id(id, part, parts <= 1).is_none() => {
                let prefix = part.filter(|_| parts > 1).map(|part| format!("{part}-")).unwrap_or_default();
                let hint = format!("write {prefix} and one of {}", StepKind::list());
                reader.refuse(span.clone(), format!("{id:?} is no step of a lesson"), hint.trim_start());
            }
            None if *level == 2 => {
                let hint = format!("add {{#ID}} with one of {}", StepKind::list());
                reader.refuse(span.clone(), "this step has no id", &hint);
            }
            None if *level == 1 && parts > 1 => {
                reader.refuse(span.clone(), "this part has no id", "add {#ID}: its steps begin with it");
            }
            _ => {}
        }
    }
}
