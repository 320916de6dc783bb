//! Reading a fault sentence.

use std::ops::Range;

use super::{FRAMES, VERBS};
use crate::event::{Kind, MessageId, NodeId};
use crate::lab::Topology;
use crate::sim::{Action, Fault, Trigger, When};
use crate::time::{Span, Time};

/// What is wrong with a sentence, where in its text, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentenceError {
    pub span: Range<usize>,
    pub reason: String,
    pub hint: String,
}

const ACTIONS: &str = "crash, restart, pause, power-cut, disk-loss, disk-full, disk-slow, sync-error, torn-write, \
     bit-rot, cut, partition, one-way-cut, delay, lose-publish, lose-confirm, lose-deliver, lose-ack, lose-apply or throw";

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

    fn action(&mut self) -> Result<Action, SentenceError> {
        let (span, word) = self.next();
        if let Some((_, frame)) = FRAMES.iter().find(|(name, _)| *name == word) {
            self.expect("from", "for example: lose-ack from consumer-1 to broker-1 for message 12")?;
            let from = self.node()?;
            self.expect("to", "for example: lose-ack from consumer-1 to broker-1 for message 12")?;
            let to = self.node()?;
            let message = if self.take("for") {
                self.expect("message", "for example: for message 12")?;
                Some(MessageId(self.number("a message number")?))
            } else {
                None
            };
            return Ok(Action::LoseFrame { from, to, frame: *frame, message });
        }
        Ok(match word {
            "crash" => Action::Crash(self.node()?),
            "restart" => Action::Restart(self.node()?),
            "pause" => Action::Pause(self.node()?),
            "power-cut" => Action::PowerCut(self.machines()?),
            "disk-loss" => Action::DiskLoss(self.node()?),
            "disk-full" => Action::DiskFull(self.node()?),
            "disk-slow" => {
                let node = self.node()?;
                self.expect("by", "for example: disk-slow broker-1 by 10x")?;
                Action::DiskSlow { node, factor: self.number("a factor")? }
            }
            "sync-error" => Action::SyncError(self.node()?),
            "torn-write" => Action::TornWrite(self.node()?),
            "bit-rot" => Action::BitRot(self.node()?),
            "cut" => Action::Cut { from: self.node()?, to: self.node()? },
            "partition" => Action::Partition { from: self.node()?, to: self.node()?, one_way: false },
            "one-way-cut" => Action::Partition { from: self.node()?, to: self.node()?, one_way: true },
            "delay" => {
                let (from, to) = (self.node()?, self.node()?);
                self.expect("by", "for example: delay producer-1 broker-1 by 200ms")?;
                Action::Delay { from, to, extra: self.span()? }
            }
            "throw" => {
                let node = self.node()?;
                self.expect("on", "for example: throw consumer-1 on message 12")?;
                self.expect("message", "for example: throw consumer-1 on message 12")?;
                Action::Throw { node, message: MessageId(self.number("a message number")?) }
            }
            other => {
                let reason = format!("{} where a fault should stand", quoted(other));
                return Err(self.error(span, &reason, &format!("the faults are {ACTIONS}")));
            }
        })
    }

    /// One machine, or several that lose power together: `broker-1 + broker-2`.
    fn machines(&mut self) -> Result<Vec<NodeId>, SentenceError> {
        let mut nodes = vec![self.node()?];
        while self.take("+") {
            nodes.push(self.node()?);
        }
        Ok(nodes)
    }

    fn when(&mut self, within: Span, action: &Action) -> Result<When, SentenceError> {
        // A frame that is lost, or a handler that throws, names its own moment:
        // the next such frame, or the next work on that message.
        let names_its_moment = matches!(action, Action::LoseFrame { .. } | Action::Throw { .. });
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
        self.expect("message", "for example: after message 12 reaches broker-1")?;
        let message = Some(MessageId(self.number("a message number")?));
        let trigger = self.trigger(message)?;
        Ok(When::After { trigger, nth: 1, delay, within })
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
        let dies =
            matches!(action, Action::Crash(_) | Action::PowerCut(_) | Action::DiskLoss(_) | Action::TornWrite(_));
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
