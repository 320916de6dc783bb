//! Playing: real time becomes virtual time, at a speed, and dull time is
//! skipped. Everything that moves on screen is a function of the virtual time,
//! so that going back shows the same picture again.

use std::borrow::Cow;
use std::time::Duration;

use crate::time::{Span, Time};

/// How fast virtual time passes, in tenths of real time.
const SPEEDS: [(u64, &str); 7] = [(1, "0.1"), (2, "0.2"), (5, "0.5"), (10, "1"), (20, "2"), (50, "5"), (100, "10")];
const NORMAL: usize = 3;

/// A wait longer than this, in real time, is skipped.
const DULL: Span = Span::from_millis(700);
/// How long a long run takes at its normal speed.
const FILM: Span = Span::from_secs(60);
/// How long before the next event a skip ends, so that the eye is there in time.
const BEFORE: Span = Span::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player {
    pub playing: bool,
    speed: usize,
    /// How many times faster everything is: a run of an hour is no film of an hour.
    scale: u64,
    /// Dull time that was skipped, and until when the screen says so.
    skipped: Option<(Span, Time)>,
}

impl Default for Player {
    fn default() -> Self {
        Self { playing: false, speed: NORMAL, scale: 1, skipped: None }
    }
}

impl Player {
    /// `1x`, without the unit.
    #[must_use]
    pub fn speed(&self) -> Cow<'static, str> {
        match self.scale {
            1 => SPEEDS[self.speed].1.into(),
            scale => format!("{}", (SPEEDS[self.speed].0 * scale).div_ceil(10)).into(),
        }
    }

    /// Takes a long run for a film of about a minute.
    pub fn fit(&mut self, end: Time) {
        self.scale = (end.as_millis() / FILM.as_millis()).max(1);
    }

    pub fn faster(&mut self) {
        self.speed = (self.speed + 1).min(SPEEDS.len() - 1);
    }

    pub fn slower(&mut self) {
        self.speed = self.speed.saturating_sub(1);
    }

    /// The dull time that was just skipped, if any.
    #[must_use]
    pub fn skipped(&self, now: Time) -> Option<Span> {
        self.skipped.filter(|(_, until)| now <= *until).map(|(span, _)| span)
    }

    pub fn forget_skip(&mut self) {
        self.skipped = None;
    }

    /// Where the time goes after `elapsed` of real time: `next` is the next event,
    /// `end` the end of the run. Stops playing there.
    pub fn target(&mut self, now: Time, next: Option<Time>, end: Time, elapsed: Duration) -> Time {
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let length = Span::from_nanos(nanos.saturating_mul(SPEEDS[self.speed].0 * self.scale) / 10);
        let dull = Span::from_nanos(DULL.as_nanos() * SPEEDS[self.speed].0 * self.scale / 10);
        let mut target = now + length;
        match next {
            None => {
                target = end;
                let wait = end.since(now);
                self.skipped = (wait > dull).then_some((wait, end));
            }
            Some(next) if next.since(now) > dull => {
                let wait = next.since(now) - BEFORE;
                target = now + wait;
                self.skipped = Some((wait, next + Span::from_millis(800)));
            }
            Some(_) => {}
        }
        let target = target.min(end);
        if target >= end {
            self.playing = false;
        }
        target
    }
}
