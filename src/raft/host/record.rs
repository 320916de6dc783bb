//! The records of a host's files, as bytes and back.

use bytes::Buf;

use crate::codec::{Coded, get_many, rest};
use crate::event::NodeId;
use crate::node::FileId;
use crate::protocol::raft::{Body, Entry, Group, Identity, Members, Peer, Position, Snapshot};
use crate::wal;

const HEAD: u8 = 1;
const SEALED: u8 = 2;
const BEGIN: u8 = 3;
const VOTE: u8 = 4;
const ENTRY: u8 = 5;
const BASE: u8 = 6;
const GONE: u8 = 7;
const SNAPSHOT: u8 = 8;

/// What an entry carries.
const NOTHING: u8 = 0;
const COMMAND: u8 = 1;
const MEMBERS: u8 = 2;

/// One record. A file of the log begins with `Head`, the state of every group,
/// and `Sealed`; what happened since follows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    /// Which file of the log is newer.
    Head {
        generation: u64,
    },
    /// Everything that was known when the file was begun stands before this.
    Sealed,
    Begin {
        group: Group,
        identity: Identity,
        term: u64,
        members: Members,
    },
    Vote {
        group: Group,
        term: u64,
        voted: Option<NodeId>,
    },
    Entry {
        group: Group,
        entry: Entry,
    },
    Base {
        group: Group,
        at: Position,
        members: Members,
    },
    Gone {
        group: Group,
    },
    /// The identity tells what an earlier life of the member has left.
    Snapshot {
        group: Group,
        identity: Identity,
        snapshot: Snapshot,
    },
}

impl Record {
    /// Appends it to `bytes`; it will stand at `offset` of `file`.
    pub fn encode(&self, bytes: &mut Vec<u8>, file: FileId, offset: u64) {
        let kind = match self {
            Self::Head { .. } => HEAD,
            Self::Sealed => SEALED,
            Self::Begin { .. } => BEGIN,
            Self::Vote { .. } => VOTE,
            Self::Entry { .. } => ENTRY,
            Self::Base { .. } => BASE,
            Self::Gone { .. } => GONE,
            Self::Snapshot { .. } => SNAPSHOT,
        };
        wal::encode(bytes, file, offset, kind, |bytes| self.payload(bytes));
    }

    fn payload(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Head { generation } => generation.put(bytes),
            Self::Sealed => {}
            Self::Begin { group, identity, term, members } => {
                group.put(bytes);
                identity.put(bytes);
                term.put(bytes);
                members.put(bytes);
            }
            Self::Vote { group, term, voted } => {
                group.put(bytes);
                term.put(bytes);
                voted.put(bytes);
            }
            Self::Entry { group, entry } => {
                group.put(bytes);
                entry.put(bytes);
            }
            Self::Base { group, at, members } => {
                group.put(bytes);
                at.put(bytes);
                members.put(bytes);
            }
            Self::Gone { group } => group.put(bytes),
            Self::Snapshot { group, identity, snapshot } => {
                group.put(bytes);
                identity.put(bytes);
                snapshot.at.put(bytes);
                snapshot.members.put(bytes);
                bytes.extend_from_slice(&snapshot.state);
            }
        }
    }

    /// `None` if it is of no kind known here, or too short.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let from = &mut &record.payload[..];
        Some(match record.kind {
            HEAD => Self::Head { generation: Coded::get(from)? },
            SEALED => Self::Sealed,
            BEGIN => Self::Begin {
                group: Coded::get(from)?,
                identity: Coded::get(from)?,
                term: Coded::get(from)?,
                members: Coded::get(from)?,
            },
            VOTE => Self::Vote { group: Coded::get(from)?, term: Coded::get(from)?, voted: Coded::get(from)? },
            ENTRY => Self::Entry { group: Coded::get(from)?, entry: Coded::get(from)? },
            BASE => Self::Base { group: Coded::get(from)?, at: Coded::get(from)?, members: Coded::get(from)? },
            GONE => Self::Gone { group: Coded::get(from)? },
            SNAPSHOT => Self::Snapshot {
                group: Coded::get(from)?,
                identity: Coded::get(from)?,
                snapshot: Snapshot { at: Coded::get(from)?, members: Coded::get(from)?, state: rest(from) },
            },
            _ => return None,
        })
    }
}

/// To the end of its record: a command has no length of its own.
impl Coded for Entry {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.at.put(bytes);
        self.about.is_some().put(bytes);
        self.about.unwrap_or_default().put(bytes);
        match &self.body {
            Body::Nothing => NOTHING.put(bytes),
            Body::Command(command) => {
                COMMAND.put(bytes);
                bytes.extend_from_slice(command);
            }
            Body::Members(members) => {
                MEMBERS.put(bytes);
                members.put(bytes);
            }
        }
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let at = Coded::get(from)?;
        let (is_about, copy) = (bool::get(from)?, Coded::get(from)?);
        let body = match u8::get(from)? {
            NOTHING => Body::Nothing,
            COMMAND => Body::Command(rest(from)),
            MEMBERS => Body::Members(Coded::get(from)?),
            _ => return None,
        };
        Some(Self { at, body, about: is_about.then_some(copy) })
    }
}

impl Coded for Group {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        u32::get(from).map(Self)
    }
}

impl Coded for Identity {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        u32::get(from).map(Self)
    }
}

impl Coded for Position {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.term.put(bytes);
        self.index.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self { term: Coded::get(from)?, index: Coded::get(from)? })
    }
}

impl Coded for Peer {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.node.put(bytes);
        self.identity.put(bytes);
        self.voter.put(bytes);
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        Some(Self { node: Coded::get(from)?, identity: Coded::get(from)?, voter: Coded::get(from)? })
    }
}

impl Coded for Members {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u16).put(bytes);
        self.iter().for_each(|peer| peer.put(bytes));
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let count = u16::get(from)?;
        get_many(count.into(), from)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::event::CopyId;

    #[test]
    fn every_record_reads_back_as_it_was_written() {
        let (group, at) = (Group(3), Position { term: 4, index: 9 });
        let members: Members =
            (0..3).map(|node| Peer { node: NodeId(node), identity: Identity(node.into()), voter: node != 1 }).collect();
        let entry = |body, tag: Option<u64>| Entry { at, body, about: tag.map(CopyId::from_tag) };
        let records = [
            Record::Head { generation: 7 },
            Record::Sealed,
            Record::Begin { group, identity: Identity(8), term: 2, members: members.clone() },
            Record::Vote { group, term: 5, voted: None },
            Record::Vote { group, term: 5, voted: Some(NodeId(2)) },
            Record::Entry { group, entry: entry(Body::Nothing, None) },
            Record::Entry { group, entry: entry(Body::Command(Bytes::from_static(b"pay")), Some(0x1_0001_0000)) },
            Record::Entry { group, entry: entry(Body::Members(members.clone()), Some(0)) },
            Record::Base { group, at, members: members.clone() },
            Record::Gone { group },
            Record::Snapshot {
                group,
                identity: Identity(6),
                snapshot: Snapshot { at, members, state: Bytes::from_static(b"all") },
            },
        ];
        let (file, mut bytes, mut read) = (FileId(1), Vec::new(), Vec::new());
        for record in &records {
            let offset = bytes.len() as u64;
            record.encode(&mut bytes, file, offset);
        }
        wal::Recovery::new(file).feed(&bytes, |record| read.push(Record::decode(record)));
        assert_eq!(read, records.map(Some));
    }
}
