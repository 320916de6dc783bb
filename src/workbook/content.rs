//! The course: embedded when the program is built, with an author's own folder
//! laid over it file by file. An overlay that holds one changed lesson is a
//! whole course.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use crate::source::{Source, Trouble};
use crate::text::Language;

#[derive(RustEmbed)]
#[folder = "lessons"]
struct Lessons;

#[derive(RustEmbed)]
#[folder = "labs"]
struct Labs;

/// The course as it is read: embedded, or with a folder laid over it.
#[derive(Clone, Debug, Default)]
pub struct Content {
    overlay: Option<PathBuf>,
}

/// A lesson's place in the course.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LessonEntry {
    /// From the folder's name: 11 for `11-no-loss`.
    pub number: u32,
    /// The folder's name.
    pub id: String,
}

/// A moment in the life of the overlay: see [`Content::change`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change(Vec<(PathBuf, u128, u64)>);

/// The two folders of a course.
#[derive(Clone, Copy)]
enum Shelf {
    Lessons,
    Labs,
}

impl Shelf {
    const fn name(self) -> &'static str {
        match self {
            Self::Lessons => "lessons",
            Self::Labs => "labs",
        }
    }

    fn embedded(self, path: &str) -> Option<Vec<u8>> {
        let file = match self {
            Self::Lessons => Lessons::get(path),
            Self::Labs => Labs::get(path),
        };
        Some(file?.data.into_owned())
    }

    fn embedded_paths(self) -> Vec<String> {
        match self {
            Self::Lessons => Lessons::iter().map(String::from).collect(),
            Self::Labs => Labs::iter().map(String::from).collect(),
        }
    }

    /// A file of a course lies at this depth below its shelf.
    fn admits(self, path: &str) -> bool {
        match self {
            Self::Lessons => path.ends_with(".md") && path.matches('/').count() == 1,
            Self::Labs => path.ends_with(".toml") && !path.contains('/'),
        }
    }
}

impl Content {
    /// The course as it was built.
    #[must_use]
    pub const fn embedded() -> Self {
        Self { overlay: None }
    }

    /// The course with `folder/lessons` and `folder/labs` laid over it.
    ///
    /// # Errors
    ///
    /// When there is neither of the two.
    pub fn with_overlay(folder: &Path) -> Result<Self, String> {
        let shelves = [Shelf::Lessons, Shelf::Labs].map(|shelf| folder.join(shelf.name()).is_dir());
        if shelves.contains(&true) {
            return Ok(Self { overlay: Some(folder.to_owned()) });
        }
        Err(format!(
            "{} holds neither a folder lessons nor a folder labs: nothing to lay over the course",
            folder.display()
        ))
    }

    /// The lessons in the order of the course.
    #[must_use]
    pub fn lessons(&self) -> Vec<LessonEntry> {
        let paths = self.paths(Shelf::Lessons);
        let folders: BTreeSet<&str> = paths.iter().filter_map(|path| Some(path.split_once('/')?.0)).collect();
        let mut entries: Vec<LessonEntry> = folders.into_iter().filter_map(LessonEntry::of_folder).collect();
        entries.sort();
        entries
    }

    /// The ids of the labs, in alphabetical order.
    #[must_use]
    pub fn labs(&self) -> Vec<String> {
        let paths = self.paths(Shelf::Labs);
        paths.iter().filter_map(|path| path.strip_suffix(".toml").map(str::to_owned)).collect()
    }

    /// One lesson in one language.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read as UTF-8.
    pub fn lesson_source(&self, id: &str, language: Language) -> Result<Source, Trouble> {
        self.read(Shelf::Lessons, &format!("{id}/{language}.md"))
    }

    /// One lab file.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read as UTF-8.
    pub fn lab_source(&self, id: &str) -> Result<Source, Trouble> {
        self.read(Shelf::Labs, &format!("{id}.toml"))
    }

    /// Every file of the overlay with its time and length: two that differ mean
    /// that something was written in between. Without an overlay always the same.
    #[must_use]
    pub fn change(&self) -> Change {
        let mut files = Vec::new();
        for shelf in [Shelf::Lessons, Shelf::Labs] {
            for (_, path) in self.overlaid(shelf) {
                if let Ok(about) = fs::metadata(&path) {
                    files.push((path, modified_nanos(&about), about.len()));
                }
            }
        }
        Change(files)
    }

    fn paths(&self, shelf: Shelf) -> BTreeSet<String> {
        let embedded = shelf.embedded_paths().into_iter().filter(|path| shelf.admits(path));
        embedded.chain(self.overlaid(shelf).into_keys()).collect()
    }

    /// The overlay's files of a shelf: path in the shelf, path on disk.
    fn overlaid(&self, shelf: Shelf) -> BTreeMap<String, PathBuf> {
        let mut files = BTreeMap::new();
        if let Some(overlay) = &self.overlay {
            collect(&overlay.join(shelf.name()), "", 1, &mut files);
        }
        files.retain(|path, _| shelf.admits(path));
        files
    }

    fn read(&self, shelf: Shelf, path: &str) -> Result<Source, Trouble> {
        let shown = format!("{}/{path}", shelf.name());
        // An id comes from a file or an argument: it must not lead out of the course.
        let inside = shelf.admits(path) && !path.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        let on_disk = self.overlay.as_ref().filter(|_| inside).map(|overlay| overlay.join(&shown));
        if let Some(file) = on_disk.filter(|file| file.exists()) {
            let name = file.display().to_string();
            return match fs::read(&file) {
                Ok(bytes) => decode(name, bytes),
                Err(error) => Err(Source::new(name, "").trouble(0..0, format!("the file cannot be read: {error}"))),
            };
        }
        match shelf.embedded(path).filter(|_| inside) {
            Some(bytes) => decode(shown, bytes),
            None => Err(Source::new(shown, "").trouble(0..0, "the course has no such file").hint(match shelf {
                Shelf::Lessons => "a lesson is a folder lessons/NN-name with zh.md and en.md",
                Shelf::Labs => "a lab is a file labs/ID.toml",
            })),
        }
    }
}

impl LessonEntry {
    fn of_folder(folder: &str) -> Option<Self> {
        let (number, name) = folder.split_once('-')?;
        let number = number.parse().ok().filter(|_| !name.is_empty())?;
        Some(Self { number, id: folder.to_owned() })
    }
}

/// Reads a folder, and folders in it down to `deeper` levels. Hidden files, and
/// what cannot be read, are left out.
fn collect(folder: &Path, prefix: &str, deeper: usize, files: &mut BTreeMap<String, PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if deeper > 0 {
                collect(&path, &format!("{prefix}{name}/"), deeper - 1, files);
            }
        } else {
            files.insert(format!("{prefix}{name}"), path);
        }
    }
}

/// Bytes to text. A file in another encoding is shown up to the first byte that
/// is not UTF-8, and the error stands there.
fn decode(path: String, bytes: Vec<u8>) -> Result<Source, Trouble> {
    String::from_utf8(bytes).map(|text| Source::new(path.clone(), text.trim_start_matches('\u{feff}'))).map_err(
        |error| {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let reason = format!("the file is not UTF-8: byte {at} does not begin a character");
            Source::new(path, text).trouble(at..at + 1, reason).hint("save it as UTF-8")
        },
    )
}

#[allow(clippy::disallowed_types, reason = "the time of a file on disk, only ever compared with itself")]
fn modified_nanos(about: &fs::Metadata) -> u128 {
    let since = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).ok();
    about.modified().ok().and_then(since).map_or(0, |time| time.as_nanos())
}

#[cfg(test)]
mod tests;
