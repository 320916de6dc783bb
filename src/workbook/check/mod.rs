//! The course checks itself, as far as that needs no run: both languages are
//! there and in step, every lesson goes the fixed way, every reference leads
//! somewhere, and the text keeps the rules of its language. Whether claims hold
//! is for whoever runs labs.

mod pair;
mod references;
mod steps;
mod style;

use std::collections::{BTreeMap, BTreeSet};

use super::content::Content;
use super::curriculum::CURRICULUM;
use crate::lesson::{Lesson, parse};
use crate::source::{Source, Trouble};
use crate::text::Language;

/// What lessons may refer to. Labs are read on another floor; the caller fills
/// this in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownLabs {
    pub labs: BTreeMap<String, KnownLab>,
}

/// The ids that one lab file defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownLab {
    /// The lesson it belongs to, which may be one that is only planned.
    pub lesson: String,
    pub claims: BTreeSet<String>,
    pub predicts: BTreeSet<String>,
    pub tasks: BTreeSet<String>,
    pub faults: BTreeSet<String>,
    /// The settings a learner may toggle in it.
    pub settings: BTreeSet<String>,
}

/// A lesson that could be read, in one language, and its file.
pub(super) struct Page {
    source: Source,
    lesson: Lesson,
}

/// The pages of the course: by lesson id, then language.
type Pages = BTreeMap<String, BTreeMap<Language, Page>>;

/// Everything that is wrong with the lessons, in the order of the course.
#[must_use]
pub fn check_lessons(content: &Content, known: &KnownLabs) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let pages = read(content, &mut troubles);
    for languages in pages.values() {
        for page in languages.values() {
            steps::check(page, &mut troubles);
            references::check(page, &pages, known, &mut troubles);
            style::check(page, &mut troubles);
        }
        if let (Some(zh), Some(en)) = (languages.get(&Language::Zh), languages.get(&Language::En)) {
            pair::check(zh, en, &mut troubles);
        }
    }
    unreachable_labs(content, &pages, known, &mut troubles);
    troubles
}

fn read(content: &Content, troubles: &mut Vec<Trouble>) -> Pages {
    let mut pages = Pages::new();
    for entry in content.lessons() {
        for language in Language::ALL {
            let source = match content.lesson_source(&entry.id, language) {
                Ok(source) => source,
                Err(trouble) => {
                    troubles.push(trouble);
                    continue;
                }
            };
            match parse(&source, language) {
                Ok(lesson) => {
                    pages.entry(entry.id.clone()).or_default().insert(language, Page { source, lesson });
                }
                Err(more) => troubles.extend(more),
            }
        }
    }
    pages
}

/// A lab that no lesson names cannot be found by a learner, unless the map offers
/// it because its lesson is still to be written.
fn unreachable_labs(content: &Content, pages: &Pages, known: &KnownLabs, troubles: &mut Vec<Trouble>) {
    let lessons = pages.values().flat_map(BTreeMap::values);
    let named: BTreeSet<&str> = lessons.flat_map(|page| &page.lesson.labs).map(|lab| lab.value.as_str()).collect();
    let is_coming =
        |lab: &KnownLab| !pages.contains_key(&lab.lesson) && CURRICULUM.iter().any(|it| it.id == lab.lesson);
    let unnamed = known.labs.iter().filter(|(id, lab)| !named.contains(id.as_str()) && !is_coming(lab));
    for (id, _) in unnamed {
        let source = content.lab_source(id).unwrap_or_else(|_| Source::new(format!("labs/{id}.toml"), ""));
        let trouble = source.trouble(0..0, format!("no lesson names the lab {id:?}"));
        troubles.push(trouble.hint("add it to the labs of a lesson's front matter, in both languages"));
    }
}

#[cfg(test)]
mod tests;
