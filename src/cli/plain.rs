//! A lab as text alone, for screen readers and pipes: the incident, a guess, what
//! happened line by line, and the ledger. Nothing that was written is ever
//! changed again. Routine is told in numbers, so that what went wrong is not
//! buried under it; `--trace` tells everything.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use super::Context;
use super::arguments::RunChoice;
use super::error::Failure;
use super::run::{balanced, command, line};
use crate::event::{Answer, Event, Kind};
use crate::lab::{Plan, Predict, Session};
use crate::narrate;
use crate::random::Seed;
use crate::text::{Language, plain};
use crate::time::{Span, Time};

/// A wait longer than this is said.
const DULL: Span = Span::from_millis(1000);

impl Context {
    /// Runs a lab as text. A prediction that fits is asked first and read from
    /// standard input; without an answer it is left out.
    pub(super) fn plain(&mut self, choice: &RunChoice) -> Result<u8, Failure> {
        let lab = self.course.lab(&choice.choice.lab)?;
        let language = self.language;
        self.out.line(lab.title.in_language(language))?;
        for paragraph in lab.incident.in_language(language).trim().split("\n\n") {
            self.out.line("")?;
            self.out.line(plain(paragraph))?;
        }
        self.out.line("")?;
        let own = choice.choice.set.is_empty() && choice.choice.fault.is_empty();
        let predict = lab.predicts.first().filter(|_| own);
        let guess = predict.map(|predict| self.ask(predict)).transpose()?.flatten();
        let plan = match predict {
            Some(predict) => Plan::new(Arc::clone(&lab), &predict.given, predict.fault.as_slice())?,
            None => self.plan(&choice.choice)?,
        };
        let mut session = Session::new(Arc::new(plan), Seed(choice.choice.seed));
        let is_long = session.plan().is_long();
        self.finish(&mut session, choice.trace)?;
        let is_decided = balanced(&mut session)?;
        if !choice.trace && !is_long {
            self.tell(&session)?;
        }
        self.out.line("")?;
        self.report_text(&session)?;
        if let (Some(predict), Some(guess)) = (predict, guess) {
            self.judge(predict, guess, &session)?;
        }
        self.conclude(is_decided)
    }

    /// Asks, and reads a number; anything else is no guess.
    fn ask(&mut self, predict: &Predict) -> Result<Option<usize>, Failure> {
        let language = self.language;
        self.out.line(plain(predict.ask.in_language(language)))?;
        for (number, option) in (1..).zip(&predict.options) {
            self.out.line(format!("  {number}. {}", plain(option.text.in_language(language))))?;
        }
        self.out.line(match language {
            Language::Zh => "先猜一个：输入数字，回车；直接回车就不猜。",
            Language::En => "Your guess: a number and Enter; Enter alone for none.",
        })?;
        self.out.done(0)?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map_err(Failure::io)?;
        self.out.line("")?;
        let number = answer.trim().parse::<usize>().ok();
        Ok(number.and_then(|number| number.checked_sub(1)).filter(|at| *at < predict.options.len()))
    }

    fn judge(&mut self, predict: &Predict, guess: usize, session: &Session) -> Result<(), Failure> {
        let totals = session.totals();
        let right = predict.options.iter().position(|option| option.right.holds(&totals));
        let zh = self.language == Language::Zh;
        self.out.line("")?;
        self.out.line(match (right == Some(guess), zh) {
            (true, true) => "你猜对了。",
            (true, false) => "You were right.",
            (false, true) => "和你想的不一样。",
            (false, false) => "Not what you expected.",
        })?;
        for at in [Some(guess), right.filter(|at| *at != guess)].into_iter().flatten() {
            let Some(option) = predict.options.get(at) else { continue };
            let (text, why) = (option.text.in_language(self.language), option.why.in_language(self.language));
            self.out.line(format!("  {}. {}  {}", at + 1, plain(text), plain(why)))?;
        }
        Ok(())
    }

    /// What happened, routine in numbers.
    fn tell(&mut self, session: &Session) -> Result<(), Failure> {
        let mut routine = Routine::default();
        let mut others = Vec::new();
        let mut before = Time::ZERO;
        let mut alike: Option<&Event> = None;
        for event in session.events() {
            // What one fault destroyed in one place is one line and a list.
            if alike.is_some_and(|first| is_alike(first, event)) {
                others.extend(event.message().map(|message| format!("#{}", message.0)));
                continue;
            }
            self.tell_others(&mut others)?;
            alike = matches!(event.kind, Kind::Destroyed(_)).then_some(event);
            let wait = event.time.since(before);
            let is_routine = is_routine(event);
            if wait > DULL || !is_routine {
                self.tell_routine(&mut routine)?;
            }
            if wait > DULL {
                let (seconds, tenths) = (wait.as_millis() / 1000, wait.as_millis() % 1000 / 100);
                self.out.line(match self.language {
                    Language::Zh => format!("{:>9} 平静 {seconds}.{tenths} 秒", ""),
                    Language::En => format!("{:>9} {seconds}.{tenths} s of quiet", ""),
                })?;
            }
            before = event.time;
            if is_routine {
                routine.add(event);
            } else {
                self.out.line(line(event, session, self.language))?;
            }
        }
        self.tell_others(&mut others)?;
        self.tell_routine(&mut routine)?;
        self.out.line(match self.language {
            Language::Zh => format!("（逐条的事件：ackademy run {} --trace）", command(session)),
            Language::En => format!("(every single event: ackademy run {} --trace)", command(session)),
        })
    }

    /// The messages to which the same happened at the same moment.
    fn tell_others(&mut self, others: &mut Vec<String>) -> Result<(), Failure> {
        let numbers = std::mem::take(others).join(" ");
        match self.language {
            _ if numbers.is_empty() => Ok(()),
            Language::Zh => self.out.line(format!("{:>9} 同样的还有：{numbers}", "")),
            Language::En => self.out.line(format!("{:>9} and so for {numbers}", "")),
        }
    }

    fn tell_routine(&mut self, routine: &mut Routine) -> Result<(), Failure> {
        let done = std::mem::take(routine);
        if done.counts.is_empty() {
            return Ok(());
        }
        let told = done.counts.iter().map(|(kind, count)| format!("{} {count}", narrate::label(*kind, self.language)));
        let told = told.collect::<Vec<_>>().join(if self.language == Language::Zh { "，" } else { ", " });
        self.out.line(format!("{:>9} {told}", done.since.to_string()))
    }
}

/// Whether two events say the same of two messages at one moment.
fn is_alike(one: &Event, other: &Event) -> bool {
    (one.time, one.node, one.kind) == (other.time, other.node, other.kind)
}

/// Events that need no sentence of their own: how many of each kind since when.
#[derive(Default)]
struct Routine {
    since: Time,
    counts: BTreeMap<Kind, u64>,
}

impl Routine {
    fn add(&mut self, event: &Event) {
        if self.counts.is_empty() {
            self.since = event.time;
        }
        if is_counted(event.kind) {
            *self.counts.entry(event.kind).or_default() += 1;
        }
    }
}

/// Whether all goes as it should.
const fn is_routine(event: &Event) -> bool {
    is_counted(event.kind)
        || matches!(
            event.kind,
            Kind::Attempted
                | Kind::Received
                | Kind::Enqueued
                | Kind::Written
                | Kind::WrittenBack
                | Kind::Synced
                | Kind::Confirmed
                | Kind::Committed
                | Kind::Taken
                | Kind::WorkBegan
                | Kind::AckSent
                | Kind::Recovered
        )
}

/// Whether it is worth a number: what was sent, answered, handed out and done.
const fn is_counted(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Sent
            | Kind::Told(Answer::Ok)
            | Kind::Delivered { redelivered: false }
            | Kind::Applied { first: true }
            | Kind::Acked
    )
}
