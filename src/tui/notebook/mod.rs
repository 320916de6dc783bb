//! The notebook: what one said would happen, beside what did. How sure one was
//! is kept too, for being sure and wrong teaches most; and wrong predictions
//! come back some days later, with a run that one has not seen.

mod model;

pub use model::{Due, Entry, NotebookModel};

use ratatui::layout::{Rect, Size};

use crate::text::Language;

use super::bench::predict::{CONFIDENCES, Page, confidence_name};
use super::canvas::Canvas;
use super::host::{LabMode, LabRequest, Request};
use super::keys::{Binding, Hint, Key, MOVES, command, hints};
use super::screen::{Action, Screen};
use super::theme::Ink;
use super::ui::Ui;
use super::widget::{List, mark_selected, panel, scrollbar};

#[derive(Clone, Copy, Debug)]
enum Command {
    Open,
}

const KEYMAP: &[Binding<Command>] =
    &[Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Open, "打开实验", "open its lab")];

pub struct Notebook {
    model: NotebookModel,
    /// Reviews first, then what was predicted.
    list: List,
}

impl Notebook {
    #[must_use]
    pub fn new(model: NotebookModel) -> Self {
        let length = model.reviews.len() + model.entries.len();
        let mut list = List::new(length);
        list.fit(length, length);
        Self { model, list }
    }

    fn is_empty(&self) -> bool {
        self.list.length == 0
    }

    /// The review or the entry under the pointer.
    fn selected(&self) -> (Option<&Due>, Option<&Entry>) {
        let at = self.list.selected;
        let due = self.model.reviews.get(at);
        (due, self.model.entries.get(at.wrapping_sub(self.model.reviews.len())))
    }

    fn open(&self) -> Action {
        let request = match self.selected() {
            (Some(due), _) => LabRequest {
                lab: due.lab.clone(),
                mode: LabMode::Review { predict: due.predict.clone(), seed: due.seed },
                ..LabRequest::default()
            },
            (_, Some(entry)) => LabRequest { lab: entry.lab.clone(), ..LabRequest::default() },
            _ => LabRequest { lab: self.model.first_lab.clone(), ..LabRequest::default() },
        };
        Action::Ask(Request::OpenLab(request))
    }

    /// The list, and below it what is selected.
    fn places(area: Rect) -> (Rect, Rect) {
        let detail = (area.height * 2 / 5).clamp(6, 14).min(area.height.saturating_sub(4));
        let list = Rect { height: area.height - detail, ..area };
        (list, Rect { y: list.bottom(), height: detail, ..area })
    }

    fn draw_empty(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let mut page = Page::new(ui, area);
        page.blank();
        page.text(ui.say("这里还是空的。", "Nothing here yet."), Ink::Strong);
        page.blank();
        page.text(
            ui.say(
                "每个实验跑之前都会先问你：会怎样？有多大把握？你的答案和真正的结果，会一起记在这里。猜错的题，过几天换一个种子再来问你。",
                "Before a lab runs, it asks what will happen, and how sure you are. Your answer is kept here beside what did happen. A wrong one comes back some days later, with another seed.",
            ),
            Ink::Text,
        );
        page.blank();
        page.text(ui.say("回车：做第一个实验。", "Enter: the first lab."), Ink::Accent);
        page.draw(canvas, area, ui.say("预测簿", "Notebook"));
    }

    fn draw_line(&self, canvas: &mut Canvas<'_>, area: Rect, at: usize) {
        let ui = canvas.ui;
        let glyphs = ui.glyphs();
        let chosen = at == self.list.selected;
        if chosen {
            mark_selected(canvas, area);
        }
        let ink = if chosen { Ink::Strong } else { Ink::Text };
        let (mark, mark_ink, word, title, ask) = if let Some(due) = self.model.reviews.get(at) {
            let (mark, ink, word) = match (due.days, ui.language) {
                (0, _) => (glyphs.pointer, Ink::Accent, ui.say("再猜一次", "again").to_owned()),
                (days, Language::Zh) => (glyphs.empty, Ink::Muted, format!("{days} 天后")),
                (days, Language::En) => (glyphs.empty, Ink::Muted, format!("in {days} d")),
            };
            (mark, ink, word, &due.title, &due.ask)
        } else {
            let Some(entry) = self.model.entries.get(at - self.model.reviews.len()) else { return };
            let (mark, ink) = if entry.right { (glyphs.check, Ink::Good) } else { (glyphs.cross, Ink::Bad) };
            (mark, ink, confidence_name(entry.confidence, ui).to_owned(), &entry.title, &entry.ask)
        };
        let x = canvas.print_all(area.x, area.y, area.width, &[(mark, mark_ink), (" ", ink), (&word, Ink::Muted)]);
        let from = (area.x + 15).max(x + 1);
        let title = ui.fit(title.in_language(ui.language), 28);
        canvas.print(from, area.y, area.right().saturating_sub(from), &title, ink);
        let ask_from = from + 30;
        let room = area.right().saturating_sub(ask_from);
        if room > 10 {
            canvas.print(ask_from, area.y, room, &ui.fit(ask.in_language(ui.language), room), Ink::Muted);
        }
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let inside = panel(canvas, area, "", Ink::Border);
        let mut page = Page::new(ui, Rect { width: inside.width + 8, ..inside });
        match self.selected() {
            (Some(due), _) => {
                page.text(due.ask.in_language(ui.language), Ink::Strong);
                page.blank();
                let text = match (due.days, ui.language) {
                    (0, Language::Zh) => format!("换成种子 {} 再猜一次：回车。", due.seed),
                    (0, Language::En) => format!("Enter: guess again, with seed {}.", due.seed),
                    (days, Language::Zh) => format!("上次猜错了，{days} 天后换个种子再来问你。"),
                    (1, Language::En) => "Wrong last time; it comes back tomorrow, with another seed.".to_owned(),
                    (days, Language::En) => {
                        format!("Wrong last time; it comes back in {days} days, with another seed.")
                    }
                };
                page.text(&text, Ink::Muted);
            }
            (_, Some(entry)) => {
                page.text(entry.ask.in_language(ui.language), Ink::Strong);
                page.blank();
                let said = match ui.language {
                    Language::Zh => format!("你选的：{}", entry.said.zh),
                    Language::En => format!("You said: {}", entry.said.en),
                };
                page.text(&said, if entry.right { Ink::Good } else { Ink::Warn });
                page.text(entry.why.in_language(ui.language), Ink::Text);
            }
            _ => {}
        }
        page.print(canvas, inside);
    }

    /// How right one was, by how sure one was.
    fn calibration(&self, ui: &Ui) -> String {
        let parts = CONFIDENCES.into_iter().rev().filter_map(|confidence| {
            let (made, right) = self.model.score(confidence);
            let name = confidence_name(confidence, ui);
            (made > 0).then(|| format!("{name} {right}/{made}"))
        });
        parts.collect::<Vec<_>>().join("   ")
    }
}

impl Screen for Notebook {
    fn title(&self, ui: &Ui) -> String {
        ui.say("预测簿", "Notebook").to_owned()
    }

    fn status(&self, ui: &Ui) -> String {
        self.calibration(ui)
    }

    fn hints(&self) -> Vec<Hint> {
        [hints(KEYMAP), hints(MOVES)].concat()
    }

    fn arrange(&mut self, size: Size, _ui: &Ui) {
        let (list, _) = Self::places(Rect::new(0, 0, size.width, size.height));
        let rows = usize::from(list.height.saturating_sub(2)).max(1);
        self.list.fit(self.model.reviews.len() + self.model.entries.len(), rows);
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if self.is_empty() {
            return self.draw_empty(canvas, area);
        }
        let ui = canvas.ui;
        let (list, detail) = Self::places(area);
        let due = self.model.reviews.iter().filter(|review| review.days == 0).count();
        let title = match (due, ui.language) {
            (0, _) => ui.say("预测与结果", "Predictions and outcomes").to_owned(),
            (due, Language::Zh) => format!("预测与结果：有 {due} 道题回来了"),
            (1, Language::En) => "Predictions and outcomes: one has come back".to_owned(),
            (due, Language::En) => format!("Predictions and outcomes: {due} have come back"),
        };
        let inside = panel(canvas, list, &title, Ink::Focus);
        for (row, at) in self.list.visible().enumerate() {
            let y = inside.y + row as u16;
            if y < inside.bottom() {
                self.draw_line(canvas, Rect { y, height: 1, ..inside }, at);
            }
        }
        scrollbar(canvas, list.right().saturating_sub(1), inside, self.list.scroll());
        self.draw_detail(canvas, detail);
    }

    fn key(&mut self, key: Key, _ui: &Ui) -> Action {
        if let Some(step) = command(MOVES, key) {
            self.list.go(step);
            return Action::Redraw;
        }
        match command(KEYMAP, key) {
            Some(Command::Open) => self.open(),
            None => Action::Ignored,
        }
    }
}
