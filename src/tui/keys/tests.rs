use super::*;

/// Every key of these tables is bound once, and every binding has a key.
pub(crate) fn assert_each_key_once(screen: &str, hints: &[Hint]) {
    let mut seen = Vec::new();
    for hint in hints {
        assert!(!hint.keys.is_empty(), "{screen}: {:?} has no key", hint.name);
        assert!(!hint.name.zh.is_empty() && !hint.name.en.is_empty(), "{screen}: a binding has no name");
        for key in hint.keys {
            assert!(!seen.contains(key), "{screen}: {key:?} is bound twice");
            seen.push(*key);
        }
    }
}

fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
    Press::from_event(&KeyEvent::new(code, modifiers)).map(|press| press.key)
}

#[test]
fn full_width_letters_and_chinese_punctuation_are_the_keys_they_stand_on() {
    for (typed, meant) in
        ['Ａ', 'ｑ', '９', '？', '、', '，', '。', '：', '（', '）', '！', '\u{3000}', '／', '【', '】']
            .into_iter()
            .zip("Aq9?/,.:()! /[]".chars())
    {
        assert_eq!(press(KeyCode::Char(typed), KeyModifiers::NONE), Some(Key::Char(meant)), "{typed}");
    }
    assert_eq!(press(KeyCode::Char('运'), KeyModifiers::NONE), Some(Key::Composed));
}

#[test]
fn a_release_is_no_key_and_a_repeat_is_one() {
    let mut event = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE);
    event.kind = KeyEventKind::Release;
    assert_eq!(Press::from_event(&event), None);
    event.kind = KeyEventKind::Repeat;
    assert_eq!(Press::from_event(&event).map(|press| press.key), Some(Key::Char('j')));
}

#[test]
fn modifiers_are_understood() {
    assert_eq!(press(KeyCode::Char('C'), KeyModifiers::CONTROL), Some(Key::Ctrl('c')));
    assert_eq!(press(KeyCode::Char('g'), KeyModifiers::SHIFT), Some(Key::Char('G')));
    assert_eq!(press(KeyCode::Char('x'), KeyModifiers::ALT), None);
    assert_eq!(press(KeyCode::Tab, KeyModifiers::SHIFT), Some(Key::BackTab));
}

#[test]
fn the_common_tables_bind_no_key_twice() {
    assert_each_key_once("common", &[hints(MOVES), hints(GLOBALS)].concat());
}
