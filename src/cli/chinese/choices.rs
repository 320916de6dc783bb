//! A choice that a lab does not offer, told in Chinese: what was typed, a caret under
//! what is wrong with it, and what there is.

use crate::lab::ChoiceError;

/// What was typed, what is wrong with it, and what there is.
pub fn choice(error: &ChoiceError) -> String {
    let before = error.text.get(..error.span.start).unwrap_or_default();
    let cells = crate::lesson::Measure::new(false);
    let (indent, wrong) = (cells.width(before), error.text.get(error.span.clone()).unwrap_or_default());
    let carets = "^".repeat(cells.width(wrong).max(1));
    let (reason, hint) = (&error.reason.zh, &error.hint.zh);
    format!("{reason}\n    {}\n    {:indent$}{carets}\n  {hint}", error.text, "")
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
            for text in [&*error.reason, &error.hint] {
                assert!(text.zh.contains(crate::lesson::wrap::is_han), "{wrong}: {text:?}");
                assert!(!text.en.contains(crate::lesson::wrap::is_han), "{wrong}: {text:?}");
            }
        }
    }
}
