//! Nothing a learner did is ever lost without a word.

use std::fs;
use std::path::Path;

use super::*;
use crate::source::Source;
use crate::text::Language;

fn ran(lab: &str) -> Change {
    Change::Ran { lab: lab.into() }
}

fn prediction(at: u64, right: bool) -> Prediction {
    let (lab, predict, option) = ("first-loss".into(), "survive".into(), "all".into());
    Prediction { at, lab, predict, option, confidence: 2, right, seed: 7 }
}

fn open(folder: &Path) -> Store {
    let (store, notice) = Store::open(folder);
    assert_eq!(notice, None);
    store
}

#[test]
fn what_was_done_is_there_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("not/yet/there");
    let mut store = open(&folder);
    let place = Place { block: 4, step: "why".into(), at: 9 };
    let changes = [
        Change::Language(Language::Zh),
        Change::FirstLightDone,
        Change::Reached { lesson: "00-method".into(), step: "incident".into() },
        Change::Left { lesson: "00-method".into(), place: place.clone() },
        Change::Finished { lesson: "00-method".into() },
        Change::Predicted(prediction(5, false)),
        Change::Answered {
            lesson: "00-method".into(),
            question: "ok".into(),
            answer: QuizAnswer { option: 1, right: true, at: 6 },
        },
        Change::Solved { lab: "a".into(), task: "t".into(), settings: [("acks".into(), "all".into())].into(), at: 7 },
        ran("a"),
    ];
    for change in changes {
        assert_eq!(store.apply(change), None);
        assert!(store.is_saved());
    }
    let again = open(&folder);
    assert_eq!(again.progress(), store.progress());
    let progress = again.progress();
    assert_eq!((progress.language, progress.first_light_done), (Some(Language::Zh), true));
    assert_eq!(super::chosen_language(&folder), Some(Language::Zh), "without the lock too");
    let lesson = &progress.lessons["00-method"];
    assert_eq!((lesson.place.as_ref(), lesson.finished, lesson.steps.len()), (Some(&place), true, 1));
    assert_eq!(progress.tasks["a/t"].settings["acks"], "all");
    assert_eq!((progress.answers["00-method/ok"].option, progress.labs_run["a"], progress.revision), (1, 1, 9));
}

#[test]
fn two_programs_interleave_their_changes_and_lose_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut a, mut b) = (open(folder.path()), open(folder.path()));
    for n in 0..20 {
        a.apply(ran("a"));
        b.apply(Change::Predicted(prediction(n, true)));
        b.apply(ran("a"));
    }
    assert_eq!(a.refresh(), None);
    assert_eq!(a.progress(), b.progress());
    assert_eq!((a.progress().labs_run["a"], a.progress().predictions.len()), (40, 20));
}

#[test]
fn a_file_that_cannot_be_understood_is_kept_and_said() {
    for broken in ["", "{", "[]", "{\"version\": 1}", "{\"version\": 1, \"revision\": 0, \"colour\": 2}", "\u{0}\u{0}"]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("progress.json");
        fs::write(folder.path().join("progress.corrupt-1.json"), "an older one").unwrap();
        fs::write(&file, broken).unwrap();
        let (mut store, notice) = Store::open(folder.path());
        let kept = folder.path().join("progress.corrupt-2.json");
        let Some(Notice::SetAside { kept_as, .. }) = &notice else { panic!("{broken:?}: {notice:?}") };
        assert_eq!(*kept_as, kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), broken);
        assert!(notice.unwrap().text(Language::Zh).contains("progress.corrupt-2.json"));
        assert_eq!(store.apply(ran("a")), None);
        assert_eq!(open(folder.path()).progress().labs_run["a"], 1);
    }
}

#[test]
fn a_file_broken_or_removed_under_a_running_program_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("progress.json");
    let mut store = open(folder.path());
    store.apply(ran("a"));
    fs::write(&file, "rubbish").unwrap();
    assert!(matches!(store.apply(ran("a")), Some(Notice::SetAside { .. })));
    assert_eq!(open(folder.path()).progress().labs_run["a"], 2);
    fs::remove_file(&file).unwrap();
    assert_eq!(store.apply(ran("a")), None);
    assert_eq!(open(folder.path()).progress().labs_run["a"], 3);
}

#[test]
fn a_newer_programs_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("progress.json");
    let newer = "{\"version\": 9, \"revision\": 3, \"dreams\": []}";
    fs::write(&file, newer).unwrap();
    let (mut store, notice) = Store::open(folder.path());
    assert_eq!(notice, Some(Notice::Newer { path: file.clone(), version: 9 }));
    for language in Language::ALL {
        assert!(notice.as_ref().unwrap().text(language).contains('9'));
    }
    assert_eq!(store.apply(ran("a")), None);
    assert!(!store.is_saved());
    assert_eq!(store.progress().labs_run["a"], 1, "usable in memory");
    assert!(store.reset(0).is_err());
    assert_eq!(fs::read_to_string(file).unwrap(), newer);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_once_and_saved_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    // A file in the folder's place stops even the superuser.
    let place = folder.path().join("ackademy");
    fs::write(&place, "").unwrap();
    let (mut store, notice) = Store::open(&place);
    assert!(matches!(notice, Some(Notice::Unwritable { .. })));
    assert_eq!((store.apply(ran("a")), store.apply(ran("a"))), (None, None));
    assert_eq!((store.progress().labs_run["a"], store.is_saved()), (2, false));
    fs::remove_file(&place).unwrap();
    assert_eq!(store.apply(ran("a")), None);
    assert!(store.is_saved());
    assert_eq!(open(&place).progress().labs_run["a"], 3);
}

#[test]
fn an_import_merges_and_merging_twice_is_merging_once() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [mut here, mut there] = [open(folders[0].path()), open(folders[1].path())];
    let place = |at, block| Place { block, step: "why".into(), at };
    here.apply(Change::Predicted(prediction(1, true)));
    here.apply(Change::Left { lesson: "l".into(), place: place(5, 50) });
    here.apply(ran("a"));
    there.apply(Change::Predicted(prediction(0, false)));
    there.apply(Change::Predicted(prediction(1, true)));
    there.apply(Change::Left { lesson: "l".into(), place: place(4, 40) });
    there.apply(Change::Finished { lesson: "l".into() });
    (0..3).for_each(|_| drop(there.apply(ran("a"))));
    let export = Source::new("export.json", there.export());
    assert_eq!(here.import(&export).unwrap(), None);
    let once = here.progress().clone();
    assert_eq!(once.predictions, [prediction(0, false), prediction(1, true)]);
    assert_eq!((once.lessons["l"].place.as_ref(), once.lessons["l"].finished), (Some(&place(5, 50)), true));
    assert_eq!(once.labs_run["a"], 3);
    here.import(&export).unwrap();
    assert_eq!(Progress { revision: once.revision, ..here.progress().clone() }, once);
    assert_eq!(open(folders[0].path()).progress(), here.progress());
}

#[test]
fn an_import_that_is_wrong_says_where_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.apply(Change::Predicted(prediction(1, true)));
    let good = store.export();
    let cases = [
        ("not json".to_owned(), (1, 2), "expected"),
        (good.replace("\"seed\": 7", "\"seed\": \"x\""), (14, 17), "invalid type"),
        (good.replace("\"confidence\": 2", "\"confidence\": 4"), (12, 7), "1, 2 or 3"),
        (good.replace("\"version\": 1", "\"version\": 2"), (2, 3), "newer program"),
        ("{}".to_owned(), (1, 1), "no version"),
    ];
    for (text, position, words) in cases {
        let trouble = store.import(&Source::new("export.json", text)).unwrap_err();
        assert!(trouble.reason.contains(words), "{trouble}");
        assert_eq!(trouble.position(), position, "{trouble}");
    }
    assert_eq!(store.export(), good);
}

#[test]
fn a_reset_says_what_it_takes_and_keeps_a_dated_copy() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut other = open(folder.path());
    store.apply(Change::Language(Language::Zh));
    store.apply(ran("a"));
    other.apply(Change::Predicted(prediction(1, true)));
    store.refresh();
    assert_eq!(store.loss(), Loss { predictions: 1, runs: 1, ..Loss::default() });
    let before = fs::read(folder.path().join("progress.json")).unwrap();
    let copy = store.reset(0).unwrap();
    assert_eq!(copy.file_name().unwrap(), "progress.backup-19700101-000000.json");
    assert_eq!(fs::read(&copy).unwrap(), before);
    assert_ne!(store.reset(0).unwrap(), copy, "a second copy does not replace the first");
    assert_eq!((store.loss(), store.progress().language), (Loss::default(), Some(Language::Zh)));
    other.apply(ran("b"));
    assert_eq!(other.loss(), Loss { runs: 1, ..Loss::default() }, "the other program begins again as well");
}
