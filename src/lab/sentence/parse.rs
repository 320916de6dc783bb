//! Reading a fault sentence: its moment and how long it lasts. What goes wrong
//! is read in `action`.

mod action;

use std::ops::Range;

use super::{NODE_VERBS, VERBS, dies, role_word};
use crate::event::{Kind, MessageId, NodeId};
use crate::lab::Topology;
use crate::picture::Role;
use crate::sim::{Action, Fault, Trigger, When};
use crate::time::{Span, Time};

/// What is wrong with a sentence, where in its text, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentenceError {
    pub span: Range<usize>,
    pub reason: String,
    pub hint: String,
}

/// Reads a sentence about the nodes of `topology`.
///
/// # Errors
/// Names the word that cannot be read and what could stand there.
pub fn parse(text: &str, topology: Topology) -> Result<Fault, SentenceError> {
    let mut words = Words { text, at: 0, topology };
    let action = words.action()?;
    let within = if words.take("within") { words.span()? } else { Span::ZERO };
    let when = words.when(within, &action)?;
    let lasting = words.lasting(&action)?;
    match words.next() {
        (_, "") => Ok(Fault { action, when, lasting }),
        (span, _) => Err(words.error(span, "the sentence goes on where it should end", "end it, or add a comma first")),
    }
}

struct Words<'a> {
    text: &'a str,
    at: usize,
    topology: Topology,
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
        Err(self.error(span, &format!("{} where `{expected}` should stand", quoted(word)), example))
    }

    fn error(&self, span: Range<usize>, reason: &str, hint: &str) -> SentenceError {
        let end = span.end.max(span.start + 1);
        SentenceError { span: span.start..end, reason: reason.to_owned(), hint: hint.to_owned() }
    }

    fn node(&mut self) -> Result<NodeId, SentenceError> {
        let (span, word) = self.next();
        let topology = self.topology;
        topology.named(word).ok_or_else(|| {
            self.error(
                span,
                &format!("{} where a node should stand", quoted(word)),
                &format!("this lab has {}", topology.names()),
            )
        })
    }

    fn number(&mut self, what: &str) -> Result<u32, SentenceError> {
        let (span, word) = self.next();
        word.trim_start_matches('#').trim_end_matches('x').parse().map_err(|_| {
            self.error(span, &format!("{} where {what} should stand", quoted(word)), "write a whole number, such as 12")
        })
    }

    fn span(&mut self) -> Result<Span, SentenceError> {
        let (span, word) = self.next();
        parse_span(word).ok_or_else(|| {
            self.error(
                span,
                &format!("{} where a length of time should stand", quoted(word)),
                "write a number and a unit: 300ms, 2s, 50us",
            )
        })
    }

    fn when(&mut self, within: Span, action: &Action) -> Result<When, SentenceError> {
        // A frame that is lost, or a handler that throws, names its own moment:
        // the next such frame, or the next work on that message.
        let names_its_moment = names_its_moment(action);
        if names_its_moment && matches!(self.peek().1, "" | ",") {
            return Ok(When::At(Time::ZERO));
        }
        let (span, word) = self.next();
        match word {
            "at" => Ok(When::At(Time::ZERO + self.span()?)),
            "before" => {
                self.expect("input", "for example: before input 532")?;
                Ok(When::BeforeInput(u64::from(self.number("a count of inputs")?)))
            }
            "after" => self.after(within),
            other => Err(self.error(
                span,
                &format!("{} where the moment should stand", quoted(other)),
                "say when: `at 2s`, or `after message 12 reaches broker-1`",
            )),
        }
    }

    fn after(&mut self, within: Span) -> Result<When, SentenceError> {
        let delay = match parse_span(self.peek().1) {
            Some(delay) => {
                self.next();
                self.expect("after", "for example: after 20ms after message 12 reaches broker-1")?;
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
                    let reason = format!("{} where a kind of node should stand", quoted(word));
                    return Err(self.error(span, &reason, "for example: after any broker leads"));
                };
                self.node_trigger(role, None)?
            }
            None => {
                self.expect("message", "for example: after message 12 reaches broker-1")?;
                let message = Some(MessageId(self.number("a message number")?));
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
                let reason = format!("{} where something that {who} does should stand", quoted(verb));
                Err(self.error(span, &reason, &format!("the steps are {}", verbs.join(", "))))
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
                    (true, Some(node)) => format!("`{verb}` never happens at {}", self.topology.name(node)),
                    _ => format!("{} where a message's step should stand", quoted(verb)),
                };
                Err(self.error(span, &reason, &format!("the steps are {}", verbs.join(", "))))
            }
            _ => {
                Err(self.error(span, &format!("`{verb}` does not say what is reached"), "add a node: reaches broker-1"))
            }
        }
    }

    fn lasting(&mut self, action: &Action) -> Result<Option<Span>, SentenceError> {
        if !self.take(",") {
            return Ok(None);
        }
        let dies = dies(action);
        let (span, word) = self.next();
        match word {
            "restart" if dies => {
                self.expect("after", "for example: restart after 2s")?;
                self.span().map(Some)
            }
            "for" if !dies => self.span().map(Some),
            "restart" => {
                Err(self.error(span, "nothing restarts after this fault", "say how long it lasts: `, for 3s`"))
            }
            "for" => Err(self.error(span, "what died comes back by a restart", "write `, restart after 2s`")),
            other => Err(self.error(
                span,
                &format!("{} where the end of the fault should stand", quoted(other)),
                "write `, restart after 2s` for what dies, `, for 3s` for what lasts",
            )),
        }
    }
}

/// Whether a fault waits for a frame, or for work on a message, by itself.
fn names_its_moment(action: &Action) -> bool {
    match action {
        Action::LoseFrame { .. } | Action::Throw { .. } => true,
        Action::OnLeader { action, .. } => names_its_moment(action),
        _ => false,
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

fn quoted(word: &str) -> String {
    if word.is_empty() { "the sentence ends".to_owned() } else { format!("`{word}` stands") }
}
