//! What the log keeps of a message besides its queue, number and payload, if
//! there is any such thing: when it expires, its priority, and what its queue
//! needs should it be dead-lettered.

use std::sync::Arc;

use bytes::Buf;

use super::entry::{Entries, EntryIndex, Particulars};
use crate::codec::{Coded, get_many};
use crate::protocol::queue::Properties;
use crate::time::Time;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    pub expires_at: Time,
    pub priority: u8,
    pub particulars: Option<Particulars>,
}

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
}

impl Coded for Details {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.expires_at.put(bytes);
        self.priority.put(bytes);
        self.particulars.is_some().put(bytes);
        let Some(particulars) = &self.particulars else { return };
        particulars.key.put(bytes);
        particulars.properties.is_some().put(bytes);
        let Some(properties) = &particulars.properties else { return };
        properties.expiration.put(bytes);
        properties.priority.put(bytes);
        properties.headers.put(bytes);
        (properties.deaths.len() as u8).put(bytes);
        properties.deaths.iter().for_each(|death| death.put(bytes));
    }

    fn get(from: &mut impl Buf) -> Option<Self> {
        let (expires_at, priority) = (Coded::get(from)?, Coded::get(from)?);
        let mut details = Self { expires_at, priority, particulars: None };
        if bool::get(from)? {
            let key = Coded::get(from)?;
            let properties = if bool::get(from)? { Some(Arc::new(properties(from)?)) } else { None };
            // Only persistent messages are written.
            details.particulars = Some(Particulars { key, persistent: true, properties });
        }
        Some(details)
    }
}

fn properties(from: &mut impl Buf) -> Option<Properties> {
    let (expiration, priority, headers) = (Coded::get(from)?, Coded::get(from)?, Coded::get(from)?);
    let count = u8::get(from)?;
    Some(Properties { expiration, priority, headers, deaths: get_many(count.into(), from)? })
}
