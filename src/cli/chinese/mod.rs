//! The command line in Chinese. Clap writes its help and its errors in English
//! only; here the help is told again from a table (`words`), and an error from
//! what clap knows of it (`mistakes`). What the rooms below say of a wrong choice
//! is put into Chinese as well, for that is what a learner meets first.

mod choices;
mod mistakes;
mod words;

use clap::{Arg, Command};

pub use choices::choice;
pub use mistakes::mistake;

/// The command with every text that its help shows in Chinese.
///
/// Takes a command that is built, for only then it has all its arguments.
pub fn retold(command: Command) -> Command {
    at(command, &[])
}

/// Tells the command that is called by `path` again, and all below it.
fn at(mut command: Command, path: &[&str]) -> Command {
    for below in command.get_subcommands_mut() {
        let name = below.get_name().to_owned();
        let own = std::mem::take(below);
        // `help` holds a copy of every command, which is called like the original.
        let above = path.strip_suffix(&["help"]).unwrap_or(path);
        let inner: Vec<&str> = above.iter().copied().chain([name.as_str()]).collect();
        *below = at(own, &inner);
    }
    let usage = words::usage(&command.render_usage().to_string());
    let about = words::command(&path.join(" ")).unwrap_or_default();
    let template = template(&command, &usage);
    command
        .about(about)
        .long_about(if path.is_empty() { words::ABOUT_LONG } else { about })
        .help_template(template)
        .mut_args(|argument| retell(argument, path))
}

/// The parts of a help text that this command has.
fn template(command: &Command, usage: &str) -> String {
    let mut template = format!("{{about-with-newline}}\n{usage}\n");
    let mut part = |is_there: bool, heading: &str, tag: &str| {
        if is_there {
            template.push_str(&format!("\n{heading}：\n{{{tag}}}\n"));
        }
    };
    part(command.has_subcommands(), "命令", "subcommands");
    part(command.get_positionals().next().is_some(), "参数", "positionals");
    part(command.get_opts().next().is_some(), "选项", "options");
    template
}

fn retell(argument: Arg, path: &[&str]) -> Arg {
    let mut text = words::argument(path.last().copied().unwrap_or_default(), argument.get_id().as_str()).to_owned();
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && argument.get_num_args().is_none_or(|range| range.takes_values()) {
        text.push_str(&format!("（默认 {}）", defaults.join("，")));
    }
    argument.help(text.clone()).long_help(text).hide_default_value(true).hide_possible_values(true)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::arguments::Arguments;
    use super::*;
    use crate::lesson::wrap::is_han;

    fn command() -> Command {
        let mut command = Arguments::command();
        command.build();
        retold(command)
    }

    fn visit(command: &Command, see: &mut dyn FnMut(&Command)) {
        see(command);
        command.get_subcommands().for_each(|below| visit(below, see));
    }

    #[test]
    fn every_command_and_every_argument_is_told_in_chinese() {
        visit(&command(), &mut |command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.contains(is_han), "{} is about: {about:?}", command.get_name());
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(is_han), "{} {}: {help:?}", command.get_name(), argument.get_id());
            }
        });
    }

    #[test]
    fn no_english_of_claps_is_left_in_the_help() {
        visit(&command(), &mut |command| {
            for help in [command.clone().render_help(), command.clone().render_long_help()] {
                let help = help.to_string();
                for english in [
                    "Usage",
                    "Options",
                    "Commands",
                    "Arguments",
                    "Print",
                    "[default",
                    "[possible",
                    "OPTIONS",
                    "[COMMAND",
                ] {
                    assert!(!help.contains(english), "{english} in the help of {}:\n{help}", command.get_name());
                }
            }
        });
    }

    #[test]
    fn what_is_told_again_takes_the_same_arguments() {
        use clap::FromArgMatches;
        for line in [
            "ackademy",
            "ackademy labs",
            "ackademy run first-loss --seed 7 --set a=b --lang zh",
            "ackademy progress show --json",
        ] {
            let matches = command().try_get_matches_from(line.split(' '));
            let arguments = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
            assert!(arguments.is_ok(), "{line}: {:?}", arguments.err());
        }
    }
}
