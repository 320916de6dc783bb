//! One message as its producer knows it, and one row: what became of it for one
//! subscription.

use serde::Serialize;

use crate::event::{Answer, NodeId};
use crate::lab::totals::Totals;
use crate::time::Time;

/// Where a message stands for a subscription, or stood at the end.
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
    /// No subscription is entitled to it.
    Nowhere,
}

impl Fate {
    /// How many fates there are.
    pub const COUNT: usize = 9;

    /// How bad it is, to say in one word what became of a message that several
    /// subscriptions should see.
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::NotYet => 0,
            Self::Nowhere => 1,
            Self::Applied => 2,
            Self::InFlight => 3,
            Self::Pending => 4,
            Self::DeadLettered => 5,
            Self::Refused => 6,
            Self::Lost => 7,
            Self::LostAfterOk => 8,
        }
    }
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

/// A message, whoever must see it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    pub attempted: bool,
    pub sent: bool,
    pub answer: Option<Answer>,
    /// Its producer waits for an answer.
    pub waits: bool,
    pub producer: NodeId,
    /// When a broker first put it in a queue.
    pub enqueued: Option<Time>,
    /// Its shop has committed it, with whatever else it does at once.
    pub recorded: bool,
    /// How often its shop has undone that.
    pub undone: u16,
    /// In a long run: some copy of it has ended, and how often it was heard of.
    pub harmed: bool,
    pub touched: u16,
}

/// What the audit found of a message for one subscription.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub held: bool,
    pub dead_lettered: bool,
}

/// A message for one subscription.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    pub effects: u32,
    pub held: bool,
    pub dead_lettered: bool,
}

impl Said {
    pub fn told(&self) -> Told {
        match self.answer {
            Some(Answer::Ok) => Told::Ok,
            Some(Answer::Refused) => Told::Refused,
            Some(Answer::Unknown) => Told::Unknown,
            None if self.sent => Told::Unknown,
            None => Told::Unsent,
        }
    }

    /// What its producer was told, once it has occurred.
    pub fn standing(&self) -> Option<Told> {
        self.attempted.then(|| self.told())
    }

    /// What became of one of its rows; `entitled` is false for nowhere.
    pub fn fate(&self, row: Row, entitled: bool) -> Fate {
        match row {
            row if row.effects > 0 => Fate::Applied,
            _ if !self.attempted => Fate::NotYet,
            _ if !entitled => Fate::Nowhere,
            row if row.held => Fate::Pending,
            row if row.dead_lettered => Fate::DeadLettered,
            _ => match self.told() {
                Told::Ok => Fate::LostAfterOk,
                Told::Refused => Fate::Refused,
                Told::Unknown | Told::Unsent => Fate::Lost,
            },
        }
    }

    /// Counts one of its rows.
    pub fn count_row(&self, row: Row, entitled: bool, totals: &mut Totals) {
        let fate = self.fate(row, entitled);
        if fate == Fate::NotYet {
            return;
        }
        totals.entitled += 1;
        totals.count(fate);
        totals.duplicates += u64::from(row.effects.saturating_sub(1));
        totals.residue += u64::from(fate == Fate::Applied && (row.held || row.dead_lettered));
        totals.half_done += u64::from(self.recorded && self.undone == 0 && entitled && row.effects == 0);
        totals.refused_yet_there +=
            u64::from(self.told() == Told::Refused && !matches!(fate, Fate::Refused | Fate::Nowhere));
    }

    /// Counts what its producer was told, once for all of its rows.
    pub fn count_told(&self, totals: &mut Totals) {
        if !self.attempted {
            return;
        }
        totals.compensated += u64::from(self.undone > 0);
        totals.overcompensated += u64::from(self.undone.saturating_sub(1));
        match self.told() {
            Told::Ok => totals.told_ok += 1,
            Told::Unknown => totals.told_unknown += 1,
            Told::Unsent => totals.unsent += 1,
            Told::Refused => totals.told_refused += 1,
        }
    }
}
