//! The command line from outside: what it answers to wrong calls, wrong files
//! and closed doors, and with which exit code. 0 fine, 1 a check failed, 2 a
//! wrong call or file, 3 could not tell.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use ackademy::lab::Token;
use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A program with a data folder of its own.
struct Program {
    home: TempDir,
}

struct Answer {
    code: Option<i32>,
    out: String,
    talk: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            talk: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Says no, with this code, on standard error only, and names each of these.
    #[track_caller]
    fn refuses(&self, code: i32, names: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.talk);
        assert!(!self.talk.contains("panicked"), "{}", self.talk);
        assert!(self.out.is_empty(), "talk is on standard output: {}", self.out);
        for name in names {
            assert!(self.talk.contains(name), "nothing about {name:?} in:\n{}", self.talk);
        }
    }

    #[track_caller]
    fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.talk);
        self.out
    }

    #[track_caller]
    fn json(self) -> Value {
        serde_json::from_str(&self.fine()).unwrap()
    }
}

impl Program {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> std::path::PathBuf {
        self.home.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ackademy"));
        command.env("HOME", self.home.path()).env("ACKADEMY_DATA", self.data()).env("LC_ALL", "en_GB.UTF-8");
        command.env("NO_COLOR", "1").current_dir(self.home.path());
        command
    }

    fn call(&self, arguments: &[&str]) -> Answer {
        self.command().args(arguments).output().unwrap().into()
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    fn token(&self) -> Token {
        let run = self.call(&["run", "first-loss", "--fault", "crash", "--json"]).json();
        Token::parse(run["token"].as_str().unwrap()).unwrap()
    }
}

fn lab(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(name).with_extension("toml")).unwrap()
}

#[test]
fn a_wrong_choice_names_itself_and_what_there_is() {
    let program = Program::new();
    for (arguments, names) in [
        (&["run", "frist-loss"][..], &["frist-loss", "first-loss", "dup-producer"][..]),
        (&["run", "first-loss", "--set", "durabel=true"], &["durabel", "durable", "persistent", "^"]),
        (&["run", "first-loss", "--set", "durable=maybe"], &["durable", "maybe", "true", "false", "^"]),
        (&["run", "first-loss", "--set", "durable"], &["--set", "NAME=VALUE"]),
        (&["run", "first-loss", "--fault", "crahs"], &["crahs", "crash", "^"]),
        (&["run", "first-loss", "--fault", "crash broker-7 at 1s"], &["broker-7", "broker-1", "^"]),
        (&["run", "first-loss", "--fault", "crash broker-1 at soon"], &["soon", "2s", "^"]),
        (&["run", "first-loss", "--seed", "many"], &["many", "--seed"]),
        (&["explain", "first-loss", "--message", "21"], &["21", "1 to 20"]),
        (&["explain", "first-loss", "--message", "0"], &["no message 0", "1 to 20"]),
        (&["sweep", "first-loss", "--fault", "nosuch", "--seeds", "1", "--json"], &["nosuch", "crash"]),
        (&["sweep", "first-loss", "--seeds", "0"], &["--seeds"]),
        (&["read", "99"], &["99", "11-no-loss"]),
        (&["labs", "--lang", "fr"], &["fr"]),
        (&["frobnicate"], &["frobnicate"]),
        (&["check", "/no/such/place"], &["/no/such/place"]),
        (&["labs", "--content", "/no/such/place"], &["/no/such/place"]),
    ] {
        program.call(arguments).refuses(2, names);
    }
}

#[test]
fn a_token_that_is_none_or_damaged_says_so() {
    let program = Program::new();
    let whole = program.token().to_string();
    let cut = &whole[..whole.len() - 6];
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    let other = if changed.as_bytes()[middle] == b'A' { "B" } else { "A" };
    changed.replace_range(middle..=middle, other);
    program.call(&["replay", "hello"]).refuses(2, &["no token", "ack1-"]);
    program.call(&["replay", ""]).refuses(2, &["no token"]);
    program.call(&["replay", "ack1-"]).refuses(2, &["damaged"]);
    program.call(&["replay", "ack1-短信"]).refuses(2, &["damaged"]);
    program.call(&["replay", cut]).refuses(2, &["damaged"]);
    program.call(&["replay", &changed]).refuses(2, &["damaged"]);
}

#[test]
fn a_token_of_another_world_says_so_before_it_runs() {
    let program = Program::new();
    let made_with = |change: &dyn Fn(&mut Token)| {
        let mut token = program.token();
        change(&mut token);
        program.call(&["replay", &token.to_string()])
    };
    made_with(&|token| token.engine = "9.9.9".to_owned()).refuses(2, &["9.9.9", "may differ"]);
    made_with(&|token| token.hash = "0".repeat(16)).refuses(2, &["first-loss", "changed"]);
    made_with(&|token| token.lab = "nowhere".to_owned()).refuses(2, &["nowhere", "first-loss"]);
    made_with(&|token| token.settings.push(("colour".to_owned(), "red".to_owned()))).refuses(2, &["colour"]);
    made_with(&|token| token.faults.push("flood broker-1 at 1s".to_owned())).refuses(2, &["flood", "^"]);
    made_with(&|token| token.live.push("flood broker-1 at 1s".to_owned())).refuses(2, &["flood", "^"]);
}

#[test]
fn a_token_replays_the_run_it_was_made_of() {
    let program = Program::new();
    let file = program.home.path().join("token").display().to_string();
    let choice = ["lost-in-broker-rabbit", "--set", "sync=before-confirm", "--fault", "power-cut", "--seed", "7"];
    let run = program.call(&[&["run", "--json", "--token-file", &file], &choice[..]].concat()).json();
    let token = fs::read_to_string(&file).unwrap();
    assert_eq!(run["token"], token.trim());
    assert_eq!(program.call(&["replay", "--json", token.trim()]).json(), run);
    let trace = program.call(&[&["run", "--trace"], &choice[..]].concat()).fine();
    assert_eq!(program.call(&["replay", "--trace", token.trim()]).fine(), trace);
}

#[test]
fn a_token_file_that_cannot_be_written_says_where() {
    let program = Program::new();
    program.call(&["run", "first-loss", "--token-file", "/no/such/place/token"]).refuses(2, &["/no/such/place/token"]);
}

#[test]
fn a_lab_file_that_is_wrong_is_shown_with_place_and_caret() {
    let program = Program::new();
    let text = lab("first-loss");
    for (from, to, names) in [
        ("messages = 20", "messages = twenty", &["^^^^^^"][..]),
        ("[settings.durable]", "[settings.durabel]", &["durabel", "^"]),
        ("crash broker-1 at 1s", "crash broker-2 at 1s", &["broker-2", "broker-1", "^"]),
        ("right = \"applied == 20\"", "right = \"aplied == 20\"", &["aplied", "applied", "^"]),
        ("given = { durable = false, persistent = true }", "given = { durable = 7 }", &["7", "^"]),
        ("id = \"first-loss\"", "", &["id"]),
    ] {
        assert!(text.contains(from), "{from}");
        let path = program.file("bad.toml", text.replacen(from, to, 1));
        let answer = program.call(&["check", &path, "--seeds", "1"]);
        answer.refuses(2, names);
        let line = text[..text.find(from).unwrap()].matches('\n').count() + 1;
        let place = if to.is_empty() { format!("{path}:") } else { format!("{path}:{line}:") };
        assert!(answer.talk.contains(&place), "no {place} in:\n{}", answer.talk);
    }
    let path = program.file("bad.toml", "");
    program.call(&["check", &path]).refuses(2, &["bad.toml"]);
    let path = program.file("bad.toml", b"id = \"\xff\xfe\"");
    program.call(&["check", &path]).refuses(2, &["bad.toml", "UTF-8"]);
}

#[test]
fn a_claim_that_does_not_hold_is_exit_one_with_a_seed() {
    let program = Program::new();
    let right = "always = \"lost_after_ok > 0\"";
    let path = program.file("first-loss.toml", lab("first-loss").replacen(right, "always = \"lost_after_ok == 0\"", 1));
    let answer = program.call(&["check", &path, "--seeds", "100"]);
    assert_eq!(answer.code, Some(1), "{}", answer.talk);
    assert!(answer.out.contains("FAIL first-loss claim ok-is-not-saved"), "{}", answer.out);
    assert!(answer.out.contains("seed 0"), "{}", answer.out);
    let path = program.file("first-loss.toml", lab("first-loss"));
    let json = program.call(&["check", &path, "--seeds", "100", "--json"]).fine();
    let findings: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(findings.len(), 5);
    assert!(findings.iter().all(|finding| finding["holds"] == true), "{json}");
}

#[test]
fn a_lesson_that_is_not_utf8_is_a_wrong_file() {
    let program = Program::new();
    program.file("course/lessons/11-no-loss/en.md", b"# No \xff loss");
    let course = program.home.path().join("course").display().to_string();
    program.call(&["read", "11", "--content", &course]).refuses(2, &["11-no-loss", "UTF-8"]);
    // The other language is still the one that was built in.
    assert!(!program.call(&["read", "11", "--content", &course, "--lang", "zh"]).fine().is_empty());
}

#[test]
fn progress_that_cannot_be_written_is_no_success() {
    let program = Program::new();
    let export = program.file("export.json", program.call(&["progress", "export"]).fine());
    let file = program.file("file", "in the way");
    let call = |arguments: &[&str]| {
        Answer::from(program.command().env("ACKADEMY_DATA", &file).args(arguments).output().unwrap())
    };
    let answer = call(&["progress"]);
    assert_eq!(answer.code, Some(0));
    assert!(answer.talk.contains(&file), "{}", answer.talk);
    call(&["progress", "import", &export]).refuses(2, &[&file]);
    call(&["progress", "reset", "--yes"]).refuses(2, &[&file]);
}

#[test]
fn progress_that_cannot_be_read_is_set_aside() {
    let program = Program::new();
    fs::create_dir_all(program.data()).unwrap();
    fs::write(program.data().join("progress.json"), "{\"version\": 1, \"less").unwrap();
    let answer = program.call(&["progress"]);
    assert_eq!(answer.code, Some(0));
    assert!(answer.talk.contains("could not be understood"), "{}", answer.talk);
    let kept = fs::read_dir(program.data()).unwrap().map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| fs::read_to_string(path).is_ok_and(|text| text.ends_with("less"))).count();
    assert_eq!(kept, 1, "the old file is gone");
    assert!(program.call(&["progress"]).talk.is_empty());
}

#[test]
fn progress_is_exported_imported_and_reset() {
    let program = Program::new();
    let empty = program.call(&["progress", "export"]).fine();
    let mut progress: Value = serde_json::from_str(&empty).unwrap();
    progress["labs_run"] = serde_json::json!({ "first-loss": 3 });
    let file = program.file("export.json", progress.to_string());
    program.call(&["progress", "import", &file]).fine();
    let now = program.call(&["progress", "--json"]).json();
    assert_eq!(now["labs_run"]["first-loss"], 3);
    assert!(program.call(&["progress", "--lang", "zh"]).fine().contains("跑实验 3 次"));
    let answer = program.call(&["progress", "reset"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.talk.contains("--yes"));
    assert_eq!(program.call(&["progress", "--json"]).json(), now);
    let answer = program.call(&["progress", "reset", "--yes"]);
    assert_eq!(answer.code, Some(0), "{}", answer.talk);
    let again = program.call(&["progress", "export"]).json();
    assert_eq!(again["labs_run"], serde_json::json!({}));
    assert!(again["revision"].as_u64() > now["revision"].as_u64(), "a reset is a change like any other");
    for wrong in ["{", "[]", "{\"version\": 999}"] {
        let file = program.file("wrong.json", wrong);
        program.call(&["progress", "import", &file]).refuses(2, &["wrong.json"]);
    }
    program.call(&["progress", "import", "/no/such/file"]).refuses(2, &["/no/such/file"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let program = Program::new();
    for arguments in
        [&["run", "lost-at-producer-rabbit", "--trace"][..], &["sweep", "first-loss", "--seeds", "200"], &["labs"]]
    {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ackademy"));
        command.args(arguments).env("ACKADEMY_DATA", program.data());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let answer = Answer::from(child.wait_with_output().unwrap());
        assert_eq!((answer.code, answer.talk.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn the_language_is_the_one_asked_for_then_the_locale_s() {
    let program = Program::new();
    let run = ["run", "first-loss", "--fault", "crash"];
    let with = |locale: &str, lang: &[&str]| {
        let mut command = program.command();
        Answer::from(command.env("LC_ALL", locale).args(run).args(lang).output().unwrap()).fine()
    };
    assert!(with("zh_CN.UTF-8", &[]).contains("账本"));
    assert!(with("de_DE.UTF-8", &[]).contains("ledger"));
    assert!(with("de_DE.UTF-8", &["--lang", "zh"]).contains("账本"));
    assert!(with("zh_CN.UTF-8", &["--lang", "en"]).contains("ledger"));
}

#[test]
fn a_sweep_is_a_row_for_each_combination() {
    let program = Program::new();
    let sweep = ["sweep", "first-loss", "--seeds", "20", "--json"];
    let json = program.call(&sweep).json();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 8, "two settings of two values, without and with the fault");
    for row in rows {
        assert_eq!((row["runs"].as_u64(), row["undecided"].as_u64()), (Some(20), Some(0)));
        assert_eq!(row["totals"]["attempted"], 400);
        assert!(row["settings"]["durable"].is_string() && row["settings"]["persistent"].is_string());
        assert!(row["fault"] == "crash" || row["fault"].is_null());
        assert!(row["distinct_digests"].as_u64().unwrap() > 1);
        assert!(row["runs_with"]["lost_after_ok"].as_u64().unwrap() <= 20);
        assert!(row["witnesses"].as_u64().unwrap() <= 20 && row.get("violation").is_none());
    }
    for threads in ["1", "2", "5"] {
        assert_eq!(program.call(&[&sweep[..], &["--threads", threads]].concat()).json(), json);
    }
    let held = program.call(&[&sweep[..], &["--set", "durable=true", "--fault", "crash"]].concat()).json();
    assert_eq!(held["rows"].as_array().unwrap().len(), 2);
}
