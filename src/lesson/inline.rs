//! Running text: from the events between two block marks to inlines, and to the
//! passage that the checks of style read.
//!
//! Source lines end where the author's editor ends them. Between two English
//! words that end is a space; between two Han characters it is nothing. Which of
//! the two can only be said when the text on both sides is known.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::block::{Inline, Spanned};
use super::link;
use super::parse::Reader;
use super::passage::{Passage, Piece, PieceKind};
use super::wrap::{is_full_width_mark, is_han};
use crate::text::Language;

/// Stands for the end of a source line until both of its sides are known.
/// pulldown-cmark never yields it inside a text.
const SOFT: char = '\n';

pub(super) struct Prose {
    passage: Passage,
    emphasis: usize,
}

impl Prose {
    pub(super) fn new() -> Self {
        Self { passage: Passage::default(), emphasis: 0 }
    }

    /// Reads up to the end mark of the block, or (not `closed`) up to the first
    /// mark that is not inline, which is left to the caller.
    pub(super) fn read(mut self, reader: &mut Reader, closed: bool) -> (Vec<Inline>, Passage) {
        let mut inlines = self.inlines(reader, closed);
        let joints = joints(&self.passage.text, reader.language);
        let mut joints_in_order = joints.iter().copied();
        resolve(&mut inlines, &mut joints_in_order);
        inlines.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
        resolve_passage(&mut self.passage, &joints);
        (inlines, self.passage)
    }

    fn inlines(&mut self, reader: &mut Reader, closed: bool) -> Vec<Inline> {
        let mut inlines = Vec::new();
        while let Some((event, span)) = reader.next() {
            match event {
                Event::Text(text) if span.start >= reader.skip_before => self.text(&text, span, &mut inlines),
                Event::Text(_) => {}
                Event::Code(code) => {
                    self.note(&code, span, PieceKind::Code);
                    inlines.push(Inline::Code(code.to_string()));
                }
                Event::SoftBreak => self.soft(span, &mut inlines),
                Event::HardBreak => {
                    self.note("\u{2028}", span, PieceKind::Text);
                    inlines.push(Inline::Break);
                }
                Event::Start(Tag::Strong) => inlines.push(Inline::Strong(self.inlines(reader, true))),
                Event::Start(Tag::Emphasis) => {
                    self.emphasis += 1;
                    inlines.push(Inline::Emphasis(self.inlines(reader, true)));
                    self.emphasis -= 1;
                }
                Event::Start(Tag::Link { dest_url, .. }) => inlines.extend(self.link(reader, &dest_url, span)),
                Event::Start(Tag::Image { .. }) => {
                    reader.refuse(span, "a terminal shows no images", "say it in words, or draw it in a ```text block");
                    self.inlines(reader, true);
                }
                Event::InlineHtml(_) | Event::Html(_) => {
                    reader.refuse(span, "a terminal shows no HTML", "write it in Markdown; put < into `code`");
                }
                // The block's own end mark, or one that belongs to what encloses it.
                Event::End(end) => {
                    if !closed && !is_inline_end(end) {
                        reader.give_back();
                    }
                    break;
                }
                _ => {
                    reader.give_back();
                    break;
                }
            }
        }
        inlines
    }

    fn link(&mut self, reader: &mut Reader, address: &CowStr, span: Range<usize>) -> Option<Inline> {
        let text = self.inlines(reader, true);
        match link::parse(address) {
            Ok(target) => Some(Inline::Link { target: Spanned::new(target, span), text }),
            Err((reason, hint)) => {
                reader.refuse(span, reason, hint);
                None
            }
        }
    }

    fn text(&mut self, text: &str, span: Range<usize>, inlines: &mut Vec<Inline>) {
        let kind = if self.emphasis > 0 { PieceKind::Emphasis } else { PieceKind::Text };
        self.note(text, span, kind);
        match inlines.last_mut() {
            Some(Inline::Text(before)) => before.push_str(text),
            _ => inlines.push(Inline::Text(text.to_owned())),
        }
    }

    fn soft(&mut self, span: Range<usize>, inlines: &mut Vec<Inline>) {
        // Nothing has come yet: this is the end of a call-out's first line.
        if !self.passage.text.is_empty() {
            self.text("\n", span, inlines);
        }
    }

    fn note(&mut self, text: &str, span: Range<usize>, kind: PieceKind) {
        self.passage.pieces.push(Piece { start: self.passage.text.len(), span, kind });
        self.passage.text.push_str(text);
    }
}

fn is_inline_end(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

/// For each line end of the text, in order: whether a space stands there.
fn joints(text: &str, language: Language) -> Vec<bool> {
    let mut joints = Vec::new();
    let mut previous = SOFT;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == SOFT {
            let next = characters.peek().copied().unwrap_or(SOFT);
            joints.push(needs_space(previous, next, language));
        }
        previous = character;
    }
    joints
}

/// Whether a space stands between two characters that a line end parts.
fn needs_space(before: char, after: char, language: Language) -> bool {
    let own_space =
        |c| is_full_width_mark(c) || (language == Language::Zh && matches!(c, '“' | '”' | '‘' | '’' | '—' | '…'));
    !(own_space(before) || own_space(after) || is_han(before) && is_han(after))
}

fn resolve(inlines: &mut [Inline], joints: &mut impl Iterator<Item = bool>) {
    for inline in inlines {
        match inline {
            Inline::Text(text) if text.contains(SOFT) => {
                let mut joined = String::with_capacity(text.len());
                for character in text.chars() {
                    if character != SOFT {
                        joined.push(character);
                    } else if joints.next() == Some(true) {
                        joined.push(' ');
                    }
                }
                *text = joined;
            }
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
                resolve(inner, joints)
            }
            Inline::Text(_) | Inline::Code(_) | Inline::Break => {}
        }
    }
}

fn resolve_passage(passage: &mut Passage, joints: &[bool]) {
    let mut joints = joints.iter();
    let mut joined = String::with_capacity(passage.text.len());
    let mut pieces = passage.pieces.iter_mut().peekable();
    for (at, character) in passage.text.char_indices() {
        while let Some(piece) = pieces.next_if(|piece| piece.start == at) {
            piece.start = joined.len();
        }
        if character != SOFT {
            joined.push(character);
        } else if joints.next() == Some(&true) {
            joined.push(' ');
        }
    }
    passage.text = joined;
}
