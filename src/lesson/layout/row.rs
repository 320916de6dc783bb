//! One row of a terminal, before it has colours.

use super::code::Token;
use crate::lesson::block::CallOut;
use crate::lesson::measure::Measure;

/// A row, narrower than or as wide as the layout's width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub segments: Vec<Segment>,
    /// The block of the lesson that this row belongs to.
    pub origin: usize,
}

/// A piece of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub text: String,
    pub style: Style,
    /// The link this text belongs to, named by the byte of the lesson file where
    /// it begins: see [`Lesson::link_at`](crate::lesson::Lesson::link_at).
    pub link: Option<usize>,
}

/// What a piece of text is. A screen maps each to colours and attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    Text,
    Strong,
    Emphasis,
    Code,
    Link,
    /// The mark after a sentence that a machine has checked.
    ClaimMark,
    Heading(u8),
    TableHead,
    Bullet,
    /// Bars, rules and the lines of tables.
    Border,
    Muted,
    CallOut(CallOut),
    /// A block that can be opened.
    Open,
    /// Inside a code block.
    Token(Token),
}

impl Segment {
    #[must_use]
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, link: None }
    }
}

impl Row {
    /// A row of one piece.
    #[must_use]
    pub fn of(text: impl Into<String>, style: Style) -> Self {
        Self { segments: vec![Segment::new(text, style)], origin: 0 }
    }

    /// The row as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect()
    }

    /// The cells it takes.
    #[must_use]
    pub fn width(&self, measure: Measure) -> usize {
        self.segments.iter().map(|segment| measure.width(&segment.text)).sum()
    }

    /// Adds a piece, joined to the last one if the two look the same.
    pub fn push(&mut self, segment: Segment) {
        match self.segments.last_mut() {
            Some(last) if last.style == segment.style && last.link == segment.link => last.text.push_str(&segment.text),
            _ if segment.text.is_empty() => {}
            _ => self.segments.push(segment),
        }
    }
}
