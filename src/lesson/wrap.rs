//! Where a line may end. Chinese has no spaces to break at and has rules of its
//! own: no closing mark begins a line, no opening mark ends one (避头尾). The
//! Unicode line breaking algorithm (UAX 14) knows them for 「」（）《》, but not
//! for “ ”: these are quotation marks in both directions to it and glue to
//! whatever stands beside them, so that a whole clause becomes one unbreakable
//! word. The analysis therefore reads 「」 in their place, which are as long in
//! bytes and behave as Chinese typesetting expects.

use std::ops::Range;

use icu_segmenter::options::LineBreakOptions;
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use unicode_segmentation::UnicodeSegmentation;

use super::measure::Measure;

/// Breaks `text` into lines of at most `width` cells. Each range leaves out the
/// white space at its line's end; a `\n` ends a line. A word longer than a line is
/// cut between characters. A character wider than `width` overflows it: nothing
/// is ever dropped. An empty text has one empty line.
#[must_use]
pub fn wrap(text: &str, width: usize, measure: Measure) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        wrap_paragraph(text, start..start + paragraph.len(), width.max(1), measure, &mut lines);
        start += paragraph.len() + 1;
    }
    lines
}

fn wrap_paragraph(text: &str, range: Range<usize>, width: usize, measure: Measure, lines: &mut Vec<Range<usize>>) {
    let paragraph = &text[range.clone()];
    let first = lines.len();
    let mut line = Line { start: 0, cells: 0 };
    let mut before = 0;
    for end in opportunities(paragraph) {
        let piece = &paragraph[before..end];
        let seen = measure.width(piece.trim_end());
        if line.cells > 0 && line.cells + seen > width {
            lines.push(line.start..before);
            line = Line { start: before, cells: 0 };
        }
        if line.cells == 0 && seen > width {
            cut_long(paragraph, before..end, width, measure, &mut line, lines);
        } else {
            line.cells += measure.width(piece);
        }
        before = end;
    }
    if line.start < paragraph.len() || lines.len() == first {
        lines.push(line.start..paragraph.len());
    }
    for line in &mut lines[first..] {
        let shown = paragraph[line.clone()].trim_end().len();
        *line = range.start + line.start..range.start + line.start + shown;
    }
}

/// The line being filled.
struct Line {
    start: usize,
    cells: usize,
}

/// Cuts a piece that no line can hold. Even here a closing mark stays with the
/// character before it when two characters fit on a line.
fn cut_long(
    paragraph: &str,
    piece: Range<usize>,
    width: usize,
    measure: Measure,
    line: &mut Line,
    lines: &mut Vec<Range<usize>>,
) {
    // The last place in this line where it may be cut, and the cells up to it.
    let mut place: Option<(usize, usize)> = None;
    let mut previous = "";
    for (at, grapheme) in paragraph[piece.clone()].grapheme_indices(true) {
        let at = piece.start + at;
        let cells = if grapheme.trim().is_empty() { 0 } else { measure.grapheme(grapheme) };
        if at > line.start && !ends_badly(previous) && !begins_badly(grapheme) {
            place = Some((at, line.cells));
        }
        while line.cells > 0 && line.cells + cells > width {
            let (end, used) = place.take().unwrap_or((at, line.cells));
            lines.push(line.start..end);
            *line = Line { start: end, cells: line.cells - used };
        }
        line.cells += measure.grapheme(grapheme);
        previous = grapheme;
    }
}

/// The byte offsets where a line may end, the end of the text included.
fn opportunities(paragraph: &str) -> Vec<usize> {
    static SEGMENTER: LineSegmenterBorrowed<'static> =
        LineSegmenter::new_for_non_complex_scripts(LineBreakOptions::default());
    let read = as_analysed(paragraph);
    SEGMENTER.segment_str(&read).filter(|at| *at > 0 || paragraph.is_empty()).collect()
}

/// The text as the analysis reads it: as long in bytes, with quotation marks
/// that know their direction. ’ is left alone inside a Latin word.
fn as_analysed(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut previous = ' ';
    while let Some(character) = characters.next() {
        let beside_han = is_han(previous) || characters.peek().copied().is_some_and(is_han);
        read.push(match character {
            '“' => '「',
            '”' => '」',
            '‘' if beside_han => '『',
            '’' if beside_han => '』',
            other => other,
        });
        previous = character;
    }
    read
}

/// A character of Chinese running text, punctuation excluded.
#[must_use]
pub fn is_han(character: char) -> bool {
    matches!(character,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '々' | '〇')
}

/// Full-width punctuation, which carries its own space.
#[must_use]
pub fn is_full_width_mark(character: char) -> bool {
    matches!(character,
        '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}

/// No line begins with this.
#[must_use]
pub fn begins_badly(grapheme: &str) -> bool {
    grapheme.starts_with([
        '，', '。', '、', '；', '：', '！', '？', '）', '》', '」', '』', '】', '〕', '〉', '”', '’', '…', '—', '·',
        '％', ',', '.', ';', ':', '!', '?', ')', ']', '}', '%',
    ])
}

/// No line ends with this.
#[must_use]
pub fn ends_badly(grapheme: &str) -> bool {
    grapheme.starts_with(['（', '《', '「', '『', '【', '〔', '〈', '“', '‘', '(', '[', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize) -> Vec<&str> {
        wrap(text, width, Measure::default()).into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn chinese_breaks_between_characters_and_keeps_its_marks() {
        assert_eq!(lines("消息丢了，账本要平。", 8), ["消息丢", "了，账本", "要平。"]);
        assert_eq!(lines("他说“消息丢了”，账本要平", 8), ["他说“消", "息丢", "了”，账", "本要平"]);
    }

    #[test]
    fn english_breaks_at_spaces_and_a_long_word_is_cut() {
        assert_eq!(lines("the ack was lost", 8), ["the ack", "was lost"]);
        assert_eq!(lines("a.unboundedidentifier", 8), ["a.unboun", "dedident", "ifier"]);
        assert_eq!(lines("don’t wait", 5), ["don’t", "wait"]);
        assert_eq!(lines("12345678。", 8), ["1234567", "8。"]);
    }

    #[test]
    fn lines_end_where_the_text_says_and_an_empty_text_is_one_line() {
        assert_eq!(lines("a\n\nb", 8), ["a", "", "b"]);
        assert_eq!(lines("", 8), [""]);
        assert_eq!(lines("   ", 8), [""]);
        assert_eq!(lines("消息", 1), ["消", "息"]);
        assert_eq!(lines("消息\u{2000}队列", 4), ["消息", "队列"], "any white space, not only the common one");
    }
}
