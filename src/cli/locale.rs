//! The environment, read once.

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
