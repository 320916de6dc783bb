//! Both languages of a lesson are in step: a learner who switches keeps the
//! place, and neither language knows a question or a lab that the other lacks.
//! What is compared has no language; what is said about it stays free.

use std::ops::Range;

use super::Page;
use crate::lesson::block::{LabBlock, LabMode, QuizBlock};
use crate::lesson::{Block, Lesson, Spanned, Target};
use crate::source::Trouble;

pub(super) fn check(zh: &Page, en: &Page, troubles: &mut Vec<Trouble>) {
    in_step(zh, en, headings, troubles);
    in_step(zh, en, labs, troubles);
    in_step(zh, en, blocks, troubles);
    in_step(zh, en, claims, troubles);
    let (ours, theirs) = (&zh.lesson.questions, &en.lesson.questions);
    if ours.len() != theirs.len() {
        let page = if ours.len() < theirs.len() { zh } else { en };
        let span =
            page.lesson.questions.last().map_or_else(|| page.lesson.title.span.clone(), |last| last.span.clone());
        let reason = format!("zh answers {} questions of the notes, en {}", ours.len(), theirs.len());
        troubles.push(page.source.trouble(span, reason).hint("name the same questions in both languages"));
    }
}

/// Compares what `read` finds in both, in order, and reports the first
/// difference: what follows it would only repeat it.
fn in_step(zh: &Page, en: &Page, read: fn(&Lesson) -> Vec<Spanned<String>>, troubles: &mut Vec<Trouble>) {
    let (ours, theirs) = (read(&zh.lesson), read(&en.lesson));
    let same = ours.iter().zip(&theirs).take_while(|(a, b)| a.value == b.value).count();
    let trouble = match (ours.get(same), theirs.get(same)) {
        (None, None) => return,
        (Some(a), Some(b)) => en.source.trouble(b.span.clone(), format!("here zh has {}, en has {}", a.value, b.value)),
        (Some(a), None) => zh.source.trouble(a.span.clone(), format!("zh has {}, en does not", a.value)),
        (None, Some(b)) => en.source.trouble(b.span.clone(), format!("en has {}, zh does not", b.value)),
    };
    troubles.push(trouble.hint("both languages have the same, in the same order"));
}

fn headings(lesson: &Lesson) -> Vec<Spanned<String>> {
    let ids = lesson.blocks.iter().filter_map(|block| match block {
        Block::Heading { id: Some(id), level, span, .. } => {
            Some(Spanned::new(format!("the heading {} {{#{id}}}", "#".repeat(usize::from(*level))), span.clone()))
        }
        _ => None,
    });
    ids.collect()
}

fn labs(lesson: &Lesson) -> Vec<Spanned<String>> {
    lesson.labs.iter().map(|lab| Spanned::new(format!("the lab {:?}", lab.value), lab.span.clone())).collect()
}

/// The blocks that ask or run something, each under the heading it follows.
fn blocks(lesson: &Lesson) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    let mut place = String::from("at the beginning");
    for block in &lesson.blocks {
        let (what, span): (String, &Range<usize>) = match block {
            Block::Heading { id: Some(id), .. } => {
                place = format!("below {{#{id}}}");
                continue;
            }
            Block::Predict(predict) => {
                (format!("the prediction {}/{}", predict.lab.value, predict.predict.value), &predict.span)
            }
            Block::Lab(lab) => (describe_lab(lab), &lab.span),
            Block::Quiz(quiz) => (describe_question("quiz", quiz), &quiz.span),
            Block::See(quiz) => (describe_question("see", quiz), &quiz.span),
            _ => continue,
        };
        found.push(Spanned::new(format!("{what} {place}"), span.clone()));
    }
    found
}

fn describe_lab(lab: &LabBlock) -> String {
    let mode = match &lab.mode {
        LabMode::Run => "run".to_owned(),
        LabMode::Twin { setting, value } => format!("twin with {} = {value}", setting.value),
        LabMode::Task(task) => format!("task {}", task.value),
    };
    let set: Vec<_> = lab.set.iter().map(|(name, value)| format!("{name} = {}", value.value)).collect();
    let fault = lab.fault.as_ref().map_or("none", |fault| fault.value.as_str());
    format!("the lab {} ({mode}; set {{ {} }}; fault {fault})", lab.lab.value, set.join(", "))
}

fn describe_question(kind: &str, quiz: &QuizBlock) -> String {
    let rights: Vec<_> = quiz.options.iter().map(|option| if option.right { "right" } else { "wrong" }).collect();
    format!("the {kind} {:?} with {} options ({})", quiz.id.value, rights.len(), rights.join(", "))
}

/// Claims in alphabetical order: the order of sentences is each language's own.
fn claims(lesson: &Lesson) -> Vec<Spanned<String>> {
    let links = lesson.links().into_iter().filter_map(|link| match &link.value {
        Target::Claim { lab, claim } => Some(Spanned::new(format!("the claim {lab}/{claim}"), link.span.clone())),
        _ => None,
    });
    let mut claims: Vec<_> = links.collect();
    claims.sort_by(|a, b| a.value.cmp(&b.value));
    claims
}
