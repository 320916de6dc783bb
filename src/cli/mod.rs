//! The command line. Standard output is data, standard error is talk. Exit
//! codes: 0 fine, 1 a claim or a check failed, 2 a wrong call or file, 3 could
//! not tell. Without a command, the workbook opens.

mod arguments;
mod check;
mod chinese;
mod course;
mod error;
mod explain;
mod labs;
mod locale;
mod output;
mod plain;
mod progress;
mod read;
mod run;
mod sweep;
mod waiting;
mod workbook;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use arguments::{Arguments, Command, ProgressCommand};
use error::Failure;
use output::{Output, say};

use crate::text::Language;

/// What a command needs to know of its surroundings.
struct Context {
    language: Language,
    course: course::Course,
    out: Output,
    /// Standard error may show colours.
    colour: bool,
}

/// Reads the arguments and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let environment = locale::Environment::read();
    let asked = locale::asked(std::env::args_os().skip(1)).or_else(|| environment.preferred());
    let language = asked.unwrap_or_default();
    let arguments = match parse(language) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data; a wrong call is talk.
            match (language, chinese::mistake(&error)) {
                (Language::Zh, Some(told)) => say(format!("ackademy: {told}")),
                _ => drop(error.print()),
            }
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let colour = !environment.no_color && environment.error_is_terminal;
    match dispatch(arguments, &environment, language, colour) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report(colour, language)),
    }
}

/// The arguments as clap knows them, in a language.
fn command(language: Language) -> clap::Command {
    let mut command = Arguments::command();
    if language == Language::Zh {
        command.build();
        command = chinese::retold(command);
    }
    command
}

fn parse(language: Language) -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches(&command(language).try_get_matches()?)
}

fn dispatch(
    arguments: Arguments,
    environment: &locale::Environment,
    language: Language,
    colour: bool,
) -> Result<u8, Failure> {
    let course = course::Course::open(arguments.content.as_deref())?;
    let store = || progress::open(environment, language);
    let Some(command) = arguments.command else {
        return workbook::open(&arguments.screen, course, arguments.lang, environment, language);
    };
    let mut context = Context { language, course, out: Output::new(), colour };
    match command {
        Command::Lessons { json } => context.lessons(json),
        Command::Labs { lab: Some(lab), json } => context.lab(&lab, json),
        Command::Labs { lab: None, json } => context.labs(json),
        Command::Read { lesson, width } => context.read(&lesson, width),
        Command::Run(choice) => context.run(&choice),
        Command::Replay { token, json, trace } => context.replay(&token, json, trace),
        Command::Explain { choice, message } => context.explain(&choice, message),
        Command::Sweep(choice) => context.sweep(&choice),
        Command::Check { path, seeds, json } => context.check(path.as_deref(), seeds, json),
        Command::Progress { json, command } => {
            let command = command.unwrap_or(ProgressCommand::Show { json });
            context.progress(&command, store()?)
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut self::command(language), "ackademy", &mut text);
            context.out.bytes(&text)
        }
        Command::Manual => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut text).map_err(Failure::io)?;
            context.out.bytes(&text)
        }
    }
}
