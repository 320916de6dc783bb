//! Reading a fault sentence: its moment and how long it lasts. What goes wrong
//! is read in `action`.

mod action;
mod refuse;

use std::ops::Range;

use super::{NODE_VERBS, Scope, VERBS, role_word};
use crate::event::{FaultKind, Kind, MessageId, NodeId};
use crate::lab::Topology;
use crate::picture::Role;
use crate::sim::{Action, Fault, Trigger, When};
use crate::text::CourseText;
use crate::time::{Span, Time};

/// What is wrong with a sentence, where in its text, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentenceError {
    pub span: Range<usize>,
    pub reason: CourseText,
    pub hint: CourseText,
}

/// Reads a sentence about what is in `scope`.
///
/// # Errors
/// Names the word that cannot be read and what could stand there.
pub fn parse(text: &str, scope: Scope) -> Result<Fault, SentenceError> {
    let mut words = Words { text, at: 0, topology: scope.topology, scope };
    let action = words.action()?;
    let within = if words.take("within") { words.span()? } else { Span::ZERO };
    let when = words.when(within, &action)?;
    let lasting = words.lasting(&action)?;
    match words.next() {
        (_, "") => Ok(Fault { action, when, lasting }),
        (span, _) => Err(words.error(
            span,
            CourseText::new("句子到这里就该结束了", "the sentence goes on where it should end"),
            CourseText::new("去掉后面的，或者先加一个逗号", "end it, or add a comma first"),
        )),
    }
}

struct Words<'a> {
    text: &'a str,
    at: usize,
    topology: Topology,
    scope: Scope,
}

impl<'a> Words<'a> {
    fn peek(&self) -> (Range<usize>, &'a str) {
        let rest = &self.text[self.at..];
        let start = self.at + rest.len() - rest.trim_start().len();
        let rest = &self.text[start..];
        let length = match rest.chars().next() {
            Some(',') => 1,
            _ => rest.find([' ', ',', '\t', '\n']).unwrap_or(rest.len()),
        };
        (start..start + length, &rest[..length])
    }

    fn next(&mut self) -> (Range<usize>, &'a str) {
        let (span, word) = self.peek();
        self.at = span.end;
        (span, word)
    }

    fn take(&mut self, expected: &str) -> bool {
        let (span, word) = self.peek();
        if word == expected {
            self.at = span.end;
        }
        word == expected
    }

    fn expect(&mut self, expected: &str, example: &str) -> Result<(), SentenceError> {
        let (span, word) = self.next();
        if word == expected {
            return Ok(());
        }
        let expected = format!("`{expected}`");
        Err(self.error(span, instead(word, &expected, &expected), such_as(example)))
    }

    fn error(&self, span: Range<usize>, reason: CourseText, hint: CourseText) -> SentenceError {
        let end = span.end.max(span.start + 1);
        SentenceError { span: span.start..end, reason, hint }
    }

    fn node(&mut self) -> Result<NodeId, SentenceError> {
        let (span, word) = self.next();
        let topology = self.topology;
        topology.named(word).ok_or_else(|| {
            let names = topology.names();
            let hint = CourseText::new(format!("这个实验有：{names}"), format!("this lab has {names}"));
            self.error(span, instead(word, "节点", "a node"), hint)
        })
    }

    fn number(&mut self, zh: &str, en: &str) -> Result<u32, SentenceError> {
        let (span, word) = self.next();
        word.trim_start_matches('#').trim_end_matches('x').parse().map_err(|_| {
            let hint = CourseText::new("写一个整数，如 12", "write a whole number, such as 12");
            self.error(span, instead(word, zh, en), hint)
        })
    }

    fn span(&mut self) -> Result<Span, SentenceError> {
        let (span, word) = self.next();
        parse_span(word).ok_or_else(|| {
            let hint = CourseText::new("写数字加单位：300ms、2s、50us", "write a number and a unit: 300ms, 2s, 50us");
            self.error(span, instead(word, "一段时间", "a length of time"), hint)
        })
    }

    fn when(&mut self, within: Span, action: &Action) -> Result<When, SentenceError> {
        // A frame that is lost, or a handler that throws, names its own moment:
        // the next such frame, or the next work on that message.
        let names_its_moment = action.loses_frame() || action.kind() == FaultKind::Exception;
        if names_its_moment && matches!(self.peek().1, "" | ",") {
            return Ok(When::At(Time::ZERO));
        }
        let (span, word) = self.next();
        match word {
            "at" => Ok(When::At(Time::ZERO + self.span()?)),
            "before" => {
                self.expect("input", "before input 532")?;
                Ok(When::BeforeInput(u64::from(self.number("输入的个数", "a count of inputs")?)))
            }
            "after" => self.after(within),
            other => Err(self.error(
                span,
                instead(other, "时刻", "the moment"),
                CourseText::new(
                    "说出时刻：`at 2s`，或者 `after message 12 reaches broker-1`",
                    "say when: `at 2s`, or `after message 12 reaches broker-1`",
                ),
            )),
        }
    }

    fn after(&mut self, within: Span) -> Result<When, SentenceError> {
        let delay = match parse_span(self.peek().1) {
            Some(delay) => {
                self.next();
                self.expect("after", "after 20ms after message 12 reaches broker-1")?;
                delay
            }
            None => Span::ZERO,
        };
        let trigger = match self.topology.named(self.peek().1) {
            Some(node) => {
                self.next();
                self.node_trigger(self.topology.role(node), Some(node))?
            }
            None if self.take("any") => {
                let (span, word) = self.next();
                let roles = [Role::Producer, Role::Broker, Role::Consumer, Role::Controller];
                let Some(role) = roles.into_iter().find(|role| role_word(*role) == word) else {
                    let reason = instead(word, "一类节点", "a kind of node");
                    return Err(self.error(span, reason, such_as("after any broker leads")));
                };
                self.node_trigger(role, None)?
            }
            None => {
                self.expect("message", "after message 12 reaches broker-1")?;
                let message = Some(MessageId(self.number("消息的编号", "a message number")?));
                self.trigger(message)?
            }
        };
        Ok(When::After { trigger, nth: 1, delay, within })
    }

    /// What happens to a node rather than to a message: `after broker-2 leads`.
    fn node_trigger(&mut self, role: Role, node: Option<NodeId>) -> Result<Trigger, SentenceError> {
        let (span, verb) = self.next();
        match NODE_VERBS.iter().find(|(name, _, of)| *name == verb && *of == role) {
            Some((_, kind, _)) => Ok(Trigger { kind: *kind, node, message: None }),
            None => {
                let verbs: Vec<&str> = NODE_VERBS.iter().map(|(name, ..)| *name).collect();
                let who = node.map_or_else(|| role_word(role).to_owned(), |node| self.topology.name(node));
                let (zh, en) = (format!("{who} 会做的事"), format!("something that {who} does"));
                Err(self.error(span, instead(verb, &zh, &en), steps(&verbs)))
            }
        }
    }

    fn trigger(&mut self, message: Option<MessageId>) -> Result<Trigger, SentenceError> {
        let (span, verb) = self.next();
        let node = match self.peek().1 {
            "" | "," => None,
            _ => Some(self.node()?),
        };
        let role = node.map(|node| self.topology.role(node));
        let found: Vec<Kind> = VERBS
            .iter()
            .filter(|(name, _, of)| *name == verb && role.is_none_or(|role| role == *of))
            .map(|(_, kind, _)| *kind)
            .collect();
        match found[..] {
            [kind] => Ok(Trigger { kind, node, message }),
            [] => {
                let mut verbs: Vec<&str> = VERBS.iter().map(|(name, ..)| *name).collect();
                verbs.dedup();
                let reason = match (VERBS.iter().any(|(name, ..)| *name == verb), node) {
                    (true, Some(node)) => {
                        let node = self.topology.name(node);
                        let (zh, en) =
                            (format!("{node} 那里不会有 `{verb}`"), format!("`{verb}` never happens at {node}"));
                        CourseText::new(zh, en)
                    }
                    _ => instead(verb, "消息走到的一步", "a message's step"),
                };
                Err(self.error(span, reason, steps(&verbs)))
            }
            _ => {
                let reason =
                    CourseText::new(format!("`{verb}` 没说到了哪里"), format!("`{verb}` does not say what is reached"));
                let hint = CourseText::new("加上节点：reaches broker-1", "add a node: reaches broker-1");
                Err(self.error(span, reason, hint))
            }
        }
    }

    fn lasting(&mut self, action: &Action) -> Result<Option<Span>, SentenceError> {
        if !self.take(",") {
            return Ok(None);
        }
        let dies = action.kills();
        let (span, word) = self.next();
        match word {
            "restart" if dies => {
                self.expect("after", "restart after 2s")?;
                self.span().map(Some)
            }
            "for" if !dies && action.may_end() => self.span().map(Some),
            "restart" | "for" if !action.may_end() => Err(self.no_length(span)),
            "restart" => {
                let reason = CourseText::new("这种故障之后没有什么要重启", "nothing restarts after this fault");
                let hint = CourseText::new("说出持续多久：`, for 3s`", "say how long it lasts: `, for 3s`");
                Err(self.error(span, reason, hint))
            }
            "for" => {
                let reason = CourseText::new("停掉的节点要靠重启回来", "what died comes back by a restart");
                Err(self.error(span, reason, CourseText::new("写 `, restart after 2s`", "write `, restart after 2s`")))
            }
            other => Err(self.error(
                span,
                instead(other, "故障怎么结束", "the end of the fault"),
                CourseText::new(
                    "停掉的写 `, restart after 2s`，持续的写 `, for 3s`",
                    "write `, restart after 2s` for what dies, `, for 3s` for what lasts",
                ),
            )),
        }
    }
}

/// `300ms`, `2s`, `50us`, `7ns`.
pub(in crate::lab) fn parse_span(text: &str) -> Option<Span> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let nanos = match &text[digits..] {
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    Some(Span::from_nanos(number.checked_mul(nanos)?))
}

/// A word stands, or the sentence ends, where something else should stand.
fn instead(word: &str, zh: &str, en: &str) -> CourseText {
    if word.is_empty() {
        return CourseText::new(
            format!("句子没写完，还要写：{zh}"),
            format!("the sentence ends where {en} should stand"),
        );
    }
    CourseText::new(format!("`{word}` 不对，这里要写：{zh}"), format!("`{word}` stands where {en} should stand"))
}

fn such_as(example: &str) -> CourseText {
    CourseText::new(format!("例如：{example}"), format!("for example: {example}"))
}

fn steps(verbs: &[&str]) -> CourseText {
    let verbs = verbs.join(", ");
    CourseText::new(format!("能写的有：{verbs}"), format!("the steps are {verbs}"))
}
