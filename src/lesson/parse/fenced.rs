//! Blocks between fences: the front matter, code, and the four kinds that ask or
//! run something.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, TagEnd};

use super::{CODE_LANGUAGES, Reader};
use crate::lesson::block::{Block, Spanned};
use crate::lesson::special::Fence;
use crate::source::Source;

impl<'a> Reader<'a> {
    /// The text events of a code block, and where they are in the file.
    fn raw_text(&mut self, block: &Range<usize>) -> (String, Range<usize>) {
        let mut text = String::new();
        let mut body: Option<Range<usize>> = None;
        while let Some((event, span)) = self.next() {
            match event {
                Event::Text(piece) => {
                    text.push_str(&piece);
                    body = Some(body.map_or(span.clone(), |body| body.start..span.end));
                }
                Event::End(TagEnd::CodeBlock | TagEnd::MetadataBlock(_)) => break,
                _ => {}
            }
        }
        // An empty body lies behind the first line of the block.
        let empty = || {
            let first = self.source.text[block.clone()].find('\n').map_or(block.end, |at| block.start + at + 1);
            first..first
        };
        (text, body.unwrap_or_else(empty))
    }

    fn fence(&self, body: Range<usize>, block: Range<usize>) -> Fence<'a> {
        let source: &'a Source = self.source;
        Fence { source, body: &source.text[body.clone()], offset: body.start, start: block.start, end: block.end }
    }

    pub(super) fn front_matter(&mut self, span: Range<usize>) {
        let (_, body) = self.raw_text(&span);
        match self.fence(body, span).front_matter() {
            Ok(head) => self.head = Some(head),
            Err(trouble) => {
                self.head_failed = true;
                self.troubles.push(trouble);
            }
        }
    }

    pub(super) fn code(&mut self, kind: CodeBlockKind<'a>, span: Range<usize>, depth: usize) -> Option<Block> {
        let (text, body) = self.raw_text(&span);
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.trim().to_owned(),
            CodeBlockKind::Indented => {
                self.refuse(span, "this is indented like code", "use a fence: ```text, or indent it by less");
                return None;
            }
        };
        let first_line =
            span.start..span.start + self.source.text[span.clone()].lines().next().unwrap_or_default().len();
        if matches!(info.as_str(), "predict" | "lab" | "quiz" | "see") {
            if depth > 0 {
                self.refuse(
                    first_line,
                    format!("a {info} block stands inside another block"),
                    "move it to the left margin",
                );
                return None;
            }
            return self.special(&info, body, span);
        }
        if !CODE_LANGUAGES.contains(&info.as_str()) {
            let hint = format!("write one of {}, or predict, lab, quiz, see", CODE_LANGUAGES.join(", "));
            self.refuse(first_line, format!("{info:?} is no language of a code block"), &hint);
        }
        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        Some(Block::Code { language: info, text })
    }

    fn special(&mut self, info: &str, body: Range<usize>, span: Range<usize>) -> Option<Block> {
        let fence = self.fence(body, span);
        let block = match info {
            "predict" => fence.predict().map(Block::Predict),
            "lab" => fence.lab().map(Block::Lab),
            "quiz" => fence.question(None).map(Block::Quiz),
            _ => fence.question(Some(self.step.as_deref().unwrap_or("see"))).map(Block::See),
        };
        match block {
            Ok(block) => {
                if let Block::Quiz(quiz) | Block::See(quiz) = &block {
                    self.note_question(&quiz.id);
                }
                Some(block)
            }
            Err(trouble) => {
                self.troubles.push(trouble);
                None
            }
        }
    }

    fn note_question(&mut self, id: &Spanned<String>) {
        if !self.quizzes.insert(id.value.clone()) {
            let reason = format!("two questions of this lesson have the id {:?}", id.value);
            self.refuse(id.span.clone(), reason, "answers are remembered by id: give this one its own");
        }
    }
}
