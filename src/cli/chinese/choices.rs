//! What the lab says of a choice that it does not offer, in Chinese. The lab
//! speaks of settings and faults in the English of its files; these are its
//! sentences, with holes for names. The test asks the lab for each of them, so a
//! sentence that was changed there is noticed here.

use crate::lab::ChoiceError;

/// Sentences with their holes, the more special ones first.
const SENTENCES: &[(&str, &str)] = &[
    ("lab {} has no setting `{}`", "实验 {} 没有 `{}` 这个设置"),
    ("`{}` cannot be `{}`", "`{}` 不能是 `{}`"),
    ("it has {}", "它有：{}"),
    ("its values: {}", "它可以是：{}"),
    ("lab {} has {}; or write a sentence: {}", "实验 {} 的故障有：{}；也可以写一句话，{}"),
    ("the faults are {}", "能出的故障有：{}"),
    ("this lab has {}", "这个实验有：{}"),
    ("the steps are {}", "能写的有：{}"),
    ("the sentence ends where {} should stand", "句子没写完，还要写：{}"),
    ("`{}` stands where {} should stand", "`{0}` 不对，这里要写：{1}"),
    ("`{}` never happens at {}", "{1} 那里不会有 `{0}`"),
    ("`{}` does not say what is reached", "`{}` 没说到了哪里"),
    ("nothing restarts after this fault", "这种故障之后没有什么要重启"),
    ("what died comes back by a restart", "停掉的节点要靠重启回来"),
    ("write a whole number, such as 12", "写一个整数，如 12"),
    ("write a number and a unit: {}", "写数字加单位：{}"),
    ("for example: {}", "例如：{}"),
    ("say when: `at 2s`, or `{}`", "说出时刻：`at 2s`，或者 `{}`"),
    ("add a node: {}", "加上节点：{}"),
    ("say how long it lasts: {}", "说出持续多久：{}"),
    ("write `{}` for what dies, `{}` for what lasts", "停掉的写 `{}`，持续的写 `{}`"),
    ("write `{}`", "写 `{}`"),
    ("a fault", "故障"),
    ("a node", "节点"),
    ("a kind of node", "一类节点"),
    ("a length of time", "一段时间"),
    ("a message number", "消息的编号"),
    ("a count of inputs", "输入的个数"),
    ("a message's step", "消息走到的一步"),
    ("the moment", "时刻"),
    ("the end of the fault", "故障怎么结束"),
];

/// What was typed, what is wrong with it, and what there is.
pub fn choice(error: &ChoiceError) -> String {
    let before = error.text.get(..error.span.start).unwrap_or_default();
    let cells = crate::lesson::Measure::new(false);
    let (indent, wrong) = (cells.width(before), error.text.get(error.span.clone()).unwrap_or_default());
    let carets = "^".repeat(cells.width(wrong).max(1));
    let (reason, hint) = (chinese(&error.reason), chinese(&error.hint));
    format!("{reason}\n    {}\n    {:indent$}{carets}\n  {hint}", error.text, "")
}

/// A sentence of the lab in Chinese; what is no such sentence stays as it is.
fn chinese(text: &str) -> String {
    let found = SENTENCES.iter().find_map(|(english, chinese)| Some((names(english, text)?, *chinese)));
    let Some((names, sentence)) = found else { return text.to_owned() };
    let mut told = sentence.to_owned();
    for (at, name) in names.iter().enumerate() {
        let name = if name.contains(' ') { chinese(name) } else { (*name).to_owned() };
        let numbered = format!("{{{at}}}");
        let hole = if told.contains(&numbered) { numbered.as_str() } else { "{}" };
        told = told.replacen(hole, &name, 1);
    }
    told
}

/// What stands in the holes of a sentence, if the text is this sentence.
fn names<'a>(sentence: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = sentence.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut names = Vec::new();
    let parts: Vec<_> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        // The last words of a sentence stand at its end, others as soon as they can.
        let end =
            if last { rest.len().checked_sub(part.len()).filter(|_| rest.ends_with(part)) } else { rest.find(part) }?;
        names.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(names)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lab::{Lab, Plan};
    use crate::source::Source;

    fn lab() -> Arc<Lab> {
        let text = include_str!("../../../labs/first-loss.toml");
        Arc::new(Lab::parse(&Source::new("first-loss.toml", text)).expect("it ships"))
    }

    fn fault(text: &str) -> ChoiceError {
        Plan::new(lab(), &[], &[text.to_owned()]).expect_err("no such fault")
    }

    #[test]
    fn a_setting_or_a_value_that_is_not_there() {
        let wrong = |name: &str, value: &str| {
            let set = [(name.to_owned(), value.to_owned())];
            choice(&Plan::new(lab(), &set, &[]).expect_err("a wrong choice"))
        };
        let told = wrong("durabel", "true");
        assert_eq!(
            told,
            "实验 first-loss 没有 `durabel` 这个设置\n    durabel=true\n    ^^^^^^^\n  它有：durable, persistent"
        );
        assert!(wrong("durable", "maybe").contains("`durable` 不能是 `maybe`\n    durable=maybe\n            ^^^^^"));
    }

    #[test]
    fn every_sentence_about_a_fault_is_told_in_chinese() {
        for wrong in [
            "blub",
            "crash broker-7 at 1s",
            "crash broker-1 at soon",
            "crash broker-1",
            "crash broker-1 sometime",
            "crash broker-1 after message x reaches broker-1",
            "crash broker-1 after message 1 flies",
            "crash broker-1 at 1s, for 2s",
            "pause broker-1 at 1s, restart after 2s",
            "pause broker-1 at 1s, whatever",
            "pause broker-1 at 1s, for long",
        ] {
            let error = fault(wrong);
            for text in [&error.reason, &error.hint] {
                let told = chinese(text);
                assert!(told.contains(crate::lesson::wrap::is_han), "{wrong}: {text}");
                for english in [" stand", " where ", " should "] {
                    assert!(!told.contains(english), "{wrong}: {told}");
                }
            }
        }
    }
}
