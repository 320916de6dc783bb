//! The command line. Standard output is data, standard error is talk. Exit
//! codes: 0 fine, 1 a claim or a check failed, 2 a wrong call or file, 3 could
//! not tell. Without a command, the workbook opens.

mod arguments;
mod check;
mod course;
mod error;
mod explain;
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

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command, ProgressCommand};
use error::Failure;
use output::Output;

/// What a command needs to know of its surroundings.
struct Context {
    language: crate::text::Language,
    course: course::Course,
    out: Output,
    /// Standard error may show colours.
    colour: bool,
}

/// Reads the arguments and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let environment = locale::Environment::read();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data; a wrong call is talk.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let colour = !environment.no_color && environment.error_is_terminal;
    match dispatch(arguments, &environment, colour) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report(colour)),
    }
}

fn dispatch(arguments: Arguments, environment: &locale::Environment, colour: bool) -> Result<u8, Failure> {
    let course = course::Course::open(arguments.content.as_deref())?;
    let asked = arguments.lang;
    let store = || progress::open(environment);
    let Some(command) = arguments.command else {
        return workbook::open(&arguments.screen, course, asked, environment);
    };
    let language = asked.or(environment.language).unwrap_or_default();
    let mut context = Context { language, course, out: Output::new(), colour };
    match command {
        Command::Lessons { json } => context.lessons(json),
        Command::Labs { json } => context.labs(json),
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
            clap_complete::generate(shell, &mut Arguments::command(), "ackademy", &mut text);
            context.out.bytes(&text)
        }
        Command::Manual => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut text).map_err(Failure::io)?;
            context.out.bytes(&text)
        }
    }
}
