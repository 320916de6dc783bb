//! The parts of a lesson file that are TOML: its front matter, and the fenced
//! blocks `predict`, `lab`, `quiz` and `see`. An error in one is located in the
//! lesson file, not in the snippet.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Spanned as Marked, Value};

use super::block::{LabBlock, LabMode, PredictBlock, QuizBlock, QuizOption, Spanned};
use crate::source::{Source, Trouble};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrontMatter {
    title: Marked<String>,
    minutes: Marked<u32>,
    labs: Vec<Marked<String>>,
    questions: Vec<Marked<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Predict {
    lab: Marked<String>,
    predict: Marked<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lab {
    lab: Marked<String>,
    #[serde(default)]
    set: BTreeMap<String, Marked<Value>>,
    fault: Option<Marked<String>>,
    mode: Marked<String>,
    flip: Option<Marked<BTreeMap<String, Marked<Value>>>>,
    task: Option<Marked<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    id: Option<Marked<String>>,
    ask: Marked<String>,
    options: Marked<Vec<Choice>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    text: Marked<String>,
    right: bool,
    why: Marked<String>,
}

/// A fenced block: its TOML and where that is.
#[derive(Clone, Copy)]
pub(super) struct Fence<'a> {
    pub source: &'a Source,
    pub body: &'a str,
    /// Where the body begins in the file.
    pub offset: usize,
    /// Where the whole block begins and ends in the file.
    pub start: usize,
    pub end: usize,
}

/// What the front matter says.
pub(super) struct Head {
    pub title: Spanned<String>,
    pub minutes: u32,
    pub labs: Vec<Spanned<String>>,
    pub questions: Vec<Spanned<String>>,
}

impl Fence<'_> {
    pub(super) fn front_matter(self) -> Result<Head, Trouble> {
        let raw: FrontMatter = self.read()?;
        let minutes = self.mark(raw.minutes);
        if minutes.value == 0 {
            return Err(self.source.trouble(minutes.span, "a lesson takes at least one minute"));
        }
        let title = self.filled(raw.title, "a lesson needs a title")?;
        let labs = raw.labs.into_iter().map(|lab| self.mark(lab)).collect();
        let questions = raw.questions.into_iter().map(|question| self.mark(question)).collect();
        Ok(Head { title, minutes: minutes.value, labs, questions })
    }

    pub(super) fn predict(self) -> Result<PredictBlock, Trouble> {
        let raw: Predict = self.read()?;
        Ok(PredictBlock { lab: self.mark(raw.lab), predict: self.mark(raw.predict), span: self.start..self.end })
    }

    pub(super) fn lab(self) -> Result<LabBlock, Trouble> {
        let raw: Lab = self.read()?;
        let mode = self.mark(raw.mode);
        let set =
            raw.set.into_iter().map(|(name, value)| Ok((name, self.setting(value)?))).collect::<Result<_, _>>()?;
        if let Some(flip) = raw.flip.as_ref().filter(|_| mode.value != "twin") {
            let trouble = self.source.trouble(self.place(flip.span()), "only a twin run flips a setting");
            return Err(trouble.hint("write mode = \"twin\", or put the setting into set"));
        }
        if let Some(task) = raw.task.as_ref().filter(|_| mode.value != "task") {
            let trouble = self.source.trouble(self.place(task.span()), "only mode = \"task\" names a task");
            return Err(trouble.hint("write mode = \"task\", or leave the task out"));
        }
        let mode = match mode.value.as_str() {
            "run" => LabMode::Run,
            "twin" => self.twin(raw.flip, mode.span)?,
            "task" => match raw.task {
                Some(task) => LabMode::Task(self.mark(task)),
                None => {
                    let trouble = self.source.trouble(mode.span, "which task of the lab?");
                    return Err(trouble.hint("add task = \"ID\""));
                }
            },
            other => {
                let trouble = self.source.trouble(mode.span, format!("{other:?} is no way to open a lab"));
                return Err(trouble.hint("mode is \"run\", \"twin\" or \"task\""));
            }
        };
        let fault = raw.fault.map(|fault| self.mark(fault));
        Ok(LabBlock { lab: self.mark(raw.lab), mode, set, fault, span: self.start..self.end })
    }

    fn twin(
        self,
        flip: Option<Marked<BTreeMap<String, Marked<Value>>>>,
        mode: Range<usize>,
    ) -> Result<LabMode, Trouble> {
        let hint = "add flip = { NAME = VALUE } with the one setting that differs";
        let Some(flip) = flip else {
            return Err(self.source.trouble(mode, "a twin run needs the setting that differs").hint(hint));
        };
        let span = self.place(flip.span());
        let mut flip = flip.into_inner().into_iter();
        let (Some((name, value)), None) = (flip.next(), flip.next()) else {
            return Err(self.source.trouble(span, "a twin run differs in exactly one setting").hint(hint));
        };
        let value = self.setting(value)?;
        Ok(LabMode::Twin { setting: Spanned::new(name, value.span), value: value.value })
    }

    /// `step` is the step around it, whose id a `see` block may borrow.
    pub(super) fn question(self, borrowed_id: Option<&str>) -> Result<QuizBlock, Trouble> {
        let raw: Question = self.read()?;
        let id = match (raw.id, borrowed_id) {
            (Some(id), _) => self.filled(id, "an id has at least one letter")?,
            (None, Some(step)) => Spanned::new(step.to_owned(), self.start..self.end),
            (None, None) => {
                let trouble = self.source.trouble(self.offset..self.offset, "this question has no id");
                return Err(trouble.hint("add id = \"...\"; the answer is remembered under it"));
            }
        };
        let span = self.place(raw.options.span());
        let options =
            raw.options.into_inner().into_iter().map(|choice| self.choice(choice)).collect::<Result<Vec<_>, _>>()?;
        let right = options.iter().filter(|option| option.right).count();
        if right == 0 || right == options.len() {
            let trouble = self.source.trouble(span, "a question needs a right option and a wrong one");
            return Err(trouble.hint("write right = true or right = false on each option"));
        }
        let ask = self.filled(raw.ask, "a question asks something")?;
        Ok(QuizBlock { id, ask, options, span: self.start..self.end })
    }

    fn choice(self, choice: Choice) -> Result<QuizOption, Trouble> {
        Ok(QuizOption {
            text: self.filled(choice.text, "an option says something")?,
            right: choice.right,
            why: self.filled(choice.why, "every option says why it is right or wrong")?,
        })
    }

    fn read<T: DeserializeOwned>(self) -> Result<T, Trouble> {
        toml::from_str(self.body).map_err(|error| {
            let span = error.span().map_or(self.offset..self.offset, |span| self.place(span));
            self.source.trouble(span, error.message().trim_end())
        })
    }

    fn place(self, span: Range<usize>) -> Range<usize> {
        self.offset + span.start..self.offset + span.end
    }

    fn mark<T>(self, marked: Marked<T>) -> Spanned<T> {
        let span = self.place(marked.span());
        Spanned::new(marked.into_inner(), span)
    }

    fn filled(self, marked: Marked<String>, otherwise: &str) -> Result<Spanned<String>, Trouble> {
        let text = self.mark(marked);
        if text.value.trim().is_empty() { Err(self.source.trouble(text.span, otherwise)) } else { Ok(text) }
    }

    /// A setting's value as [`Settings`](crate::setting::Settings) writes it.
    fn setting(self, value: Marked<Value>) -> Result<Spanned<String>, Trouble> {
        let value = self.mark(value);
        let text = match value.value {
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Boolean(switch) => switch.to_string(),
            _ => {
                let trouble = self.source.trouble(value.span, "a setting is true, false, a whole number or a word");
                return Err(trouble);
            }
        };
        Ok(Spanned::new(text, value.span))
    }
}
