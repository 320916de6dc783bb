//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::text::Language;

/// A workbook in the terminal: understand message queues by breaking them.
///
/// Without a command it opens the workbook. 不带命令时打开练习册。
#[derive(Debug, Parser)]
#[command(name = "ackademy", version = VERSION, max_term_width = 100)]
pub struct Arguments {
    /// The language: zh or en (default: the workbook's, else from `LC_ALL`, `LC_MESSAGES`, `LANG`)
    #[arg(long, global = true, value_name = "zh|en")]
    pub lang: Option<Language>,

    /// A folder with lessons/ or labs/ laid over the course
    #[arg(long, global = true, value_name = "DIR")]
    pub content: Option<PathBuf>,

    #[command(flatten)]
    pub screen: Screen,

    #[command(subcommand)]
    pub command: Option<Command>,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the workbook draws.
#[derive(Clone, Debug, Default, Args)]
pub struct Screen {
    /// Draw with ASCII signs only
    #[arg(long)]
    pub ascii: bool,

    /// Let nothing move by itself
    #[arg(long)]
    pub reduced_motion: bool,

    /// How wide the terminal draws signs such as ─ (default: asked)
    #[arg(long, value_name = "narrow|wide")]
    pub width: Option<SignWidth>,

    /// The colours of the terminal (default: asked)
    #[arg(long, value_name = "dark|light|plain")]
    pub theme: Option<ThemeName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignWidth {
    Narrow,
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    Dark,
    Light,
    Plain,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the lessons
    Lessons {
        #[arg(long)]
        json: bool,
    },
    /// Print a lesson
    Read {
        /// Its id or number, as `lessons` lists it
        lesson: String,
        /// Cells a line
        #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u16).range(20..=400))]
        width: u16,
    },
    /// List the labs with their settings and faults
    Labs {
        /// Only this one, with its incident, what its settings decide, its tasks
        lab: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Run a lab and print its ledger
    Run(RunChoice),
    /// Run what a token says
    Replay {
        token: String,
        #[arg(long)]
        json: bool,
        /// Print every event
        #[arg(long, conflicts_with = "json")]
        trace: bool,
    },
    /// Say what became of one message, and why
    Explain {
        #[command(flatten)]
        choice: Choice,
        /// The message's number; default: the first that came to the worst harm
        #[arg(long, value_name = "N")]
        message: Option<u32>,
    },
    /// Run every combination of settings and faults over many seeds
    Sweep(SweepChoice),
    /// Check the course: lessons, labs, claims
    Check {
        /// One lab file, or a folder laid over the course
        path: Option<PathBuf>,
        /// Runs a claim
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        seeds: u64,
        #[arg(long)]
        json: bool,
    },
    /// Show, export, import or reset your progress
    Progress {
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        command: Option<ProgressCommand>,
    },
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Manual,
}

/// A lab with its choices.
#[derive(Clone, Debug, Args)]
pub struct Choice {
    /// The lab's id, as `labs` lists it
    pub lab: String,

    /// A setting of the lab
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,

    /// A fault: its id in the lab, or a sentence such as "crash broker-1 at 2s"
    #[arg(long, value_name = "ID|SENTENCE")]
    pub fault: Vec<String>,

    #[arg(long, default_value_t = 42)]
    pub seed: u64,
}

#[derive(Clone, Debug, Args)]
pub struct RunChoice {
    #[command(flatten)]
    pub choice: Choice,

    #[arg(long)]
    pub json: bool,

    /// Print every event
    #[arg(long, conflicts_with = "json")]
    pub trace: bool,

    /// As text alone, for screen readers and pipes: the incident, your guess, what
    /// happened, the ledger
    #[arg(long, conflicts_with_all = ["json", "token_file"])]
    pub plain: bool,

    /// Write the run's token to a file
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct SweepChoice {
    /// The lab's id, as `labs` lists it
    pub lab: String,

    /// Hold a setting at a value; the others vary
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,

    /// Only this fault; `none` for no fault
    #[arg(long, value_name = "ID|SENTENCE")]
    pub fault: Vec<String>,

    /// Runs a combination
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub seeds: u64,

    /// A line for every combination, instead of one for those that come to the same
    #[arg(long, conflicts_with = "json")]
    pub all: bool,

    #[arg(long)]
    pub json: bool,

    /// Threads (default: as many as there are cores); no result depends on it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ProgressCommand {
    /// Show it
    Show {
        #[arg(long)]
        json: bool,
    },
    /// Print it as JSON, for `import`
    Export,
    /// Merge an exported file; nothing that is there is lost
    Import { file: PathBuf },
    /// Begin again; a copy of the old file is kept
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}
