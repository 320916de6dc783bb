//! Code colours through syntect, behind the feature `highlight`. Only the scopes
//! are used, no theme: a scope says what a piece of code is, and what that looks
//! like is the screen's to say, so that code keeps to the terminal's colours.
//!
//! Measured: reading the grammars and compiling the first one takes tens of
//! milliseconds, so this belongs off the thread that draws, and its answers
//! belong into a cache.

use std::ops::Range;

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};
use two_face::syntax;

use super::code::{Highlighter, Token};

/// Holds the grammars.
#[derive(Debug)]
pub struct Syntax {
    grammars: SyntaxSet,
}

/// Scopes and what they are, the first that fits an inner scope decides. Names
/// are TextMate's; a name covers all that begin with it.
const TOKENS: [(&str, Token); 16] = [
    ("comment", Token::Comment),
    ("entity.name.tag", Token::Key),
    ("meta.mapping.key", Token::Key),
    ("entity.other.attribute-name", Token::Key),
    ("support.type.property-name", Token::Key),
    ("string", Token::Literal),
    ("constant.numeric", Token::Number),
    ("constant", Token::Keyword),
    ("keyword.operator", Token::Mark),
    ("keyword", Token::Keyword),
    ("storage.type.function", Token::Keyword),
    ("storage", Token::Keyword),
    ("entity.name.function", Token::Function),
    ("variable.function", Token::Function),
    ("support.class", Token::Type),
    ("entity.name", Token::Type),
];

impl Syntax {
    #[must_use]
    pub fn new() -> Self {
        Self { grammars: syntax::extra_newlines() }
    }

    fn grammar(&self, language: &str) -> Option<&SyntaxReference> {
        let name = match language {
            "shell" => "bash",
            "text" => return None,
            other => other,
        };
        self.grammars.find_syntax_by_token(name)
    }
}

impl Default for Syntax {
    fn default() -> Self {
        Self::new()
    }
}

impl Highlighter for Syntax {
    fn highlight(&self, language: &str, code: &str) -> Vec<(Range<usize>, Token)> {
        let Some(grammar) = self.grammar(language) else { return Vec::new() };
        let mut parser = ParseState::new(grammar);
        let mut scopes = ScopeStack::new();
        let mut spans: Vec<(Range<usize>, Token)> = Vec::new();
        let mut start = 0;
        for line in code.split_inclusive('\n') {
            // A grammar that fails on a line leaves the rest without colour.
            let Ok(changes) = parser.parse_line(line, &self.grammars) else { break };
            let mut from = 0;
            for (to, change) in changes.iter().map(|(at, change)| (*at, Some(change))).chain([(line.len(), None)]) {
                let token = token(&scopes);
                if from < to && token != Token::Plain {
                    add(&mut spans, start + from..start + to, token);
                }
                from = to;
                if change.is_some_and(|change| scopes.apply(change).is_err()) {
                    return spans;
                }
            }
            start += line.len();
        }
        spans
    }
}

/// Adds a span, or lengthens the last one.
fn add(spans: &mut Vec<(Range<usize>, Token)>, span: Range<usize>, token: Token) {
    match spans.last_mut() {
        Some((last, of)) if *of == token && last.end == span.start => last.end = span.end,
        _ => spans.push((span, token)),
    }
}

fn token(scopes: &ScopeStack) -> Token {
    for scope in scopes.as_slice().iter().rev() {
        let name = scope.build_string();
        let fits =
            |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if let Some((_, token)) = TOKENS.iter().find(|(prefix, _)| fits(prefix)) {
            return *token;
        }
    }
    Token::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of the code is which token.
    fn seen(language: &str, code: &str) -> Vec<(String, Token)> {
        let spans = Syntax::new().highlight(language, code);
        assert!(spans.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "ascending and apart");
        spans.into_iter().map(|(span, token)| (code[span].trim().to_owned(), token)).collect()
    }

    fn assert_seen(language: &str, code: &str, piece: &str, token: Token) {
        let all = seen(language, code);
        assert!(all.iter().any(|(text, of)| text == piece && *of == token), "{piece} is no {token:?}: {all:?}");
    }

    #[test]
    fn every_language_of_a_lesson_has_colours() {
        assert_seen("java", "int n = 5; // 三个\nString s = \"ok\";", "// 三个", Token::Comment);
        assert_seen("java", "int n = 5;", "5", Token::Number);
        assert_seen("java", "return null;", "return", Token::Keyword);
        assert_seen("yaml", "acks: all\n# why\n", "acks", Token::Key);
        assert_seen("yaml", "acks: all\n# why\n", "# why", Token::Comment);
        assert_seen("toml", "acks = \"all\" # x", "\"all\"", Token::Literal);
        assert_seen("python", "def send():\n    return 1\n", "send", Token::Function);
        assert_seen("shell", "echo \"a\" # b", "\"a\"", Token::Literal);
        assert_eq!(seen("text", "return 5"), []);
        assert_eq!(seen("no-such-language", "return 5"), []);
    }
}
