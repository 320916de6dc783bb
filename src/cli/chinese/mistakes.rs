//! A wrong call, told in Chinese from what clap knows of it.

use std::error::Error as _;
use std::fmt::Write as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::words;

/// What is wrong with a call, and what would be right. None for what is no
/// mistake (help, version).
pub fn mistake(error: &Error) -> Option<String> {
    if !error.use_stderr() {
        return None;
    }
    let text = |kind| error.get(kind).map(listed).unwrap_or_default();
    let (argument, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let mut said = match error.kind() {
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == argument => format!("{argument} 只能写一次"),
            prior => format!("{argument} 不能和 {prior} 一起用"),
        },
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面缺一个值"),
        ErrorKind::InvalidValue => format!("{argument} 不能是 {value}"),
        ErrorKind::ValueValidation => {
            let reason = error.source().map(|source| expected(&source.to_string())).unwrap_or_default();
            format!("{argument} 不能是 {value}{reason}")
        }
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", text(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "还缺一个命令".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("还缺 {argument}"),
        ErrorKind::UnknownArgument => format!("{argument} 在这里没有意义"),
        ErrorKind::TooManyValues => format!("{value} 多余：{argument} 不再要值了"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument} 的值，个数不对"),
        ErrorKind::InvalidUtf8 => "有一个参数不是 UTF-8 编码".to_owned(),
        _ => format!("参数不对：{error}"),
    };
    for kind in [ContextKind::ValidValue, ContextKind::ValidSubcommand] {
        if let Some(values) = error.get(kind).map(listed).filter(|values| !values.is_empty()) {
            let _ = write!(said, "\n  可以是：{values}");
        }
    }
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        if let Some(meant) = error.get(kind).map(listed) {
            let _ = write!(said, "\n  是不是想写：{meant}");
        }
    }
    let usage = error.get(ContextKind::Usage).map(listed).unwrap_or_default();
    if !usage.is_empty() {
        let _ = write!(said, "\n\n{}", words::usage(&usage));
    }
    let _ = write!(said, "\n\n详细用法：{} --help", called(&usage));
    Some(said)
}

/// The command that a line of usage is about: the words before its arguments.
fn called(usage: &str) -> String {
    let line = usage.lines().next().unwrap_or_default().trim_start_matches("Usage: ");
    let words: Vec<_> = line.split(' ').take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    if line.is_empty() { "ackademy".to_owned() } else { words.join(" ") }
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(values) => values.join("、"),
        ContextValue::StyledStrs(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// What a parser of a value expected, from what it says.
fn expected(reason: &str) -> String {
    if let Some((low, high)) = reason.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        return format!("：要在 {low} 到 {high} 之间");
    }
    if reason.contains("it speaks zh and en") {
        return "：这门课有 zh（中文）和 en（英文）".to_owned();
    }
    if reason.contains("digit") || reason.contains("integer") {
        return "：要一个整数".to_owned();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::super::arguments::Arguments;
    use super::*;

    fn told(line: &str) -> String {
        let error = Arguments::try_parse_from(line.split(' ')).expect_err("a wrong call");
        mistake(&error).expect("a mistake")
    }

    #[test]
    fn a_wrong_call_is_told_in_chinese_and_says_what_would_be_right() {
        for (line, names) in [
            ("ackademy labz", &["没有 labz 这个命令", "是不是想写：labs"][..]),
            ("ackademy run", &["还缺 <LAB>", "用法：ackademy run <LAB>", "详细用法：ackademy run --help"]),
            ("ackademy run a --sead 1", &["--sead 在这里没有意义", "是不是想写：--seed"]),
            ("ackademy run a --seed many", &["--seed <SEED> 不能是 many：要一个整数"]),
            ("ackademy run a --seed", &["--seed <SEED> 后面缺一个值"]),
            ("ackademy sweep a --seeds 0", &["要在 1 到 10000000 之间"]),
            ("ackademy --width broad", &["不能是 broad", "可以是：narrow、wide"]),
            ("ackademy --lang fr", &["不能是 fr", "zh（中文）"]),
            ("ackademy run a --json --trace", &["--trace", "不能和", "--json"]),
            ("ackademy run a --seed 1 --seed 2", &["只能写一次"]),
            ("ackademy read 1 2", &["2 在这里没有意义"]),
        ] {
            let told = told(line);
            for name in names {
                assert!(told.contains(name), "nothing about {name:?} in what {line:?} is told:\n{told}");
            }
            for english in ["error", "Usage", "unexpected", "invalid", "tip:"] {
                assert!(!told.contains(english), "{english} in:\n{told}");
            }
        }
    }
}
