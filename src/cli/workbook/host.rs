//! The host: answers what screens ask, and keeps what they want remembered.

use std::collections::BTreeMap;

use super::model::{self, Labs, Proved};
use crate::cli::course::Course;
use crate::cli::progress::now;
use crate::text::Language;
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::first_minute::FirstMinute;
use crate::tui::home::HomeModel;
use crate::tui::host::{Confidence, Host, LabRequest, Memory, Request};
use crate::tui::notebook::Notebook;
use crate::tui::reader::{Marks, Predicted, Reader};
use crate::tui::screen::{Action, Screen};
use crate::tui::ui::Ui;
use crate::workbook::content;
use crate::workbook::progress::{Change, Place, Prediction, QuizAnswer, Store};

pub struct Workbook {
    course: Course,
    labs: Labs,
    store: Store,
    /// The author's folder as it was when it was last read.
    read_at: content::Change,
    /// Predictions made on a page whose run has not been seen: by lab and prediction.
    open: BTreeMap<(String, String), Predicted>,
    /// The options that runs proved right, by lab, prediction and seed, as far as
    /// anybody asked: none if that could not be told.
    proved: Proved,
}

impl Workbook {
    pub fn new(course: Course, labs: Labs, store: Store) -> Self {
        let read_at = course.content.change();
        Self { course, labs, store, read_at, open: BTreeMap::new(), proved: Proved::new() }
    }

    pub fn home_model(&self) -> HomeModel {
        model::home(&self.course, &self.labs, self.store.progress(), now())
    }

    /// The first minute, for who has not had it.
    pub fn first_minute(&self, ui: &Ui) -> Option<Box<dyn Screen>> {
        if self.store.progress().first_light_done {
            return None;
        }
        let lab = self.labs.get(model::FIRST_LAB)?;
        Some(Box::new(FirstMinute::new(lab.clone(), ui)))
    }

    /// Reads labs again if an author has changed a file. Lessons are read when
    /// they open, so a change shows as soon as a page is opened again.
    fn reload(&mut self) -> Option<String> {
        let change = self.course.content.change();
        if change == self.read_at {
            return None;
        }
        self.read_at = change;
        let (labs, troubles) = self.course.labs();
        self.labs.extend(labs);
        let trouble = troubles.first()?;
        let (line, column) = trouble.position();
        Some(format!("{}:{line}:{column}: {}", trouble.path, trouble.reason))
    }

    fn open_lesson(&self, id: &str, step: Option<&str>, ui: &Ui) -> Action {
        match model::reader(&self.course, &self.labs, self.store.progress(), id) {
            Ok(page) => Action::Push(Box::new(Reader::new(page, step, ui).with_colours())),
            Err(troubles) => {
                let first = troubles.first().map(|trouble| {
                    let (line, column) = trouble.position();
                    format!("{}:{line}:{column}: {}", trouble.path, trouble.reason)
                });
                Action::Notice(first.unwrap_or_default())
            }
        }
    }

    fn open_lab(&self, request: &LabRequest, ui: &Ui) -> Action {
        let Some(lab) = self.labs.get(&request.lab) else { return unknown(&request.lab, ui) };
        // Asked for by name alone, the first lab is the first minute again.
        if request.lab == model::FIRST_LAB
            && *request == (LabRequest { lab: request.lab.clone(), ..Default::default() })
        {
            return Action::Push(Box::new(FirstMinute::new(lab.clone(), ui)));
        }
        let mut bench = BenchRequest::from(request);
        bench.first_time = !self.store.progress().labs_run.contains_key(&request.lab);
        let prefix = format!("{}/", request.lab);
        let solved = self.store.progress().tasks.keys().filter_map(|task| task.strip_prefix(&prefix));
        bench.solved = solved.map(str::to_owned).collect();
        // A prediction made on the page is settled by this run.
        let made = self.open.iter().find(|((lab, predict), _)| {
            let about = self.labs.get(lab).and_then(|lab| lab.predict(predict)).map(|predict| &predict.fault);
            *lab == request.lab && about.is_some_and(|fault| request.fault.is_none() || *fault == request.fault)
        });
        bench.predicted = made.map(|((_, predict), made)| (predict.clone(), made.option, made.confidence));
        Action::Push(Box::new(Bench::open(lab.clone(), &bench, ui)))
    }

    fn claim(&self, lab: &str, claim: &str, ui: &Ui) -> Action {
        let Some(claim) = self.labs.get(lab).and_then(|lab| lab.claim(claim)) else { return unknown(claim, ui) };
        let says = claim.says.in_language(ui.language);
        let (quantifier, expression) = (claim.quantifier, &claim.expression);
        Action::Notice(match ui.language {
            Language::Zh => format!("{says}  [机器验证：{quantifier} {expression}]"),
            Language::En => format!("{says}  [machine-checked: {quantifier} {expression}]"),
        })
    }

    fn remember(&mut self, memory: Memory, ui: &Ui) -> Action {
        let at = now();
        let change = match memory {
            Memory::Predicted { lab, predict, option, confidence } => {
                self.open.insert((lab, predict), Predicted { option, confidence, right: None, proved: None });
                return Action::Ignored;
            }
            Memory::PredictionJudged { lab, predict, option, confidence, right, proved, seed } => {
                self.open.remove(&(lab.clone(), predict.clone()));
                self.proved.insert((lab.clone(), predict.clone(), seed), proved);
                let known = self.labs.get(&lab).and_then(|lab| lab.predict(&predict));
                let option = known.and_then(|predict| predict.options.get(option)).map(|option| option.id.clone());
                let confidence = match confidence {
                    Confidence::Guess => 1,
                    Confidence::Fairly => 2,
                    Confidence::Certain => 3,
                };
                let option = option.unwrap_or_default();
                Change::Predicted(Prediction { at, lab, predict, option, confidence, right, seed })
            }
            Memory::Answered { lesson, question, option, right } => {
                Change::Answered { lesson, question, answer: QuizAnswer { option, right, at } }
            }
            Memory::Place { lesson, block, step } => Change::Left { lesson, place: Place { block, step, at } },
            Memory::StepDone { lesson, step } => Change::Reached { lesson, step },
            Memory::LabRun { lab } => Change::Ran { lab },
            Memory::TaskSolved { lab, task, settings } => {
                Change::Solved { lab, task, settings: settings.into_iter().collect(), at }
            }
            Memory::FirstLight => Change::FirstLightDone,
            Memory::Language(language) => Change::Language(language),
        };
        match self.store.apply(change) {
            Some(notice) => Action::Notice(notice.text(ui.language)),
            None => Action::Ignored,
        }
    }
}

impl Host for Workbook {
    fn ask(&mut self, request: Request, ui: &Ui) -> Action {
        // What is to be remembered comes once, whatever an author's file is like.
        if let Request::Remember(memory) = request {
            return self.remember(memory, ui);
        }
        if let Some(trouble) = self.reload() {
            return Action::Notice(trouble);
        }
        match request {
            Request::OpenLesson { lesson, step } => self.open_lesson(&lesson, step.as_deref(), ui),
            Request::OpenLab(request) => self.open_lab(&request, ui),
            Request::OpenNotebook => {
                let notebook = model::notebook(&self.labs, self.store.progress(), now());
                Action::Push(Box::new(Notebook::new(notebook)))
            }
            Request::ShowClaim { lab, claim } => self.claim(&lab, &claim, ui),
            Request::Remember(_) => Action::Ignored,
        }
    }

    fn marks(&mut self, lesson: &str) -> Marks {
        let mut marks = model::marks(&self.labs, self.store.progress(), lesson, &mut self.proved);
        for (question, predicted) in &self.open {
            marks.predictions.insert(question.clone(), *predicted);
        }
        marks
    }

    fn home(&mut self) -> HomeModel {
        self.home_model()
    }
}

fn unknown(id: &str, ui: &Ui) -> Action {
    Action::Notice(match ui.language {
        Language::Zh => format!("课程里没有 {id}"),
        Language::En => format!("the course has no {id}"),
    })
}
