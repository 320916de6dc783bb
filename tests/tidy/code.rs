//! Rust source as tidiness sees it: the paths it names, the functions it
//! defines, the macros it calls. It is read as tokens, so comments and strings
//! can say what they like.

use std::ops::RangeInclusive;
use std::path::Path;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path such as `crate::broker::queue::QueueBroker`, and its line. The paths of
/// a `use` group are spelled out one by one.
pub struct Named {
    pub path: Vec<String>,
    pub line: usize,
}

pub struct Function {
    pub name: String,
    pub lines: RangeInclusive<usize>,
    pub in_tests: bool,
}

/// One file, read.
#[derive(Default)]
pub struct Code {
    pub paths: Vec<Named>,
    pub functions: Vec<Function>,
    /// The names of called macros, with their lines.
    pub macros: Vec<(String, usize)>,
    /// Every identifier outside unit tests, with its line.
    pub words: Vec<(String, usize)>,
}

impl Code {
    /// Reads `text`, the file at `path` (relative to the package).
    pub fn read(path: &Path, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut code = Self::default();
        code.walk(tokens, &module_of(path), is_test_file(path));
        code
    }

    fn walk(&mut self, tokens: TokenStream, module: &[String], in_tests: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word) if word == "mod" && is_inline_module(&tokens[at..]) => {
                    let name = tokens[at + 1].to_string();
                    let tests = in_tests || name == "tests" || name == "in_tests";
                    if let TokenTree::Group(body) = &tokens[at + 2] {
                        self.walk(body.stream(), &[module, &[name]].concat(), tests);
                    }
                    at += 3;
                    continue;
                }
                TokenTree::Ident(word) => {
                    self.word(word, &tokens[at..], in_tests);
                    if starts_path(&tokens, at) {
                        self.path(&tokens[at..], &mut Vec::new(), module);
                    }
                }
                TokenTree::Group(group) => {
                    let known = self.paths.len();
                    self.walk(group.stream(), module, in_tests);
                    // The group of a `use` was spelled out when its path began.
                    if at >= 2 && is_punct(tokens.get(at - 1), ':') && is_punct(tokens.get(at - 2), ':') {
                        self.paths.truncate(known);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Takes note of an identifier: a function's beginning, a macro's call.
    fn word(&mut self, word: &Ident, rest: &[TokenTree], in_tests: bool) {
        let line = word.span().start().line;
        if !in_tests {
            self.words.push((word.to_string(), line));
        }
        if is_punct(rest.get(1), '!') && matches!(rest.get(2), Some(TokenTree::Group(_))) {
            self.macros.push((word.to_string(), line));
        }
        if word == "fn"
            && let Some(TokenTree::Ident(name)) = rest.get(1)
            && let Some(end) = body_end(rest)
        {
            self.functions.push(Function { name: name.to_string(), lines: line..=end, in_tests });
        }
    }

    /// Follows a path that begins at `tokens[0]`, into the groups of a `use`.
    fn path(&mut self, tokens: &[TokenTree], sofar: &mut Vec<String>, module: &[String]) {
        let Some(first) = tokens.first() else { return };
        let line = first.span().start().line;
        let depth = sofar.len();
        match first {
            TokenTree::Ident(word) => sofar.push(word.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                for item in inner.split(|token| is_punct(Some(token), ',')) {
                    self.path(item, sofar, module);
                }
                return;
            }
            TokenTree::Punct(star) if star.as_char() == '*' => sofar.push("*".to_owned()),
            _ => return,
        }
        if is_punct(tokens.get(1), ':') && is_punct(tokens.get(2), ':') && tokens.len() > 3 {
            self.path(&tokens[3..], sofar, module);
        } else {
            self.paths.push(Named { path: absolute(sofar, module), line });
        }
        sofar.truncate(depth);
    }
}

/// `src/sim/world.rs` is the module `sim::world`, `src/sim/mod.rs` is `sim`. What
/// lies outside `src` is a crate of its own.
fn module_of(path: &Path) -> Vec<String> {
    let Ok(inside) = path.strip_prefix("src") else { return Vec::new() };
    let inside = inside.with_extension("");
    let mut names: Vec<_> = inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if names.last().is_some_and(|name| matches!(name.as_str(), "mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

/// Whether a file holds tests: it is in `tests/`, or called so.
pub fn is_test_file(path: &Path) -> bool {
    path.iter().any(|name| name == "tests" || name == "tests.rs")
}

/// Resolves `super` and `self`, so that climbing out of a room is seen as well.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|name| *name == "super").count();
    match path[0].as_str() {
        "super" => {
            let base = &module[..module.len().saturating_sub(supers)];
            [&["crate".to_owned()], base, &path[supers..]].concat()
        }
        "self" => [&["crate".to_owned()], module, &path[1..]].concat(),
        "ackademy" => [&["crate".to_owned()], &path[1..]].concat(),
        _ => path.to_vec(),
    }
}

/// A path begins at an identifier that is followed by `::` and not preceded by it.
fn starts_path(tokens: &[TokenTree], at: usize) -> bool {
    let follows = is_punct(tokens.get(at + 1), ':') && is_punct(tokens.get(at + 2), ':');
    let precedes = at >= 2 && is_punct(tokens.get(at - 1), ':') && is_punct(tokens.get(at - 2), ':');
    follows && !precedes
}

fn is_inline_module(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [_, TokenTree::Ident(_), TokenTree::Group(body), ..] if body.delimiter() == Delimiter::Brace)
}

/// The line on which the body of a function that begins at `tokens[0]` ends. A
/// declaration in a trait has none.
fn body_end(tokens: &[TokenTree]) -> Option<usize> {
    for token in tokens {
        match token {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                return Some(body.span_close().start().line);
            }
            TokenTree::Punct(end) if end.as_char() == ';' => return None,
            _ => {}
        }
    }
    None
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

#[test]
fn paths_are_seen_however_they_are_written() {
    let text = r#"
        use crate::sim::{self, World, fault::{Action, When as Moment}};
        use super::super::broker::*;
        // use crate::comment::Nothing;
        const TEXT: &str = "crate::string::Nothing";
        fn f() { assert_eq!(vec![crate::lab::run::all()], self::here()); }
        mod inner { use super::super::sibling; }
    "#;
    let code = Code::read(Path::new("src/tui/bench/mod.rs"), text);
    let paths: Vec<_> = code.paths.iter().map(|named| named.path.join("::")).collect();
    let expected = [
        "crate::sim::self",
        "crate::sim::World",
        "crate::sim::fault::Action",
        "crate::sim::fault::When",
        "crate::broker::*",
        "crate::lab::run::all",
        "crate::tui::bench::here",
        "crate::tui::sibling",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn functions_and_macros_are_measured_where_they_stand() {
    let text = "fn long(a: u8) -> u8\nwhere u8: Copy\n{\n    println!(\"{}\", a);\n    a\n}\n\
                trait T { fn declared(&self); }\nmod tests {\n    fn check() {}\n}\n";
    let code = Code::read(Path::new("src/time.rs"), text);
    let functions: Vec<_> = code.functions.iter().map(|f| (f.name.as_str(), f.lines.clone(), f.in_tests)).collect();
    assert_eq!(functions, [("long", 1..=6, false), ("check", 9..=9, true)]);
    assert_eq!(code.macros, [("println".to_owned(), 4)]);
}
