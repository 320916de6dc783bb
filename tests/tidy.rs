//! The house keeps its order. Which room may import which, how long a file may
//! grow, what must stand at its head: whatever the design says and a machine can
//! see is checked here, and every failure says what to do.
//!
//! `tidy/house.rs` holds the rules and their exceptions, `tidy/code.rs` reads Rust.

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/house.rs"]
mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use code::{Code, is_test_file};
use house::{
    CAST, FILE_LINES, FIRST_FLOOR_OF_THE_WORLD, FLOORS, FUNCTION_LINES, LONG_FILES, LONG_FUNCTIONS, NEIGHBOURS,
    TEST_FILE_LINES, TEST_FUNCTION_LINES, TOP_FOLDERS, UNFINISHED, WORLDLY,
};

/// A Rust file of this package. The path is relative to it, with `/`.
struct File {
    path: String,
    text: String,
    code: Code,
}

impl File {
    fn lines(&self) -> usize {
        self.text.lines().count()
    }

    fn is_test(&self) -> bool {
        is_test_file(Path::new(&self.path))
    }

    /// The room a file is in: the first name below `src`.
    fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|room| *room != "lib")
    }
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the package, in order.
fn files() -> Vec<File> {
    let mut paths = Vec::new();
    for folder in ["benches", "examples", "src", "tests"] {
        collect(&package().join(folder), &mut paths);
    }
    paths.sort();
    paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")).map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, paths) } else { paths.push(path) }
    }
}

fn read(path: PathBuf) -> File {
    let text = fs::read_to_string(&path).unwrap();
    let relative = path.strip_prefix(package()).unwrap();
    let code = Code::read(relative, &text);
    File { path: relative.to_string_lossy().replace('\\', "/"), text, code }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Fails with everything that is wrong at once.
fn expect_none(troubles: &[String]) {
    assert!(troubles.is_empty(), "\n\n{}\n", troubles.join("\n\n"));
}

#[test]
fn a_room_imports_only_rooms_below_it() {
    let mut troubles = Vec::new();
    let mut needed = BTreeSet::new();
    // A room that imports nothing at all is not built yet, and may need them later.
    let mut busy = BTreeSet::new();
    for file in files() {
        let Some(room) = file.room() else { continue };
        let Some(here) = floor(room) else {
            troubles.push(format!("{}: no floor. Give the room {room} its floor in tests/tidy/house.rs.", file.path));
            continue;
        };
        for named in file.code.paths.iter().filter(|named| named.path[0] == "crate") {
            let target = named.path.get(1).map_or("", String::as_str);
            busy.insert(room.to_owned());
            let place = format!("{}:{}", file.path, named.line);
            match floor(target) {
                _ if target == room => {}
                None => troubles.push(format!(
                    "{place}: crate::{target} is no room. Name the room it comes from, one by one, without a glob."
                )),
                Some(there) if there < here => {}
                Some(there) if there == here => {
                    needed.insert((room.to_owned(), target.to_owned()));
                    if !NEIGHBOURS.iter().any(|(from, to, _)| (*from, *to) == (room, target)) {
                        troubles.push(format!(
                            "{place}: {room} imports {target}, its neighbour on floor {here}. Move what both need to \
                             a lower floor, or let the room above hand it over; if neither is right, add the pair \
                             to NEIGHBOURS in tests/tidy/house.rs and say why."
                        ));
                    }
                }
                Some(there) => troubles.push(format!(
                    "{place}: {room} (floor {here}) imports {target} (floor {there}). A room imports only rooms below \
                     it: move what it needs down, or turn it round and let {target} hand it over."
                )),
            }
        }
    }
    for (from, to, _) in NEIGHBOURS {
        if busy.contains(*from) && !needed.contains(&((*from).to_owned(), (*to).to_owned())) {
            troubles.push(format!(
                "{from} does not import {to} any more. Take the pair out of NEIGHBOURS in tests/tidy/house.rs."
            ));
        }
    }
    expect_none(&troubles);
}

/// The nodes that the lab's cast has: `Producer(Box<Producer>),`.
fn nodes() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(CAST[0])).unwrap();
    let cast = text.split_once("pub enum Cast {").unwrap().1.split_once("\n}").unwrap().0;
    let boxed = |line: &str| Some(line.split_once("(Box<")?.1.split_once('>')?.0.to_owned());
    let nodes: Vec<String> = cast.lines().filter_map(boxed).collect();
    assert!(nodes.len() > 10, "the cast is written otherwise now: {nodes:?}");
    nodes
}

#[test]
fn only_the_cast_of_the_lab_names_concrete_nodes() {
    let nodes = nodes();
    let mut troubles = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.room() == Some("lab") && !CAST.contains(&file.path.as_str()) && !file.is_test())
    {
        for named in &file.code.paths {
            // `Role::Producer` is a word of the picture, not a node.
            let is_node = named
                .path
                .windows(2)
                .any(|pair| nodes.contains(&pair[1]) && pair[0].starts_with(|first: char| first.is_ascii_lowercase()));
            if is_node {
                troubles.push(format!(
                    "{}:{}: {} is a concrete node. Only {} names those; ask it through a method there.",
                    file.path,
                    named.line,
                    named.path.join("::"),
                    CAST.join(" and ")
                ));
            }
        }
    }
    expect_none(&troubles);
}

#[test]
fn files_and_functions_stay_small() {
    let mut troubles = Vec::new();
    let files = files();
    let tests_are = |path: &str| is_test_file(Path::new(path));
    for file in &files {
        let limit = if file.is_test() { TEST_FILE_LINES } else { FILE_LINES };
        let allowed = LONG_FILES.iter().find(|(path, ..)| *path == file.path).map_or(limit, |(_, lines, _)| *lines);
        if file.lines() > allowed {
            troubles.push(format!(
                "{}: {} lines, and {allowed} is the limit. Find the second idea in it and give that a file of its own.",
                file.path,
                file.lines()
            ));
        }
        for function in &file.code.functions {
            let (first, last) = (*function.lines.start(), *function.lines.end());
            let limit = if function.in_tests { TEST_FUNCTION_LINES } else { FUNCTION_LINES };
            let allowed = LONG_FUNCTIONS
                .iter()
                .find(|(path, name, ..)| (*path, *name) == (file.path.as_str(), function.name.as_str()))
                .map_or(limit, |(_, _, lines, _)| *lines);
            if last - first + 1 > allowed {
                troubles.push(format!(
                    "{}:{first}: {} has {} lines, and {allowed} is the limit. Give a step of it a name.",
                    file.path,
                    function.name,
                    last - first + 1
                ));
            }
        }
    }
    for (path, ..) in LONG_FILES {
        let limit = if tests_are(path) { TEST_FILE_LINES } else { FILE_LINES };
        if !files.iter().any(|file| file.path == *path && file.lines() > limit) {
            troubles.push(format!("{path} needs no exception any more. Take it out of LONG_FILES."));
        }
    }
    for (path, name, ..) in LONG_FUNCTIONS {
        let is_long = |file: &File| {
            file.code.functions.iter().any(|function| {
                let limit = if function.in_tests { TEST_FUNCTION_LINES } else { FUNCTION_LINES };
                function.name == *name && function.lines.end() - function.lines.start() >= limit
            })
        };
        if !files.iter().any(|file| file.path == *path && is_long(file)) {
            troubles.push(format!("{name} in {path} needs no exception any more. Take it out of LONG_FUNCTIONS."));
        }
    }
    expect_none(&troubles);
}

#[test]
fn nothing_is_left_unfinished_and_nothing_prints_past_the_output() {
    let mut troubles = Vec::new();
    for file in files() {
        for (name, line) in file.code.macros.iter().filter(|(name, _)| UNFINISHED.contains(&name.as_str())) {
            troubles.push(format!(
                "{}:{line}: {name}! does not belong here. Finish the work, or write to the output that cli hands you.",
                file.path
            ));
        }
    }
    expect_none(&troubles);
}

#[test]
fn below_trial_nothing_depends_on_clocks_threads_or_the_order_of_a_hash() {
    let mut troubles = Vec::new();
    for file in files() {
        if file.room().and_then(floor).is_none_or(|floor| floor >= FIRST_FLOOR_OF_THE_WORLD) {
            continue;
        }
        for (word, line) in file.code.words.iter().filter(|(word, _)| WORLDLY.contains(&word.as_str())) {
            troubles.push(format!(
                "{}:{line}: {word} would make two runs of the same plan differ. Use BTreeMap, a sorted Vec, \
                 virtual time or a keyed draw; clippy.toml names the way out for each.",
                file.path
            ));
        }
    }
    expect_none(&troubles);
}

#[test]
fn every_file_says_at_its_head_what_it_is() {
    let mut troubles = Vec::new();
    for file in files() {
        let unit_tests = file.is_test() && file.room().is_some();
        if !unit_tests && file.path != "src/main.rs" && !file.text.starts_with("//! ") {
            troubles.push(format!(
                "{}: no head comment. Begin with `//! ` and say what it models and what it leaves out.",
                file.path
            ));
        }
    }
    expect_none(&troubles);
}

#[test]
fn the_map_shows_every_room() {
    let mut troubles = Vec::new();
    let map = fs::read_to_string(package().join("src/lib.rs")).unwrap();
    let rooms: BTreeSet<_> = files().iter().filter_map(|file| file.room().map(str::to_owned)).collect();
    for room in rooms.iter().filter(|room| *room != "main") {
        if !map.contains(&format!("[`{room}`]")) || !map.contains(&format!("pub mod {room};")) {
            troubles
                .push(format!("src/lib.rs: the map does not show {room}. Add it to the head comment and the list."));
        }
    }
    for entry in fs::read_dir(package()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = name.starts_with('.') || name == "target" || TOP_FOLDERS.contains(&name.as_str());
        if entry.path().is_dir() && !known {
            troubles.push(format!("{name}/: no such folder in the plan. Everything has its place in {TOP_FOLDERS:?}."));
        }
    }
    expect_none(&troubles);
}

#[test]
fn every_lesson_is_there_in_both_languages() {
    let mut troubles = Vec::new();
    let mut lessons = BTreeMap::new();
    for entry in fs::read_dir(package().join("lessons")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let texts = ["zh.md", "en.md"].map(|name| fs::read_to_string(path.join(name)).unwrap_or_default());
            lessons.insert(path.file_name().unwrap().to_string_lossy().into_owned(), texts);
        }
    }
    assert!(!lessons.is_empty(), "lessons/ holds no lesson");
    for (lesson, texts) in &lessons {
        for (name, text) in ["zh.md", "en.md"].iter().zip(texts) {
            if text.trim().is_empty() {
                troubles.push(format!(
                    "lessons/{lesson}/{name} is missing or empty. Both languages are originals: write it."
                ));
            }
        }
    }
    expect_none(&troubles);
}
