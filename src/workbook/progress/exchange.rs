//! Progress that travels: export, import (which merges), and reset (which says
//! first what would be lost, and keeps a copy).

use std::path::PathBuf;

use super::file::Locked;
use super::notice::Notice;
use super::state::Progress;
use super::store::{Edit, Store, encode};
use crate::source::{Source, Trouble};

/// What a reset would take away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Lessons begun or finished.
    pub lessons: usize,
    pub predictions: usize,
    pub answers: usize,
    pub tasks: usize,
    /// Runs of labs.
    pub runs: u64,
}

impl Store {
    /// Everything, as the JSON that [`Store::import`] reads.
    #[must_use]
    pub fn export(&self) -> String {
        String::from_utf8(encode(self.progress())).expect("JSON is UTF-8")
    }

    /// Merges an exported file into the progress: nothing that is there is lost.
    ///
    /// # Errors
    ///
    /// When the file is not an export; then nothing changes.
    pub fn import(&mut self, source: &Source) -> Result<Option<Notice>, Trouble> {
        let other = read_export(source)?;
        Ok(self.edit(Edit::Merge(Box::new(other))))
    }

    /// What [`Store::reset`] would take away.
    #[must_use]
    pub fn loss(&self) -> Loss {
        let progress = self.progress();
        Loss {
            lessons: progress.lessons.len(),
            predictions: progress.predictions.len(),
            answers: progress.answers.len(),
            tasks: progress.tasks.len(),
            runs: progress.labs_run.values().sum(),
        }
    }

    /// Begins again, keeping the language. `now` in seconds since 1970 dates the
    /// copy of the old file, whose path is returned.
    ///
    /// # Errors
    ///
    /// When the copy or the new file cannot be written; then nothing changes.
    pub fn reset(&mut self, now: u64) -> Result<PathBuf, Notice> {
        if let Some(notice) = self.memory_only() {
            return Err(notice.clone());
        }
        let folder = self.folder.clone();
        // What another program wrote meanwhile belongs into the copy too.
        if let Some(notice) = self.refresh() {
            return Err(notice);
        }
        let locked = folder.lock()?;
        let (kept_as, fresh) = self.begin_again(&locked, now).map_err(|error| folder.unwritable(&error))?;
        self.forget(fresh);
        Ok(kept_as)
    }

    fn begin_again(&self, locked: &Locked, now: u64) -> std::io::Result<(PathBuf, Progress)> {
        let old = locked.read()?.unwrap_or_else(|| encode(self.progress()));
        let kept_as = locked.back_up(&format!("progress.backup-{}", date(now)), &old)?;
        let progress = self.progress();
        let revision = progress.revision + 1;
        let fresh = Progress { language: progress.language, revision, ..Progress::default() };
        locked.write(&encode(&fresh))?;
        Ok((kept_as, fresh))
    }
}

fn read_export(source: &Source) -> Result<Progress, Trouble> {
    let version = |value: &serde_json::Value| value.get("version").and_then(serde_json::Value::as_u64);
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&source.text) {
        match version(&value) {
            Some(version) if version > u64::from(Progress::VERSION) => {
                let reason = format!(
                    "a newer program wrote this (format {version}, this one knows up to {})",
                    Progress::VERSION
                );
                return Err(source.trouble(find_word(source, "\"version\""), reason).hint("upgrade this program"));
            }
            Some(_) => {}
            None => {
                let trouble = source.trouble(0..0, "this is no exported progress: it has no version");
                return Err(trouble.hint("export it again"));
            }
        }
    }
    let progress: Progress = serde_json::from_str(&source.text).map_err(|error| {
        let at = offset(&source.text, error.line(), error.column());
        let words = error.to_string();
        // The position is shown by the caret.
        let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
        source.trouble(at..at + 1, reason).hint("nothing was imported; export it again")
    })?;
    if let Some(prediction) = progress.predictions.iter().find(|prediction| !(1..=3).contains(&prediction.confidence)) {
        let word = format!("\"confidence\": {}", prediction.confidence);
        let reason = format!("a confidence is 1, 2 or 3, not {}", prediction.confidence);
        return Err(source.trouble(find_word(source, &word), reason).hint("nothing was imported"));
    }
    Ok(progress)
}

fn find_word(source: &Source, word: &str) -> std::ops::Range<usize> {
    source.text.find(word).map_or(0..0, |at| at..at + word.len())
}

/// The byte that serde_json means: lines from 1, columns in bytes, the column of
/// what was read last.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start + column.saturating_sub(1)
}

/// `20261123-001022` for a file's name, UTC. The calendar is Howard Hinnant's
/// `civil_from_days`: years that begin in March, so that the leap day is last.
fn date(now: u64) -> String {
    let (days, seconds) = (now / 86_400 + 719_468, now % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "19700101-000000");
        assert_eq!(date(951_782_399), "20000228-235959");
        assert_eq!(date(951_782_400), "20000229-000000");
        assert_eq!(date(4_107_542_399), "21000228-235959");
        assert_eq!(date(4_107_542_400), "21000301-000000", "2100 is no leap year");
        assert_eq!(date(1_795_392_622), "20261123-001022");
    }
}
