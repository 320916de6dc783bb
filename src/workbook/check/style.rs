//! The rules of writing that a machine can hold. In both languages: no literal
//! `**` survives, which CommonMark leaves where bold text ends in a full-width
//! mark (`**消息。**然后`). In Chinese: no italics, which Han has none of; one
//! half-width space between Han and Latin letters, digits or code; none beside a
//! full-width mark, which brings its own.

use super::Page;
use crate::lesson::block::QuizBlock;
use crate::lesson::passage::{Passage, PieceKind};
use crate::lesson::wrap::{is_full_width_mark, is_han};
use crate::lesson::{Block, Spanned, parse_passages};
use crate::source::Trouble;
use crate::text::Language;

pub(super) fn check(page: &Page, troubles: &mut Vec<Trouble>) {
    let lesson = &page.lesson;
    for passage in &lesson.passages {
        for flaw in flaws(passage, lesson.language) {
            let (first, last) = (passage.span_at(flaw.first), passage.span_at(flaw.last));
            troubles.push(page.source.trouble(first.start..last.end, flaw.reason).hint(flaw.hint));
        }
    }
    let strings = std::iter::once(&lesson.title).chain(&lesson.questions);
    let questions = lesson.blocks.iter().flat_map(|block| match block {
        Block::Quiz(quiz) | Block::See(quiz) => texts(quiz),
        _ => Vec::new(),
    });
    for text in strings.chain(questions) {
        for flaw in parse_passages(&text.value, lesson.language).iter().flat_map(|p| flaws(p, lesson.language)) {
            troubles.push(page.source.trouble(text.span.clone(), flaw.reason).hint(flaw.hint));
        }
    }
}

fn texts(quiz: &QuizBlock) -> Vec<&Spanned<String>> {
    let options = quiz.options.iter().flat_map(|option| [&option.text, &option.why]);
    std::iter::once(&quiz.ask).chain(options).collect()
}

/// Something against the rules, and the starts of the first and the last
/// character of a passage's text that it is about.
struct Flaw {
    first: usize,
    last: usize,
    reason: String,
    hint: &'static str,
}

impl Flaw {
    fn new(first: usize, last: usize, reason: impl Into<String>, hint: &'static str) -> Self {
        Self { first, last, reason: reason.into(), hint }
    }
}

fn flaws(passage: &Passage, language: Language) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let in_code = |at: usize| passage.piece_at(at).is_some_and(|piece| piece.kind == PieceKind::Code);
    for (at, _) in passage.text.match_indices("**").filter(|(at, _)| !in_code(*at)) {
        let hint = "bold text must not end in a mark: **消息**。, not **消息。**; write \\*\\* for two stars";
        flaws.push(Flaw::new(at, at + 1, "a literal ** is left over", hint));
    }
    if language == Language::Zh {
        for piece in passage.pieces.iter().filter(|piece| piece.kind == PieceKind::Emphasis) {
            let hint = "use **bold**, or quotation marks";
            flaws.push(Flaw::new(piece.start, piece.start, "Chinese text has no italics", hint));
        }
        spaces(passage, &mut flaws);
    }
    flaws
}

/// What the rule of spaces sees of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Han,
    /// Latin letters, digits, and all of a code span.
    Latin,
    FullWidth,
    Space,
    Other,
}

fn class(character: char, in_code: bool) -> Class {
    match character {
        _ if in_code => Class::Latin,
        ' ' => Class::Space,
        c if is_han(c) => Class::Han,
        c if c.is_ascii_alphanumeric() => Class::Latin,
        c if is_full_width_mark(c) || matches!(c, '“' | '”') => Class::FullWidth,
        _ => Class::Other,
    }
}

fn spaces(passage: &Passage, flaws: &mut Vec<Flaw>) {
    let mut characters = Vec::with_capacity(passage.text.len());
    for (at, character) in passage.text.char_indices() {
        let in_code = passage.piece_at(at).is_some_and(|piece| piece.kind == PieceKind::Code);
        characters.push((at, character, class(character, in_code)));
    }
    for pair in characters.windows(2) {
        let [(from, a, before), (to, b, after)] = [pair[0], pair[1]];
        let (reason, hint) = match (before, after) {
            (Class::Han, Class::Latin) | (Class::Latin, Class::Han) => {
                (format!("no space between {a} and {b}"), "one space between Han and Latin letters, digits or code")
            }
            (Class::FullWidth, Class::Space) => (format!("a space after {a}"), "no space beside a full-width mark"),
            (Class::Space, Class::FullWidth) => (format!("a space before {b}"), "no space beside a full-width mark"),
            (Class::Space, Class::Space) => ("two spaces".to_owned(), "one is enough"),
            _ => continue,
        };
        flaws.push(Flaw::new(from, to, reason, hint));
    }
}
