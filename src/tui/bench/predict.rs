//! The incident and the prediction, before anything runs; and after the run,
//! whether it was right, and why.

use ratatui::layout::{Position, Rect, Size};

use crate::lab::{Lab, Predict, Totals};
use crate::text::Text;
use crate::tui::canvas::Canvas;
use crate::tui::host::Confidence;
use crate::tui::keys::{Hint, hints};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::List;

use super::keymap::CARD;

pub use super::page::Page;

pub const CONFIDENCES: [Confidence; 3] = [Confidence::Guess, Confidence::Fairly, Confidence::Certain];

/// The rows of a page that are its frame, with the empty one above the lower edge.
const FRAME: u16 = 3;

/// A prediction being made.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Which of the lab's predictions; none if the lab has no such one.
    pub predict: Option<usize>,
    pub options: List,
    /// The option chosen, once it is; then the question is how sure.
    pub chosen: Option<usize>,
    /// Back was pressed once: the next time the prediction is left out.
    wants_out: bool,
    part: Part,
}

/// What of incident and question is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Both, if there is room.
    Both,
    /// There is no room for both: the incident stands alone until it is read.
    Incident,
    Question,
}

/// A prediction that was made, waiting for its run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bet {
    pub predict: usize,
    pub option: usize,
    pub right: bool,
}

/// A prediction as the learner made it.
#[derive(Clone, Copy, Debug)]
pub struct Wager {
    pub predict: usize,
    pub option: usize,
    pub confidence: Confidence,
}

impl Asking {
    #[must_use]
    pub fn new(lab: &Lab, predict: Option<usize>) -> Self {
        let mut asking = Self { predict, options: List::default(), chosen: None, wants_out: false, part: Part::Both };
        if let Some(count) = asking.question(lab).map(|predict| predict.options.len()) {
            asking.options = List::of_answers(count);
            asking.options.fit(count, count);
        }
        asking
    }

    /// A prediction whose option was chosen elsewhere: the question is how sure.
    #[must_use]
    pub fn how_sure(lab: &Lab, predict: usize, option: usize) -> Self {
        let mut asking = Self::new(lab, Some(predict));
        asking.choose(option);
        asking
    }

    #[must_use]
    pub fn question<'a>(&self, lab: &'a Lab) -> Option<&'a Predict> {
        self.predict.and_then(|at| lab.predicts.get(at))
    }

    /// Takes the room there is. A question that was reached stays in sight, however
    /// the window grows and shrinks.
    pub fn arrange(&mut self, size: Size, lab: &Lab, ui: &Ui) {
        if self.part == Part::Question {
            return;
        }
        let both = Self { part: Part::Both, ..self.clone() };
        let area = Rect::from((Position::ORIGIN, size));
        let fits = both.page(ui, area, lab).height() + FRAME <= size.height;
        self.part = match (fits, self.question(lab), self.chosen) {
            (true, ..) | (_, None, _) => Part::Both,
            (false, Some(_), None) => Part::Incident,
            (false, Some(_), Some(_)) => Part::Question,
        };
    }

    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        if self.part == Part::Incident {
            return hints(CARD);
        }
        self.options.hints()
    }

    /// What the key does that leads back: it leaves the question, not the lab.
    #[must_use]
    pub const fn way_back(&self) -> Text {
        match (self.chosen, self.predict) {
            (Some(_), _) => Text { zh: "重选", en: "choose again" },
            (None, Some(_)) => Text { zh: "先不猜", en: "no guess" },
            (None, None) => Text { zh: "到实验台", en: "to the bench" },
        }
    }

    /// Enter after an incident that stands alone: on to the question. False if that
    /// is there already.
    pub fn read_on(&mut self) -> bool {
        let was_alone = self.part == Part::Incident;
        if was_alone {
            self.part = Part::Question;
        }
        was_alone
    }

    /// One step back: from how sure to the options, and from there out, but not
    /// without a word. False if it is to be left.
    pub fn back(&mut self, lab: &Lab) -> bool {
        if let Some(chosen) = self.chosen {
            let part = self.part;
            *self = Self { part, ..Self::new(lab, self.predict) };
            self.options.select(chosen);
            return true;
        }
        let asks = self.question(lab).is_some();
        self.read_on();
        !std::mem::replace(&mut self.wants_out, true) && asks
    }

    /// Takes an option; then the list holds how sure one can be.
    pub fn choose(&mut self, option: usize) {
        self.chosen = Some(option);
        self.options = List::of_answers(CONFIDENCES.len());
        self.options.fit(CONFIDENCES.len(), CONFIDENCES.len());
        self.options.select(1);
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        self.page(ui, area, lab).draw(canvas, area, lab.title.in_language(ui.language));
    }

    fn page<'a>(&self, ui: &'a Ui, area: Rect, lab: &Lab) -> Page<'a> {
        let mut page = Page::new(ui, area);
        page.blank();
        if self.part != Part::Question {
            page.paragraphs(lab.incident.in_language(ui.language), Ink::Text);
        }
        if self.part == Part::Incident {
            page.text(ui.say("按回车，先猜一猜。", "Press Enter to make a prediction."), Ink::Muted);
            return page;
        }
        if let Some(predict) = self.question(lab) {
            page.paragraphs(predict.ask.in_language(ui.language), Ink::Strong);
            for (at, option) in predict.options.iter().enumerate() {
                let chosen = self.chosen.map_or(at == self.options.selected, |chosen| chosen == at);
                let ink = if self.chosen.is_some() && !chosen { Ink::Muted } else { Ink::Text };
                page.option(at, option.text.in_language(ui.language), chosen, ink);
            }
            page.blank();
            if self.chosen.is_some() {
                page.text(ui.say("有多大把握？", "How sure are you?"), Ink::Strong);
                for (at, confidence) in CONFIDENCES.into_iter().enumerate() {
                    page.option(at, confidence_name(confidence, ui), at == self.options.selected, Ink::Text);
                }
            } else if self.wants_out {
                page.text(
                    ui.say(
                        "还没猜。再按一次 q 就先不猜，直接上实验台（以后按 p 再猜）；按数字选一个就开始。",
                        "No guess yet. q once more leaves it out (p asks again later); a digit makes one.",
                    ),
                    Ink::Warn,
                );
            } else {
                page.text(
                    ui.say("先猜，再跑。按数字选一个。", "Guess first, then run: choose one by its digit."),
                    Ink::Muted,
                );
            }
        } else {
            page.text(ui.say("按回车开始。", "Press Enter to begin."), Ink::Muted);
        }
        page
    }
}

pub fn confidence_name(confidence: Confidence, ui: &Ui) -> &'static str {
    match confidence {
        Confidence::Guess => ui.say("猜的", "a guess"),
        Confidence::Fairly => ui.say("比较有把握", "fairly sure"),
        Confidence::Certain => ui.say("肯定", "certain"),
    }
}

/// The option that the run proved right.
pub fn right_option(predict: &Predict, totals: &Totals) -> Option<usize> {
    predict.options.iter().position(|option| option.right.holds(totals))
}
