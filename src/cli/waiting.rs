//! Waiting for a long run: how far it is, on standard error and only for someone
//! who is there to see it. A run of any other lab is over before a word is said.

use std::io::{IsTerminal, Write};

use super::Context;
use super::error::Failure;
use super::run::line;
use crate::lab::Session;
use crate::text::Language;

/// Happenings between two words about it.
const SLICE: u64 = 20_000;

impl Context {
    /// Runs a session to its end. With `trace` the events of a long run are told
    /// as they happen: afterwards it has forgotten most of them.
    pub(super) fn finish(&mut self, session: &mut Session, trace: bool) -> Result<(), Failure> {
        if !session.plan().is_long() {
            session.finish();
            return if trace { self.trace(session) } else { Ok(()) };
        }
        let shows = std::io::stderr().is_terminal();
        loop {
            let before = session.history().len();
            let goes_on = session.compute(SLICE);
            let history = session.history();
            let new = history.slice(before.max(history.first())..history.len()).unwrap_or_default();
            for event in new.iter().filter(|_| trace) {
                self.out.line(line(event, session, self.language))?;
            }
            if shows {
                self.say_how_far(session);
            }
            if !goes_on {
                break;
            }
        }
        session.finish();
        if shows {
            // Nothing of it stays.
            let _ = write!(std::io::stderr(), "\r{:79}\r", "");
        }
        Ok(())
    }

    fn say_how_far(&self, session: &Session) {
        let (done, all) = session.progress();
        let percent = (u128::from(done) * 100 / u128::from(all.max(1))).min(100);
        let (second, millions) = (session.now().as_millis() / 1000, session.happenings() / 1_000_000);
        let text = match self.language {
            Language::Zh => format!("正在计算 {percent:>3}%，第 {second} 秒，{millions} 百万步"),
            Language::En => format!("computing {percent:>3}%, second {second} of the run, {millions} million steps"),
        };
        // Whoever cannot be told does without.
        let _ = write!(std::io::stderr(), "\r{text} ");
    }
}
