//! One message's life and why it ended so, then what its run came to and what would
//! have helped: every single change of a setting is tried out at the same seed.

use std::sync::Arc;

use super::Context;
use super::arguments::Choice;
use super::error::Failure;
use super::run::{balanced, line};
use crate::event::MessageId;
use crate::lab::{Session, explain, of_note, remedy};
use crate::narrate;
use crate::random::Seed;

impl Context {
    pub fn explain(&mut self, choice: &Choice, message: Option<u32>) -> Result<u8, Failure> {
        let plan = Arc::new(self.plan(choice)?);
        let mut session = Session::new(plan.clone(), Seed(choice.seed));
        self.finish(&mut session, false)?;
        let is_decided = balanced(&mut session)?;
        let most = plan.messages() as u32;
        let message = match message {
            Some(number) if (1..=most).contains(&number) => MessageId(number),
            Some(number) => {
                return Err(Failure::told(
                    format!("没有第 {number} 条：这个实验有 1 到 {most}"),
                    format!("there is no message {number}; this lab has 1 to {most}"),
                ));
            }
            None => of_note(&session),
        };
        let excerpt = session.excerpt(message);
        let explanation = explain(&excerpt.events, &plan, session.ledger(), message);
        for id in &explanation.events {
            self.out.line(line(&excerpt.events[id.0 as usize], &session, self.language))?;
        }
        self.out.line("")?;
        for text in narrate::explanation(&explanation, &plan, &excerpt.events, self.language) {
            self.out.line(text)?;
        }
        self.sum_up(&session)?;
        self.conclude(is_decided)
    }

    /// What the whole run came to, and what would have helped.
    fn sum_up(&mut self, session: &Session) -> Result<(), Failure> {
        let told = narrate::verdict(session, self.language);
        self.out.line("")?;
        for line in std::iter::once(&told.headline).chain(&told.beside).chain(&told.notes) {
            self.out.line(line)?;
        }
        if session.plan().is_long() {
            return Ok(());
        }
        let found = remedy(session);
        let named = found.as_ref().map(|found| (found, found.value.as_str()));
        match narrate::advice(session, named, self.language) {
            Some(advice) => self.out.line(advice),
            None => Ok(()),
        }
    }
}
