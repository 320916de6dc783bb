//! Moving through a page: what is at the top, which block has the keys, and what
//! of it is to be remembered.

use crate::lesson::Block;
use crate::tui::host::{Memory, Request};
use crate::tui::keys::Move;
use crate::tui::screen::Action;

use super::Reader;

impl Reader {
    /// After a move: what is at the top, what has the keys, and what to remember.
    pub(super) fn moved(&mut self) -> Action {
        self.anchor = self.page.anchor_at(self.scroll.top);
        self.refocus();
        self.remember_progress()
    }

    /// Which block has the keys after a move. The one that had them keeps them
    /// while all of it is in sight; else the first whole one takes them, an
    /// unanswered one before all others. Part of a block is better than none.
    pub(super) fn refocus(&mut self) {
        let sight = self.scroll.top..self.scroll.top + self.scroll.height;
        let rows = |block: &usize| self.page.rows_of(*block).unwrap_or_default();
        let whole = |block: &usize| rows(block).start >= sight.start && rows(block).end <= sight.end;
        let part = |block: &usize| rows(block).start < sight.end && rows(block).end > sight.start;
        if self.focus.as_ref().is_some_and(whole) {
            return;
        }
        let blocks = &self.page.active;
        let open = blocks.iter().find(|block| whole(block) && !self.is_answered(**block));
        let seen = open.or_else(|| blocks.iter().find(|block| whole(block)));
        let kept = self.focus.as_ref().filter(|block| part(block));
        self.focus = seen.or(kept).or_else(|| blocks.iter().find(|block| part(block))).copied();
    }

    pub(super) fn is_answered(&self, block: usize) -> bool {
        match self.lesson().blocks.get(block) {
            Some(Block::Predict(predict)) => {
                self.marks.predicted(predict).is_some_and(|predicted| predicted.confidence.is_some())
            }
            Some(Block::Quiz(quiz) | Block::See(quiz)) => self.marks.answers.contains_key(&quiz.id.value),
            _ => false,
        }
    }

    /// A prediction whose option is chosen, whether or not one said how sure one is.
    pub(super) fn is_chosen(&self, block: usize) -> bool {
        let Some(Block::Predict(predict)) = self.lesson().blocks.get(block) else { return false };
        self.marks.predicted(predict).is_some()
    }

    fn is_question(&self, block: usize) -> bool {
        matches!(self.lesson().blocks.get(block), Some(Block::Predict(_) | Block::Quiz(_) | Block::See(_)))
    }

    /// The steps that have been read to their end, and the place.
    fn remember_progress(&mut self) -> Action {
        let bottom = self.scroll.top + self.scroll.height;
        let steps = self.lesson().steps();
        let mut actions = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let next = steps.get(index + 1).map_or(self.lesson().blocks.len(), |next| next.block);
            let end = self.page.rows_of(next.saturating_sub(1)).map_or(usize::MAX, |rows| rows.end);
            // Whoever jumps to the end has not read what lies between, and a
            // question that is open is not done with.
            let is_read = (self.scroll.top + 1..=bottom).contains(&end);
            let is_settled = (step.block..next).all(|block| !self.is_question(block) || self.is_answered(block));
            if is_read && is_settled && self.marks.steps_done.insert(step.id.clone()) {
                let (lesson, step) = (self.model.id.clone(), step.id.clone());
                actions.push(Action::Ask(Request::Remember(Memory::StepDone { lesson, step })));
            }
        }
        let here = self.step_at_top().map(|step| step.id);
        if here != self.step_seen {
            self.step_seen = here;
            actions.push(Action::Ask(Request::Remember(self.place())));
        }
        if actions.is_empty() { Action::Redraw } else { Action::All(actions) }
    }

    pub(super) fn place(&self) -> Memory {
        let step = self.step_at_top().map(|step| step.id).unwrap_or_default();
        Memory::Place { lesson: self.model.id.clone(), block: self.anchor.block, step }
    }

    pub(super) fn step_at_top(&self) -> Option<crate::lesson::Step> {
        // A heading just below the top is what the eye reads.
        let block = self.page.block_at(self.scroll.top + 2).unwrap_or(self.anchor.block);
        self.lesson().steps().into_iter().rev().find(|step| step.block <= block)
    }

    pub(super) fn go_to_block(&mut self, block: usize) -> Action {
        self.scroll.top = self.page.row_of(block, 0).min(self.scroll.last_top());
        self.moved()
    }

    pub(super) fn walk(&mut self, step: Move) -> Action {
        self.scroll.go(step);
        self.moved()
    }

    pub(super) fn go_heading(&mut self, forward: bool) -> Action {
        let top = self.scroll.top;
        let rows: Vec<_> = self.page.headings.iter().map(|block| self.page.row_of(*block, 0)).collect();
        let target =
            if forward { rows.iter().find(|row| **row > top) } else { rows.iter().rev().find(|row| **row < top) };
        match target {
            Some(row) => self.scroll.top = (*row).min(self.scroll.last_top()),
            None => {
                self.scroll.go(if forward { Move::Bottom } else { Move::Top });
            }
        }
        self.moved()
    }

    pub(super) fn go_focus(&mut self, forward: bool) -> Action {
        let active = &self.page.active;
        let here = self.focus.unwrap_or(self.anchor.block);
        let target = if forward {
            active.iter().find(|block| **block > here)
        } else {
            active.iter().rev().find(|block| **block < here)
        };
        let Some(block) = target.copied() else { return Action::Redraw };
        self.focus = Some(block);
        let Some(rows) = self.page.rows_of(block) else { return Action::Redraw };
        if rows.start < self.scroll.top || rows.end > self.scroll.top + self.scroll.height {
            // Show the whole block, and a little of what leads to it.
            let slack = self.scroll.height.saturating_sub(rows.len()).min(3);
            self.scroll.top = rows.start.saturating_sub(slack).min(self.scroll.last_top());
        }
        self.moved()
    }
}
