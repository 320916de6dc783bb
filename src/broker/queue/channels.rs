//! The channels of a broker, by slot. A slot is used again, so whoever keeps its
//! number for later keeps the generation, too.

use super::channel::{Channel, Held};
use crate::node::ConnectionId;

#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    slots: Vec<Channel>,
    pub free: Vec<u32>,
    /// Channels whose publisher is to be answered.
    pub to_answer: Vec<u32>,
    /// Scratch lists, empty between inputs.
    pub taken: Vec<Held>,
    pub routes: Vec<u32>,
    pub death_routes: Vec<u32>,
}

impl Channels {
    pub fn open(&mut self, connection: ConnectionId, number: u16) -> u32 {
        let Some(slot) = self.free.pop() else {
            self.slots.push(Channel::new(connection, number, 0));
            return (self.slots.len() - 1) as u32;
        };
        self[slot] = Channel::new(connection, number, self[slot].generation);
        slot
    }

    pub fn is_alive(&self, slot: u32, generation: u32) -> bool {
        self[slot].open && self[slot].generation == generation
    }

    pub fn open_slots(&self) -> Vec<u32> {
        (0..self.slots.len() as u32).filter(|slot| self[*slot].open).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.slots.iter().filter(|channel| channel.open)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Channel> {
        self.slots.iter_mut().filter(|channel| channel.open)
    }

    pub const fn len(&self) -> u32 {
        self.slots.len() as u32
    }
}

impl std::ops::Index<u32> for Channels {
    type Output = Channel;
    fn index(&self, slot: u32) -> &Channel {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Channels {
    fn index_mut(&mut self, slot: u32) -> &mut Channel {
        &mut self.slots[slot as usize]
    }
}
