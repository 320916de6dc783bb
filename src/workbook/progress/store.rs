//! Progress on disk. Each change takes the lock, reads what is there now,
//! applies itself, writes, and lets go; so two programs interleave their changes
//! and lose none. What cannot be written is kept and tried again with the next
//! change.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::change::Change;
use super::file::{Folder, Locked};
use super::notice::Notice;
use super::state::Progress;

/// The learner's progress.
#[derive(Debug)]
pub struct Store {
    pub(super) folder: Folder,
    /// As it was last seen on disk.
    saved: Progress,
    /// The same, with what is pending.
    progress: Progress,
    /// Not on disk yet.
    pending: Vec<Edit>,
    /// The learner knows that it cannot be written.
    told: bool,
    /// Why nothing is written this time: a newer program wrote the file, say.
    memory_only: Option<Notice>,
}

#[derive(Clone, Debug)]
pub(super) enum Edit {
    Change(Change),
    Merge(Box<Progress>),
}

impl Edit {
    fn apply(&self, progress: &mut Progress) {
        match self {
            Self::Change(change) => change.apply(progress),
            Self::Merge(other) => progress.merge(other),
        }
    }
}

/// What the file holds.
pub(super) enum Found {
    Nothing,
    Progress(Box<Progress>),
    Newer(u32),
    Corrupt(String),
}

impl Store {
    /// Opens the progress in a folder, which is made if need be. Always
    /// succeeds; a notice says what the learner should know.
    #[must_use]
    pub fn open(folder: &Path) -> (Self, Option<Notice>) {
        let mut store = Self {
            folder: Folder::new(folder),
            saved: Progress::default(),
            progress: Progress::default(),
            pending: Vec::new(),
            told: false,
            memory_only: None,
        };
        let notice = store.synchronise();
        (store, notice)
    }

    /// Progress that lives in memory only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            folder: Folder::new(Path::new("")),
            saved: Progress::default(),
            progress: Progress::default(),
            pending: Vec::new(),
            told: true,
            memory_only: Some(Notice::Unwritable {
                path: PathBuf::new(),
                why: "progress is in memory only".to_owned(),
            }),
        }
    }

    #[must_use]
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether everything done so far is on disk.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        self.pending.is_empty() && self.memory_only.is_none()
    }

    /// Makes a change, on disk when this returns unless a notice says otherwise.
    pub fn apply(&mut self, change: Change) -> Option<Notice> {
        self.edit(Edit::Change(change))
    }

    /// Takes in what another program has written since.
    pub fn refresh(&mut self) -> Option<Notice> {
        if self.memory_only.is_some() { None } else { self.synchronise() }
    }

    /// Why nothing is written, if that is so.
    #[must_use]
    pub const fn memory_only(&self) -> Option<&Notice> {
        self.memory_only.as_ref()
    }

    pub(super) fn edit(&mut self, edit: Edit) -> Option<Notice> {
        if self.memory_only.is_some() {
            edit.apply(&mut self.progress);
            return None;
        }
        self.pending.push(edit);
        let notice = self.synchronise();
        if let Some(edit) = self.pending.last() {
            // It did not reach the disk; earlier ones are in memory already.
            edit.apply(&mut self.progress);
        }
        notice
    }

    /// Reads the file, applies what is pending, writes it back if need be.
    fn synchronise(&mut self) -> Option<Notice> {
        let folder = self.folder.clone();
        let result = folder.lock().and_then(|locked| self.exchange_with(&locked));
        match result {
            Ok(notice) => {
                self.told = false;
                notice
            }
            Err(notice @ Notice::Unwritable { .. }) if self.told => {
                drop(notice);
                None
            }
            Err(notice) => {
                self.told |= matches!(notice, Notice::Unwritable { .. });
                Some(notice)
            }
        }
    }

    fn exchange_with(&mut self, locked: &Locked) -> Result<Option<Notice>, Notice> {
        let unwritable = |error| self.folder.unwritable(&error);
        let mut notice = None;
        let found = find(locked.read().map_err(unwritable)?);
        // If the file has gone or is broken, what this program saw last is the
        // best there is, and is written again.
        let mut write = !self.pending.is_empty() || self.saved.revision > 0;
        let mut fresh = match found {
            Found::Progress(progress) => {
                write = !self.pending.is_empty();
                *progress
            }
            Found::Nothing => self.saved.clone(),
            Found::Corrupt(why) => {
                let kept_as = locked.set_aside().map_err(unwritable)?;
                notice = Some(Notice::SetAside { kept_as, why });
                self.saved.clone()
            }
            Found::Newer(version) => {
                let notice = Notice::Newer { path: self.folder.file(), version };
                self.memory_only = Some(notice.clone());
                return Ok(Some(notice));
            }
        };
        for edit in &self.pending {
            edit.apply(&mut fresh);
        }
        if write {
            fresh.revision += 1;
            locked.write(&encode(&fresh)).map_err(unwritable)?;
        }
        self.pending.clear();
        self.take(fresh);
        Ok(notice)
    }

    fn take(&mut self, fresh: Progress) {
        self.saved = fresh.clone();
        self.progress = fresh;
    }

    /// Goes on from here, without what was pending.
    pub(super) fn forget(&mut self, fresh: Progress) {
        self.pending.clear();
        self.take(fresh);
    }
}

pub(super) fn encode(progress: &Progress) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(progress).expect("maps with text keys and plain numbers");
    bytes.push(b'\n');
    bytes
}

/// Understands a file's bytes. The version is read first, so that a newer format
/// is not mistaken for a broken file.
pub(super) fn find(bytes: Option<Vec<u8>>) -> Found {
    #[derive(Deserialize)]
    struct Probe {
        version: u32,
    }

    let Some(bytes) = bytes else { return Found::Nothing };
    match serde_json::from_slice::<Probe>(&bytes) {
        Ok(Probe { version }) if version > Progress::VERSION => Found::Newer(version),
        Ok(_) | Err(_) => match serde_json::from_slice(&bytes) {
            Ok(progress) => Found::Progress(Box::new(progress)),
            Err(error) => Found::Corrupt(error.to_string()),
        },
    }
}
