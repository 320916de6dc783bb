//! What became of every message. The ledger is a fold over events as they
//! happen, closed by an audit that reads what the live nodes still hold. There
//! is one row per (message, entitled subscription); a lab of today has one
//! subscription, so a row per message.

use serde::Serialize;

use super::totals::Totals;
use crate::event::{Answer, Event, Kind, MessageId, effect_version, fault_index};
use crate::flaw::{self, Flaw};
use crate::node::Holding;
use crate::protocol::fact::Fact;
use crate::random::Digest;

/// Where a message stands, or stood at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The business fact has not occurred.
    #[default]
    NotYet,
    /// Not settled, and some copy exists.
    InFlight,
    Applied,
    /// The subscription would still be handed it.
    Pending,
    DeadLettered,
    /// Gone although the producer was told ok.
    LostAfterOk,
    /// Gone, and the producer was never told ok.
    Lost,
    /// Gone, and the producer knows.
    Refused,
}

/// What the producer's program knows of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Ok,
    Unknown,
    Refused,
    Unsent,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    attempted: bool,
    sent: bool,
    answer: Option<Answer>,
    effects: u32,
    held: bool,
    dead_lettered: bool,
}

/// What is known of one key's order.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    newest_attempted: u32,
    newest_first_effect: u32,
    last_effect: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    rows: Vec<Row>,
    keys: Vec<Key>,
    facts: Vec<Fact>,
    attempted: u64,
    settled: u64,
    reordered: u64,
    /// Faults of the schedule that fired, and those that fired while messages
    /// were exposed to them.
    fired: u64,
    exposed: u64,
    digest: Digest,
}

impl Ledger {
    /// Empties the ledger for a run over `facts`, keeping its buffers.
    pub fn begin(&mut self, facts: impl Iterator<Item = Fact>, keys: u32) {
        self.facts.clear();
        self.facts.extend(facts);
        self.rows.clear();
        self.rows.resize(self.facts.len(), Row::default());
        self.keys.clear();
        self.keys.resize(keys as usize, Key::default());
        self.attempted = 0;
        self.settled = 0;
        self.reordered = 0;
        self.fired = 0;
        self.exposed = 0;
        self.digest = Digest::default();
    }

    /// Takes one event.
    pub fn fold(&mut self, event: &Event) {
        event.digest(&mut self.digest);
        match event.kind {
            Kind::Fault(_) if fault_index(event.detail).is_some() => {
                self.fired += 1;
                self.exposed += u64::from(self.settled < self.rows.len() as u64);
            }
            Kind::Attempted
            | Kind::Sent
            | Kind::Told(_)
            | Kind::Applied { .. }
            | Kind::Superseded
            | Kind::EffectLost => {
                let Some(index) = event.message().map(index) else { return };
                if index < self.rows.len() {
                    self.fold_row(index, event);
                }
            }
            _ => {}
        }
    }

    fn fold_row(&mut self, index: usize, event: &Event) {
        let row = &mut self.rows[index];
        let fact = self.facts[index];
        let key = &mut self.keys[fact.key as usize];
        match event.kind {
            Kind::Attempted => {
                self.attempted += u64::from(!row.attempted);
                row.attempted = true;
                key.newest_attempted = key.newest_attempted.max(fact.version);
            }
            Kind::Sent => row.sent = true,
            // Once told ok, always told ok; otherwise the last word counts.
            Kind::Told(answer) if row.answer != Some(Answer::Ok) => row.answer = Some(answer),
            Kind::Applied { .. } => {
                row.effects += 1;
                key.last_effect = fact.version;
                if row.effects == 1 {
                    self.settled += 1;
                    self.reordered += u64::from(fact.version < key.newest_first_effect);
                    key.newest_first_effect = key.newest_first_effect.max(fact.version);
                }
            }
            // The newer state covers it: settled, and the key stays where it is.
            Kind::Superseded => {
                row.effects += 1;
                self.settled += u64::from(row.effects == 1);
            }
            Kind::EffectLost => {
                row.effects = row.effects.saturating_sub(1);
                self.settled -= u64::from(row.effects == 0);
                key.last_effect = effect_version(event.detail);
            }
            _ => {}
        }
    }

    /// Forgets the last audit, before another one.
    pub fn begin_audit(&mut self) {
        for row in &mut self.rows {
            row.held = false;
            row.dead_lettered = false;
        }
    }

    /// Takes what a live node still holds.
    pub fn audit(&mut self, holding: Holding) {
        let Some(row) = self.rows.get_mut(index(holding.copy.message)) else { return };
        row.held |= !holding.dead_lettered;
        row.dead_lettered |= holding.dead_lettered;
        if flaw::is_on(Flaw::AuditApplies) {
            row.effects += 1;
        }
    }

    #[must_use]
    pub fn told(&self, message: MessageId) -> Told {
        self.rows.get(index(message)).map_or(Told::Unsent, |row| row.told())
    }

    /// How often a message's effect was applied.
    #[must_use]
    pub fn effects(&self, message: MessageId) -> u32 {
        self.rows.get(index(message)).map_or(0, |row| row.effects)
    }

    /// The fate of a message by the last audit.
    #[must_use]
    pub fn fate(&self, message: MessageId) -> Fate {
        self.rows.get(index(message)).map_or(Fate::NotYet, |row| row.fate())
    }

    /// All counts by the last audit.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { reordered: self.reordered, ..Totals::default() };
        for (index, row) in self.rows.iter().enumerate() {
            if flaw::is_on(Flaw::LedgerDropsRow) && index % 7 == 3 {
                continue;
            }
            row.count(&mut totals);
        }
        totals.attempted = self.attempted;
        totals.stale =
            self.keys.iter().filter(|key| key.newest_attempted > 0 && key.last_effect != key.newest_attempted).count()
                as u64;
        totals
    }

    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many faults of the schedule fired, and how many of them while
    /// messages were exposed.
    #[must_use]
    pub fn faults(&self) -> (u64, u64) {
        (self.fired, self.exposed)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Row {
    fn told(&self) -> Told {
        match self.answer {
            Some(Answer::Ok) => Told::Ok,
            Some(Answer::Refused) => Told::Refused,
            Some(Answer::Unknown) => Told::Unknown,
            None if self.sent => Told::Unknown,
            None => Told::Unsent,
        }
    }

    fn fate(&self) -> Fate {
        match self {
            row if row.effects > 0 => Fate::Applied,
            row if !row.attempted => Fate::NotYet,
            row if row.held => Fate::Pending,
            row if row.dead_lettered => Fate::DeadLettered,
            row => match row.told() {
                Told::Ok => Fate::LostAfterOk,
                Told::Refused => Fate::Refused,
                Told::Unknown | Told::Unsent => Fate::Lost,
            },
        }
    }

    fn count(&self, totals: &mut Totals) {
        let fate = self.fate();
        match fate {
            Fate::NotYet | Fate::InFlight => return,
            Fate::Applied => totals.applied += 1,
            Fate::Pending => totals.pending += 1,
            Fate::DeadLettered => totals.dead_lettered += 1,
            Fate::LostAfterOk => totals.lost_after_ok += 1,
            Fate::Lost => totals.lost += 1,
            Fate::Refused => totals.refused += 1,
        }
        totals.duplicates += u64::from(self.effects.saturating_sub(1));
        totals.residue += u64::from(fate == Fate::Applied && (self.held || self.dead_lettered));
        match self.told() {
            Told::Ok => totals.told_ok += 1,
            Told::Unknown => totals.told_unknown += 1,
            Told::Unsent => totals.unsent += 1,
            Told::Refused => {
                totals.told_refused += 1;
                totals.refused_yet_there += u64::from(fate != Fate::Refused);
            }
        }
    }
}

fn index(message: MessageId) -> usize {
    (message.0 as usize).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CopyId, NodeId};
    use crate::time::Time;

    fn ledger(events: &[(u32, Kind)]) -> Ledger {
        let mut ledger = Ledger::default();
        let facts = (0..4).map(|n| Fact { message: MessageId(n + 1), key: n % 2, version: n / 2 + 1 });
        ledger.begin(facts, 2);
        for (message, kind) in events {
            let copy = Some(CopyId { message: MessageId(*message), attempt: 1, branch: 0 });
            let (time, node) = (Time::ZERO, NodeId(0));
            ledger.fold(&Event { time, node, kind: *kind, copy, detail: 0, cause: None, prior: None });
        }
        ledger
    }

    const OK: Kind = Kind::Told(Answer::Ok);
    const UNKNOWN: Kind = Kind::Told(Answer::Unknown);
    const REFUSED: Kind = Kind::Told(Answer::Refused);
    const APPLIED: Kind = Kind::Applied { first: true };

    #[test]
    fn gone_is_named_by_what_the_producer_was_told() {
        for (events, fate) in [
            (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK)][..], Fate::LostAfterOk),
            (&[(1, Kind::Attempted), (1, Kind::Sent), (1, UNKNOWN)], Fate::Lost),
            (&[(1, Kind::Attempted), (1, Kind::Sent)], Fate::Lost),
            (&[(1, Kind::Attempted)], Fate::Lost),
            (&[(1, Kind::Attempted), (1, Kind::Sent), (1, UNKNOWN), (1, REFUSED)], Fate::Refused),
            (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK), (1, REFUSED)], Fate::LostAfterOk),
            (&[(1, Kind::Attempted), (1, Kind::Sent), (1, OK), (1, APPLIED)], Fate::Applied),
            (&[], Fate::NotYet),
        ] {
            assert_eq!(ledger(events).fate(MessageId(1)), fate, "{events:?}");
        }
    }

    #[test]
    fn a_held_copy_is_pending_and_beside_an_effect_it_is_residue() {
        let mut ledger = ledger(&[(1, Kind::Attempted), (2, Kind::Attempted), (2, APPLIED)]);
        for message in [1, 2] {
            let copy = CopyId { message: MessageId(message), attempt: 1, branch: 0 };
            ledger.audit(Holding { copy, subscription: 0, dead_lettered: false });
        }
        let totals = ledger.totals();
        assert_eq!((totals.pending, totals.applied, totals.residue), (1, 1, 1));
        ledger.begin_audit();
        assert_eq!(ledger.totals().pending, 0);
    }

    #[test]
    fn a_lost_effect_is_taken_back_and_a_superseded_one_counts_as_applied() {
        let told = [(1, Kind::Attempted), (1, OK), (3, Kind::Attempted), (3, APPLIED)];
        let superseded = ledger(&[&told[..], &[(1, Kind::Superseded)]].concat());
        assert_eq!((superseded.fate(MessageId(1)), superseded.effects(MessageId(1))), (Fate::Applied, 1));
        assert_eq!((superseded.totals().reordered, superseded.totals().stale), (0, 0));
        let lost = ledger(&[&told[..], &[(1, APPLIED), (1, Kind::EffectLost)]].concat());
        assert_eq!((lost.fate(MessageId(1)), lost.effects(MessageId(1))), (Fate::LostAfterOk, 0));
    }

    #[test]
    fn order_and_staleness_are_counted_within_a_key() {
        // Messages 1 and 3 are key 0; 2 and 4 are key 1.
        let attempted = [1, 2, 3, 4].map(|message| (message, Kind::Attempted));
        let effects = [(3, APPLIED), (1, APPLIED), (2, APPLIED), (4, APPLIED), (2, Kind::Applied { first: false })];
        let totals = ledger(&[&attempted[..], &effects[..]].concat()).totals();
        assert_eq!(totals.reordered, 1, "1 came after 3");
        assert_eq!(totals.stale, 2, "key 0 stands at 1, and the repeat of 2 set key 1 back");
        assert_eq!(totals.duplicates, 1);
    }
}
