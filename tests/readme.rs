//! What the front page tells people to type does something. Every line of it
//! that begins with `ackademy` is run as it stands, with an empty home.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// The commands in the shell blocks of a page, in order.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let blocks = text.split("```shell\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| line.starts_with("ackademy ")).collect()
}

/// Splits a command at spaces outside quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_on_the_front_page_works() {
    for page in ["README.md", "README.zh.md"] {
        let commands = commands(page);
        assert!(commands.len() >= 5, "{page} shows {} commands", commands.len());
        for line in commands {
            let home = tempfile::tempdir().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_ackademy"));
            let command = command.args(&words(&line)[1..]).env("HOME", home.path()).env("XDG_DATA_HOME", home.path());
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{page}: {line}\n{said}");
            assert!(!output.stdout.is_empty(), "{page}: {line} says nothing");
        }
    }
}

#[test]
fn both_front_pages_show_the_same_commands() {
    assert_eq!(commands("README.md"), commands("README.zh.md"));
}

#[test]
fn quoted_sentences_stay_whole() {
    assert_eq!(
        words(r#"ackademy run a --fault "crash b at 1s""#),
        ["ackademy", "run", "a", "--fault", "crash b at 1s"]
    );
}
