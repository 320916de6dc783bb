//! What a learner must be told about their progress. Nothing here stops the
//! program: one can always go on, and is told what that means.

use std::path::PathBuf;

use super::state::Progress;
use crate::text::Language;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The file could not be understood. It was kept under another name.
    SetAside { kept_as: PathBuf, why: String },
    /// A newer program wrote the file. It is left alone.
    Newer { path: PathBuf, version: u32 },
    /// The file cannot be written, or not be read. Said once.
    Unwritable { path: PathBuf, why: String },
    /// Another program held the lock for too long. The change is tried again
    /// with the next one.
    Busy { path: PathBuf },
}

impl Notice {
    /// The notice as a sentence or two.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::SetAside { kept_as, why } => {
                format!("进度文件读不懂（{why}），已原样保留为 {}。学习照常进行。", kept_as.display())
            }
            Self::Newer { path, version } => format!(
                "{} 由更新版本的程序写成（格式 {version}，本程序只认到格式 {}），不会动它。本次的进度只在内存里；升级程序后即可继续。",
                path.display(),
                Progress::VERSION
            ),
            Self::Unwritable { path, why } => {
                format!("进度存不到 {}（{why}）。可以继续学习，但在能写入之前，进度只在内存里。", path.display())
            }
            Self::Busy { path } => {
                format!("另一个 ackademy 一直占着 {}，这一步稍后再存。", path.display())
            }
        }
    }

    fn en(&self) -> String {
        match self {
            Self::SetAside { kept_as, why } => {
                format!(
                    "The progress file could not be understood ({why}). It was kept as {}. You can go on.",
                    kept_as.display()
                )
            }
            Self::Newer { path, version } => format!(
                "{} was written by a newer program (format {version}; this one knows up to {}) and is left alone. Progress stays in memory this time; upgrade to go on from there.",
                path.display(),
                Progress::VERSION
            ),
            Self::Unwritable { path, why } => format!(
                "Progress cannot be kept in {} ({why}). You can go on; until it can be written, progress is in memory only.",
                path.display()
            ),
            Self::Busy { path } => {
                format!("Another ackademy keeps {} locked. This step is saved with the next one.", path.display())
            }
        }
    }
}
