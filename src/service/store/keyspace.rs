//! The keys in memory. An expired key is gone for whoever asks; when its memory
//! is freed changes nothing that can be seen, so no timer is needed for that.

use crate::flaw::{self, Flaw};
use crate::pages::Pages;
use crate::protocol::store::{Command, Entry, Key, Reply};
use crate::time::{Span, Time};

#[derive(Clone, Debug, Default)]
pub(super) struct Keyspace {
    /// By subscription.
    spaces: Vec<Pages<Entry>>,
}

impl Keyspace {
    /// Carries a command out. The entry is what a replica must set, if any.
    pub fn execute(&mut self, command: Command, now: Time) -> (Reply, Option<(Key, Entry)>) {
        match command {
            Command::Get(key) => {
                let reply = self.get(key, now).map_or(Reply::Nil, |entry| Reply::Value(entry.value));
                (reply, None)
            }
            Command::Set { key, only_if_absent, .. }
                if only_if_absent && self.get(key, now).is_some() && !flaw::is_on(Flaw::SetNxIgnoresNx) =>
            {
                (Reply::Nil, None)
            }
            Command::Set { key, value, life, .. } => {
                let expires = if life == Span::ZERO { Time::MAX } else { now + life };
                let entry = Entry { value, expires };
                self.set(key, entry);
                (Reply::Done, Some((key, entry)))
            }
            Command::Delete(key) if self.get(key, now).is_none() => (Reply::Nil, None),
            Command::Delete(key) => {
                self.set(key, Entry::default());
                (Reply::Done, Some((key, Entry::default())))
            }
        }
    }

    pub fn set(&mut self, key: Key, entry: Entry) {
        let place = usize::from(key.subscription);
        if place >= self.spaces.len() {
            self.spaces.resize_with(place + 1, Pages::default);
        }
        *self.spaces[place].get_mut(key.message.0 as usize) = entry;
    }

    pub fn get(&self, key: Key, now: Time) -> Option<Entry> {
        let entry = self.spaces.get(usize::from(key.subscription))?.get(key.message.0 as usize);
        let is_alive = entry.expires > now || flaw::is_on(Flaw::LeaseNeverExpires);
        (entry.value != 0 && is_alive).then_some(entry)
    }

    /// Everything that is there now.
    pub fn entries(&self, now: Time) -> Box<[(Key, Entry)]> {
        let keys = (0u16..).zip(&self.spaces).flat_map(|(subscription, space)| {
            let messages = (0..space.len() as u32).map(crate::event::MessageId);
            messages.map(move |message| Key { subscription, message })
        });
        keys.filter_map(|key| Some((key, self.get(key, now)?))).collect()
    }
}
