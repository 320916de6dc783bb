//! How many terminal cells a text takes. Most terminals agree about Han and
//! Latin; they differ about the East-Asian-ambiguous characters (“ ” … and the
//! box glyphs), which take one cell in a Western terminal and may take two in a
//! Chinese one. A [`Measure`] holds which of the two this terminal is.
//!
//! Width is counted by grapheme cluster, as the screen's buffer counts it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How this terminal counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Measure {
    /// Ambiguous characters take two cells. Box and block glyphs are then drawn
    /// in ASCII, see [`Glyphs`].
    pub wide: bool,
}

impl Measure {
    #[must_use]
    pub const fn new(wide: bool) -> Self {
        Self { wide }
    }

    /// The cells that `text` takes. Control characters take none: nothing here
    /// ever prints one.
    #[must_use]
    pub fn width(self, text: &str) -> usize {
        if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            return text.len();
        }
        text.graphemes(true).map(|grapheme| self.grapheme(grapheme)).sum()
    }

    /// The cells of one grapheme cluster.
    #[must_use]
    pub fn grapheme(self, grapheme: &str) -> usize {
        if grapheme.chars().all(char::is_control) {
            return 0;
        }
        if self.wide { grapheme.width_cjk() } else { grapheme.width() }
    }

    /// The longest beginning of `text` that fits into `cells`.
    #[must_use]
    pub fn fit(self, text: &str, cells: usize) -> &str {
        let mut used = 0;
        for (at, grapheme) in text.grapheme_indices(true) {
            used += self.grapheme(grapheme);
            if used > cells {
                return &text[..at];
            }
        }
        text
    }

    /// `text`, cut to `cells` with a mark at the end if it does not fit.
    #[must_use]
    pub fn truncate(self, text: &str, cells: usize) -> String {
        if self.width(text) <= cells {
            return text.to_owned();
        }
        let mark = self.glyphs().cut;
        let room = cells.saturating_sub(self.width(mark));
        let mut cut = self.fit(text, room).to_owned();
        if self.width(mark) <= cells {
            cut.push_str(mark);
        }
        cut
    }

    /// `text`, filled up with spaces to `cells`. A longer text stays as it is.
    #[must_use]
    pub fn pad(self, text: &str, cells: usize) -> String {
        let mut padded = text.to_owned();
        padded.extend(std::iter::repeat_n(' ', cells.saturating_sub(self.width(text))));
        padded
    }

    /// The glyphs that take one cell each in this terminal.
    #[must_use]
    pub const fn glyphs(self) -> &'static Glyphs {
        if self.wide { &Glyphs::ASCII } else { &Glyphs::BOX }
    }
}

/// The few glyphs that a lesson is drawn with. The bench has its own table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub bullets: [&'static str; 3],
    /// Left of a call-out, a quotation, a code block.
    pub bar: &'static str,
    /// A rule is a row of these.
    pub rule: &'static str,
    pub heavy_rule: &'static str,
    /// Between the columns of a table, and where its rules cross.
    pub column: &'static str,
    pub cross: &'static str,
    /// At the end of what was cut.
    pub cut: &'static str,
    /// After a sentence that a machine has checked.
    pub checked: &'static str,
    /// Before a block that can be opened: a lab, a question.
    pub open: &'static str,
}

impl Glyphs {
    pub const BOX: Self = Self {
        bullets: ["•", "◦", "▪"],
        bar: "▌",
        rule: "─",
        heavy_rule: "━",
        column: "│",
        cross: "┼",
        cut: "…",
        checked: "✓",
        open: "▶",
    };

    pub const ASCII: Self = Self {
        bullets: ["*", "-", "+"],
        bar: "|",
        rule: "-",
        heavy_rule: "=",
        column: "|",
        cross: "+",
        cut: ">",
        checked: "[v]",
        open: ">",
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_takes_two_cells_and_quotes_what_the_terminal_gives_them() {
        assert_eq!(Measure::new(false).width("消息 ok"), 7);
        assert_eq!(Measure::new(false).width("“丢了”……"), 8);
        assert_eq!(Measure::new(true).width("“丢了”……"), 12);
        assert_eq!(Measure::default().width("a\u{301}"), 1, "a combining mark stands on its letter");
        assert_eq!(Measure::default().width("\u{7}"), 0);
    }

    #[test]
    fn what_is_cut_fits_and_says_so() {
        let narrow = Measure::new(false);
        assert_eq!(narrow.truncate("消息队列", 8), "消息队列");
        assert_eq!(narrow.truncate("消息队列", 7), "消息队…");
        assert_eq!(narrow.truncate("消息队列", 6), "消息…");
        assert_eq!(Measure::new(true).truncate("消息队列", 6), "消息>");
        assert_eq!(narrow.truncate("消息", 0), "");
        assert_eq!(narrow.pad("消", 4), "消  ");
    }

    #[test]
    fn every_glyph_takes_one_cell_in_the_terminal_it_is_for() {
        for wide in [false, true] {
            let measure = Measure::new(wide);
            let glyphs = measure.glyphs();
            let all =
                [glyphs.bar, glyphs.rule, glyphs.heavy_rule, glyphs.column, glyphs.cross, glyphs.cut, glyphs.open];
            for glyph in all.into_iter().chain(glyphs.bullets) {
                assert_eq!(measure.width(glyph), 1, "{glyph}");
            }
        }
    }
}
