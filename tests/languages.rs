//! The command line speaks the language that was asked for, help and wrong calls
//! included: `--lang`, else what was chosen in the workbook, else the locale.

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

/// What is said, on both streams, to a call in an environment of this locale.
fn said(home: &TempDir, locale: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackademy"));
    command.env("HOME", home.path()).env("ACKADEMY_DATA", home.path()).env("NO_COLOR", "1");
    let output = command.env("LC_ALL", locale).args(arguments).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{arguments:?}");
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn has_han(text: &str) -> bool {
    text.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char))
}

/// Calls of every kind that end before anything runs.
const CALLS: [&[&str]; 12] = [
    &["--help"],
    &["help", "run"],
    &["sweep", "-h"],
    &["progress", "--help"],
    &["labz"],
    &["run"],
    &["run", "nosuch"],
    &["run", "first-loss", "--set", "durabel=true"],
    &["run", "first-loss", "--fault", "crahs"],
    &["read", "99"],
    &["replay", "hello"],
    &["progress", "reset"],
];

#[test]
fn help_and_wrong_calls_are_told_in_the_language_of_the_locale() {
    let home = home();
    for call in CALLS {
        let (zh, en) = (said(&home, "zh_CN.UTF-8", call), said(&home, "en_GB.UTF-8", call));
        assert!(has_han(&zh), "{call:?}:\n{zh}");
        for english in ["error:", "Usage:", "Options:", "there is no", "For more"] {
            assert!(!zh.contains(english), "{call:?} says {english:?} in Chinese:\n{zh}");
        }
        assert!(!has_han(&en.replace("不带命令时打开练习册", "")), "{call:?}:\n{en}");
    }
}

#[test]
fn what_was_asked_for_goes_before_what_was_chosen_before_the_locale() {
    let home = home();
    let locale = "en_GB.UTF-8";
    assert!(!has_han(&said(&home, locale, &["labz"])));
    assert!(has_han(&said(&home, locale, &["labz", "--lang", "zh"])));
    fs::write(home.path().join("progress.json"), "{\"language\": \"zh\"}").unwrap();
    assert!(has_han(&said(&home, locale, &["labz"])));
    assert!(!has_han(&said(&home, locale, &["labz", "--lang=en"])));
}

#[test]
fn a_lab_is_shown_in_full() {
    let home = home();
    let shown = said(&home, "en_GB.UTF-8", &["labs", "first-loss"]);
    for part in ["20 orders", "--set persistent=false", "--fault crash", "Exercises", "ackademy run first-loss"] {
        assert!(shown.contains(part), "nothing about {part:?} in:\n{shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let json: serde_json::Value = serde_json::from_str(&said(&home, "C", &["labs", "first-loss", "--json"])).unwrap();
    assert_eq!((json["id"].as_str(), json["tasks"][0]["id"].is_string()), (Some("first-loss"), true));
}

#[test]
fn a_lesson_whose_text_is_to_come_offers_its_labs() {
    let home = home();
    let told = said(&home, "zh_CN.UTF-8", &["read", "03"]);
    assert!(told.contains("还没写好") && told.contains("mq-down") && told.contains("实验可以做"), "{told}");
}
