//! Code: never wrapped, because a wrapped line of YAML is a different file. What
//! does not fit is cut with a mark, and can be scrolled.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{Layout, Row, Segment, Style};

/// What a piece of code is, for colouring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    #[default]
    Plain,
    Keyword,
    /// A key of a configuration file, a tag, an attribute.
    Key,
    Literal,
    Number,
    Comment,
    Type,
    Function,
    Mark,
}

/// Colours code. Implementations may be slow at first use, so a screen calls
/// them off its own thread and lays out without one until they answer.
pub trait Highlighter {
    /// Ranges of bytes in `code`, ascending, apart; what lies between is plain.
    fn highlight(&self, language: &str, code: &str) -> Vec<(Range<usize>, Token)>;
}

impl Layout<'_> {
    pub(super) fn code(&self, language: &str, text: &str) -> Vec<Row> {
        let spans = self.highlighter.map(|highlighter| highlighter.highlight(language, text)).unwrap_or_default();
        self.beside(Style::Border, |inner| {
            let mut start = 0;
            let mut rows = Vec::new();
            for line in text.split('\n') {
                rows.push(inner.code_line(line, start, &spans));
                start += line.len() + 1;
            }
            rows
        })
    }

    /// One line: the cells from `code_shift` on that fit, with a mark wherever
    /// something is hidden.
    fn code_line(&self, line: &str, start: usize, spans: &[(Range<usize>, Token)]) -> Row {
        let pieces = self.cells(line.trim_end_matches('\r'), start, spans);
        let total: usize = pieces.iter().map(|(_, cells, _)| cells).sum();
        let mark = self.measure.glyphs().cut;
        let from = self.code_shift.min(total);
        let cut_left = from > 0;
        let cut_right = total - from > self.width;
        let first = from + usize::from(cut_left);
        let last = from + self.width - usize::from(cut_right);
        let mut row = Row::default();
        if cut_left {
            row.push(Segment::new(mark, Style::Muted));
        }
        let mut at = 0;
        for (piece, cells, token) in pieces {
            if at >= first && at + cells <= last {
                row.push(Segment::new(piece, Style::Token(token)));
            }
            at += cells;
        }
        if cut_right {
            row.push(Segment::new(mark, Style::Muted));
        }
        row
    }

    /// The grapheme clusters of a line, each with its cells and its token.
    fn cells<'t>(&self, line: &'t str, start: usize, spans: &[(Range<usize>, Token)]) -> Vec<(&'t str, usize, Token)> {
        let token_at = |at: usize| {
            let after = spans.partition_point(|(span, _)| span.start <= at);
            let last = after.checked_sub(1).map(|index| &spans[index]);
            last.filter(|(span, _)| at < span.end).map_or(Token::Plain, |(_, token)| *token)
        };
        let graphemes = line.grapheme_indices(true);
        graphemes
            .map(|(at, grapheme)| {
                let shown = if grapheme == "\t" { "    " } else { grapheme };
                (shown, self.measure.width(shown), token_at(start + at))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::measure::Measure;
    use crate::text::Language;

    fn line(text: &str, width: usize, code_shift: usize) -> String {
        let layout = Layout { code_shift, ..Layout::new(width, Measure::default(), Language::En) };
        layout.code_line(text, 0, &[]).text()
    }

    #[test]
    fn a_line_that_does_not_fit_is_cut_with_a_mark_on_either_side() {
        assert_eq!(line("acks: all", 9, 0), "acks: all");
        assert_eq!(line("acks: all # 三个", 9, 0), "acks: al…");
        assert_eq!(line("acks: all # 三个", 9, 3), "…: all #…");
        assert_eq!(line("acks: all # 三个", 9, 8), "… # 三个");
        assert_eq!(line("acks", 9, 80), "…");
    }

    #[test]
    fn tokens_colour_what_they_cover_and_nothing_else() {
        let layout = Layout::new(20, Measure::default(), Language::En);
        let row = layout.code_line("acks: all", 10, &[(0..12, Token::Comment), (16..19, Token::Literal)]);
        let seen: Vec<_> = row.segments.iter().map(|s| (s.text.as_str(), s.style)).collect();
        let style = Style::Token;
        let expected = [("ac", style(Token::Comment)), ("ks: ", style(Token::Plain)), ("all", style(Token::Literal))];
        assert_eq!(seen, expected);
    }
}
