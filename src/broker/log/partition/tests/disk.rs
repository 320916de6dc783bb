//! A disk of one replica, without a world: files in memory, and what it still has
//! to say of them.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::event::{Kind, MessageId};
use crate::node::{DiskError, DiskOperation, FileId, FileInfo, Input, Output, Outputs};

#[derive(Clone, Debug, Default)]
pub struct File {
    pub bytes: Vec<u8>,
    /// Up to where a power cut cannot harm it.
    pub synced: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub files: BTreeMap<u32, File>,
    pub inputs: VecDeque<Input>,
    /// What was noted about copies.
    pub notes: Vec<(Kind, MessageId)>,
    pub is_full: bool,
}

impl Disk {
    pub fn carry_out(&mut self, out: &mut Outputs) {
        for output in out.list.drain(..) {
            match output {
                Output::Append { file, .. } if self.is_full => self.inputs.push_back(Input::DiskError {
                    file,
                    operation: DiskOperation::Append,
                    error: DiskError::Full,
                }),
                Output::Append { file, bytes, .. } => {
                    let to = &mut self.files.entry(file.0).or_default().bytes;
                    to.extend_from_slice(&out.bytes[bytes.start as usize..bytes.end as usize]);
                    let end = to.len() as u64;
                    self.inputs.push_back(Input::Written { file, end });
                }
                Output::Sync { file } => {
                    let end = self.files.get(&file.0).map_or(0, |file| file.bytes.len() as u64);
                    self.inputs.push_back(Input::Synced { file, end });
                }
                Output::Truncate { file, length } => {
                    let to = self.files.get_mut(&file.0).expect("a file that is there");
                    assert!(length <= to.bytes.len() as u64, "a file is cut, not grown");
                    to.bytes.truncate(length as usize);
                    to.synced = to.bytes.len();
                }
                Output::Remove { file } => {
                    self.files.remove(&file.0).expect("a file that is there");
                }
                Output::Read { file, offset, length } => {
                    let from = &self.files[&file.0].bytes;
                    let end = from.len().min(offset as usize + length as usize);
                    let bytes = Bytes::copy_from_slice(&from[offset as usize..end]);
                    self.inputs.push_back(Input::ReadDone { file, offset, bytes });
                }
                Output::Note(note) => {
                    if let Some(copy) = note.copy {
                        self.notes.push((note.kind, copy.message));
                    }
                }
                other => panic!("a replica has no use for {other:?}"),
            }
        }
        out.clear();
    }

    /// The next thing it has to say.
    pub fn next(&mut self) -> Option<Input> {
        let input = self.inputs.pop_front()?;
        if let Input::Synced { file, end } = input
            && let Some(file) = self.files.get_mut(&file.0)
        {
            file.synced = file.synced.max(file.bytes.len().min(end as usize));
        }
        Some(input)
    }

    /// The process died. If the power went as well, each file keeps what was synced,
    /// and of the rest as much as `keeps` says.
    pub fn crash(&mut self, is_power_cut: bool, mut keeps: impl FnMut(u32, usize) -> usize) {
        self.inputs.clear();
        if is_power_cut {
            for (number, file) in &mut self.files {
                let kept = file.synced + keeps(*number, file.bytes.len() - file.synced);
                file.bytes.truncate(kept);
            }
        }
    }

    pub fn list(&self) -> Vec<FileInfo> {
        let info = |(number, file): (&u32, &File)| FileInfo { file: FileId(*number), length: file.bytes.len() as u64 };
        self.files.iter().map(info).collect()
    }
}
