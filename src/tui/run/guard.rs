//! The terminal as we need it, and as we found it. Leaving is idempotent and
//! happens on drop, in the panic hook and before stopping.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::execute;
use crossterm::style::{Attribute, Print, SetAttribute};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// Whether the terminal is ours now. A panic may strike anywhere, so the state
/// cannot live in the guard alone.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// xterm's stack of window titles; terminals without one ignore it.
const SAVE_TITLE: &str = "\x1b[22;2t";
const RESTORE_TITLE: &str = "\x1b[23;2t";

/// The wheel sends arrow keys (xterm's "alternate scroll"), so it walks whatever
/// arrows walk. The mouse itself stays the terminal's, for selecting text.
const WHEEL_AS_ARROWS: &str = "\x1b[?1007s\x1b[?1007h";
const WHEEL_AS_BEFORE: &str = "\x1b[?1007r";

pub struct Guard(());

impl Guard {
    /// Takes the terminal.
    pub fn enter() -> io::Result<Self> {
        let guard = Self(());
        guard.enter_again()?;
        Ok(guard)
    }

    /// Takes it again, after a stop.
    pub fn enter_again(&self) -> io::Result<()> {
        let already = ENTERED.swap(true, Ordering::SeqCst);
        enable_raw_mode()?;
        let mut out = io::stdout();
        if !already {
            execute!(out, Print(SAVE_TITLE))?;
        }
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Print(WHEEL_AS_ARROWS), Hide)
    }

    /// Gives it back.
    pub fn leave(&self) {
        restore();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back if it is ours. Nothing can be done about a failure:
/// the terminal is gone then.
fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        SetAttribute(Attribute::Reset),
        DisableFocusChange,
        DisableBracketedPaste,
        Print(WHEEL_AS_BEFORE),
        LeaveAlternateScreen,
        Show,
        Print(RESTORE_TITLE)
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Makes a panic put the terminal back before it is reported.
pub fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            report(info);
        }));
    });
}
