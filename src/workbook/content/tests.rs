use super::*;

fn overlay(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Content) {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let content = Content::with_overlay(folder.path()).unwrap();
    (folder, content)
}

#[test]
fn an_overlay_lies_over_the_course_file_by_file() {
    let files: [(&str, &[u8]); 5] = [
        ("lessons/98-mine/zh.md", b"mine"),
        ("lessons/09-nine/zh.md", b"nine"),
        ("lessons/notes/zh.md", b"not a lesson"),
        ("labs/zz-mine.toml", b"id = 1"),
        ("labs/.zz.toml", b"hidden"),
    ];
    let (_folder, content) = overlay(&files);
    let ids: Vec<_> = content.lessons().into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids.last().map(String::as_str), Some("98-mine"));
    assert!(ids.contains(&"09-nine".to_owned()) && !ids.contains(&"notes".to_owned()));
    assert!(content.lessons().len() > Content::embedded().lessons().len());
    assert_eq!(content.lesson_source("98-mine", Language::Zh).unwrap().text, "mine");
    assert!(content.lesson_source("98-mine", Language::En).unwrap_err().reason.contains("no such file"));
    assert!(content.labs().contains(&"zz-mine".to_owned()) && !content.labs().contains(&".zz".to_owned()));
    assert_eq!(content.lab_source("zz-mine").unwrap().text, "id = 1");
}

#[test]
fn no_id_leads_out_of_the_course() {
    let (_folder, content) = overlay(&[("labs/a.toml", b""), ("secret.toml", b"x"), ("lessons/secret/zh.md", b"")]);
    for id in ["../secret", "..", "/etc/passwd", "", "../labs/a"] {
        assert!(content.lab_source(id).is_err(), "{id}");
        assert!(content.lesson_source(id, Language::Zh).is_err(), "{id}");
    }
}

#[test]
fn another_encoding_is_told_with_the_byte_where_it_shows() {
    let (_folder, content) = overlay(&[("lessons/01-a/zh.md", b"+++\n\xb4\xed")]);
    let trouble = content.lesson_source("01-a", Language::Zh).unwrap_err();
    assert!(trouble.reason.contains("byte 4"), "{trouble}");
    assert_eq!(trouble.position(), (2, 1));
    assert!(trouble.render(false).contains("01-a/zh.md"));
}

#[test]
fn a_written_file_is_a_change_and_silence_is_none() {
    let (folder, content) = overlay(&[("labs/a.toml", b"1")]);
    let before = content.change();
    assert_eq!(before, content.change());
    fs::write(folder.path().join("labs/a.toml"), b"22").unwrap();
    let written = content.change();
    assert_ne!(before, written);
    fs::write(folder.path().join("labs/b.toml"), b"").unwrap();
    assert_ne!(written, content.change());
    assert_eq!(Content::embedded().change(), Change::default());
}

#[test]
fn a_folder_without_a_course_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Content::with_overlay(folder.path()).unwrap_err().contains("neither"));
}
