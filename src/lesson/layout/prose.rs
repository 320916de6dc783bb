//! Running text: flattened to one string with runs of style, wrapped as a
//! whole, and cut into segments again. Wrapping the pieces one by one would let
//! a line end between a word and the mark that belongs to it.

use std::ops::Range;

use super::{Layout, Row, Segment, Style};
use crate::lesson::block::{Inline, Target};
use crate::lesson::wrap::wrap;

/// No line ends here.
const NO_BREAK_SPACE: char = '\u{a0}';
/// Nor here: a name like `before-confirm` that is broken at its hyphen could be
/// read as one word, hyphenated.
const NO_BREAK_HYPHEN: char = '\u{2011}';

/// A text and, from each start to the next, how it looks.
#[derive(Default)]
struct Flat {
    text: String,
    runs: Vec<(usize, Style, Option<usize>)>,
}

impl Layout<'_> {
    pub(super) fn prose(&self, inlines: &[Inline], style: Style) -> Vec<Row> {
        let flat = self.flatten(inlines, style);
        let lines = wrap(&flat.text, self.width, self.measure);
        lines.into_iter().map(|line| flat.row(line)).collect()
    }

    /// The cells of the text if it were one line, and of its longest piece that
    /// should stay whole: how a table finds its columns.
    pub(super) fn natural_width(&self, inlines: &[Inline]) -> usize {
        let flat = self.flatten(inlines, Style::Text);
        flat.text.split('\n').map(|line| self.measure.width(line)).max().unwrap_or(0)
    }

    fn flatten(&self, inlines: &[Inline], style: Style) -> Flat {
        let mut flat = Flat::default();
        self.add_all(inlines, style, None, &mut flat);
        flat
    }

    fn add_all(&self, inlines: &[Inline], style: Style, link: Option<usize>, flat: &mut Flat) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => flat.add(text, style, link),
                Inline::Code(code) => {
                    let code = code.replace('-', NO_BREAK_HYPHEN.encode_utf8(&mut [0; 4]));
                    flat.add(&code, if link.is_some() { style } else { Style::Code }, link);
                }
                Inline::Strong(inner) => self.add_all(inner, within(style, Style::Strong), link, flat),
                Inline::Emphasis(inner) => self.add_all(inner, within(style, Style::Emphasis), link, flat),
                Inline::Link { target, text } => {
                    let link = Some(target.span.start);
                    self.add_all(text, within(style, Style::Link), link, flat);
                    if matches!(target.value, Target::Claim { .. }) {
                        let mark = format!("{NO_BREAK_SPACE}{}", self.measure.glyphs().checked);
                        flat.add(&mark, Style::ClaimMark, link);
                    }
                }
                Inline::Break => flat.add("\n", style, link),
            }
        }
    }
}

/// How text of one style looks inside another: a heading and a link stay what
/// they are.
fn within(outer: Style, inner: Style) -> Style {
    match outer {
        Style::Text | Style::Strong | Style::Emphasis => inner,
        Style::Heading(_) | Style::TableHead if inner == Style::Link => inner,
        other => other,
    }
}

impl Flat {
    fn add(&mut self, text: &str, style: Style, link: Option<usize>) {
        self.runs.push((self.text.len(), style, link));
        self.text.push_str(text);
    }

    fn row(&self, line: Range<usize>) -> Row {
        let mut row = Row::default();
        for (index, (start, style, link)) in self.runs.iter().enumerate() {
            let end = self.runs.get(index + 1).map_or(self.text.len(), |(start, ..)| *start);
            let (start, end) = (line.start.max(*start), line.end.min(end));
            if start < end {
                let text = self.text[start..end].replace(NO_BREAK_SPACE, " ").replace(NO_BREAK_HYPHEN, "-");
                row.push(Segment { text, style: *style, link: *link });
            }
        }
        row
    }
}
