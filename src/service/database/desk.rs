//! A database that takes its time. Every transaction costs it a while, one after
//! the other, and whoever comes meanwhile stands in line. So there is a rate that
//! it cannot exceed, however many clients ask: more of them only make the line
//! longer, and once the line takes longer than they have patience for, they ask
//! again, while their first request is still in it and will be carried out too.
//!
//! A client that has gone is not noticed before its turn, as in MySQL, whose
//! server looks at the connection only when it answers.
//!
//! Left out: several transactions at once, and the cost of what each one does.

use std::collections::VecDeque;

use super::commit::Request;
use super::{Database, WORK};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::time::{Span, Time};

#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    /// What one transaction costs.
    work: Span,
    line: VecDeque<Request>,
    busy: bool,
}

impl Desk {
    pub const fn taking(work: Span) -> Self {
        Self { work, line: VecDeque::new(), busy: false }
    }

    /// Forgets the line, as a process that dies does.
    pub fn clear(&mut self) {
        self.line.clear();
        self.busy = false;
    }
}

impl Database {
    /// Takes a request in: at once, or into the line.
    pub(super) fn line_up(&mut self, now: Time, request: Request, out: &mut Outputs) {
        let desk = &mut self.desk;
        if desk.work.is_zero() || flaw::is_on(Flaw::DeskServesAllAtOnce) {
            self.commit.queue.push(request);
            return;
        }
        desk.line.push_back(request);
        if !desk.busy {
            desk.busy = true;
            out.set_timer(WORK, now + desk.work);
        }
    }

    /// Work on the first in line is done: it can be committed.
    pub(super) fn worked(&mut self, now: Time, out: &mut Outputs) {
        let desk = &mut self.desk;
        self.commit.queue.extend(desk.line.pop_front());
        desk.busy = !desk.line.is_empty();
        if desk.busy {
            out.set_timer(WORK, now + desk.work);
        }
    }
}
