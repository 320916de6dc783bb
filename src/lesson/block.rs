//! What a lesson is made of. Blocks know nothing of screens; [`layout`](super::layout)
//! turns them into rows. Whatever names another place keeps its byte range in
//! the file, so that the course check can point at it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::passage::Passage;
use super::step::{Step, StepKind};
use crate::text::Language;

/// A value and where the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    /// Bytes of the lesson file.
    pub span: Range<usize>,
}

impl<T> Spanned<T> {
    pub const fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

/// One lesson in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    pub language: Language,
    pub title: Spanned<String>,
    /// Minutes a learner needs.
    pub minutes: u32,
    pub labs: Vec<Spanned<String>>,
    /// The questions of the course notes that this lesson answers.
    pub questions: Vec<Spanned<String>>,
    pub blocks: Vec<Block>,
    /// The running text once more, one piece a paragraph, for checks of style.
    pub passages: Vec<Passage>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading {
        /// 1 opens a part, 2 a step, 3 and more divide a step.
        level: u8,
        id: Option<String>,
        inlines: Vec<Inline>,
        span: Range<usize>,
    },
    Paragraph(Vec<Inline>),
    List {
        /// The first number of an ordered list.
        ordered_from: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    Table(Table),
    Code {
        language: String,
        text: String,
    },
    CallOut {
        kind: CallOut,
        blocks: Vec<Block>,
    },
    Quote(Vec<Block>),
    Rule,
    Predict(PredictBlock),
    Lab(LabBlock),
    Quiz(QuizBlock),
    /// "What did you see?": a question asked before the explanation.
    See(QuizBlock),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub alignments: Vec<Alignment>,
    pub head: Vec<Vec<Inline>>,
    /// Every row has as many cells as the head.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    #[default]
    Left,
    Centre,
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOut {
    Note,
    /// A trap in an interview, or what most sheets claim and is not so.
    Trap,
    /// What is true of the current versions.
    Fact,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    Text(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Code(String),
    Link {
        target: Spanned<Target>,
        text: Vec<Inline>,
    },
    /// A line ends here, by the author's will.
    Break,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The linked words claim a consequence; this claim of a lab proves it.
    Claim {
        lab: String,
        claim: String,
    },
    Lab(String),
    Lesson {
        id: String,
        anchor: Option<String>,
    },
    Web(String),
}

/// A prediction of a lab, asked here, with a confidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredictBlock {
    pub lab: Spanned<String>,
    pub predict: Spanned<String>,
    /// The whole fenced block.
    pub span: Range<usize>,
}

/// A lab, opened here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabBlock {
    pub lab: Spanned<String>,
    pub mode: LabMode,
    /// Settings that differ from the lab's defaults, by name.
    pub set: BTreeMap<String, Spanned<String>>,
    pub fault: Option<Spanned<String>>,
    /// The whole fenced block.
    pub span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabMode {
    Run,
    /// Two runs that differ in one setting only.
    Twin {
        setting: Spanned<String>,
        value: String,
    },
    /// "Keep it alive": any settings that meet the task's condition pass.
    Task(Spanned<String>),
}

/// A question with options, each of which says why it is right or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizBlock {
    /// Unique in the lesson. A `see` block without one takes its step's id.
    pub id: Spanned<String>,
    pub ask: Spanned<String>,
    pub options: Vec<QuizOption>,
    /// The whole fenced block.
    pub span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizOption {
    pub text: Spanned<String>,
    pub right: bool,
    pub why: Spanned<String>,
}

impl Lesson {
    /// The steps in order, each with its part.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut part = None;
        let only = self.part_count() <= 1;
        for (index, block) in self.blocks.iter().enumerate() {
            let Block::Heading { level, id, span, .. } = block else { continue };
            match level {
                1 => part.clone_from(id),
                2 => {
                    let Some(id) = id else { continue };
                    let Some(kind) = StepKind::of_id(id, part.as_deref(), only) else { continue };
                    let (part, id, span) = (part.clone(), id.clone(), span.clone());
                    steps.push(Step { part, kind, id, block: index, span });
                }
                _ => {}
            }
        }
        steps
    }

    /// How many `#` headings there are.
    #[must_use]
    pub fn part_count(&self) -> usize {
        self.blocks.iter().filter(|block| matches!(block, Block::Heading { level: 1, .. })).count()
    }

    /// Every link of the lesson, in order.
    #[must_use]
    pub fn links(&self) -> Vec<&Spanned<Target>> {
        let mut links = Vec::new();
        for block in &self.blocks {
            block.visit_inlines(&mut |inline| {
                if let Inline::Link { target, .. } = inline {
                    links.push(target);
                }
            });
        }
        links
    }

    /// The link whose text begins at this byte of the file. Rows name links so.
    #[must_use]
    pub fn link_at(&self, start: usize) -> Option<&Spanned<Target>> {
        self.links().into_iter().find(|link| link.span.start == start)
    }

    /// The block of a heading's id: where a link with an anchor leads.
    #[must_use]
    pub fn block_of(&self, anchor: &str) -> Option<usize> {
        self.blocks.iter().position(|block| matches!(block, Block::Heading { id: Some(id), .. } if id == anchor))
    }
}

impl Block {
    /// Calls `visit` for every inline of this block, nested ones included.
    pub fn visit_inlines<'a>(&'a self, visit: &mut dyn FnMut(&'a Inline)) {
        match self {
            Self::Heading { inlines, .. } | Self::Paragraph(inlines) => visit_all(inlines, visit),
            Self::List { items, .. } => items.iter().flatten().for_each(|block| block.visit_inlines(visit)),
            Self::Table(table) => {
                for cell in table.head.iter().chain(table.rows.iter().flatten()) {
                    visit_all(cell, visit);
                }
            }
            Self::CallOut { blocks, .. } | Self::Quote(blocks) => {
                blocks.iter().for_each(|block| block.visit_inlines(visit));
            }
            Self::Code { .. } | Self::Rule | Self::Predict(_) | Self::Lab(_) | Self::Quiz(_) | Self::See(_) => {}
        }
    }
}

fn visit_all<'a>(inlines: &'a [Inline], visit: &mut dyn FnMut(&'a Inline)) {
    for inline in inlines {
        visit(inline);
        match inline {
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
                visit_all(inner, visit)
            }
            Inline::Text(_) | Inline::Code(_) | Inline::Break => {}
        }
    }
}
