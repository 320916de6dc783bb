//! Progress on the command line.

use std::io::{BufRead, IsTerminal, stdin};
use std::time::UNIX_EPOCH;

use super::Context;
use super::arguments::ProgressCommand;
use super::error::Failure;
use super::locale::Environment;
use super::output::say;
use crate::source::Source;
use crate::text::Language;
use crate::workbook::progress::Store;

/// Opens the learner's progress, and says what there is to say about it.
pub fn open(environment: &Environment, language: Language) -> Result<Store, Failure> {
    let Some(folder) = &environment.data else {
        let told = match language {
            Language::Zh => "找不到主目录，进度只留在内存里",
            Language::En => "no home folder is known, so progress is kept in memory only",
        };
        say(format!("ackademy: {told}"));
        return Ok(Store::in_memory());
    };
    let (store, notice) = Store::open(folder);
    if let Some(notice) = notice {
        say(format!("ackademy: {}", notice.text(language)));
    }
    Ok(store)
}

/// Seconds since 1970.
#[allow(clippy::disallowed_types, reason = "progress is dated by the learner's calendar")]
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Context {
    pub fn progress(&mut self, command: &ProgressCommand, mut store: Store) -> Result<u8, Failure> {
        match command {
            ProgressCommand::Show { json: true } | ProgressCommand::Export => {
                let text = store.export();
                self.out.bytes(text.as_bytes())
            }
            ProgressCommand::Show { json: false } => self.show_progress(&store),
            ProgressCommand::Import { file } => {
                let text = std::fs::read_to_string(file).map_err(|error| Failure::at(file, &error))?;
                let notice = store.import(&Source::new(file.display().to_string(), text))?;
                self.saved(&store, notice.map(|notice| notice.text(self.language)))
            }
            ProgressCommand::Reset { yes } => self.reset(&mut store, *yes),
        }
    }

    fn show_progress(&mut self, store: &Store) -> Result<u8, Failure> {
        let loss = store.loss();
        let right = store.progress().predictions.iter().filter(|prediction| prediction.right).count();
        self.out.line(match self.language {
            Language::Zh => format!(
                "读过 {} 课；预测 {} 次，对 {right} 次；答题 {} 道；完成任务 {} 个；跑实验 {} 次",
                loss.lessons, loss.predictions, loss.answers, loss.tasks, loss.runs
            ),
            Language::En => format!(
                "{} lessons begun; {} predictions, {right} right; {} answers; {} tasks solved; {} lab runs",
                loss.lessons, loss.predictions, loss.answers, loss.tasks, loss.runs
            ),
        })?;
        self.out.done(0)
    }

    fn reset(&mut self, store: &mut Store, yes: bool) -> Result<u8, Failure> {
        if !yes {
            self.show_progress(store)?;
            if !stdin().is_terminal() {
                return Err(Failure::told(
                    "这会清空全部进度；真要清空，就加上 --yes",
                    "this would take all of it away; call it with --yes to do so",
                ));
            }
            say(match self.language {
                Language::Zh => "以上全部清空？输入 yes 确认：",
                Language::En => "Take all of this away? Type yes:",
            });
            let mut answer = String::new();
            stdin().lock().read_line(&mut answer).map_err(Failure::io)?;
            if answer.trim() != "yes" {
                return Err(Failure::told("什么都没改", "nothing was changed"));
            }
        }
        let kept = store.reset(now()).map_err(|notice| Failure::Io(notice.text(self.language)))?;
        let told = match self.language {
            Language::Zh => "已清空；旧文件保存为",
            Language::En => "reset; the old file is kept as",
        };
        say(format!("{told} {}", kept.display()));
        Ok(0)
    }

    fn saved(&self, store: &Store, notice: Option<String>) -> Result<u8, Failure> {
        if store.is_saved() {
            return Ok(0);
        }
        // Why was said when the folder was opened, unless it is new.
        let why = notice.or_else(|| store.memory_only().map(|notice| notice.text(self.language)));
        Err(Failure::Io(why.unwrap_or_else(|| "nothing was saved".to_owned())))
    }
}
