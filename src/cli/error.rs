//! What went wrong, and how it is said.

use std::fmt;
use std::io;
use std::path::Path;

use crate::lab::{ChoiceError, TokenError};
use crate::source::{Source, Trouble};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// A wrong call or file: exit 2.
    Usage(String),
    Troubles(Vec<Trouble>),
    /// The reader of standard output has gone: no failure at all.
    ClosedPipe,
    /// Something outside went wrong.
    Io(String),
    /// It could not be told: exit 3.
    Undecided(String),
}

impl Failure {
    #[allow(clippy::needless_pass_by_value, reason = "it is used as a function in map_err")]
    pub fn io(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::Io(error.to_string()) }
    }

    pub fn at(path: &Path, error: &io::Error) -> Self {
        Self::Io(format!("{}: {error}", path.display()))
    }

    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// Says it on standard error and gives the exit code.
    pub fn report(&self, colour: bool) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Usage(text) | Self::Io(text) => {
                eprintln!("ackademy: {text}");
                2
            }
            Self::Troubles(troubles) => {
                for trouble in troubles {
                    eprintln!("{}\n", trouble.render(colour));
                }
                2
            }
            Self::Undecided(text) => {
                eprintln!("ackademy: {text}");
                3
            }
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Troubles(vec![trouble])
    }
}

impl From<Vec<Trouble>> for Failure {
    fn from(troubles: Vec<Trouble>) -> Self {
        Self::Troubles(troubles)
    }
}

/// A choice was typed, so the caret stands under what was typed.
impl From<ChoiceError> for Failure {
    fn from(error: ChoiceError) -> Self {
        let source = Source::new("command line", error.text);
        Self::Troubles(vec![source.trouble(error.span, error.reason).hint(error.hint)])
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Choice(error) => error.into(),
            other => Self::Usage(other.to_string()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedPipe => f.write_str("the reader has gone"),
            Self::Usage(text) | Self::Io(text) | Self::Undecided(text) => f.write_str(text),
            Self::Troubles(troubles) => {
                let texts: Vec<String> = troubles.iter().map(Trouble::to_string).collect();
                f.write_str(&texts.join("\n\n"))
            }
        }
    }
}
