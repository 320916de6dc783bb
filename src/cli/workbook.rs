//! The workbook on the screen: which screens it opens with, and the host that
//! answers them.

mod host;
mod model;

use super::arguments::{Screen as ScreenArguments, SignWidth, ThemeName};
use super::course::Course;
use super::error::Failure;
use super::locale::Environment;
use super::progress;
use crate::text::Language;
use crate::tui::home::Home;
use crate::tui::picker::Picker;
use crate::tui::run::{Colour, RunError, Setup, Width, run};
use crate::tui::screen::Screen;
use crate::tui::theme::Theme;

use host::Workbook;

/// Opens the workbook until the learner quits.
pub fn open(
    screen: &ScreenArguments,
    course: Course,
    asked: Option<Language>,
    environment: &Environment,
    language: Language,
) -> Result<u8, Failure> {
    let store = progress::open(environment, language)?;
    let chosen = asked.or(store.progress().language).or(environment.language);
    let setup = Setup {
        language: chosen.unwrap_or_default(),
        colour: colour(screen, environment),
        width: match screen.width {
            None => Width::Probe,
            Some(SignWidth::Narrow) => Width::Narrow,
            Some(SignWidth::Wide) => Width::Wide,
        },
        ascii: screen.ascii,
        reduced_motion: screen.reduced_motion,
        term: environment.term.clone(),
    };
    let (labs, troubles) = course.labs();
    if !troubles.is_empty() {
        return Err(troubles.into());
    }
    let opened = run(&setup, |ui| {
        let workbook = Workbook::new(course, labs, store);
        let mut screens: Vec<Box<dyn Screen>> = vec![Box::new(Home::new(workbook.home_model()))];
        screens.extend(workbook.first_minute(ui));
        if chosen.is_none() {
            screens.push(Box::new(Picker::new(None)));
        }
        (Box::new(workbook), screens)
    });
    opened.map(|()| 0).map_err(|error| explain(&error, setup.language))
}

fn colour(screen: &ScreenArguments, environment: &Environment) -> Colour {
    match screen.theme {
        _ if environment.no_color => Colour::Always(Theme::Plain),
        None => Colour::Probe,
        Some(ThemeName::Dark) => Colour::Always(Theme::Dark),
        Some(ThemeName::Light) => Colour::Always(Theme::Light),
        Some(ThemeName::Plain) => Colour::Always(Theme::Plain),
    }
}

fn explain(error: &RunError, language: Language) -> Failure {
    Failure::usage(format!("{}\n{}", error.text(language), error.hint(language)))
}
