//! Which of the three rules a participant keeps, as the transactions that its calls
//! are. A call that takes two goes on to the second where the first found nothing to
//! change.

use crate::protocol::service::Call;
use crate::protocol::store::{CANCELLED, CONFIRMED, POINTS, TRIED, Write};
use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// None: every call is carried out as it comes.
    Off,
    /// Confirm and Cancel look at the row first.
    Row,
    /// And a Cancel that finds none leaves one.
    #[default]
    Mark,
}

const fn step(from: u8, to: u8) -> Write {
    Write::Step { step: POINTS, from, to }
}

const FREEZE: Write = Write::Freeze { step: POINTS };
const USE: Write = Write::Use { step: POINTS };
const RELEASE: Write = Write::Release { step: POINTS };

impl Guard {
    /// `None`: no such word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "row" => Some(Self::Row),
            "mark" => Some(Self::Mark),
            _ => None,
        }
    }

    pub(super) const fn transactions(self, call: Call) -> &'static [&'static [Write]] {
        match (self, call) {
            (Self::Off, Call::Try) => const { &[&[FREEZE]] },
            (Self::Off, Call::Confirm) => const { &[&[USE, Write::Effect]] },
            (Self::Off, Call::Cancel) => const { &[&[RELEASE]] },
            (_, Call::Try) => const { &[&[step(0, TRIED), FREEZE]] },
            (_, Call::Confirm) => const { &[&[step(TRIED, CONFIRMED), USE, Write::Effect]] },
            (Self::Row, Call::Cancel) => const { &[&[step(TRIED, CANCELLED), RELEASE]] },
            // The mark first: once it failed there is a row, and no Try comes between.
            (Self::Mark, Call::Cancel) => const { &[&[step(0, CANCELLED)], &[step(TRIED, CANCELLED), RELEASE]] },
        }
    }
}

/// What a learner may toggle of a participant.
pub const SETTINGS: &[SettingSpec] = &[SettingSpec {
    name: "guard",
    values: Values::Words(&["off", "row", "mark"]),
    default: "mark",
    about: Text {
        zh: "TCC 参与者怎么防乱序和重复：不防；先看这一单的记录；记录之外，空回滚还留个标记，迟到的 Try 不再接",
        en: "How a TCC participant meets repeats and latecomers: not at all; it looks at the order's row; and an empty rollback leaves a mark that refuses a late Try",
    },
    real: Text::same("Seata: @TwoPhaseBusinessAction(useTCCFence = true), table tcc_fence_log"),
    demand: Demand::Alike,
    unreal: &[],
}];
