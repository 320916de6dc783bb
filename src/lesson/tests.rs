//! What must hold for every lesson: errors have places, rows have widths.

use proptest::prelude::*;

use super::block::{CallOut, LabMode};
use super::layout::{Layout, Row, Style};
use super::wrap::{begins_badly, wrap};
use super::*;
use crate::source::{Source, Trouble};
use crate::text::Language;

const ZH: &str = include_str!("samples/zh.md");
const EN: &str = include_str!("samples/en.md");

fn lesson(text: &str, language: Language) -> Lesson {
    parse(&Source::new("lessons/00-sample/x.md", text), language)
        .unwrap_or_else(|troubles| panic!("{}", shown(&troubles)))
}

fn shown(troubles: &[Trouble]) -> String {
    troubles.iter().map(|trouble| trouble.render(false) + "\n").collect()
}

/// The only trouble with a body of Markdown behind a sound front matter.
fn trouble_of(body: &str) -> ((usize, usize), String) {
    let text = format!("+++\ntitle = \"t\"\nminutes = 1\nlabs = []\nquestions = []\n+++\n{body}");
    let troubles = parse(&Source::new("a.md", text), Language::En).expect_err(body);
    assert_eq!(troubles.len(), 1, "{}", shown(&troubles));
    let (line, column) = troubles[0].position();
    ((line - 6, column), troubles[0].render(false))
}

fn assert_trouble(body: &str, position: (usize, usize), words: &str) {
    let (at, message) = trouble_of(body);
    assert_eq!(at, position, "{message}");
    assert!(message.contains(words), "{words:?} is missing from:\n{message}");
}

#[test]
fn a_lesson_is_read_whole() {
    let zh = lesson(ZH, Language::Zh);
    assert_eq!((zh.title.value.as_str(), zh.minutes), ("样例", 5));
    assert_eq!(&ZH[zh.labs[0].span.clone()], "\"first-loss\"");
    let steps = zh.steps();
    assert_eq!(steps.len(), 1);
    assert_eq!((steps[0].part.as_deref(), steps[0].kind), (Some("producer"), StepKind::Incident));
    assert_eq!(zh.block_of("producer-incident"), Some(steps[0].block));
    let links: Vec<_> = zh.links().iter().map(|link| &ZH[link.span.clone()]).collect();
    assert_eq!(links, ["[确认之后断电会丢](claim:first-loss/lost-after-ok)", "[另一课](lesson:11-no-loss#why)"]);
    assert_eq!(zh.link_at(zh.links()[1].span.start), Some(zh.links()[1]));
    let Some(Block::Lab(lab)) = zh.blocks.iter().find(|block| matches!(block, Block::Lab(_))) else { panic!() };
    assert_eq!((lab.set["prefetch"].value.as_str(), lab.set["persistent"].value.as_str()), ("10", "true"));
    assert_eq!(&ZH[lab.fault.clone().unwrap().span], "\"power-cut\"");
    let LabMode::Twin { setting, value } = &lab.mode else { panic!() };
    assert_eq!((setting.value.as_str(), value.as_str(), &ZH[setting.span.clone()]), ("confirms", "async", "\"async\""));
    assert!(zh.blocks.iter().any(|block| matches!(block, Block::CallOut { kind: CallOut::Trap, .. })));
    let en = lesson(EN, Language::En);
    let Some(Block::See(see)) = en.blocks.last() else { panic!() };
    assert_eq!((see.id.value.as_str(), see.options.len()), ("producer-incident", 2), "its step's id");
}

#[test]
fn a_source_line_ends_in_a_space_only_where_the_language_has_one() {
    let zh = lesson(ZH, Language::Zh);
    let passage = zh.passages.iter().find(|passage| passage.text.starts_with("凌晨")).unwrap();
    assert!(passage.text.contains("确认了”，可是 RabbitMQ"), "{}", passage.text);
    assert!(passage.text.contains("没有……这一行"), "{}", passage.text);
    assert!(passage.text.contains("confirms 结尾然后继续"), "{}", passage.text);
    let at = passage.text.find("二十").unwrap();
    assert_eq!(&ZH[passage.span_at(at)], "二");
    let trap = zh.passages.iter().find(|passage| passage.text.contains("资料")).unwrap();
    assert!(trap.text.starts_with("很多资料"), "the mark of the call-out is no text: {}", trap.text);
    let en = lesson(EN, Language::En);
    let passage = en.passages.iter().find(|passage| passage.text.starts_with("At two")).unwrap();
    assert!(passage.text.contains("one on duty") && passage.text.contains("confirms goes on"), "{}", passage.text);
}

#[test]
fn whatever_is_wrong_has_a_place() {
    assert_trouble("```quiz\nid = \"a\"\nasks = \"b\"\n```\n", (3, 1), "unknown field `asks`");
    assert_trouble("text\n\n```lab\nlab = first\n```\n", (4, 7), "invalid");
    assert_trouble("```lab\nlab = \"a\"\n```\n", (2, 1), "missing field `mode`");
    assert_trouble("```lab\nlab = \"a\"\nmode = \"twin\"\n```\n", (3, 8), "flip = {");
    assert_trouble("```lab\nlab = \"a\"\nmode = \"twin\"\nflip = { a = 1, b = 2 }\n```\n", (4, 8), "exactly one");
    assert_trouble("```lab\nlab = \"a\"\nmode = \"play\"\n```\n", (3, 8), "\"run\", \"twin\" or \"task\"");
    assert_trouble("```lab\nlab = \"a\"\nmode = \"run\"\ntask = \"t\"\n```\n", (4, 8), "only mode");
    assert_trouble("see [this](term:ack)", (1, 5), "\"term\" is no link scheme");
    assert_trouble("# A {#a}\n## B {#incident}\n## C {#incident}\n", (3, 1), "two headings have the id");
    assert_trouble("# A {#a}\n## B {#accident}\n", (2, 1), "\"accident\" is no step");
    assert_trouble("# A {#a}\n## B\n", (2, 1), "this step has no id");
    assert_trouble("# A {#a}\n## B {#a-run}\n# C {#c}\n## D {#a-see}\n", (4, 1), "write c- and one of");
    assert_trouble("```rust\n```\n", (1, 1), "no language of a code block");
    assert_trouble("a ![x](https://x)", (1, 3), "no images");
    assert_trouble("a <br> b", (1, 3), "no HTML");
    assert_trouble("<div>\nx\n</div>\n", (1, 1), "no HTML");
    assert_trouble("> [!WARN]\n> x\n", (1, 3), "no call-out");
    assert_trouble("- ```lab\n  lab = \"a\"\n  ```\n", (1, 3), "inside another block");
    let option = "{ text = \"t\", right = true, why = \"w\" }";
    assert_trouble(&format!("```quiz\nid = \"a\"\nask = \"b\"\noptions = [{option}]\n```\n"), (4, 11), "a wrong one");
    let quiz =
        format!("```quiz\nid = \"a\"\nask = \"b\"\noptions = [{option}, {}]\n```\n", option.replace("true", "false"));
    assert_trouble(&format!("{quiz}\n{quiz}"), (8, 6), "two questions");
}

#[test]
fn a_file_without_sound_front_matter_is_told_so() {
    let of = |text: &str| parse(&Source::new("a.md", text), Language::En).expect_err(text);
    let missing = of("# A\n");
    assert_eq!((missing.len(), missing[0].position()), (1, (1, 1)));
    assert!(missing[0].reason.contains("no front matter"));
    let wrong = of("+++\ntitle = \"t\"\nminutes = \"5\"\nlabs = []\nquestions = []\n+++\n");
    assert_eq!((wrong.len(), wrong[0].position()), (1, (3, 11)), "{}", shown(&wrong));
    let unknown = of("+++\ntitle = \"t\"\nminutes = 5\nlabs = []\nquestions = []\nauthor = 1\n+++\n");
    assert_eq!(unknown[0].position(), (6, 1), "{}", shown(&unknown));
}

/// Rows as text, with links and styles that must not be lost made visible.
fn drawn(text: &str, language: Language, width: usize, wide: bool) -> String {
    let measure = Measure::new(wide);
    let rows = Layout::new(width, measure, language).lesson(&lesson(text, language));
    for row in &rows {
        assert!(row.width(measure) <= width, "wider than {width}: {:?}", row.text());
    }
    let lines: Vec<_> = rows.iter().map(Row::text).collect();
    lines.join("\n")
}

#[test]
fn both_languages_lie_well_at_two_widths() {
    for (name, text, language) in [("zh", ZH, Language::Zh), ("en", EN, Language::En)] {
        for width in [40, 78] {
            insta::assert_snapshot!(format!("{name}_{width}"), drawn(text, language, width, false));
        }
    }
    insta::assert_snapshot!("zh_40_wide", drawn(ZH, Language::Zh, 40, true));
}

#[test]
fn a_wide_terminal_gets_no_ambiguous_glyph_of_ours() {
    let text = drawn(EN, Language::En, 60, true);
    assert!(text.chars().all(|c| c.is_ascii() || "“”".contains(c)), "{text}");
}

#[test]
fn a_claim_carries_its_mark_and_its_link() {
    let zh = lesson(ZH, Language::Zh);
    let rows = Layout::new(30, Measure::default(), Language::Zh).lesson(&zh);
    let marks: Vec<_> = rows.iter().flat_map(|row| &row.segments).filter(|s| s.style == Style::ClaimMark).collect();
    assert_eq!(marks.len(), 1);
    let target = &zh.link_at(marks[0].link.unwrap()).unwrap().value;
    assert_eq!(*target, Target::Claim { lab: "first-loss".into(), claim: "lost-after-ok".into() });
    let linked: String =
        rows.iter().flat_map(|row| &row.segments).filter(|s| s.style == Style::Link).map(|s| s.text.as_str()).collect();
    assert_eq!(linked, "确认之后断电会丢另一课");
}

#[test]
fn lines_that_end_as_on_windows_make_the_same_lesson() {
    for (text, language) in [(ZH, Language::Zh), (EN, Language::En)] {
        let windows = text.replace('\n', "\r\n");
        assert_eq!(drawn(&windows, language, 60, false), drawn(text, language, 60, false));
        let read = lesson(&windows, language);
        let Some(Block::Lab(lab)) = read.blocks.iter().find(|block| matches!(block, Block::Lab(_))) else { panic!() };
        assert_eq!(&windows[lab.lab.span.clone()], "\"first-loss\"");
    }
}

#[test]
fn a_name_in_code_is_not_broken_at_its_hyphen() {
    let blocks = parse_snippet("a setting `before-confirm`, a well-known one", Language::En);
    let rows = Layout::new(18, Measure::default(), Language::En).blocks(&blocks);
    let lines: Vec<_> = rows.iter().map(Row::text).collect();
    assert_eq!(lines, ["a setting", "before-confirm, a", "well-known one"]);
}

/// Text as authors write it, and worse.
fn any_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[消息队列丢失确认持久化]{1,6}",
        3 => "[a-z]{1,12}",
        1 => "[A-Za-z0-9._/-]{1,40}",
        3 => "[，。；：！？、）》”’…]{1,2}",
        1 => "[“（《「]",
        2 => " ",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_fit_and_hold_every_character_in_order(text in any_text(), width in 2usize..60, wide: bool) {
        let measure = Measure::new(wide);
        let lines = wrap(&text, width, measure);
        for line in &lines {
            let line = &text[line.clone()];
            prop_assert!(measure.width(line) <= width || only_one(line), "{:?} is wider than {}", line, width);
        }
        let held: String = lines.iter().map(|line| &text[line.clone()]).collect();
        prop_assert_eq!(without_space(&held), without_space(&text));
    }

    #[test]
    fn no_closing_mark_begins_a_line(words in prop::collection::vec("[消息队列]{1,7}[，。；）”]", 1..12), width in 6usize..40) {
        let text = words.concat();
        for line in wrap(&text, width, Measure::default()) {
            prop_assert!(!begins_badly(&text[line.clone()]), "{:?} of {:?}", &text[line], text);
        }
    }

    #[test]
    fn a_page_of_anything_fits_its_width(text in any_text(), width in 8usize..90, wide: bool, shape in 0usize..7) {
        let body = match shape {
            0 => text,
            1 => format!("- {text}\n  - {text}\n    1. {text}\n"),
            2 => format!("> {text}\n> > {text}\n"),
            3 => format!("| a | {} |\n|---|--:|\n| {0} | {0} |\n", text.replace('|', "")),
            4 => format!("```text\n{text}\n\t{text}\n```\n"),
            5 => format!("# {text}\n**{text}** [{text}](claim:a/b)"),
            _ => format!("> [!FACT]\n> {text}\n\n| a | b | c | d | e |\n|-|-|-|-|-|\n| {} | x | y | z | w |\n", text.replace('|', "")),
        };
        let measure = Measure::new(wide);
        for language in Language::ALL {
            for row in Layout::new(width, measure, language).blocks(&parse_snippet(&body, language)) {
                prop_assert!(row.width(measure) <= width, "{:?} is wider than {}", row.text(), width);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_is_too_broken_to_be_told_so(pieces in prop::collection::vec(piece(), 0..14)) {
        let text = pieces.concat();
        for language in Language::ALL {
            match parse(&Source::new("a.md", text.clone()), language) {
                Ok(lesson) => {
                    drop(Layout::new(30, Measure::default(), language).lesson(&lesson));
                    for passage in &lesson.passages {
                        for (at, _) in passage.text.char_indices() {
                            prop_assert!(text.get(passage.span_at(at)).is_some());
                        }
                    }
                }
                Err(troubles) => prop_assert!(!shown(&troubles).is_empty()),
            }
        }
    }
}

/// Pieces of Markdown, sound and broken.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "+++\ntitle = \"t\"\nminutes = 1\nlabs = []\nquestions = []\n+++\n",
        "+++\n",
        "# A {#a}\n",
        "## B {#a-run}\n",
        "```lab\n",
        "```quiz\nid = \"a\"\n",
        "```\n",
        "> [!NOTE]\n",
        "> ",
        "- ",
        "  1. ",
        "| a | b |\n|--|--|\n| `|` |\n",
        "**",
        "*",
        "`",
        "[a](claim:b/c)",
        "[",
        "](lab:x)",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "    ",
        "消息，",
        "&amp;",
        "\\*",
        "<b>",
        "![x](y)",
        "lab = \"x\"\nmode = \"run\"\n",
        "  \n",
        "---\n",
        "[^1]",
        "\u{0}",
        "“丢”",
    ]);
    prop_oneof![5 => fixed.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn only_one(line: &str) -> bool {
    unicode_segmentation::UnicodeSegmentation::graphemes(line, true).count() == 1
}
