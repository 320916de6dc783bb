//! What the command line says of runs: all that counts against one, why, what would
//! have helped, and what combinations come to.

use assert_cmd::Command;
use serde_json::Value;

/// What a call that must go well prints.
#[track_caller]
fn fine(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackademy"));
    command.env("HOME", home.path()).env("ACKADEMY_DATA", home.path()).env("LC_ALL", "en_GB.UTF-8");
    let output = command.env("NO_COLOR", "1").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&fine(arguments)).unwrap()
}

#[test]
fn a_run_names_all_that_counts_against_it() {
    let tcc = |guard: &str, more: &[&str]| {
        let guard = format!("guard={guard}");
        let run = ["run", "b-c-ok-d-failed", "--set", "pattern=tcc", "--set", &guard, "--fault", "try-late"];
        fine(&[&run[..], more].concat())
    };
    for (guard, names) in [
        ("off", &["given away", "frozen", "cancelled"][..]),
        ("row", &["FROZEN", "cancelled"]),
        ("mark", &["CANCELLED"]),
    ] {
        let (text, json): (String, Value) = (tcc(guard, &[]), serde_json::from_str(&tcc(guard, &["--json"])).unwrap());
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
        assert!(text.lines().any(|line| line.trim() == json["verdict"].as_str().unwrap()), "{text}");
        assert_eq!(json["against"]["frozen"].is_u64(), guard != "mark");
        assert_eq!(json["culprit"], 12);
    }
    let missed = json(&["run", "b-c-ok-d-failed", "--fault", "try-lost", "--json"]);
    assert_eq!(missed["missed_faults"].as_array().unwrap().len(), 1);
    assert!(missed["against"].as_object().unwrap().is_empty());
}

/// Without a number it is the message that came to the worst harm; what is advised
/// was tried out.
#[test]
fn an_explanation_is_of_what_went_wrong() {
    let explain = |more: &[&str]| fine(&[&["explain"], more].concat());
    let twice = explain(&["dup-consumers-kafka", "--fault", "pause"]);
    assert!(twice.contains("#7 took effect 2 times") && twice.contains("only dedupe = inbox"), "{twice}");
    let frozen = explain(&["b-c-ok-d-failed", "--set", "pattern=tcc", "--set", "guard=row", "--fault", "try-late"]);
    assert!(frozen.contains("only guard = mark") && !frozen.contains("dedupe ="), "{frozen}");
    let aborted = ["--set", "transactions=true", "--set", "abort_every=5", "--set", "acks=all"];
    let aborted = explain(&[&["lost-at-producer-kafka"], &aborted[..]].concat());
    assert!(aborted.contains("REFUSED, YET THERE") && aborted.contains("only isolation = read_committed"), "{aborted}");
    let undone = ["--set", "pattern=saga", "--set", "on_exception=reject", "--set", "dead_letter=at-most-once"];
    let undone = explain(&[&["b-c-ok-d-failed", "--fault", "d-throws", "--message", "12"], &undone[..]].concat());
    assert!(undone.contains("undone") && !undone.contains("is in the dead-letter queue"), "{undone}");
}

/// To ask for less loses no less; and what somebody changed is taken back first.
#[test]
fn nobody_is_advised_to_ask_for_less() {
    let explain = |more: &[&str]| fine(&[&["explain"], more].concat());
    let unclean = explain(&["kafka-ha", "--set", "unclean_election=true", "--fault", "lagging-then-crash"]);
    assert!(unclean.contains("only unclean_election = false"), "{unclean}");
    let hangs = explain(&["lost-at-producer-kafka", "--set", "acks=all", "--fault", "hang-long"]);
    assert!(hangs.contains("only delivery_timeout_ms") && !hangs.contains("acks ="), "{hangs}");
    let first = explain(&["lost-in-broker-kafka", "--set", "acks=all", "--fault", "first-unanswered"]);
    assert!(!first.contains("only replication_factor = 1"), "{first}");
}

#[test]
fn the_table_of_a_sweep_fits_and_says_what_is_held() {
    let sweep = ["sweep", "b-c-ok-d-failed", "--seeds", "2", "--set", "pattern=tcc"];
    let table = fine(&sweep);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.contains("held: pattern=tcc") && table.lines().count() < 120, "{table}");
    let late = fine(&[&sweep[..], &["--fault", "try-late"]].concat());
    for (guard, frozen) in [("off", "2"), ("row", "2"), ("mark", "·")] {
        let line = late.lines().find(|line| line.contains(&format!("guard={guard}"))).unwrap();
        assert!(line.contains(frozen), "{late}");
    }
    let all = fine(&[&sweep[..], &["--all"]].concat());
    assert!(all.lines().count() > table.lines().count(), "{all}");
    let none = json(&["sweep", "first-loss", "--seeds", "2", "--fault", "none", "--json"]);
    assert!(none["rows"].as_array().unwrap().iter().all(|row| row["fault"].is_null()));
}
