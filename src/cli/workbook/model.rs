//! What screens are shown of the course and of the learner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cli::course::Course;
use crate::lab::{Lab, Predict, Session};
use crate::lesson::{Lesson, parse};
use crate::random::Seed;
use crate::source::Trouble;
use crate::text::{CourseText, Language, Text};
use crate::tui::bench::predict::right_option;
use crate::tui::bench::setup::Setup;
use crate::tui::home::{HomeModel, LabState, LabTile, LessonState, LessonTile, Resume};
use crate::tui::host::Confidence;
use crate::tui::notebook::{Due, Entry, NotebookModel};
use crate::tui::reader::{Choice, LabCard, Marks, PredictCard, Predicted, ReaderModel};
use crate::workbook::curriculum::CURRICULUM;
use crate::workbook::progress::{Prediction, Progress};

/// The lab of the first minute.
pub const FIRST_LAB: &str = "first-loss";

/// The options that runs proved right, by lab, prediction and seed.
pub type Proved = BTreeMap<(String, String, u64), Option<usize>>;

pub type Labs = BTreeMap<String, Arc<Lab>>;

fn owned(text: Text) -> CourseText {
    CourseText { zh: text.zh.to_owned(), en: text.en.to_owned() }
}

/// Both languages of a lesson.
pub fn lesson(course: &Course, id: &str) -> Result<(Lesson, Lesson), Vec<Trouble>> {
    let read = |language| {
        let source = course.content.lesson_source(id, language).map_err(|trouble| vec![trouble])?;
        parse(&source, language)
    };
    Ok((read(Language::Zh)?, read(Language::En)?))
}

/// The map of the course.
pub fn home(course: &Course, labs: &Labs, progress: &Progress, now: u64) -> HomeModel {
    let written: BTreeSet<String> = course.content.lessons().into_iter().map(|entry| entry.id).collect();
    let planned = CURRICULUM.iter().map(|planned| planned.id.to_owned());
    let ids: BTreeSet<String> = planned.chain(written.iter().cloned()).collect();
    let tiles = ids.iter().map(|id| tile(course, labs, progress, id, written.contains(id)));
    let right = progress.predictions.iter().filter(|prediction| prediction.right).count();
    HomeModel {
        lessons: tiles.collect(),
        resume: resume(course, progress),
        first_lab: FIRST_LAB.to_owned(),
        predictions: (progress.predictions.len(), right),
        due: progress.due(now).len(),
    }
}

fn tile(course: &Course, labs: &Labs, progress: &Progress, id: &str, is_written: bool) -> LessonTile {
    let planned = CURRICULUM.iter().find(|planned| planned.id == id);
    let mut tile = LessonTile {
        id: id.to_owned(),
        title: planned.map_or_else(CourseText::default, |planned| owned(planned.title)),
        about: planned.map_or_else(CourseText::default, |planned| owned(planned.about)),
        ..LessonTile::default()
    };
    let lab_tile =
        |lab: &Arc<Lab>| LabTile { id: lab.id.clone(), title: lab.title.clone(), state: lab_state(lab, progress) };
    let Some((zh, en)) = is_written.then(|| lesson(course, id).ok()).flatten() else {
        // Its labs may be there before it is written.
        tile.labs = labs.values().filter(|lab| lab.lesson == id).map(lab_tile).collect();
        return tile;
    };
    let done = progress.lessons.get(id);
    let steps = zh.steps().len();
    let read = done.map_or(0, |done| done.steps.len().min(steps));
    tile.minutes = zh.minutes;
    tile.steps = (read, steps);
    tile.state = match done {
        Some(done) if done.finished || (steps > 0 && read == steps) => LessonState::Done,
        Some(_) => LessonState::Begun,
        None => LessonState::New,
    };
    tile.labs = zh.labs.iter().filter_map(|id| labs.get(&id.value)).map(lab_tile).collect();
    tile.title = CourseText { zh: zh.title.value, en: en.title.value };
    tile
}

fn lab_state(lab: &Lab, progress: &Progress) -> LabState {
    let is_solved = |task: &crate::lab::Task| progress.tasks.contains_key(&format!("{}/{}", lab.id, task.id));
    if !lab.tasks.is_empty() && lab.tasks.iter().all(is_solved) {
        LabState::Solved
    } else if progress.labs_run.contains_key(&lab.id) {
        LabState::Run
    } else {
        LabState::New
    }
}

/// Where the learner stopped last. After the first minute that is the beginning
/// of the course.
fn resume(course: &Course, progress: &Progress) -> Option<Resume> {
    let places = progress.lessons.iter().filter_map(|(id, lesson)| Some((id, lesson.place.as_ref()?)));
    let Some((id, place)) = places.max_by_key(|(_, place)| place.at) else {
        let first = course.content.lessons().into_iter().next().filter(|_| progress.first_light_done)?;
        return Some(Resume { lesson: first.id, step: owned(crate::lesson::StepKind::Incident.name()) });
    };
    let (zh, _) = lesson(course, id).ok()?;
    let step = zh.steps().into_iter().find(|step| step.id == place.step);
    let step = step.map_or_else(CourseText::default, |step| owned(step.kind.name()));
    Some(Resume { lesson: id.clone(), step })
}

/// A lesson with all that its page mentions.
pub fn reader(course: &Course, labs: &Labs, progress: &Progress, id: &str) -> Result<ReaderModel, Vec<Trouble>> {
    let (zh, en) = lesson(course, id)?;
    let mut predictions = BTreeMap::new();
    let mut cards = BTreeMap::new();
    for lab in labs.values() {
        for predict in &lab.predicts {
            predictions.insert((lab.id.clone(), predict.id.clone()), predict_card(predict));
        }
        let faults = lab.faults.iter().map(|fault| (fault.id.clone(), fault.title.clone())).collect();
        let tasks = lab.tasks.iter().map(|task| (task.id.clone(), task.ask.clone())).collect();
        cards.insert(lab.id.clone(), LabCard { title: lab.title.clone(), faults, tasks });
    }
    let place = progress.lessons.get(id).and_then(|lesson| lesson.place.as_ref()).map(|place| place.block);
    Ok(ReaderModel { id: id.to_owned(), zh, en, predictions, labs: cards, place })
}

fn predict_card(predict: &Predict) -> PredictCard {
    let choices = predict.options.iter().map(|option| Choice { text: option.text.clone(), why: option.why.clone() });
    PredictCard { ask: predict.ask.clone(), options: choices.collect() }
}

/// What the learner has done in a lesson.
pub fn marks(labs: &Labs, progress: &Progress, lesson: &str, proved: &mut Proved) -> Marks {
    let mut marks = Marks::default();
    for prediction in &progress.predictions {
        let Some(lab) = labs.get(&prediction.lab) else { continue };
        let Some(predict) = lab.predict(&prediction.predict) else { continue };
        let Some(option) = predict.options.iter().position(|option| option.id == prediction.option) else { continue };
        let confidence = Some(confidence(prediction.confidence));
        let (id, about) = (prediction.lab.clone(), prediction.predict.clone());
        let right = Some(prediction.right);
        let key = (id.clone(), about.clone(), prediction.seed);
        let proved = if prediction.right {
            Some(option)
        } else if lab.lesson == lesson {
            *proved.entry(key).or_insert_with(|| right_again(lab, predict, option, prediction))
        } else {
            proved.get(&key).copied().flatten()
        };
        marks.predictions.insert((id, about), Predicted { option, confidence, right, proved });
    }
    let prefix = format!("{lesson}/");
    for (question, answer) in &progress.answers {
        if let Some(question) = question.strip_prefix(&prefix) {
            marks.answers.insert(question.to_owned(), answer.option);
        }
    }
    marks.labs = labs.iter().map(|(id, lab)| (id.clone(), lab_state(lab, progress))).collect();
    marks.steps_done = progress.lessons.get(lesson).map(|lesson| lesson.steps.clone()).unwrap_or_default();
    marks
}

/// The option that was right in the run of a prediction, by running it once more. The
/// learner may have changed more for it than the prediction brings along: then the run
/// judges otherwise than was judged, and nothing is said.
fn right_again(lab: &Arc<Lab>, predict: &Predict, option: usize, made: &Prediction) -> Option<usize> {
    let setup = Setup::of(lab).giving_way(lab, &predict.given).with_fault(predict.fault.as_deref());
    let plan = setup.plan(lab).filter(|plan| !plan.is_long())?;
    let mut session = Session::new(plan, Seed(made.seed));
    session.finish();
    let totals = session.totals();
    let agrees = predict.options.get(option)?.right.holds(&totals) == made.right;
    right_option(predict, &totals).filter(|_| agrees)
}

const fn confidence(kept: u8) -> Confidence {
    match kept {
        1 => Confidence::Guess,
        2 => Confidence::Fairly,
        _ => Confidence::Certain,
    }
}

/// Predictions against outcomes, newest first, and what comes back.
pub fn notebook(labs: &Labs, progress: &Progress, now: u64) -> NotebookModel {
    let entry = |made: &Prediction| {
        let lab = labs.get(&made.lab)?;
        let predict = lab.predict(&made.predict)?;
        let option = predict.options.iter().find(|option| option.id == made.option)?;
        Some(Entry {
            lab: lab.id.clone(),
            predict: predict.id.clone(),
            title: lab.title.clone(),
            ask: predict.ask.clone(),
            said: option.text.clone(),
            why: option.why.clone(),
            confidence: confidence(made.confidence),
            right: made.right,
            seed: made.seed,
        })
    };
    let due = |review: crate::workbook::progress::Review| {
        let lab = labs.get(&review.lab)?;
        Some(Due {
            title: lab.title.clone(),
            ask: lab.predict(&review.predict)?.ask.clone(),
            lab: review.lab,
            predict: review.predict,
            seed: review.seed,
            days: review.due.saturating_sub(now).div_ceil(86_400),
        })
    };
    NotebookModel {
        entries: progress.predictions.iter().rev().filter_map(entry).collect(),
        reviews: progress.reviews().into_iter().filter_map(due).collect(),
        first_lab: FIRST_LAB.to_owned(),
    }
}
