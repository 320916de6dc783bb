//! The environment, read once.

use std::ffi::OsString;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;

use crate::text::Language;

pub struct Environment {
    /// `None` when the locale is silent (C, POSIX, unset): then the workbook asks.
    pub language: Option<Language>,
    pub no_color: bool,
    pub term: String,
    pub error_is_terminal: bool,
    /// Where progress lives, if anywhere.
    pub data: Option<PathBuf>,
}

impl Environment {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable);
        Self {
            language: locale.as_deref().and_then(language_of),
            no_color: variable("NO_COLOR").is_some(),
            term: variable("TERM").unwrap_or_default(),
            error_is_terminal: stderr().is_terminal(),
            data: variable("ACKADEMY_DATA").map(PathBuf::from).or_else(crate::workbook::progress::default_folder),
        }
    }
}

impl Environment {
    /// The language to speak if the arguments name none: the one that was chosen in
    /// the workbook, else the system's.
    pub fn preferred(&self) -> Option<Language> {
        let chosen = self.data.as_deref().and_then(crate::workbook::progress::chosen_language);
        chosen.or(self.language)
    }
}

/// The language that arguments ask for. Looked up before they are parsed, because
/// what is wrong with them is told in it.
pub fn asked(arguments: impl IntoIterator<Item = OsString>) -> Option<Language> {
    let mut asked = None;
    let mut is_value = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        match text.strip_prefix("--lang=") {
            _ if text == "--" => break,
            Some(value) => asked = value.parse().ok(),
            None if is_value => asked = text.parse().ok(),
            None => {}
        }
        is_value = text == "--lang";
    }
    asked
}

/// The course's language for a locale. Unknown languages read English; C and
/// POSIX say nothing.
fn language_of(locale: &str) -> Option<Language> {
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    match name {
        "C" | "POSIX" => None,
        name if name == "zh" || name.starts_with("zh_") || name.starts_with("zh-") => Some(Language::Zh),
        _ => Some(Language::En),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_wherever_it_is_asked_for() {
        for (line, language) in [
            ("run a --lang zh", Some(Language::Zh)),
            ("--lang=en labs --nonsense", Some(Language::En)),
            ("labs zh", None),
            ("--lang fr", None),
            ("run -- --lang zh", None),
        ] {
            assert_eq!(asked(line.split(' ').map(OsString::from)), language, "{line}");
        }
    }

    #[test]
    fn a_locale_names_a_language_and_an_unknown_one_reads_english() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Some(Language::Zh)),
            ("zh", Some(Language::Zh)),
            ("zhx_XX", Some(Language::En)),
            ("en_GB.UTF-8", Some(Language::En)),
            ("de_DE@euro", Some(Language::En)),
            ("C.UTF-8", None),
            ("POSIX", None),
        ] {
            assert_eq!(language_of(locale), language, "{locale}");
        }
    }
}
