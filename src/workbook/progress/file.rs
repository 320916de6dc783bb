//! The folder on disk: its lock, and writing that a power cut cannot tear.
//!
//! A file that is written in place is, for a moment, half of the old and half of
//! the new. So the new one is written beside it and synced (its bytes are on the
//! device), renamed over the old (one name, one moment), and the folder is
//! synced (the name is on the device too). Leave any of the three out and there
//! is a crash that shows it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::notice::Notice;

/// How long another program may hold the lock: it holds it for one write.
const LOCK_TRIES: u32 = 2_000;
const LOCK_PAUSE: Duration = Duration::from_millis(1);

/// The folder that holds the progress.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// The lock, for as long as it lives. The system releases it when a process
/// dies, however it dies.
pub(super) struct Locked<'a> {
    folder: &'a Folder,
    _lock: File,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(super) fn file(&self) -> PathBuf {
        self.path.join("progress.json")
    }

    pub(super) fn unwritable(&self, error: &io::Error) -> Notice {
        Notice::Unwritable { path: self.path.clone(), why: error.to_string() }
    }

    /// Takes the lock, waiting a bounded time for another program.
    pub(super) fn lock(&self) -> Result<Locked<'_>, Notice> {
        let open = || {
            fs::create_dir_all(&self.path)?;
            File::options().create(true).truncate(false).write(true).open(self.path.join("progress.lock"))
        };
        let lock = open().map_err(|error| self.unwritable(&error))?;
        for _ in 0..LOCK_TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(Locked { folder: self, _lock: lock }),
                Err(TryLockError::WouldBlock) => pause(),
                Err(TryLockError::Error(error)) => return Err(self.unwritable(&error)),
            }
        }
        Err(Notice::Busy { path: self.file() })
    }
}

#[allow(clippy::disallowed_methods, reason = "real waiting for another process, bounded, never inside a run")]
fn pause() {
    std::thread::sleep(LOCK_PAUSE);
}

impl Locked<'_> {
    /// The file's bytes, or nothing if there is none.
    pub(super) fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.file()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file as a whole.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        // One name is enough: the lock lets nobody else write it.
        let fresh = self.folder.path.join("progress.json.new");
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, self.folder.file())?;
        self.sync_folder()
    }

    /// Gives the file the first free name `progress.corrupt-N.json`.
    pub(super) fn set_aside(&self) -> io::Result<PathBuf> {
        let names = (1..).map(|n| self.folder.path.join(format!("progress.corrupt-{n}.json")));
        let free = names.into_iter().find(|path| !path.exists()).unwrap_or_default();
        fs::rename(self.folder.file(), &free)?;
        self.sync_folder()?;
        Ok(free)
    }

    /// Writes a copy under the first free name that begins with `stem`.
    pub(super) fn back_up(&self, stem: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let names = (1..).map(|n| if n == 1 { format!("{stem}.json") } else { format!("{stem}-{n}.json") });
        for path in names.map(|name| self.folder.path.join(name)) {
            match File::create_new(&path) {
                Ok(mut file) => {
                    file.write_all(bytes)?;
                    file.sync_all()?;
                    self.sync_folder()?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no name is free"))
    }

    /// Only Unix lets a folder be synced; elsewhere the rename has to do.
    fn sync_folder(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.folder.path)?.sync_all() } else { Ok(()) }
    }
}
