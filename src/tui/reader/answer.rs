//! Answering what a page asks, and opening what it offers.

use crate::lesson::Block;
use crate::tui::host::{Confidence, Memory, Request};
use crate::tui::keys::Move;
use crate::tui::screen::Action;
use crate::tui::ui::Ui;

use super::{Predicted, Reader, lab_card};

impl Reader {
    /// Enter: opens a lab. A prediction and a question are answered by digits,
    /// so there it says so.
    pub(super) fn act(&mut self, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return self.walk(Move::PageDown) };
        match self.lesson().blocks.get(block) {
            Some(Block::Lab(lab)) => Action::Ask(Request::OpenLab(lab_card::request(lab))),
            Some(Block::Predict(_) | Block::Quiz(_) | Block::See(_)) if !self.is_answered(block) => {
                Action::Notice(ui.say("按数字键作答", "answer with a digit").to_owned())
            }
            _ => self.walk(Move::PageDown),
        }
    }

    pub(super) fn answer(&mut self, digit: usize, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return Action::Ignored };
        if self.is_answered(block) && self.reopened != Some(block) {
            return Action::Ignored;
        }
        let action = match self.lesson().blocks.get(block) {
            Some(Block::Predict(predict)) => {
                let key = (predict.lab.value.clone(), predict.predict.value.clone());
                self.predict(block, key, digit)
            }
            Some(Block::Quiz(quiz) | Block::See(quiz)) => {
                let question = quiz.id.value.clone();
                let right = quiz.options.get(digit - 1).map(|option| option.right);
                self.answer_question(question, right, digit)
            }
            _ => return Action::Ignored,
        };
        self.lay_out(ui);
        action
    }

    fn predict(&mut self, block: usize, key: (String, String), digit: usize) -> Action {
        let options = self.model.predictions.get(&key).map_or(0, |card| card.options.len());
        let made = self.marks.predictions.get(&key).filter(|_| self.reopened != Some(block));
        let predicted = match made {
            Some(made) if made.confidence.is_none() => {
                let confidence = match digit {
                    1 => Confidence::Guess,
                    2 => Confidence::Fairly,
                    3 => Confidence::Certain,
                    _ => return Action::Ignored,
                };
                Predicted { confidence: Some(confidence), ..*made }
            }
            _ if digit <= options => Predicted { option: digit - 1, confidence: None, right: None, proved: None },
            _ => return Action::Ignored,
        };
        self.reopened = None;
        let Predicted { option, confidence, .. } = predicted;
        self.marks.predictions.insert(key.clone(), predicted);
        let (lab, predict) = key;
        Action::Ask(Request::Remember(Memory::Predicted { lab, predict, option, confidence }))
    }

    fn answer_question(&mut self, question: String, right: Option<bool>, digit: usize) -> Action {
        let Some(right) = right else { return Action::Ignored };
        self.reopened = None;
        self.marks.answers.insert(question.clone(), digit - 1);
        let lesson = self.model.id.clone();
        Action::Ask(Request::Remember(Memory::Answered { lesson, question, option: digit - 1, right }))
    }

    /// Takes an answer back, to give another one. What was remembered first
    /// stays remembered until then.
    pub(super) fn answer_again(&mut self, ui: &Ui) -> Action {
        let Some(block) = self.focus else { return Action::Ignored };
        if self.reopened == Some(block) || !(self.is_answered(block) || self.is_chosen(block)) {
            return Action::Ignored;
        }
        self.reopened = Some(block);
        self.lay_out(ui);
        Action::Redraw
    }
}
