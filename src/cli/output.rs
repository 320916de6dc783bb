//! Standard output. A closed pipe (`| head`) ends the program quietly instead of
//! with a panic, which is why nothing here uses `println!`.

use std::io::{self, BufWriter, StdoutLock, Write};

use super::error::Failure;

/// Says something on standard error. If nobody can hear it, nothing can be done.
pub fn say(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr(), "{}", text.as_ref());
}

pub struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    pub fn new() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }

    pub fn line(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        self.0.write_all(text.as_ref().as_bytes()).and_then(|()| self.0.write_all(b"\n")).map_err(Failure::io)
    }

    /// Writes bytes and ends the command well.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<u8, Failure> {
        self.0.write_all(bytes).map_err(Failure::io)?;
        self.done(0)
    }

    /// Writes a value as JSON, one line.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::Io(error.to_string()))?;
        self.line(text)
    }

    /// Flushes, and ends the command with a code.
    pub fn done(&mut self, code: u8) -> Result<u8, Failure> {
        self.0.flush().map_err(Failure::io)?;
        Ok(code)
    }
}
