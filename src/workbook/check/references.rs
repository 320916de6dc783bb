//! Whatever a lesson names is there: labs and what is in them, other lessons
//! and their headings.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{KnownLab, KnownLabs, Page, Pages};
use crate::lesson::block::{LabBlock, LabMode};
use crate::lesson::{Block, Spanned, Target};
use crate::source::Trouble;

pub(super) fn check(page: &Page, pages: &Pages, known: &KnownLabs, troubles: &mut Vec<Trouble>) {
    let mut checker = Checker { page, known, troubles, opened: BTreeSet::new() };
    for block in &page.lesson.blocks {
        match block {
            Block::Predict(predict) => {
                if let Some(lab) = checker.opened_lab(&predict.lab) {
                    checker.member(&lab.predicts, &predict.predict, "prediction", &predict.lab.value);
                }
            }
            Block::Lab(block) => checker.lab_block(block),
            _ => {}
        }
    }
    for link in page.lesson.links() {
        checker.link(link, pages);
    }
    checker.front_matter();
}

struct Checker<'a> {
    page: &'a Page,
    known: &'a KnownLabs,
    troubles: &'a mut Vec<Trouble>,
    /// The labs that this lesson opens.
    opened: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    fn refuse(&mut self, span: &Range<usize>, reason: String, hint: impl Into<String>) {
        self.troubles.push(self.page.source.trouble(span.clone(), reason).hint(hint));
    }

    fn lab(&mut self, id: &str, span: &Range<usize>) -> Option<&'a KnownLab> {
        let known = self.known;
        let lab = known.labs.get(id);
        if lab.is_none() {
            self.refuse(span, format!("there is no lab {id:?}"), choice("labs", known.labs.keys()));
        }
        lab
    }

    /// A lab that a block of this lesson opens: it must be in the front matter,
    /// from which the course map is drawn.
    fn opened_lab(&mut self, id: &Spanned<String>) -> Option<&'a KnownLab> {
        self.opened.insert(id.value.clone());
        let lab = self.lab(&id.value, &id.span)?;
        if !self.page.lesson.labs.iter().any(|named| named.value == id.value) {
            self.refuse(&id.span, format!("the front matter does not name the lab {:?}", id.value), "add it to labs");
        }
        Some(lab)
    }

    fn member(&mut self, among: &BTreeSet<String>, id: &Spanned<String>, what: &str, lab: &str) {
        if !among.contains(&id.value) {
            let reason = format!("the lab {lab:?} has no {what} {:?}", id.value);
            self.refuse(&id.span, reason, choice(&format!("it has the {what}s"), among));
        }
    }

    fn lab_block(&mut self, block: &LabBlock) {
        let Some(lab) = self.opened_lab(&block.lab) else { return };
        let name = &block.lab.value;
        if let Some(fault) = &block.fault {
            self.member(&lab.faults, fault, "fault", name);
        }
        for (setting, value) in &block.set {
            self.member(&lab.settings, &Spanned::new(setting.clone(), value.span.clone()), "setting", name);
        }
        match &block.mode {
            LabMode::Run => {}
            LabMode::Twin { setting, .. } => self.member(&lab.settings, setting, "setting", name),
            LabMode::Task(task) => self.member(&lab.tasks, task, "task", name),
        }
    }

    fn link(&mut self, link: &Spanned<Target>, pages: &Pages) {
        match &link.value {
            Target::Web(_) => {}
            Target::Lab(id) => {
                self.lab(id, &link.span);
            }
            Target::Claim { lab: id, claim } => {
                if let Some(lab) = self.lab(id, &link.span) {
                    self.member(&lab.claims, &Spanned::new(claim.clone(), link.span.clone()), "claim", id);
                }
            }
            Target::Lesson { id, anchor } => {
                let Some(languages) = pages.get(id) else {
                    self.refuse(&link.span, format!("there is no lesson {id:?}"), choice("lessons", pages.keys()));
                    return;
                };
                // The other file may be broken, which is said elsewhere.
                let Some(target) = languages.get(&self.page.lesson.language) else { return };
                if let Some(anchor) = anchor.as_deref().filter(|anchor| target.lesson.block_of(anchor).is_none()) {
                    let reason = format!("the lesson {id:?} has no heading {anchor:?}");
                    self.refuse(&link.span, reason, "an anchor is the id of a heading: {#ID}");
                }
            }
        }
    }

    fn front_matter(&mut self) {
        for lab in &self.page.lesson.labs {
            if self.lab(&lab.value, &lab.span).is_some() && !self.opened.contains(&lab.value) {
                let reason = format!("no block of this lesson opens the lab {:?}", lab.value);
                self.refuse(&lab.span, reason, "add a ```lab block, or leave it out of labs");
            }
        }
    }
}

/// The names that would have been right.
fn choice<'a>(what: &str, names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { format!("{what}: none") } else { format!("{what}: {}", names.join(", ")) }
}
