//! A lesson as lines of inked pieces. Prose comes from `lesson::layout`; what can
//! be answered or opened is drawn here, because it shows what the learner did.

use std::ops::Range;

use crate::lesson::block::CallOut;
use crate::lesson::layout::{Layout, Row, Style, Token};
use crate::lesson::{Block, Lesson};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::colours::Colours;
use super::model::{Marks, ReaderModel};
use super::{Anchor, ask, lab_card};

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub ink: Ink,
    /// The link it belongs to, by where it begins in the lesson file.
    pub link: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub pieces: Vec<Piece>,
    pub block: usize,
}

impl Line {
    pub fn of(text: impl Into<String>, ink: Ink) -> Self {
        Self { pieces: vec![Piece { text: text.into(), ink, link: None }], block: 0 }
    }

    pub fn push(&mut self, text: impl Into<String>, ink: Ink) {
        self.pieces.push(Piece { text: text.into(), ink, link: None });
    }

    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// A line with something before it.
    pub fn after(mut self, text: &str, ink: Ink) -> Self {
        self.pieces.insert(0, Piece { text: text.to_owned(), ink, link: None });
        self
    }
}

/// What the learner did, for the blocks that show it.
pub(super) struct Answers<'a> {
    pub model: &'a ReaderModel,
    pub marks: &'a Marks,
    /// A block being answered again.
    pub reopened: Option<usize>,
    pub colours: &'a Colours,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub lines: Vec<Line>,
    /// The rows of each block, without the blank one before it.
    rows: Vec<Range<usize>>,
    /// Blocks that can be answered or opened, in order.
    pub active: Vec<usize>,
    /// Blocks that are parts, steps or smaller headings.
    pub headings: Vec<usize>,
}

impl Page {
    pub fn lay_out(lesson: &Lesson, answers: &Answers<'_>, width: u16, code_shift: usize, ui: &Ui) -> Self {
        let mut layout = Layout::new(usize::from(width), ui.measure(), ui.language);
        layout.code_shift = code_shift;
        layout.highlighter = Some(answers.colours);
        let mut page = Self::default();
        for (index, block) in lesson.blocks.iter().enumerate() {
            if index > 0 {
                page.lines.push(Line { block: index, ..Line::default() });
            }
            let start = page.lines.len();
            let lines = match block {
                Block::Predict(predict) => ask::prediction(predict, index, answers, &layout, ui),
                Block::Quiz(quiz) | Block::See(quiz) => ask::question(quiz, index, answers, &layout, ui),
                Block::Lab(lab) => lab_card::lines(lab, answers, &layout, ui),
                other => layout.block(other).iter().map(line).collect(),
            };
            page.lines.extend(lines.into_iter().map(|line| Line { block: index, ..line }));
            page.rows.push(start..page.lines.len());
            match block {
                Block::Predict(_) | Block::Quiz(_) | Block::See(_) | Block::Lab(_) => page.active.push(index),
                Block::Heading { .. } => page.headings.push(index),
                _ => {}
            }
        }
        page
    }

    /// The row where a block begins, `row` rows further, but not beyond it.
    pub fn row_of(&self, block: usize, row: usize) -> usize {
        self.rows.get(block).map_or(0, |rows| rows.start + row.min(rows.len().saturating_sub(1)))
    }

    pub fn rows_of(&self, block: usize) -> Option<Range<usize>> {
        self.rows.get(block).cloned()
    }

    pub fn block_at(&self, row: usize) -> Option<usize> {
        self.lines.get(row).map(|line| line.block)
    }

    pub fn anchor_at(&self, row: usize) -> Anchor {
        let block = self.block_at(row).unwrap_or(0);
        Anchor { block, row: row.saturating_sub(self.row_of(block, 0)) }
    }
}

/// A row of prose, inked.
pub(super) fn line(row: &Row) -> Line {
    let pieces = row.segments.iter();
    let pieces =
        pieces.map(|segment| Piece { text: segment.text.clone(), ink: ink(segment.style), link: segment.link });
    Line { pieces: pieces.collect(), block: row.origin }
}

/// How a meaning looks.
const fn ink(style: Style) -> Ink {
    match style {
        Style::Text => Ink::Text,
        Style::Strong | Style::Emphasis | Style::TableHead => Ink::Strong,
        Style::Code => Ink::CodeString,
        Style::Link => Ink::Link,
        Style::ClaimMark => Ink::Claim,
        Style::Heading(1) => Ink::Title,
        Style::Heading(_) => Ink::Heading,
        Style::Bullet | Style::Open => Ink::Accent,
        Style::Border => Ink::Border,
        Style::Muted => Ink::Muted,
        Style::CallOut(CallOut::Note) => Ink::Heading,
        Style::CallOut(CallOut::Trap) => Ink::Warn,
        Style::CallOut(CallOut::Fact) => Ink::Good,
        Style::Token(token) => match token {
            Token::Plain | Token::Mark | Token::Function => Ink::Code,
            Token::Keyword | Token::Key | Token::Type => Ink::CodeKeyword,
            Token::Literal => Ink::CodeString,
            Token::Number => Ink::CodeNumber,
            Token::Comment => Ink::CodeComment,
        },
    }
}
