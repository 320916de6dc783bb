//! What a learner has done, on their own disk. There is no account and no
//! server, so this file is all there is, and losing it is the one data loss this
//! program can cause itself. It is treated as the course teaches: written to a
//! new file, synced, renamed over the old one, and the folder synced, at every
//! step; and two running programs never overwrite each other, because each
//! change is applied to what is on disk now, under a lock.
//!
//! - `state` is the file's content, `change` the only ways it changes.
//! - `store` keeps it on disk; `file` holds the lock and the atomic writing.
//! - `exchange` exports, imports and resets; `review` says which wrong
//!   predictions come back, and when.

mod change;
mod exchange;
mod file;
mod notice;
mod review;
mod state;
mod store;

pub use change::Change;
pub use exchange::Loss;
pub use notice::Notice;
pub use review::Review;
pub use state::{LessonProgress, Place, Prediction, Progress, QuizAnswer, Solution};
pub use store::Store;

/// The folder that the system gives to a program's data, or nothing if it does
/// not say (no home folder).
#[must_use]
pub fn default_folder() -> Option<std::path::PathBuf> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.data_dir().join("ackademy"))
}

/// The language that was chosen in the workbook, if any. Reads the file without its
/// lock: it is only ever replaced as a whole, and nothing is written.
#[must_use]
pub fn chosen_language(folder: &std::path::Path) -> Option<crate::text::Language> {
    let bytes = std::fs::read(file::Folder::new(folder).file()).ok()?;
    let progress: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    progress.get("language")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
