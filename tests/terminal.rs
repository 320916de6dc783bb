//! The program as a newcomer meets it: the real binary in a real pseudo-terminal
//! of 80x24, with an empty home. Everything here is told by what is on the
//! screen, and by how the terminal is left behind.
#![cfg(unix)]

#[path = "terminal/pty.rs"]
mod pty;

use std::time::Duration;

use pty::Terminal;

/// Long enough for a busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);
const ENTER: &str = "\r";
const CTRL_C: &str = "\x03";
/// The keys of the first minute: go on, bet on the first option, go on.
const FIRST_MINUTE: [&str; 4] = [ENTER, "1", ENTER, ENTER];
const LOCALES: [&str; 2] = ["zh_CN.UTF-8", "en_US.UTF-8"];

fn newcomer(locale: &str) -> Terminal {
    let mut terminal = Terminal::open(locale);
    // The terminal is asked about itself first, with a sign of its own on the
    // screen; the footer belongs to the first picture.
    terminal.wait_until("the first screen is there", PATIENCE, |screen| screen.contains(" ? "));
    terminal
}

#[test]
fn a_newcomer_loses_a_message_within_four_keys() {
    for locale in LOCALES {
        let mut terminal = newcomer(locale);
        let first = terminal.settle(PATIENCE);
        assert!(!first.contains("LOST!"), "nothing has run yet:\n{first}");
        let mut shown = first;
        for key in FIRST_MINUTE {
            terminal.press(key);
            // An animation keeps changing; the next key comes when it is over.
            shown = terminal.settle(PATIENCE);
            if shown.contains("LOST!") {
                break;
            }
        }
        assert!(shown.contains("LOST!"), "{locale}: four keys, and no message is lost:\n{shown}");
    }
}

#[test]
fn the_first_screen_speaks_the_language_of_the_locale() {
    let is_han = |char: char| ('\u{4e00}'..='\u{9fff}').contains(&char);
    assert!(newcomer("zh_CN.UTF-8").settle(PATIENCE).contains(is_han));
    // The other language is offered by its own name.
    let english = newcomer("en_US.UTF-8").settle(PATIENCE).replace("中文", "");
    assert!(!english.contains(is_han), "{english}");
}

#[test]
fn ctrl_c_leaves_the_terminal_as_it_was() {
    for locale in LOCALES {
        let mut terminal = newcomer(locale);
        assert!(terminal.is_taken(), "the screens have the terminal to themselves");
        terminal.press(CTRL_C);
        terminal.assert_left_as_it_was(PATIENCE);
    }
}

#[test]
fn ctrl_c_works_in_the_middle_of_the_first_minute() {
    let mut terminal = newcomer("zh_CN.UTF-8");
    for key in &FIRST_MINUTE[..2] {
        terminal.press(key);
        terminal.settle(PATIENCE);
    }
    terminal.press(CTRL_C);
    terminal.assert_left_as_it_was(PATIENCE);
}

#[test]
fn a_terminating_signal_leaves_the_terminal_as_it_was() {
    let mut terminal = newcomer("en_US.UTF-8");
    assert!(terminal.is_taken(), "the screens have the terminal to themselves");
    terminal.terminate();
    terminal.assert_left_as_it_was(PATIENCE);
}
