//! What the log keeps of a message besides its queue, number and payload, if
//! there is any such thing: when it expires, its priority, and what its queue
//! needs should it be dead-lettered.

use std::sync::Arc;

use super::bytes::Reader;
use super::entry::{Entries, EntryIndex, Particulars};
use crate::protocol::Name;
use crate::protocol::queue::{Death, DeathReason, Properties};
use crate::time::{Span, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    pub expires_at: Time,
    pub priority: u8,
    pub particulars: Option<Particulars>,
}

const REASONS: [DeathReason; 4] =
    [DeathReason::Expired, DeathReason::MaxLength, DeathReason::Rejected, DeathReason::DeliveryLimit];

impl Entries {
    /// `None` if there is nothing beyond the usual to keep.
    #[inline]
    pub fn details(&self, index: EntryIndex) -> Option<Details> {
        let entry = &self[index];
        let particulars = self.particulars(index);
        if entry.expires_at == Time::MAX && entry.priority == 0 && particulars.is_none() {
            return None;
        }
        Some(Details { expires_at: entry.expires_at, priority: entry.priority, particulars: particulars.cloned() })
    }
}

impl Details {
    /// In bytes.
    pub fn length(&self) -> usize {
        let properties = |properties: &Arc<Properties>| 8 + 1 + 4 + 1 + 9 * properties.deaths.len();
        let particulars = |it: &Particulars| 4 + 1 + it.properties.as_ref().map_or(0, properties);
        8 + 1 + 1 + self.particulars.as_ref().map_or(0, particulars)
    }

    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.expires_at.as_nanos().to_le_bytes());
        bytes.push(self.priority);
        bytes.push(u8::from(self.particulars.is_some()));
        let Some(particulars) = &self.particulars else { return };
        bytes.extend_from_slice(&particulars.key.0.to_le_bytes());
        bytes.push(u8::from(particulars.properties.is_some()));
        let Some(properties) = &particulars.properties else { return };
        let expiration = properties.expiration.map_or(u64::MAX, Span::as_nanos);
        bytes.extend_from_slice(&expiration.to_le_bytes());
        bytes.push(properties.priority);
        bytes.extend_from_slice(&properties.headers.0.to_le_bytes());
        bytes.push(properties.deaths.len() as u8);
        for death in &properties.deaths {
            bytes.extend_from_slice(&death.queue.0.to_le_bytes());
            bytes.push(REASONS.iter().position(|reason| *reason == death.reason).unwrap_or(0) as u8);
            bytes.extend_from_slice(&death.count.to_le_bytes());
        }
    }

    /// The details and what follows them.
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut reader = Reader(bytes);
        let (expires_at, priority) = (Time::from_nanos(reader.word()?), reader.byte()?);
        let mut details = Self { expires_at, priority, particulars: None };
        if reader.flag()? {
            let key = reader.name()?;
            let properties = if reader.flag()? { Some(Arc::new(decode_properties(&mut reader)?)) } else { None };
            // Only persistent messages are written.
            details.particulars = Some(Particulars { key, persistent: true, properties });
        }
        Some((details, reader.0))
    }
}

fn decode_properties(reader: &mut Reader<'_>) -> Option<Properties> {
    let expiration = Some(reader.word()?).filter(|nanos| *nanos != u64::MAX).map(Span::from_nanos);
    let (priority, headers): (u8, Name) = (reader.byte()?, reader.name()?);
    let deaths = (0..reader.byte()?).map(|_| {
        let (queue, reason) = (reader.name()?, *REASONS.get(usize::from(reader.byte()?))?);
        Some(Death { queue, reason, count: reader.half()? })
    });
    let deaths = deaths.collect::<Option<_>>()?;
    Some(Properties { expiration, priority, headers, deaths })
}
