//! The incident and the prediction, before anything runs; and after the run,
//! whether it was right, and why.

use ratatui::layout::{Rect, Size};

use crate::lab::{Lab, Predict, Totals};
use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::host::Confidence;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, centred, clear_around, entry_sign, panel};

use super::outcome::Outcome;

pub const CONFIDENCES: [Confidence; 3] = [Confidence::Guess, Confidence::Fairly, Confidence::Certain];

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
        let mut asking = Self { predict, options: List::default(), chosen: None, wants_out: false };
        let count = asking.question(lab).map_or(0, |predict| predict.options.len());
        asking.options.fit(count, count);
        asking
    }

    #[must_use]
    pub fn question<'a>(&self, lab: &'a Lab) -> Option<&'a Predict> {
        self.predict.and_then(|at| lab.predicts.get(at))
    }

    /// One step back: from how sure to the options, and from there out, but not
    /// without a word. False if it is to be left.
    pub fn back(&mut self, lab: &Lab) -> bool {
        if let Some(chosen) = self.chosen {
            *self = Self::new(lab, self.predict);
            self.options.select(chosen);
            return true;
        }
        let asks = self.question(lab).is_some();
        !std::mem::replace(&mut self.wants_out, true) && asks
    }

    /// Takes an option; then the list holds how sure one can be.
    pub fn choose(&mut self, option: usize) {
        self.chosen = Some(option);
        self.options = List::new(CONFIDENCES.len());
        self.options.fit(CONFIDENCES.len(), CONFIDENCES.len());
        self.options.select(1);
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let mut page = Page::new(ui, area);
        page.blank();
        let incident = lab.incident.in_language(ui.language);
        let short = area.height < 26 && self.chosen.is_some();
        if !short {
            page.paragraphs(incident, Ink::Text);
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
        page.draw(canvas, area, lab.title.in_language(ui.language));
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

/// How a prediction went, over the bench.
pub fn verdict(canvas: &mut Canvas<'_>, screen: Rect, lab: &Lab, bet: Bet, outcome: &Outcome, totals: &Totals) {
    let ui = canvas.ui;
    let Some(predict) = lab.predicts.get(bet.predict) else { return };
    let width = screen.width.saturating_sub(6).min(84);
    let mut page = Page::new(ui, Rect { width, ..screen });
    page.text(&outcome.headline, outcome.ink);
    page.blank();
    let glyphs = ui.glyphs();
    let (mark, word, ink) = if bet.right {
        (glyphs.check, ui.say("你猜对了", "You were right"), Ink::Good)
    } else {
        (glyphs.cross, ui.say("和你想的不一样", "Not what you expected"), Ink::Warn)
    };
    page.text(&format!("{mark} {word}"), ink);
    if let Some(option) = predict.options.get(bet.option) {
        let said = match ui.language {
            Language::Zh => format!("你选的：{}", option.text.zh),
            Language::En => format!("You said: {}", option.text.en),
        };
        page.text(&said, Ink::Muted);
        page.text(option.why.in_language(ui.language), Ink::Text);
    }
    if !bet.right
        && let Some(right) = right_option(predict, totals).and_then(|at| predict.options.get(at))
    {
        page.blank();
        let came = match ui.language {
            Language::Zh => format!("实际上：{}", right.text.zh),
            Language::En => format!("What happened: {}", right.text.en),
        };
        page.text(&came, Ink::Strong);
        page.text(right.why.in_language(ui.language), Ink::Text);
    }
    page.blank();
    page.text(
        ui.say(
            "回车：自己动手。改一个设置，看它们能不能活下来。",
            "Enter: your turn. Flip a setting, and see whether they survive.",
        ),
        Ink::Accent,
    );
    let rows = page.rows.len() as u16;
    let area = centred(screen, Size::new(width, rows + 4));
    clear_around(canvas, area);
    let inside = panel(canvas, area, ui.say("结果", "What came of it"), Ink::Focus);
    page.print(
        canvas,
        Rect {
            x: inside.x + 1,
            y: inside.y + 1,
            width: inside.width.saturating_sub(1),
            height: inside.height.saturating_sub(1),
        },
    );
}

/// Lines of text with inks, wrapped to a readable width.
pub struct Page<'a> {
    ui: &'a Ui,
    width: u16,
    rows: Vec<Vec<(String, Ink)>>,
}

/// The longest line that is read easily.
const READABLE: u16 = 84;

impl<'a> Page<'a> {
    #[must_use]
    pub fn new(ui: &'a Ui, area: Rect) -> Self {
        Self { ui, width: area.width.saturating_sub(8).min(READABLE), rows: Vec::new() }
    }

    pub fn blank(&mut self) {
        self.rows.push(Vec::new());
    }

    pub fn text(&mut self, text: &str, ink: Ink) {
        for line in self.ui.wrap(text, self.width) {
            self.rows.push(vec![(line, ink)]);
        }
    }

    /// Paragraphs apart by an empty line, one after the last.
    pub fn paragraphs(&mut self, text: &str, ink: Ink) {
        for paragraph in text.trim().split("\n\n") {
            self.text(&plain(paragraph), ink);
            self.blank();
        }
    }

    pub fn option(&mut self, at: usize, text: &str, chosen: bool, ink: Ink) {
        let pointer = if chosen { self.ui.glyphs().pointer } else { " " };
        let ink = if chosen { Ink::Strong } else { ink };
        for (row, line) in self.ui.wrap(&plain(text), self.width.saturating_sub(5)).into_iter().enumerate() {
            self.rows.push(if row == 0 {
                vec![
                    (format!("{pointer} "), Ink::Accent),
                    (format!("{} ", entry_sign(at)), Ink::Accent),
                    (format!(" {line}"), ink),
                ]
            } else {
                vec![(format!("     {line}"), ink)]
            });
        }
    }

    #[must_use]
    pub const fn height(&self) -> u16 {
        self.rows.len() as u16
    }

    pub fn print(&self, canvas: &mut Canvas<'_>, area: Rect) {
        for (row, pieces) in self.rows.iter().enumerate() {
            let y = area.y + row as u16;
            if y >= area.bottom() {
                return;
            }
            let pieces: Vec<_> = pieces.iter().map(|(text, ink)| (text.as_str(), *ink)).collect();
            canvas.print_all(area.x, y, area.width, &pieces);
        }
    }

    /// In a frame in the middle of `area`.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, title: &str) {
        let place = centred(area, Size::new(self.width + 8, (self.height() + 3).max(area.height.min(12))));
        let inside = panel(canvas, place, title, Ink::Focus);
        self.print(canvas, Rect { x: inside.x + 2, width: inside.width.saturating_sub(2), ..inside });
    }
}

/// A paragraph without the line ends of its file and the marks of Markdown.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines() {
        let apart = joined.chars().last().is_some_and(|last| last.is_ascii())
            && line.chars().next().is_some_and(|first| first.is_ascii());
        if apart && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
    }
    joined.replace(['`', '*'], "")
}
