//! The records of a host's files, as bytes and back. Integers are little-endian.

use bytes::Bytes;

use crate::event::{CopyId, NodeId};
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

const NOBODY: u16 = u16::MAX;

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
        let mut put = |part: &[u8]| bytes.extend_from_slice(part);
        match self {
            Self::Head { generation } => put(&generation.to_le_bytes()),
            Self::Sealed => {}
            Self::Begin { group, identity, term, members } => {
                put(&group.0.to_le_bytes());
                put(&identity.0.to_le_bytes());
                put(&term.to_le_bytes());
                put_members(members, bytes);
            }
            Self::Vote { group, term, voted } => {
                put(&group.0.to_le_bytes());
                put(&term.to_le_bytes());
                put(&voted.map_or(NOBODY, |node| node.0).to_le_bytes());
            }
            Self::Entry { group, entry } => {
                put(&group.0.to_le_bytes());
                put(&entry.at.term.to_le_bytes());
                put(&entry.at.index.to_le_bytes());
                put(&[u8::from(entry.about.is_some())]);
                put(&entry.about.map_or(0, CopyId::tag).to_le_bytes());
                match &entry.body {
                    Body::Nothing => put(&[0]),
                    Body::Command(command) => {
                        put(&[1]);
                        put(command);
                    }
                    Body::Members(members) => {
                        put(&[2]);
                        put_members(members, bytes);
                    }
                }
            }
            Self::Base { group, at, members } => {
                put(&group.0.to_le_bytes());
                put_position(*at, bytes);
                put_members(members, bytes);
            }
            Self::Gone { group } => put(&group.0.to_le_bytes()),
            Self::Snapshot { group, identity, snapshot } => {
                put(&group.0.to_le_bytes());
                put(&identity.0.to_le_bytes());
                put_position(snapshot.at, bytes);
                put_members(&snapshot.members, bytes);
                bytes.extend_from_slice(&snapshot.state);
            }
        }
    }

    /// `None` if it is of no kind known here, or too short.
    pub fn decode(record: wal::Record<'_>) -> Option<Self> {
        let mut rest = Reader(record.payload);
        Some(match record.kind {
            HEAD => Self::Head { generation: rest.long()? },
            SEALED => Self::Sealed,
            BEGIN => Self::Begin {
                group: rest.group()?,
                identity: Identity(rest.word()?),
                term: rest.long()?,
                members: rest.members()?,
            },
            VOTE => Self::Vote {
                group: rest.group()?,
                term: rest.long()?,
                voted: Some(rest.short()?).filter(|node| *node != NOBODY).map(NodeId),
            },
            ENTRY => {
                let (group, at) = (rest.group()?, rest.position()?);
                let (is_about, tag) = (rest.byte()? == 1, rest.long()?);
                let body = match rest.byte()? {
                    0 => Body::Nothing,
                    1 => Body::Command(Bytes::copy_from_slice(rest.0)),
                    _ => Body::Members(rest.members()?),
                };
                Self::Entry { group, entry: Entry { at, body, about: is_about.then(|| CopyId::from_tag(tag)) } }
            }
            BASE => Self::Base { group: rest.group()?, at: rest.position()?, members: rest.members()? },
            GONE => Self::Gone { group: rest.group()? },
            SNAPSHOT => {
                let (group, identity) = (rest.group()?, Identity(rest.word()?));
                let (at, members) = (rest.position()?, rest.members()?);
                let state = Bytes::copy_from_slice(rest.0);
                Self::Snapshot { group, identity, snapshot: Snapshot { at, members, state } }
            }
            _ => return None,
        })
    }
}

fn put_position(at: Position, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&at.term.to_le_bytes());
    bytes.extend_from_slice(&at.index.to_le_bytes());
}

fn put_members(members: &Members, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&(members.len() as u16).to_le_bytes());
    for peer in members.iter() {
        bytes.extend_from_slice(&peer.node.0.to_le_bytes());
        bytes.extend_from_slice(&peer.identity.0.to_le_bytes());
        bytes.push(u8::from(peer.voter));
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn group(&mut self) -> Option<Group> {
        self.word().map(Group)
    }

    fn position(&mut self) -> Option<Position> {
        Some(Position { term: self.long()?, index: self.long()? })
    }

    fn members(&mut self) -> Option<Members> {
        let count = self.short()?;
        let mut peer =
            || Some(Peer { node: NodeId(self.short()?), identity: Identity(self.word()?), voter: self.byte()? == 1 });
        (0..count).map(|_| peer()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
