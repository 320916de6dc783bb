//! A sound course passes; every rule notices its own breach, and says where.

use std::fs;

use super::*;
use crate::lesson::StepKind;

/// A lesson that keeps every rule, in one language.
fn page(language: Language) -> String {
    let (title, question, text) = match language {
        Language::Zh => ("方法", "为什么要动手？", "消息**丢了**，见[第 3 条](claim:lab-a/lost)和 `acks` 配置。"),
        Language::En => {
            ("Method", "Why by hand?", "A message is **lost**, see [the third](claim:lab-a/lost) and `acks`.")
        }
    };
    let mut page = format!(
        "+++\ntitle = \"{title}\"\nminutes = 3\nlabs = [\"lab-a\"]\nquestions = [\"{question}\"]\n+++\n# {title} {{#part}}\n"
    );
    for kind in StepKind::ALL {
        let body = match kind {
            StepKind::Incident => format!("{text}\n"),
            StepKind::Predict => "```predict\nlab = \"lab-a\"\npredict = \"survive\"\n```\n".to_owned(),
            StepKind::Run => {
                "```lab\nlab = \"lab-a\"\nmode = \"run\"\nfault = \"crash\"\nset = { durable = true }\n```\n".to_owned()
            }
            StepKind::Twin => "```lab\nlab = \"lab-a\"\nmode = \"twin\"\nflip = { durable = false }\n```\n".to_owned(),
            StepKind::Alive => "```lab\nlab = \"lab-a\"\nmode = \"task\"\ntask = \"keep\"\n```\n".to_owned(),
            StepKind::Quiz => format!(
                "```quiz\nid = \"q\"\nask = \"{question}\"\noptions = [\n  {{ text = \"{title}\", right = true, why = \"{title}\" }},\n  {{ text = \"{title}\", right = false, why = \"{title}\" }},\n]\n```\n"
            ),
            _ => format!("[{title}](lesson:97-sample#part-why)\n"),
        };
        page += &format!("\n## {title} {{#part-{}}}\n\n{body}", kind.id());
    }
    page
}

fn known() -> KnownLabs {
    let set = |name: &str| BTreeSet::from([name.to_owned()]);
    let lab = KnownLab {
        lesson: "00-method".to_owned(),
        claims: set("lost"),
        predicts: set("survive"),
        tasks: set("keep"),
        faults: set("crash"),
        settings: set("durable"),
    };
    KnownLabs { labs: BTreeMap::from([("lab-a".to_owned(), lab)]) }
}

/// What the check says about this one lesson, laid over the embedded course,
/// whose own lessons are checked elsewhere.
fn check_pages(zh: &str, en: &str) -> Vec<Trouble> {
    let folder = tempfile::tempdir().unwrap();
    let lesson = folder.path().join("lessons/97-sample");
    fs::create_dir_all(&lesson).unwrap();
    fs::write(lesson.join("zh.md"), zh).unwrap();
    fs::write(lesson.join("en.md"), en).unwrap();
    let content = Content::with_overlay(folder.path()).unwrap();
    let mut troubles = check_lessons(&content, &known());
    let ours = lesson.display().to_string();
    troubles.retain(|trouble| trouble.path.starts_with(&ours));
    troubles
}

/// Breaks one thing in one language (or in both) and expects trouble about that
/// and nothing else, with a place.
fn assert_noticed(languages: &[Language], from: &str, to: &str, words: &str) {
    let broken = |language| {
        let page = page(language);
        if !languages.contains(&language) {
            return page;
        }
        assert!(page.contains(from), "{from:?} is not in the page");
        page.replacen(from, to, 1)
    };
    let troubles = check_pages(&broken(Language::Zh), &broken(Language::En));
    assert!(!troubles.is_empty(), "nobody noticed {from:?} -> {to:?}");
    for trouble in &troubles {
        assert!(trouble.reason.contains(words), "expected {words:?}:\n{trouble}");
        assert!(trouble.position().0 > 1, "it has a place:\n{trouble}");
    }
}

const BOTH: &[Language] = &Language::ALL;
const ZH: &[Language] = &[Language::Zh];
const EN: &[Language] = &[Language::En];

#[test]
fn a_sound_course_passes() {
    let troubles = check_pages(&page(Language::Zh), &page(Language::En));
    assert!(troubles.is_empty(), "{}", troubles[0]);
}

#[test]
fn every_part_goes_the_whole_way_in_order() {
    let without = |language| page(language).replace("## 方法 {#part-real}", "").replace("## Method {#part-real}", "");
    let troubles = check_pages(&without(Language::Zh), &without(Language::En));
    assert_eq!(troubles.len(), 2, "{troubles:?}");
    assert!(troubles.iter().all(|trouble| trouble.reason == "this part lacks real" && trouble.position() == (7, 1)));
    let swapped = |language| {
        let page = page(language);
        let (why, real) = (page.find("{#part-why}").unwrap(), page.find("{#part-real}").unwrap());
        let mut swapped = page.clone();
        swapped.replace_range(real..real + 12, "{#part-why}");
        swapped.replace_range(why..why + 11, "{#part-real}");
        swapped
    };
    let troubles = check_pages(&swapped(Language::Zh), &swapped(Language::En));
    assert_eq!(troubles.len(), 2, "{troubles:?}");
    assert!(troubles[0].reason.contains("why comes after real"), "{}", troubles[0]);
}

#[test]
fn what_a_lesson_names_is_there() {
    assert_noticed(BOTH, "claim:lab-a/lost", "claim:lab-a/los", "has no claim \"los\"");
    assert_noticed(BOTH, "claim:lab-a/lost", "lab:lab-b", "there is no lab \"lab-b\"");
    assert_noticed(BOTH, "predict = \"survive\"", "predict = \"x\"", "has no prediction \"x\"");
    assert_noticed(BOTH, "fault = \"crash\"", "fault = \"x\"", "has no fault \"x\"");
    assert_noticed(BOTH, "set = { durable", "set = { x", "has no setting \"x\"");
    assert_noticed(BOTH, "flip = { durable", "flip = { x", "has no setting \"x\"");
    assert_noticed(BOTH, "task = \"keep\"", "task = \"x\"", "has no task \"x\"");
    assert_noticed(BOTH, "lesson:97-sample#part-why", "lesson:01-x", "there is no lesson \"01-x\"");
    assert_noticed(BOTH, "lesson:97-sample#part-why", "lesson:97-sample#y", "has no heading \"y\"");
    assert_noticed(BOTH, "labs = [\"lab-a\"]", "labs = [\"lab-a\", \"lab-b\"]", "there is no lab \"lab-b\"");
    assert_noticed(BOTH, "labs = [\"lab-a\"]", "labs = []", "front matter does not name");
}

#[test]
fn both_languages_are_in_step() {
    assert_noticed(EN, "claim:lab-a/lost", "https://a.example", "the claim lab-a/lost");
    assert_noticed(EN, "set = { durable = true }", "", "the lab lab-a");
    assert_noticed(EN, "durable = true", "durable = false", "the lab lab-a");
    assert_noticed(ZH, "id = \"q\"", "id = \"r\"", "the quiz \"r\"");
    assert_noticed(
        ZH,
        "right = true, why = \"方法\" },",
        "right = true, why = \"方法\" },\n{ text = \"b\", right = true, why = \"c\" },",
        "2 options",
    );
    assert_noticed(EN, "questions = [", "questions = [\"Another?\", ", "questions of the notes");
    assert_noticed(EN, "{#part-why}", "{#part-why}\n\n### More {#part-more}\n", "the heading ### {#part-more}");
    let page_without = page(Language::En).replace("```predict\nlab = \"lab-a\"\npredict = \"survive\"\n```", "");
    let troubles = check_pages(&page(Language::Zh), &page_without);
    assert!(troubles[0].reason.contains("the prediction lab-a/survive"), "{}", troubles[0]);
}

#[test]
fn chinese_keeps_its_rules_of_writing() {
    assert_noticed(ZH, "消息**丢了**，", "**消息。**然后", "literal **");
    assert_noticed(ZH, "消息**丢了**，", "消息*丢了*，", "no italics");
    assert_noticed(ZH, "`acks` 配置", "`acks`配置", "no space between s and 配");
    assert_noticed(ZH, "第 3 条", "第3 条", "no space between 第 and 3");
    assert_noticed(ZH, "，见", "， 见", "a space after ，");
    assert_noticed(ZH, "，见", " ，见", "a space before ，");
    assert_noticed(ZH, "和 `acks`", "和  `acks`", "two spaces");
    assert_noticed(ZH, "ask = \"为什么", "ask = \"为什么A", "no space between");
    assert_noticed(ZH, "title = \"方法", "title = \"方法B", "no space between");
    assert_noticed(EN, "**lost**", "\\*\\*lost\\*\\*", "literal **");
    let line_break = page(Language::Zh).replace("丢了**，见", "丢了**，  \n见").replace("和 `", "和\n`");
    assert!(check_pages(&line_break, &page(Language::En)).is_empty(), "an author's line break is no space");
}

#[test]
fn a_rule_of_writing_points_at_the_characters() {
    let zh = page(Language::Zh).replace("第 3 条", "第3 条");
    let troubles = check_pages(&zh, &page(Language::En));
    let (line, column) = troubles[0].position();
    let shown: String = zh.lines().nth(line - 1).unwrap().chars().skip(column - 1).take(2).collect();
    assert_eq!(shown, "第3");
}

#[test]
fn a_missing_language_and_an_unreachable_lab_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = folder.path().join("lessons/97-sample");
    fs::create_dir_all(&lesson).unwrap();
    fs::write(lesson.join("zh.md"), page(Language::Zh)).unwrap();
    let mut known = known();
    known.labs.insert("zz-alone".to_owned(), KnownLab::default());
    let troubles = check_lessons(&Content::with_overlay(folder.path()).unwrap(), &known);
    let told = |path: &str, words: &str| troubles.iter().any(|t| t.path.ends_with(path) && t.reason.contains(words));
    assert!(told("97-sample/en.md", "no such file"));
    assert!(told("zz-alone.toml", "no lesson names"));
}
