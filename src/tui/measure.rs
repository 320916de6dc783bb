//! Widths in terminal cells, and short texts cut, padded and wrapped to them.
//! Long prose is laid out by `lesson`; this is for titles, options and notices.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to at most `cells`, with `ellipsis` (one cell) where it was cut.
#[must_use]
pub fn fit(text: &str, cells: usize, ellipsis: &str) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    if cells == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > cells - 1 {
            break;
        }
        kept.push_str(grapheme);
    }
    kept + ellipsis
}

/// The text with spaces after it, up to `cells`.
#[must_use]
pub fn pad(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks a text into lines of at most `cells`. Latin words stay whole where
/// they can; Han text breaks between any two characters, but no closing mark
/// begins a line and no opening mark ends one.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    text.lines().flat_map(|line| wrap_line(line, cells)).collect()
}

fn wrap_line(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in unbreakable_pieces(text) {
        let space = if piece == " " && line.is_empty() && !lines.is_empty() { continue } else { width(&line) };
        if space + width(piece.trim_end()) <= cells {
            line.push_str(&piece);
            continue;
        }
        if !line.trim_end().is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        line.clear();
        // A piece wider than a whole line is cut where the line ends.
        for grapheme in piece.trim_start().graphemes(true) {
            if width(&line) + width(grapheme) > cells {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Cuts a text where a line may break: at spaces and beside wide characters,
/// with closing marks kept to what they close and opening marks to what follows.
fn unbreakable_pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut glue = false;
    let mut last_breaks = true;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme) > 1;
        let space = grapheme == " ";
        let breaks_before = (wide || space || last_breaks) && !is_closing(grapheme) && !glue;
        match pieces.last_mut() {
            Some(piece) if !breaks_before => piece.push_str(grapheme),
            _ => pieces.push(grapheme.to_owned()),
        }
        glue = is_opening(grapheme);
        last_breaks = wide || space || is_closing(grapheme) && last_breaks;
    }
    pieces
}

fn is_closing(grapheme: &str) -> bool {
    grapheme.chars().next().is_some_and(|first| "，。、；：？！）》」』】”’…—％%,.;:?!)]}".contains(first))
}

fn is_opening(grapheme: &str) -> bool {
    grapheme.chars().next().is_some_and(|first| "（《「『【“‘([{".contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_to_its_cells_and_says_so() {
        assert_eq!(fit("消息不丢失", 10, "…"), "消息不丢失");
        assert_eq!(fit("消息不丢失", 8, "…"), "消息不…");
        assert_eq!(fit("order", 4, "…"), "ord…");
        assert_eq!(fit("order", 0, "…"), "");
        assert_eq!(pad("消息", 6), "消息  ");
    }

    #[test]
    fn words_stay_whole_and_closing_marks_do_not_begin_a_line() {
        assert_eq!(wrap("the broker said yes", 10), ["the broker", "said yes"]);
        assert_eq!(wrap("消息不丢失，订单还在。", 10), ["消息不丢", "失，订单还", "在。"]);
        assert_eq!(wrap("用 confirm 模式（异步）更快", 12), ["用 confirm", "模式（异步）", "更快"]);
        assert_eq!(wrap("unbreakable", 4), ["unbr", "eaka", "ble"]);
        assert_eq!(wrap("", 4), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_but_space_is_lost(text in "[a-z消息，。（）“” ]{0,60}", cells in 2usize..30) {
            let lines = wrap(&text, cells);
            for line in &lines {
                prop_assert!(width(line) <= cells, "{line:?}");
            }
            let without = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without(&lines.concat()), without(&text));
        }
    }
}
