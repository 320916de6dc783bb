//! The two languages of the course. Neither is a translation of the other, so
//! every text exists twice and a type makes sure of it.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    Zh,
    #[default]
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            other => Err(format!("{other:?} is not a language of this course; it speaks zh and en")),
        }
    }
}

/// A text of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Text {
    /// What reads the same in every language: names, numbers.
    #[must_use]
    pub const fn same(text: &'static str) -> Self {
        Self { zh: text, en: text }
    }

    #[must_use]
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }
}

/// A text that is not part of the program: from a lab file, or put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseText {
    pub zh: String,
    pub en: String,
}

impl CourseText {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// A paragraph without the line ends of its file and the marks of Markdown.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines() {
        let apart = joined.chars().last().is_some_and(|last| last.is_ascii())
            && line.chars().next().is_some_and(|first| first.is_ascii());
        if apart && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
    }
    joined.replace(['`', '*'], "")
}
