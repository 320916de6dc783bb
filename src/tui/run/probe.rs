//! What only the terminal can tell: whether it gives ambiguous characters two
//! cells, and whether it is dark or light. Both are asked before the event
//! stream owns the input, and neither can hang.

use std::time::Duration;

use crate::tui::theme::Theme;

/// Whether an ambiguous character takes two cells: prints one and asks where the
/// cursor is. `None` if the terminal does not answer within 100 ms.
#[cfg(unix)]
pub fn ambiguous_is_wide() -> Option<bool> {
    use std::io::Write;

    let mut out = std::io::stdout();
    write!(out, "\x1b[1;1H\u{2500}\x1b[6n").ok()?;
    out.flush().ok()?;
    let column = read_cursor_column(Duration::from_millis(100));
    write!(out, "\x1b[1;1H\x1b[2K").ok()?;
    out.flush().ok()?;
    column.map(|column| column > 2)
}

#[cfg(not(unix))]
pub fn ambiguous_is_wide() -> Option<bool> {
    None
}

#[cfg(unix)]
#[expect(clippy::disallowed_types, reason = "a terminal that stays silent must not be waited for")]
fn read_cursor_column(patience: Duration) -> Option<u16> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let input = std::io::stdin();
    let begun = std::time::Instant::now();
    let mut answer = Vec::new();
    loop {
        let left = patience.checked_sub(begun.elapsed())?;
        let left = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        let mut ready = [PollFd::new(&input, PollFlags::IN)];
        if poll(&mut ready, Some(&left)).ok()? == 0 {
            return None;
        }
        let mut bytes = [0; 64];
        let count = rustix::io::read(&input, &mut bytes).ok()?;
        if count == 0 {
            return None;
        }
        answer.extend_from_slice(&bytes[..count]);
        if let Some(column) = cursor_column(&answer) {
            return Some(column);
        }
    }
}

/// Finds `ESC [ row ; column R` among what was read: keys may have been pressed
/// before the answer came.
fn cursor_column(answer: &[u8]) -> Option<u16> {
    let end = answer.iter().rposition(|byte| *byte == b'R')?;
    let start = answer[..end].iter().rposition(|byte| *byte == b'[')?;
    let report = std::str::from_utf8(&answer[start + 1..end]).ok()?;
    report.split_once(';')?.1.parse().ok()
}

/// Dark or light, by what the terminal says of its colours. Only asked of a
/// terminal that has answered before, so the time-out never runs in practice.
pub fn background() -> Theme {
    let mut options = terminal_colorsaurus::QueryOptions::default();
    options.timeout = Duration::from_millis(500);
    match terminal_colorsaurus::theme_mode(options) {
        Ok(terminal_colorsaurus::ThemeMode::Light) => Theme::Light,
        _ => Theme::Dark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_found_among_typed_keys() {
        assert_eq!(cursor_column(b"\x1b[1;2R"), Some(2));
        assert_eq!(cursor_column(b"jj\x1b[1;3R"), Some(3));
        for broken in [&b""[..], b"\x1b[1;2", b"R", b"[R", b"\x1b[12R", b"\x1b[1;xR", b"[1;\xffR"] {
            assert_eq!(cursor_column(broken), None);
        }
    }
}
