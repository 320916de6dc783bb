//! A learner's progress survives being killed. Two programs write progress into
//! the same folder and acknowledge each change on their output; both are killed
//! (SIGKILL, no warning) at a moment drawn from the seed; after each kill the
//! file must hold every change that was acknowledged, and be whole. 1,000 kills.
//!
//! SIGKILL leaves the page cache alone, so this shows that no write is torn and
//! no change overwritten; that the syncs are there too can only be read in the
//! code.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ackademy::random::{Purpose, Seed};
use ackademy::workbook::progress::{Change, Progress, Store};

const KILLS: u64 = 1_000;
const WRITERS: usize = 2;

/// The program that is killed: this test, started by the other one.
#[test]
#[ignore = "writes progress until it is killed; the test below starts it"]
#[allow(clippy::disallowed_methods, reason = "how a test passes arguments to a copy of itself")]
fn child() {
    let (Ok(folder), Ok(lab)) = (std::env::var("PROGRESS_FOLDER"), std::env::var("PROGRESS_LAB")) else { return };
    let (mut store, notice) = Store::open(Path::new(&folder));
    assert_eq!(notice, None);
    let mut output = std::io::stderr().lock();
    loop {
        let notice = store.apply(Change::Ran { lab: lab.clone() });
        assert_eq!(notice, None);
        if writeln!(output, "saved").is_err() {
            return;
        }
        // Nobody learns without a pause, and the lock is not a fair one.
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn start(folder: &Path, lab: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("PROGRESS_FOLDER", folder)
        .env("PROGRESS_LAB", lab)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the first acknowledgement, so that the kill falls among writes.
/// Gives back the reader of the others.
fn first_saved(child: &mut Child) -> BufReader<std::process::ChildStderr> {
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "saved\n");
    reader
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the moment of a real kill is real time")]
fn no_acknowledged_change_is_lost_and_no_file_is_torn_by_a_thousand_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = [0_u64; WRITERS];
    let mut before = [0_u64; WRITERS];
    let mut lucky = 0;
    for round in 0..KILLS / WRITERS as u64 {
        let labs = ["one", "two"];
        let mut children = labs.map(|lab| start(folder.path(), lab));
        let readers = children.each_mut().map(first_saved);
        let pause = Seed(1).draw(Purpose::Test).by(round).below(4_000);
        std::thread::sleep(Duration::from_micros(pause));
        for child in &mut children {
            child.kill().unwrap();
        }
        for child in &mut children {
            child.wait().unwrap();
        }
        for (count, reader) in acknowledged.iter_mut().zip(readers) {
            let lines: Vec<_> = reader.lines().map(Result::unwrap).collect();
            assert!(lines.iter().all(|line| line == "saved"), "{lines:?}");
            *count = 1 + lines.len() as u64;
        }
        let text = fs::read(folder.path().join("progress.json")).unwrap();
        let progress: Progress = serde_json::from_slice(&text).expect("the file is whole");
        for ((lab, before), acknowledged) in labs.iter().zip(&mut before).zip(&acknowledged) {
            let now = progress.labs_run[*lab];
            let saved = now - *before;
            // The last change may be on disk and its writer dead before it said so.
            assert!((*acknowledged..=acknowledged + 1).contains(&saved), "{acknowledged} said, {saved} saved");
            lucky += u64::from(saved > *acknowledged);
            *before = now;
        }
    }
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("corrupt")), "{names:?}");
    // If no kill ever fell between a write and its acknowledgement, the kills
    // fell at harmless moments and the test has shown nothing.
    assert!(lucky > 0, "no kill fell into a write");
    assert!(before.iter().sum::<u64>() > KILLS, "every program wrote");
}
