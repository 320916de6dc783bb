//! What counts against a run: the one list that the verdict on a bench, the text
//! and the JSON of a run, an explanation and the columns of a sweep all go by. A
//! run is good if nothing on it is above zero.
//!
//! What is not on it is no defect. A producer that was told nothing about a message
//! that is there has an honest doubt. A repeat that was found out, a redelivery, an
//! election and an order undone as the pattern wants it are how things should go.
//! Times are measured beside it: how long is too long is for a lab to say.

use super::totals::{Measure, Totals};
use crate::text::Text;

/// How bad a defect is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing is wrong, and not everything is done.
    Waits,
    /// It was not done, and whoever asked for it knows.
    Told,
    /// Something was done that should not have been, or in the wrong order, or half.
    Wrong,
    /// Gone, and nobody was told that it is safe.
    Lost,
    /// Gone, and its producer was told ok.
    SilentlyLost,
}

/// One entry of the list.
#[derive(Clone, Copy, Debug)]
pub struct Defect {
    pub measure: Measure,
    pub weight: Weight,
    /// A word or two, for sums.
    pub name: Text,
    /// In few cells, for columns.
    pub short: Text,
}

const fn text(zh: &'static str, en: &'static str) -> Text {
    Text { zh, en }
}

const fn defect(measure: Measure, weight: Weight, name: Text, short: Text) -> Defect {
    Defect { measure, weight, name, short }
}

/// All that can count against a run, the worst first.
pub const DEFECTS: [Defect; 15] = [
    defect(Measure::LostAfterOk, Weight::SilentlyLost, text("LOST!", "LOST!"), text("LOST!", "LOST!")),
    defect(Measure::Lost, Weight::Lost, text("丢失", "lost"), text("丢失", "lost")),
    defect(Measure::Stale, Weight::Wrong, text("旧盖新", "stale"), text("旧盖新", "stale")),
    defect(Measure::Duplicates, Weight::Wrong, text("重复", "twice"), text("重复", "twice")),
    defect(Measure::Overcompensated, Weight::Wrong, text("多撤", "undone twice"), text("多撤", "undone")),
    defect(Measure::Overreleased, Weight::Wrong, text("多退", "given away"), text("多退", "given")),
    defect(Measure::Frozen, Weight::Wrong, text("冻着", "frozen"), text("冻着", "frozen")),
    defect(Measure::HalfDone, Weight::Wrong, text("做了一半", "half done"), text("一半", "half")),
    defect(
        Measure::RefusedYetThere,
        Weight::Wrong,
        text("被拒却还在", "refused, yet there"),
        text("拒还在", "yet there"),
    ),
    defect(Measure::Stray, Weight::Wrong, text("串门", "stray"), text("串门", "stray")),
    defect(Measure::Residue, Weight::Wrong, text("做了还留着", "done, yet kept"), text("还留着", "kept")),
    defect(Measure::Reordered, Weight::Wrong, text("乱序", "out of order"), text("乱序", "order")),
    defect(Measure::Refused, Weight::Told, text("被拒", "refused"), text("被拒", "refused")),
    defect(Measure::DeadLettered, Weight::Waits, text("死信", "dead-lettered"), text("死信", "dead")),
    defect(Measure::Pending, Weight::Waits, text("待处理", "pending"), text("待处理", "waits")),
];

impl Defect {
    /// How much of it there is in the totals of one run.
    ///
    /// A key whose newest message was lost, refused or waits is stale for that reason
    /// alone, and a dead letter whose order was undone has been dealt with: only what
    /// is beyond these counts.
    #[must_use]
    pub const fn count(&self, totals: &Totals) -> u64 {
        let count = totals.get(self.measure);
        match self.measure {
            Measure::Stale => count.saturating_sub(totals.unapplied()),
            Measure::DeadLettered => count.saturating_sub(totals.compensated),
            _ => count,
        }
    }

    /// The entry of a measure, if it counts against a run.
    #[must_use]
    pub fn of(measure: Measure) -> Option<&'static Self> {
        DEFECTS.iter().find(|defect| defect.measure == measure)
    }
}

impl Totals {
    /// What counts against the run, the worst first, each with how much of it there is.
    pub fn defects(&self) -> impl Iterator<Item = (&'static Defect, u64)> {
        DEFECTS.iter().map(|defect| (defect, defect.count(self))).filter(|(_, count)| *count > 0)
    }

    /// How bad the worst is; nothing if all is well.
    #[must_use]
    pub fn weight(&self) -> Option<Weight> {
        self.defects().map(|(defect, _)| defect.weight).max()
    }

    /// Rows that have occurred and are not applied.
    const fn unapplied(&self) -> u64 {
        self.lost + self.lost_after_ok + self.refused + self.pending + self.dead_lettered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_what_hurts_most() {
        assert!(DEFECTS.windows(2).all(|two| two[0].weight >= two[1].weight));
        for (at, defect) in DEFECTS.iter().enumerate() {
            assert!(!DEFECTS[..at].iter().any(|before| before.measure == defect.measure));
            let texts = [defect.name, defect.short];
            assert!(texts.iter().all(|text| !text.zh.is_empty() && !text.en.is_empty()));
        }
    }

    /// Whatever measure is on the list, a run that has any of it is not good; of the
    /// others no amount counts against it.
    #[test]
    fn nothing_on_the_list_goes_with_a_good_run() {
        for (measure, name) in Measure::ALL {
            let mut totals = Totals { attempted: 9, applied: 9, told_unknown: 3, ..Totals::default() };
            *totals.get_mut(measure) += 7;
            assert_eq!(totals.weight().is_some(), Defect::of(measure).is_some(), "{name}");
        }
    }

    #[test]
    fn a_key_is_not_stale_for_what_was_lost_nor_a_dead_letter_open_once_it_is_undone() {
        let lost = Totals { stale: 2, lost: 2, ..Totals::default() };
        assert_eq!(lost.defects().map(|(defect, _)| defect.measure).collect::<Vec<_>>(), [Measure::Lost]);
        let overwritten = Totals { stale: 2, duplicates: 2, ..Totals::default() };
        assert_eq!(overwritten.defects().count(), 2);
        let undone = Totals { dead_lettered: 2, compensated: 2, stale: 2, ..Totals::default() };
        assert_eq!(undone.weight(), None);
    }
}
