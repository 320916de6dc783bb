//! The course with its labs read: what every command looks things up in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Context;
use super::error::Failure;
use crate::lab::Lab;
use crate::lesson::{Lesson, parse};
use crate::source::{Source, Trouble};
use crate::text::Language;
use crate::workbook::check::{KnownLab, KnownLabs};
use crate::workbook::content::Content;
use crate::workbook::curriculum::CURRICULUM;

pub struct Course {
    pub content: Content,
}

impl Course {
    pub fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let content = match folder {
            None => Content::embedded(),
            Some(folder) => Content::with_overlay(folder).map_err(Failure::Usage)?,
        };
        Ok(Self { content })
    }

    pub fn lab(&self, id: &str) -> Result<Arc<Lab>, Failure> {
        let known = self.content.labs();
        if !known.iter().any(|known| known == id) {
            let known = known.join(", ");
            let (zh, en) =
                (format!("没有实验 {id}；有这些：{known}"), format!("there is no lab {id}; the labs are {known}"));
            return Err(Failure::told(zh, en));
        }
        let lab = Lab::parse(&self.content.lab_source(id)?)?;
        Ok(Arc::new(lab))
    }

    /// Every lab that can be read, and what is wrong with the others.
    pub fn labs(&self) -> (BTreeMap<String, Arc<Lab>>, Vec<Trouble>) {
        let (mut labs, mut troubles) = (BTreeMap::new(), Vec::new());
        for id in self.content.labs() {
            match self.content.lab_source(&id).map_err(|trouble| vec![trouble]).and_then(|source| read(&source, &id)) {
                Ok(lab) => {
                    labs.insert(id, Arc::new(lab));
                }
                Err(mut more) => troubles.append(&mut more),
            }
        }
        (labs, troubles)
    }

    /// A lesson by its id, or its number, or the beginning of its id.
    pub fn lesson(&self, name: &str, language: Language) -> Result<(String, Lesson), Failure> {
        let lessons = self.content.lessons();
        let number = name.parse::<u32>().ok();
        let found = lessons.iter().find(|entry| entry.id == name || Some(entry.number) == number);
        let Some(entry) = found.or_else(|| lessons.iter().find(|entry| entry.id.ends_with(&format!("-{name}")))) else {
            let ids: Vec<&str> = lessons.iter().map(|entry| entry.id.as_str()).collect();
            return Err(self.unwritten(name).unwrap_or_else(|| {
                let ids = ids.join(", ");
                Failure::told(
                    format!("没有 {name} 这一课；有这些：{ids}"),
                    format!("there is no lesson {name}; the lessons are {ids}"),
                )
            }));
        };
        let source = self.content.lesson_source(&entry.id, language)?;
        Ok((entry.id.clone(), parse(&source, language)?))
    }
}

impl Course {
    /// What there is of a lesson that is planned, but whose text is to come: its labs.
    fn unwritten(&self, name: &str) -> Option<Failure> {
        let number = |id: &str| id.split('-').next().and_then(|number| number.parse::<u32>().ok());
        let wanted = name.parse::<u32>().ok();
        let is_it =
            |id: &str| id == name || id.ends_with(&format!("-{name}")) || wanted.is_some() && number(id) == wanted;
        let lesson = CURRICULUM.iter().find(|planned| is_it(planned.id))?;
        let (labs, _) = self.labs();
        let ids: Vec<_> = labs.values().filter(|lab| lab.lesson == lesson.id).map(|lab| lab.id.as_str()).collect();
        let (zh, en) = (lesson.title.zh, lesson.title.en);
        let Some(first) = ids.first() else {
            return Some(Failure::told(
                format!("“{zh}”（{}）还没写好", lesson.id),
                format!("{en} ({}) is not written yet", lesson.id),
            ));
        };
        let all = ids.join(", ");
        Some(Failure::told(
            format!("“{zh}”（{}）的正文还没写好，实验可以做：{all}\n例如：ackademy labs {first}", lesson.id),
            format!(
                "the text of {en} ({}) is to come; its labs are here: {all}\ntry: ackademy labs {first}",
                lesson.id
            ),
        ))
    }
}

/// Reads a lab and holds its id to its file's name.
pub fn read(source: &Source, id: &str) -> Result<Lab, Vec<Trouble>> {
    let lab = Lab::parse(source)?;
    if lab.id == id {
        return Ok(lab);
    }
    let at = source.text.find(&format!("\"{}\"", lab.id)).unwrap_or(0);
    let reason = format!("the file is called {id}.toml, and the lab {}", lab.id);
    Err(vec![source.trouble(at..at + lab.id.len() + 2, reason).hint("give both the same name")])
}

/// What lessons may refer to.
pub fn known(labs: &BTreeMap<String, Arc<Lab>>) -> KnownLabs {
    let known = labs.iter().map(|(id, lab)| {
        let known = KnownLab {
            lesson: lab.lesson.clone(),
            claims: lab.claims.iter().map(|claim| claim.id.clone()).collect(),
            predicts: lab.predicts.iter().map(|predict| predict.id.clone()).collect(),
            tasks: lab.tasks.iter().map(|task| task.id.clone()).collect(),
            faults: lab.faults.iter().map(|fault| fault.id.clone()).collect(),
            settings: lab.settings.iter().map(|setting| setting.spec.name.to_owned()).collect(),
        };
        (id.clone(), known)
    });
    KnownLabs { labs: known.collect() }
}

impl Context {
    pub fn lessons(&mut self, json: bool) -> Result<u8, Failure> {
        for entry in self.course.content.lessons() {
            let (id, lesson) = self.course.lesson(&entry.id, self.language)?;
            if json {
                let labs: Vec<&str> = lesson.labs.iter().map(|lab| lab.value.as_str()).collect();
                let (title, minutes) = (&lesson.title.value, lesson.minutes);
                self.out.json(&serde_json::json!({ "id": id, "title": title, "minutes": minutes, "labs": labs }))?;
            } else {
                let minutes = match self.language {
                    Language::Zh => format!("{} 分钟", lesson.minutes),
                    Language::En => format!("{} min", lesson.minutes),
                };
                self.out.line(format!("{id:<14} {}  ({minutes})", lesson.title.value))?;
            }
        }
        self.out.done(0)
    }
}
