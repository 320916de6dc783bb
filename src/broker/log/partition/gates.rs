//! What was appended and is not yet with the operating system, or not yet synced
//! where the sync rule asks for it. The log ends, for everybody else, where the
//! first of these begins: Kafka appends in one step, and a broker that is refused
//! by its disk has promised nothing.

use std::collections::VecDeque;

use crate::node::FileId;

/// One append under way.
#[derive(Clone, Copy, Debug)]
struct Gate {
    file: FileId,
    /// Where its bytes end in the file.
    position: u64,
    /// Its offsets.
    start: u64,
    end: u64,
    needs_sync: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Gates {
    unwritten: VecDeque<Gate>,
    unsynced: VecDeque<Gate>,
    /// Everything before these offsets was noted as written, as synced.
    pub written: u64,
    pub synced: u64,
}

impl Gates {
    pub fn starting_at(offset: u64) -> Self {
        Self { written: offset, synced: offset, ..Self::default() }
    }

    pub fn append(&mut self, (file, position): (FileId, u64), (start, end): (u64, u64), needs_sync: bool) {
        self.unwritten.push_back(Gate { file, position, start, end, needs_sync });
    }

    pub fn is_idle(&self) -> bool {
        self.unwritten.is_empty() && self.unsynced.is_empty()
    }

    /// The offset after the last record that counts as written.
    pub fn log_end(&self) -> u64 {
        self.unsynced.front().map_or(self.written, |gate| gate.start)
    }

    /// Everything before `end` in the file is with the operating system.
    pub fn written(&mut self, file: FileId, end: u64) {
        while let Some(gate) = open(&mut self.unwritten, file, end) {
            self.written = gate.end;
            if gate.needs_sync {
                self.unsynced.push_back(gate);
            }
        }
    }

    /// Everything before `end` in the file is on the device.
    pub fn synced(&mut self, file: FileId, end: u64) {
        self.written(file, end);
        while let Some(gate) = open(&mut self.unsynced, file, end) {
            self.synced = gate.end;
        }
    }

    /// The log was cut at this offset.
    pub fn cut(&mut self, end: u64) {
        self.unwritten.retain(|gate| gate.end <= end);
        self.unsynced.retain(|gate| gate.end <= end);
        self.written = self.written.min(end);
        self.synced = self.synced.min(end);
    }
}

/// Takes the first away if it is done with: everything before `end` in the file is.
fn open(gates: &mut VecDeque<Gate>, file: FileId, end: u64) -> Option<Gate> {
    let is_done = gates.front().is_some_and(|gate| gate.file == file && gate.position <= end);
    if is_done { gates.pop_front() } else { None }
}
