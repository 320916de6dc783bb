//! The only terminal input and output. Messages go into the application, and
//! what it shows goes out; everything else about the interface is free of the
//! terminal.
//!
//! The terminal is put back on every way out: the end, an error, a panic,
//! SIGTERM, SIGHUP, SIGINT, and Ctrl-Z until the shell brings it forward again.

mod display;
mod guard;
mod probe;
mod signals;

use std::io::{self, IsTerminal};
use std::task::Poll;
use std::time::Duration;
#[expect(clippy::disallowed_types, reason = "frames follow the learner's clock; no run ever sees it")]
use std::time::Instant;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use ratatui::layout::Size;

use crate::text::Language;

use super::app::{App, Effects, Msg};
use super::host::Host;
use super::keys::Press;
use super::screen::Screen;
use super::theme::Theme;
use super::ui::{Options, Ui};

use display::Display;
use guard::Guard;
use signals::{Signal, Signals};

/// How many cells the terminal gives to characters of ambiguous width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// Ask the terminal.
    #[default]
    Probe,
    Narrow,
    Wide,
}

/// Which colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Ask the terminal whether it is dark or light.
    #[default]
    Probe,
    Always(Theme),
}

/// What `cli` found in the arguments and the environment.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub language: Language,
    pub colour: Colour,
    pub width: Width,
    pub ascii: bool,
    pub reduced_motion: bool,
    /// The value of `TERM`.
    pub term: String,
}

/// Why the screens cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the screens need a terminal, and this is not one")]
    NotATerminal,
    #[error("the terminal is of type \"dumb\", which cannot show screens")]
    DumbTerminal,
    #[error("the terminal: {0}")]
    Terminal(#[from] io::Error),
}

impl RunError {
    /// The same in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::NotATerminal, Language::Zh) => "练习册要在终端里打开，这里不是终端".to_owned(),
            (Self::DumbTerminal, Language::Zh) => "这个终端（TERM=dumb）画不了界面".to_owned(),
            (Self::Terminal(error), Language::Zh) => format!("终端出错：{error}"),
            (_, Language::En) => self.to_string(),
        }
    }

    /// What to do instead.
    #[must_use]
    pub const fn hint(&self, language: Language) -> &'static str {
        match language {
            Language::Zh => "可以改用纯文本：ackademy lessons 列出课程，ackademy run LAB 运行一个实验",
            Language::En => {
                "plain text works everywhere: `ackademy lessons` lists the course, `ackademy run LAB` runs a lab"
            }
        }
    }
}

/// Shows the screens that `build` makes until the learner quits.
///
/// # Errors
///
/// If there is no terminal that can show screens, or it fails.
pub fn run(setup: &Setup, build: impl FnOnce(&Ui) -> (Box<dyn Host>, Vec<Box<dyn Screen>>)) -> Result<(), RunError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(RunError::NotATerminal);
    }
    if setup.term == "dumb" {
        return Err(RunError::DumbTerminal);
    }
    // Colours are stripped by the theme. Left to itself, crossterm would take
    // bold and underline away with them under NO_COLOR.
    crossterm::style::force_color_output(true);
    guard::restore_on_panic();
    let guard = Guard::enter()?;
    let Some(ui) = look(setup) else { return Ok(()) };
    let (host, screens) = build(&ui);
    let (columns, rows) = crossterm::terminal::size()?;
    let mut app = App::new(ui, host, screens, Size::new(columns, rows));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve(&mut app, &guard));
    // Whatever happened, the learner's place is kept before the terminal goes.
    app.close();
    drop(guard);
    Ok(outcome?)
}

/// Asks the terminal what `setup` leaves open. Must come before `EventStream`,
/// which owns the input from then on. `None` if the learner stopped it.
fn look(setup: &Setup) -> Option<Ui> {
    let answer = probe::ambiguous_is_wide();
    if answer.is_interrupted {
        return None;
    }
    let wide = match setup.width {
        Width::Probe => answer.is_wide == Some(true),
        Width::Narrow => false,
        Width::Wide => true,
    };
    let theme = match setup.colour {
        Colour::Always(theme) => theme,
        Colour::Probe if answer.is_wide.is_some() => probe::background(),
        Colour::Probe => Theme::Dark,
    };
    Some(Ui::new(setup.language, theme, Options { ascii: setup.ascii, wide, reduced_motion: setup.reduced_motion }))
}

/// What ended a wait.
enum Wake {
    Event(Option<io::Result<Event>>),
    Tick,
    Signal(Signal),
}

async fn serve(app: &mut App, guard: &Guard) -> io::Result<()> {
    let mut display = Display::new();
    let mut events = EventStream::new();
    let mut signals = Signals::new()?;
    let mut clock = Clock::default();
    draw(&mut display, app)?;
    loop {
        let wait = clock.until_next(app.next_tick());
        let wake = tokio::select! {
            event = events.next() => Wake::Event(event),
            () = sleep(wait) => Wake::Tick,
            signal = signals.next() => Wake::Signal(signal),
        };
        let mut effects = Effects::default();
        match wake {
            Wake::Event(None) | Wake::Signal(Signal::End) => return Ok(()),
            Wake::Event(Some(event)) => {
                let mut next = Some(event?);
                // A resize storm, a held key, a paste: everything that has come
                // by now is taken in before one picture is drawn.
                while let Some(event) = next {
                    if let Some(msg) = message(event) {
                        merge(&mut effects, app.update(msg));
                    }
                    next = if effects.quit || effects.suspend { None } else { ready(&mut events).await.transpose()? };
                }
            }
            Wake::Tick => effects = app.update(Msg::Tick(clock.take())),
            Wake::Signal(Signal::Stop) => effects.suspend = true,
            Wake::Signal(Signal::Continue) => {
                guard.enter_again()?;
                display.forget();
                effects.redraw = true;
            }
        }
        if effects.quit {
            return Ok(());
        }
        if let Some(text) = effects.copy {
            display.send(CopyToClipboard::to_clipboard_from(text))?;
        }
        if effects.suspend && signals::can_stop() {
            guard.leave();
            signals::stop();
            guard.enter_again()?;
            display.forget();
            effects.redraw = true;
        }
        if effects.redraw {
            draw(&mut display, app)?;
        }
    }
}

/// The next event if it is there by now. It is polled with this task's waker:
/// `EventStream` remembers the first one it sees, and would wake nobody if that
/// one led nowhere.
async fn ready(events: &mut EventStream) -> Option<io::Result<Event>> {
    std::future::poll_fn(|context| match events.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Press::from_event(&key).map(Msg::Press),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(Size::new(columns, rows))),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Mouse(_) => None,
    }
}

fn merge(all: &mut Effects, more: Effects) {
    all.redraw |= more.redraw;
    all.quit |= more.quit;
    all.suspend |= more.suspend;
    all.copy = more.copy.or(all.copy.take());
}

fn draw(display: &mut Display, app: &mut App) -> io::Result<()> {
    // The size may have changed since the last message about it.
    let size = display.size()?;
    app.ensure_size(size);
    display.draw(size, app.window_title(), |buffer| app.view(buffer))
}

/// The time between ticks.
#[derive(Default)]
struct Clock {
    #[expect(clippy::disallowed_types, reason = "frames follow the learner's clock; no run ever sees it")]
    last: Option<Instant>,
}

#[expect(clippy::disallowed_types, reason = "frames follow the learner's clock; no run ever sees it")]
impl Clock {
    /// How long to wait for a tick that is due `interval` after the last one.
    fn until_next(&mut self, interval: Option<Duration>) -> Option<Duration> {
        let Some(interval) = interval else {
            self.last = None;
            return None;
        };
        let last = *self.last.get_or_insert_with(Instant::now);
        Some(interval.saturating_sub(last.elapsed()))
    }

    /// The time since the last tick. Begins the next one.
    fn take(&mut self) -> Duration {
        let now = Instant::now();
        let elapsed = self.last.map_or(Duration::ZERO, |last| now - last);
        self.last = Some(now);
        elapsed
    }
}
