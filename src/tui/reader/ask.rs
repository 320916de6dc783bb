//! Predictions and questions on a page. A prediction is asked before anything
//! runs, with how sure one is; what came of it is shown once its lab has run. A
//! question, once answered, says of every option why it is right or wrong.

use crate::lesson::block::{PredictBlock, QuizBlock};
use crate::lesson::layout::Layout;
use crate::text::Language;
use crate::tui::host::Confidence;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::model::{PredictCard, Predicted};
use super::page::{Answers, Line, line};

/// Left of everything here: the bar, which the page draws, and a column of air.
pub(super) const INDENT: usize = 2;

/// The lines of a prediction.
pub(super) fn prediction(
    block: &PredictBlock,
    index: usize,
    answers: &Answers<'_>,
    layout: &Layout<'_>,
    ui: &Ui,
) -> Vec<Line> {
    let key = (block.lab.value.clone(), block.predict.value.clone());
    let mut sheet = Sheet::new(layout, ui);
    let Some(card) = answers.model.predictions.get(&key) else {
        sheet.text(&format!("{} / {}", key.0, key.1), Ink::Muted);
        return sheet.lines;
    };
    let made = answers.marks.predictions.get(&key).filter(|_| answers.reopened != Some(index));
    // How sure one is may be left unsaid: the choice stands all the same.
    let pending = made.filter(|made| made.confidence.is_none()).map(|made| made.option);
    let done = made.and_then(|made| Some((made, made.confidence?)));
    sheet.ask(card.ask.in_language(ui.language));
    sheet.blank();
    prediction_options(&mut sheet, card, pending, done.map(|(made, _)| made));
    sheet.blank();
    match (pending, done) {
        (Some(_), _) => {
            sheet.text(ui.say("有多大把握？", "How sure are you?"), Ink::Strong);
            let mut line = Line::default();
            for (digit, confidence) in (1..).zip([Confidence::Guess, Confidence::Fairly, Confidence::Certain]) {
                line.push(format!("{digit} "), Ink::Accent);
                line.push(format!("{}   ", confidence.name(ui)), Ink::Text);
            }
            sheet.lines.push(line.after("  ", Ink::Text));
        }
        (None, Some((predicted, confidence))) => {
            let sure = confidence.name(ui);
            let number = predicted.option + 1;
            match predicted.right {
                Some(true) => sheet.verdict(true, ui.say("猜对了", "right")),
                Some(false) => sheet.verdict(false, ui.say("猜错了", "wrong")),
                None => {}
            }
            let text = match (predicted.right, ui.language) {
                (None, Language::Zh) => format!("你选了 {number}（{sure}）。跑一遍实验，看是不是这样。"),
                (None, Language::En) => format!("You chose {number} ({sure}). Run the lab and see."),
                (Some(_), Language::Zh) => format!("你选了 {number}（{sure}）。"),
                (Some(_), Language::En) => format!("You chose {number} ({sure})."),
            };
            sheet.text(&text, Ink::Muted);
        }
        (None, None) => sheet
            .text(ui.say("跑实验之前，先按数字选一个。", "Before you run it: choose one by its digit."), Ink::Muted),
    }
    sheet.lines
}

fn prediction_options(sheet: &mut Sheet<'_>, card: &PredictCard, pending: Option<usize>, done: Option<&Predicted>) {
    let language = sheet.ui.language;
    let known = done.is_some_and(|predicted| predicted.right.is_some());
    for (at, option) in card.options.iter().enumerate() {
        let chosen = pending == Some(at) || pending.is_none() && done.is_some_and(|predicted| predicted.option == at);
        let is_right = done.filter(|_| known).is_some_and(|made| match made.right {
            Some(true) => chosen,
            _ => made.proved == Some(at),
        });
        let mark = (known && (chosen || is_right)).then_some(is_right);
        sheet.option(at, option.text.in_language(language), chosen, mark);
        if mark.is_some() {
            sheet.why(option.why.in_language(language));
        }
    }
}

/// The lines of a quiz, or of a "what did you see?".
pub(super) fn question(
    quiz: &QuizBlock,
    index: usize,
    answers: &Answers<'_>,
    layout: &Layout<'_>,
    ui: &Ui,
) -> Vec<Line> {
    let mut sheet = Sheet::new(layout, ui);
    let chosen = answers.marks.answers.get(&quiz.id.value).copied().filter(|_| answers.reopened != Some(index));
    sheet.ask(&quiz.ask.value);
    sheet.blank();
    for (at, option) in quiz.options.iter().enumerate() {
        let mark = chosen.map(|_| option.right);
        sheet.option(at, &option.text.value, chosen == Some(at), mark);
        if chosen.is_some() {
            sheet.why(&option.why.value);
        }
    }
    match chosen.and_then(|at| quiz.options.get(at)).map(|option| option.right) {
        Some(true) => sheet.verdict(true, ui.say("答对了", "right")),
        Some(false) => sheet.verdict(false, ui.say("答错了", "wrong")),
        None => {
            sheet.blank();
            sheet.text(ui.say("按数字选一个。", "Choose one by its digit."), Ink::Muted);
        }
    }
    sheet.lines
}

/// Lines under construction.
pub(super) struct Sheet<'a> {
    layout: Layout<'a>,
    pub ui: &'a Ui,
    pub lines: Vec<Line>,
}

impl<'a> Sheet<'a> {
    pub fn new(layout: &Layout<'a>, ui: &'a Ui) -> Self {
        Self { layout: Layout { width: layout.width.saturating_sub(INDENT), ..*layout }, ui, lines: Vec::new() }
    }

    /// What is asked.
    fn ask(&mut self, text: &str) {
        for mut content in self.layout.snippet(text).iter().map(line) {
            embolden(&mut content);
            self.lines.push(content);
        }
    }

    /// How it went.
    fn verdict(&mut self, right: bool, word: &str) {
        let glyphs = self.ui.glyphs();
        let (mark, ink) = if right { (glyphs.check, Ink::Good) } else { (glyphs.cross, Ink::Bad) };
        self.lines.push(Line::of(format!("{mark} {word}"), ink));
    }

    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// A text of one ink, wrapped.
    pub fn text(&mut self, text: &str, ink: Ink) {
        for line in self.ui.wrap(text, self.layout.width as u16) {
            self.lines.push(Line::of(line, ink));
        }
    }

    /// A text of the course, which may hold Markdown.
    pub fn markdown(&mut self, text: &str) {
        self.lines.extend(self.layout.snippet(text).iter().map(line));
    }

    /// A numbered option. `mark` says whether it is right, once that may be said.
    fn option(&mut self, at: usize, text: &str, chosen: bool, mark: Option<bool>) {
        let glyphs = self.ui.glyphs();
        let inner = Layout { width: self.layout.width.saturating_sub(6), ..self.layout };
        let (sign, sign_ink) = match mark {
            Some(true) => (glyphs.check, Ink::Good),
            Some(false) => (glyphs.cross, Ink::Muted),
            None => (" ", Ink::Text),
        };
        let pointer = if chosen { glyphs.pointer } else { " " };
        for (row, content) in inner.snippet(text).iter().map(line).enumerate() {
            let mut content = content;
            if chosen {
                embolden(&mut content);
            }
            let content = if row == 0 {
                let number = content.after(&format!("{}  ", at + 1), Ink::Accent);
                number.after(&format!("{sign} "), sign_ink).after(pointer, Ink::Accent)
            } else {
                content.after("      ", Ink::Text)
            };
            self.lines.push(content);
        }
    }

    /// Why an option is right or wrong.
    fn why(&mut self, text: &str) {
        let inner = Layout { width: self.layout.width.saturating_sub(6), ..self.layout };
        for content in inner.snippet(text).iter().map(line) {
            let mut content = content;
            content.pieces.iter_mut().filter(|piece| piece.ink == Ink::Text).for_each(|piece| piece.ink = Ink::Muted);
            self.lines.push(content.after("      ", Ink::Text));
        }
        self.blank();
    }
}

fn embolden(line: &mut Line) {
    line.pieces.iter_mut().filter(|piece| piece.ink == Ink::Text).for_each(|piece| piece.ink = Ink::Strong);
}

impl Confidence {
    pub(super) const fn name(self, ui: &Ui) -> &'static str {
        match self {
            Self::Guess => ui.say("猜的", "a guess"),
            Self::Fairly => ui.say("比较有把握", "fairly sure"),
            Self::Certain => ui.say("肯定", "certain"),
        }
    }
}
