//! What the terminal shows, and how to change it with few bytes. Ratatui's own
//! `Terminal` asks for the cursor's position whenever it clears (so at every
//! resize), and waits two seconds for an answer that the event stream may have
//! taken; here nothing is ever asked.

use std::io::{self, BufWriter, Stdout, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, SetTitle};
use crossterm::{Command, execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

pub struct Display {
    backend: CrosstermBackend<BufWriter<Stdout>>,
    shown: Buffer,
    next: Buffer,
    title: String,
    /// What the terminal shows is not known: draw everything.
    stale: bool,
}

impl Display {
    pub fn new() -> Self {
        let out = BufWriter::with_capacity(1 << 16, io::stdout());
        Self {
            backend: CrosstermBackend::new(out),
            shown: Buffer::default(),
            next: Buffer::default(),
            title: String::new(),
            stale: true,
        }
    }

    /// Forgets what is shown: somebody else may have drawn over it.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// Sends a command that draws nothing.
    pub fn send(&mut self, command: impl Command) -> io::Result<()> {
        execute!(self.backend, command)
    }

    /// The size of the terminal, which may be nothing at all.
    pub fn size(&self) -> io::Result<Size> {
        self.backend.size()
    }

    /// Draws a picture between two marks, so that a terminal that knows them
    /// never shows half of it. `paint` fills an empty buffer and says where the
    /// cursor belongs, if anywhere.
    pub fn draw(
        &mut self,
        size: Size,
        title: String,
        paint: impl FnOnce(&mut Buffer) -> Option<Position>,
    ) -> io::Result<()> {
        let area = Rect::from((Position::ORIGIN, size));
        self.next.resize(area);
        self.next.reset();
        let cursor = paint(&mut self.next);
        queue!(self.backend, BeginSynchronizedUpdate)?;
        if self.stale || self.shown.area != area {
            self.shown.resize(area);
            self.shown.reset();
            self.backend.clear()?;
            self.stale = false;
        }
        if self.title != title {
            queue!(self.backend, SetTitle(&title))?;
            self.title = title;
        }
        self.backend.draw(self.shown.diff_iter(&self.next))?;
        match cursor {
            Some(Position { x, y }) => queue!(self.backend, MoveTo(x, y), Show)?,
            None => queue!(self.backend, Hide)?,
        }
        queue!(self.backend, EndSynchronizedUpdate)?;
        Write::flush(&mut self.backend)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(())
    }
}
