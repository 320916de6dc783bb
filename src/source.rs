//! Where in a file something is wrong. Learners and authors write files; an
//! error about one shows path, line, column, a caret, the reason and what to do.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A text with the path it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Something wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub path: String,
    text: String,
    span: Range<usize>,
    /// What is wrong, as one clause.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Reports trouble at a byte range of this text. A range outside the text is
    /// drawn in to it, so an error about an error cannot happen.
    pub fn trouble(&self, span: Range<usize>, reason: impl Into<String>) -> Trouble {
        let mut start = span.start.min(self.text.len());
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Trouble {
            path: self.path.clone(),
            text: self.text.clone(),
            span: start..end,
            reason: reason.into(),
            hint: None,
        }
    }
}

impl Trouble {
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Line and column, both counted from 1, the column in characters.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        let before = &self.text[..self.span.start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The whole message, with the line and a caret. `colour` for terminals.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let snippet = Snippet::source(self.text.as_str())
            .path(self.path.as_str())
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let mut group = Level::ERROR.primary_title(self.reason.as_str()).element(snippet);
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        renderer.render(&[group]).to_string()
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_names_path_line_column_reason_and_what_to_do() {
        let source = Source::new("labs/a.toml", "id = \"a\"\n\u{65ad}\u{7535} = 1\n");
        let trouble = source.trouble(10..16, "unknown key").hint("remove it");
        let shown = trouble.render(false);
        assert_eq!(trouble.position(), (2, 1));
        for part in ["labs/a.toml:2:1", "unknown key", "^", "remove it"] {
            assert!(shown.contains(part), "{part} is missing from:\n{shown}");
        }
    }

    #[test]
    fn a_span_outside_the_text_or_inside_a_character_is_drawn_in() {
        let source = Source::new("a", "\u{4e2d}\u{6587}");
        for span in [0..99, 50..60, 1..2, 4..5] {
            let trouble = source.trouble(span, "x");
            assert_eq!(trouble.position().0, 1);
            assert!(trouble.render(false).contains("--> a:1:"), "{}", trouble.render(false));
        }
    }
}
