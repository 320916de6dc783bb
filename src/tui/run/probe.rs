//! What only the terminal can tell: whether it gives ambiguous characters two
//! cells, and whether it is dark or light. Both are asked before the event
//! stream owns the input, and neither can hang.

use std::time::Duration;

use crate::tui::theme::Theme;

/// What came back from the terminal while it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether an ambiguous character takes two cells. `None` if the terminal
    /// did not say so in time.
    pub is_wide: Option<bool>,
    /// Whether Ctrl-C was among what was read. In raw mode it is a byte like any
    /// other, and nobody else will see it. Other keys of this moment are dropped.
    pub is_interrupted: bool,
}

/// Prints an ambiguous character and asks where the cursor is. Waits 100 ms at
/// most.
#[cfg(unix)]
pub fn ambiguous_is_wide() -> Answer {
    use std::io::Write;

    let mut out = std::io::stdout();
    let mut ask = |text: &str| out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok();
    if !ask("\x1b[1;1H\u{2500}\x1b[6n") {
        return Answer::default();
    }
    let answer = Answer::of(&read_cursor_report(Duration::from_millis(100)));
    ask("\x1b[1;1H\x1b[2K");
    answer
}

#[cfg(not(unix))]
pub fn ambiguous_is_wide() -> Answer {
    Answer::default()
}

/// Everything that is read until the report has come or patience is over.
#[cfg(unix)]
#[expect(clippy::disallowed_types, reason = "a terminal that stays silent must not be waited for")]
fn read_cursor_report(patience: Duration) -> Vec<u8> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let input = std::io::stdin();
    let begun = std::time::Instant::now();
    let mut read = Vec::new();
    while let Some(left) = patience.checked_sub(begun.elapsed())
        && cursor_column(&read).is_none()
    {
        let left = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        let mut ready = [PollFd::new(&input, PollFlags::IN)];
        let mut bytes = [0; 64];
        match poll(&mut ready, Some(&left)) {
            Ok(1..) => match rustix::io::read(&input, &mut bytes) {
                Ok(count @ 1..) => read.extend_from_slice(&bytes[..count]),
                _ => break,
            },
            _ => break,
        }
    }
    read
}

impl Answer {
    fn of(read: &[u8]) -> Self {
        const CTRL_C: u8 = 3;
        Self { is_wide: cursor_column(read).map(|column| column > 2), is_interrupted: read.contains(&CTRL_C) }
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

    #[test]
    fn ctrl_c_is_noticed_before_and_after_the_report() {
        for read in [&b"\x03"[..], b"\x03\x1b[1;2R", b"\x1b[1;2R\x03"] {
            assert!(Answer::of(read).is_interrupted);
        }
        assert_eq!(Answer::of(b"\x1b[1;3R"), Answer { is_wide: Some(true), is_interrupted: false });
        assert_eq!(Answer::of(b"j"), Answer::default());
    }
}
