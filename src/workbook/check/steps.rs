//! Every part of a lesson takes the same steps in the same order. A learner who
//! has done one lesson knows the way through all of them.

use super::Page;
use crate::lesson::{Block, StepKind};
use crate::source::Trouble;

pub(super) fn check(page: &Page, troubles: &mut Vec<Trouble>) {
    let lesson = &page.lesson;
    let parts: Vec<_> = lesson
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(index, block)| match block {
            Block::Heading { level: 1, span, .. } => Some((index, span.clone())),
            _ => None,
        })
        .collect();
    if parts.is_empty() {
        let trouble = page.source.trouble(0..0, "the lesson has no part");
        troubles.push(trouble.hint("begin it with a # heading"));
    }
    let steps = lesson.steps();
    for (at, (first, heading)) in parts.iter().enumerate() {
        let end = parts.get(at + 1).map_or(lesson.blocks.len(), |(next, _)| *next);
        let of_part: Vec<_> = steps.iter().filter(|step| (*first..end).contains(&step.block)).collect();
        let missing: Vec<_> =
            StepKind::ALL.into_iter().filter(|kind| of_part.iter().all(|s| s.kind != *kind)).collect();
        if !missing.is_empty() {
            let names: Vec<_> = missing.into_iter().map(StepKind::id).collect();
            let trouble = page.source.trouble(heading.clone(), format!("this part lacks {}", names.join(", ")));
            troubles.push(trouble.hint(format!("every part has {}", StepKind::list())));
        }
        if let Some(pair) = of_part.windows(2).find(|pair| pair[0].kind > pair[1].kind) {
            let reason = format!("{} comes after {}", pair[1].kind.id(), pair[0].kind.id());
            let trouble = page.source.trouble(pair[1].span.clone(), reason);
            troubles.push(trouble.hint(format!("the order is {}", StepKind::list())));
        }
    }
}
