//! What went wrong, and how it is said.

use std::fmt;
use std::io;
use std::path::Path;

use super::chinese;
use super::output::say;
use crate::lab::{ChoiceError, TokenError};
use crate::source::{Source, Trouble};
use crate::text::{CourseText, Language};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// A wrong call or file: exit 2.
    Usage(String),
    /// The same, in both languages.
    Told(CourseText),
    /// A setting or a fault that a lab does not offer.
    Choice(ChoiceError),
    /// A token that cannot be run.
    Token(TokenError),
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

    pub fn told(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Told(CourseText::new(zh, en))
    }

    /// Says it on standard error and gives the exit code.
    pub fn report(&self, colour: bool, language: Language) -> u8 {
        let tell = |text: &str| say(format!("ackademy: {text}"));
        match (self, language) {
            (Self::ClosedPipe, _) => return 0,
            (Self::Usage(text) | Self::Io(text) | Self::Undecided(text), _) => tell(text),
            (Self::Told(text), _) => tell(text.in_language(language)),
            (Self::Choice(error), Language::Zh) => tell(&chinese::choice(error)),
            (Self::Choice(error) | Self::Token(TokenError::Choice(error)), Language::En) => {
                say(format!("{}\n", trouble(error).render(colour)));
            }
            (Self::Token(error), Language::Zh) => tell(&token(error)),
            (Self::Token(error), Language::En) => tell(&error.to_string()),
            (Self::Troubles(troubles), _) => {
                for trouble in troubles {
                    say(format!("{}\n", trouble.render(colour)));
                }
            }
        }
        if matches!(self, Self::Undecided(_)) { 3 } else { 2 }
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
fn trouble(error: &ChoiceError) -> Trouble {
    let source = Source::new("command line", error.text.clone());
    source.trouble(error.span.clone(), error.reason.en.clone()).hint(error.hint.en.clone())
}

/// Why a token cannot be run, in Chinese.
fn token(error: &TokenError) -> String {
    match error {
        TokenError::NotAToken => "这不是 token：token 以 ack1- 开头".to_owned(),
        TokenError::Damaged => "token 不完整，或者改过：重新完整地复制一次".to_owned(),
        TokenError::OtherEngine { made_by } => {
            format!("这个 token 是 ackademy {made_by} 生成的，版本不同，跑出来的可能不一样")
        }
        TokenError::OtherContent { lab } => {
            format!("生成这个 token 之后，实验 {lab} 改过，跑出来的可能不一样")
        }
        TokenError::Choice(error) => format!("token 和它的实验对不上：{}", chinese::choice(error)),
    }
}

impl From<ChoiceError> for Failure {
    fn from(error: ChoiceError) -> Self {
        Self::Choice(error)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedPipe => f.write_str("the reader has gone"),
            Self::Usage(text) | Self::Io(text) | Self::Undecided(text) => f.write_str(text),
            Self::Told(text) => f.write_str(&text.en),
            Self::Choice(error) => error.fmt(f),
            Self::Token(error) => error.fmt(f),
            Self::Troubles(troubles) => {
                let texts: Vec<String> = troubles.iter().map(Trouble::to_string).collect();
                f.write_str(&texts.join("\n\n"))
            }
        }
    }
}
