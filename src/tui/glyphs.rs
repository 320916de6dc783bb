//! One table of the signs that screens draw with, in a Unicode and an ASCII
//! set. Most box and block signs are East-Asian-ambiguous: a terminal set up for
//! Chinese may give them two cells, and every frame would fall apart. For such a
//! terminal the ASCII set is used for everything that screens draw themselves.

/// The signs of one set. All are one cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub horizontal: &'static str,
    pub vertical: &'static str,
    pub top_left: &'static str,
    pub top_right: &'static str,
    pub bottom_left: &'static str,
    pub bottom_right: &'static str,
    /// A rule that leaves a frame to the right, and one that meets it there.
    pub tee_right: &'static str,
    pub tee_left: &'static str,
    /// A heavier rule, for the line under a title.
    pub rule: &'static str,
    /// The bar at the left of a call-out or a code block.
    pub bar: &'static str,
    pub scroll_track: &'static str,
    pub scroll_thumb: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub left: &'static str,
    pub right: &'static str,
    /// Points at the selected line.
    pub pointer: &'static str,
    pub bullet: &'static str,
    pub dot: &'static str,
    pub separator: &'static str,
    pub ellipsis: &'static str,
    pub dash: &'static str,
    pub times: &'static str,
    pub check: &'static str,
    pub cross: &'static str,
    pub lost: &'static str,
    /// A lesson or a step: not begun, under way, done, not written yet.
    pub empty: &'static str,
    pub half: &'static str,
    pub full: &'static str,
    pub absent: &'static str,
    /// Cells of a bar, from full to empty.
    pub block: &'static str,
    pub shade_dark: &'static str,
    pub shade: &'static str,
    pub shade_light: &'static str,
    /// A frame in flight on a link, and the link.
    pub frame: &'static str,
    pub link: &'static str,
    pub arrow_head: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    pub lightning: &'static str,
    /// The one node that decides for a queue.
    pub leader: &'static str,
    pub step_marks: [&'static str; 4],
    /// A bar of one to eight eighths of a cell.
    pub levels: [&'static str; 8],
}

pub static UNICODE: Glyphs = Glyphs {
    horizontal: "─",
    vertical: "│",
    top_left: "╭",
    top_right: "╮",
    bottom_left: "╰",
    bottom_right: "╯",
    tee_right: "├",
    tee_left: "┤",
    rule: "─",
    bar: "▎",
    scroll_track: "│",
    scroll_thumb: "┃",
    up: "↑",
    down: "↓",
    left: "←",
    right: "→",
    pointer: "▸",
    bullet: "•",
    dot: "·",
    separator: "·",
    ellipsis: "…",
    dash: "–",
    times: "×",
    check: "✓",
    cross: "✗",
    lost: "✗",
    empty: "○",
    half: "◐",
    full: "●",
    absent: "·",
    block: "█",
    shade_dark: "▓",
    shade: "▒",
    shade_light: "░",
    frame: "●",
    link: "─",
    arrow_head: "▶",
    play: "▶",
    pause: "‖",
    lightning: "↯",
    leader: "★",
    step_marks: ["◜", "◝", "◞", "◟"],
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

pub static ASCII: Glyphs = Glyphs {
    horizontal: "-",
    vertical: "|",
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    tee_right: "+",
    tee_left: "+",
    rule: "-",
    bar: "|",
    scroll_track: "|",
    scroll_thumb: "#",
    up: "^",
    down: "v",
    left: "<",
    right: ">",
    pointer: ">",
    bullet: "*",
    dot: ".",
    separator: "|",
    ellipsis: "~",
    dash: "-",
    times: "x",
    check: "v",
    cross: "x",
    lost: "!",
    empty: "o",
    half: "+",
    full: "*",
    absent: ".",
    block: "#",
    shade_dark: "%",
    shade: "=",
    shade_light: ".",
    frame: "o",
    link: "-",
    arrow_head: ">",
    play: ">",
    pause: "=",
    lightning: "!",
    leader: "L",
    step_marks: ["|", "/", "-", "\\"],
    levels: ["_", "_", ".", ".", ":", ":", "#", "#"],
};

/// One cell of ASCII in place of a sign, for texts that bring signs of their own
/// into an ASCII screen. Letters and Han characters have none.
#[must_use]
pub fn stand_in(grapheme: &str) -> Option<&'static str> {
    let mut characters = grapheme.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else { return None };
    Some(match character {
        '─' | '━' | '═' | '╌' | '╴' | '╶' | '–' => "-",
        '│' | '┃' | '║' | '▌' | '▎' => "|",
        '\u{2500}'..='\u{257f}' => "+",
        '\u{2580}'..='\u{259f}' => "#",
        '→' | '⇒' | '▶' | '▷' | '▸' | '►' => ">",
        '←' | '◀' | '◁' | '◂' => "<",
        '↑' | '▲' | '△' | '▴' => "^",
        '↓' | '▼' | '▽' | '▾' | '✓' | '√' => "v",
        '×' | '✗' | '✕' => "x",
        '•' | '▪' | '■' | '□' | '◆' | '◇' | '★' | '☆' => "*",
        '◦' | '○' | '●' | '◎' => "o",
        '…' | '·' => ".",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn signs(glyphs: &Glyphs) -> Vec<String> {
        // The debug form lists every field, so a new one cannot be forgotten.
        let shown = format!("{glyphs:?}");
        shown.split('"').enumerate().filter(|(at, _)| at % 2 == 1).map(|(_, sign)| sign.replace("\\\\", "\\")).collect()
    }

    #[test]
    fn every_sign_is_one_cell_and_the_ascii_set_is_ascii() {
        let (unicode, ascii) = (signs(&UNICODE), signs(&ASCII));
        assert!(unicode.len() > 40 && unicode.len() == ascii.len());
        for sign in &unicode {
            assert_eq!(sign.width(), 1, "{sign}");
        }
        for sign in &ascii {
            assert!(sign.is_ascii() && sign.len() == 1, "{sign}");
        }
    }

    #[test]
    fn stand_ins_are_ascii_and_letters_have_none() {
        for character in '\u{2500}'..='\u{25a0}' {
            let sign = stand_in(&character.to_string()).expect("box and block signs have one");
            assert!(sign.is_ascii() && sign.len() == 1);
        }
        for kept in ["a", "消", "λ", "，"] {
            assert_eq!(stand_in(kept), None);
        }
    }
}
