//! A consumer of dead letters that compensates: d can never be done for this
//! order, so what was done before it is undone. That is the backward half of a
//! saga (b, c, then d; if d fails for good: undo c, undo b).
//!
//! Nobody undoes a compensation, so it is repeated until it succeeds: a dead
//! letter whose handler throws goes back to its queue, whatever the policy of
//! the other consumers is. And whatever is repeated until it succeeds has some
//! day succeeded unnoticed: the process dies after the undo and before the ack.
//! Stock that is put back twice is as wrong as stock that is never put back. So
//! the order has a state, and the undo is in one transaction with its change:
//! `UPDATE .. SET state = 'compensated' WHERE state = 'placed'`.
//!
//! A saga has no isolation: between b and its undo everyone saw b. And it undoes
//! only what it hears of: an order whose message was never sent has no dead letter.
//!
//! Source: `facts` 2.4. Left out: a coordinator with a log of its own, undoing in
//! several services, steps that cannot be undone (put those last).

use super::Handler;
use crate::protocol::store::{COMPENSATED, ORDER, PLACED, Write};
use crate::setting::{SettingSpec, Values};
use crate::text::Text;

/// How b and c are undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// `UPDATE stock SET n = n + 1`, each time it is asked.
    Plain,
    /// Only where the order still counts as placed.
    StateCheck,
}

impl Undo {
    /// `None`: no such word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "plain" => Some(Self::Plain),
            "state-check" => Some(Self::StateCheck),
            _ => None,
        }
    }

    const fn writes(self) -> &'static [Write] {
        match self {
            Self::Plain => &[Write::Undo],
            Self::StateCheck => &[Write::Step { step: ORDER, from: PLACED, to: COMPENSATED }, Write::Undo],
        }
    }
}

impl Handler {
    /// The transaction that its effect is; `None`: a plain `UPDATE`.
    pub(super) fn writes(&self) -> Option<&'static [Write]> {
        match self.options.undo {
            Some(undo) => Some(undo.writes()),
            None => self.options.dedupe.writes(),
        }
    }
}

pub(in crate::client) const UNDO: SettingSpec = SettingSpec {
    name: "undo",
    values: Values::Words(&["plain", "state-check"]),
    default: "state-check",
    about: Text {
        zh: "补偿怎样撤销 b、c：直接加回去；先看订单状态，撤销过的不再撤",
        en: "How a compensation undoes b and c: just so; or only where the order's state says that it stands",
    },
    real: Text::same("SQL: UPDATE orders SET state = 'compensated' WHERE id = ? AND state = 'placed'"),
    unreal: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::consumer::{Consumer, ConsumerOptions, Dedupe, OnException};
    use crate::client::peer::{BROKER, Bench, STORE, copy};
    use crate::event::{Kind, MessageId};
    use crate::node::{Disturbance, Input};
    use crate::protocol::fact::Fact;
    use crate::protocol::queue::{Deliver, Method};
    use crate::protocol::{Name, store};
    use crate::random::Seed;
    use crate::time::Time;

    /// One dead letter, delivered to a process that was told nothing else.
    fn dead_letter(undo: Undo) -> Bench<Consumer> {
        let mut options = ConsumerOptions::new(BROKER, STORE, Name(2), 0, Seed(1));
        options.on_exception = OnException::Reject;
        options.handler.dedupe = Dedupe::Inbox;
        let mut bench = Bench::started(Consumer::new(options.compensating(undo)));
        let payload = Fact { message: MessageId(5), key: 0, version: 1 }.encode().to_vec().into();
        bench.hear(Method::Deliver(Deliver { consumer: 1, tag: 1, redelivered: false, copy: copy(5, 1), payload }));
        bench
    }

    #[test]
    fn its_effect_is_to_undo_once_if_it_looks_at_the_state() {
        let writes = |undo| {
            let mut bench = dead_letter(undo);
            bench.run_until(Time::from_millis(100));
            match bench.asked[..] {
                [store::Method::Transact { transaction, .. }] => transaction.writes().collect::<Vec<_>>(),
                ref other => panic!("{other:?}"),
            }
        };
        let step = Write::Step { step: ORDER, from: PLACED, to: COMPENSATED };
        assert_eq!(writes(Undo::StateCheck), [step, Write::Undo]);
        assert_eq!(writes(Undo::Plain), [Write::Undo]);
    }

    #[test]
    fn one_that_throws_goes_back_whatever_others_do() {
        let mut bench = dead_letter(Undo::Plain);
        bench.input(Input::Disturbed(Disturbance::Throw(MessageId(5))));
        bench.run_until(Time::from_millis(100));
        assert_eq!(bench.noted(Kind::Threw), [5]);
        assert!(bench.said.contains(&Method::Nack { tag: 1, multiple: false, requeue: true }));
        assert!(bench.asked.is_empty());
    }
}
