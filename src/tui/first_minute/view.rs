//! The pictures of the first minute.

use ratatui::layout::{Rect, Size};

use crate::event::Kind;
use crate::narrate;
use crate::text::Language;
use crate::tui::bench::outcome::gone;
use crate::tui::bench::predict::{Page, right_option};
use crate::tui::bench::setup::value_name;
use crate::tui::bench::{ledger, topology};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::widget::{centred, panel};

use super::{FirstMinute, Phase, Show};

/// The widest that the minute grows.
const WIDEST: Size = Size::new(96, 20);

impl FirstMinute {
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        match self.phase {
            Phase::Incident | Phase::Ask => self.draw_question(canvas, area),
            Phase::Run => self.draw_show(canvas, area, &self.lossy, None),
            Phase::Loss => self.draw_loss(canvas, area),
            Phase::Again => {
                if let Some((show, cure)) = &self.saved {
                    self.draw_show(canvas, area, show, Some(cure));
                }
            }
            Phase::Saved => self.draw_saved(canvas, area),
        }
    }

    fn draw_question(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let mut page = Page::new(ui, area);
        page.blank();
        let asks = self.phase == Phase::Ask;
        if !asks || area.height >= 20 {
            page.paragraphs(self.lab.incident.in_language(ui.language), if asks { Ink::Muted } else { Ink::Text });
        }
        match self.lab.predicts.first().filter(|_| asks) {
            Some(predict) => {
                page.paragraphs(predict.ask.in_language(ui.language), Ink::Strong);
                for (at, option) in predict.options.iter().enumerate() {
                    page.option(at, option.text.in_language(ui.language), at == self.options.selected, Ink::Text);
                }
            }
            None => {
                page.text(ui.say("按回车，先猜一猜结局。", "Press Enter, and first guess how it ends."), Ink::Accent)
            }
        }
        page.draw(canvas, area, self.lab.title.in_language(ui.language));
    }

    /// A run, moving.
    fn draw_show(&self, canvas: &mut Canvas<'_>, area: Rect, show: &Show, cure: Option<&(String, String)>) {
        let ui = canvas.ui;
        let place = centred(area, WIDEST);
        let title = match cure {
            Some((name, value)) => format!("{name} = {}", value_name(value, ui)),
            None => self.lab.title.in_language(ui.language).to_owned(),
        };
        let inside = panel(canvas, place, &title, Ink::Focus);
        let below = 5.min(inside.height);
        let rows = inside.height - below;
        topology::topology(canvas, Rect { height: rows, ..inside }, &show.scene);
        let y = inside.y + rows;
        let caption = self.caption(show, ui.language);
        canvas.print(inside.x, y, inside.width, &ui.fit(&caption, inside.width), Ink::Warn);
        let line = Rect { y: y + 2, height: 1, ..inside };
        ledger::sum(canvas, line, &show.scene);
        ledger::strip(canvas, Rect { y: y + 3, ..line }, &show.scene, None);
    }

    /// The last thing that went wrong or right with a node.
    fn caption(&self, show: &Show, language: Language) -> String {
        let events = show.run.session.events();
        let told = |kind| matches!(kind, Kind::Fault(_));
        let last = events.iter().rev().find(|event| told(event.kind));
        last.map(|event| format!("{}s  {}", event.time, narrate::sentence(event, self.lab.topology, language)))
            .unwrap_or_default()
    }

    fn draw_loss(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let mut page = Page::new(ui, area);
        let told = &self.lossy.outcome;
        let predict = self.lab.predicts.first();
        let right = predict.and_then(|predict| right_option(predict, &self.lossy.totals));
        if let (Some(predict), Some(chosen)) = (predict, self.chosen) {
            let guessed = right == Some(chosen);
            let text = if guessed {
                ui.say("你猜对了。不是每个人都敢这么猜。", "You saw it coming.")
            } else {
                ui.say(
                    "没猜到？意外就对了：这本练习册就是为这一刻写的。",
                    "Not what you expected? Good: such moments are what this workbook is for.",
                )
            };
            page.text(text, if guessed { Ink::Good } else { Ink::Accent });
            page.blank();
            if let Some(option) = right.and_then(|at| predict.options.get(at)) {
                page.text(option.why.in_language(ui.language), Ink::Text);
            }
            if let Some(option) = predict.options.get(chosen).filter(|_| !guessed) {
                page.blank();
                let said = match ui.language {
                    Language::Zh => format!("你选的是“{}”。{}", option.text.zh, option.why.zh),
                    Language::En => format!("You said “{}”. {}", option.text.en, option.why.en),
                };
                page.text(&said, Ink::Muted);
            }
        }
        page.blank();
        if let Some((_, (name, value))) = &self.saved {
            let value = value_name(value, ui);
            let text = match ui.language {
                Language::Zh => format!("回车：把 {name} 改成“{value}”，同一次重启再来一遍。"),
                Language::En => format!("Enter: set {name} to {value}, and live through the same restart again."),
            };
            page.text(&text, Ink::Accent);
        }
        self.draw_result(canvas, area, &told.headline, told.ink, &[("", &self.lossy)], &page);
    }

    fn draw_saved(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let Some((show, (name, value))) = &self.saved else { return };
        let mut page = Page::new(ui, area);
        let text = match ui.language {
            Language::Zh => format!("同一个种子，同一次重启，只动了一个开关：{name} = {}。", value_name(value, ui)),
            Language::En => {
                format!("The same seed, the same restart, one switch: {name} = {}.", value_name(value, ui))
            }
        };
        page.text(&text, Ink::Strong);
        if show.totals.duplicates > 0 {
            page.text(
                ui.say(
                    "有的单干了两遍：那是另一个问题，后面有一课专门讲。",
                    "Some work was done twice: that is another problem, with a lesson of its own.",
                ),
                Ink::Muted,
            );
        }
        page.blank();
        page.text(
            ui.say(
                "它在别的地方还会不够用。断电呢？磁盘坏了呢？消费者处理到一半倒下呢？",
                "It will not always be enough. What if the power goes? The disk? The consumer, half way through an order?",
            ),
            Ink::Text,
        );
        page.text(
            ui.say(
                "后面每一课都这样学：先弄坏，再弄懂。",
                "Every lesson works like this one: break it, then understand it.",
            ),
            Ink::Text,
        );
        page.blank();
        page.text(ui.say("回车：去看全部课程。", "Enter: to the whole course."), Ink::Accent);
        let before = format!("{name} = {}", value_name(self.setup.value(name), ui));
        let after = format!("{name} = {}", value_name(value, ui));
        let strips = [(before.as_str(), &self.lossy), (after.as_str(), show)];
        let all = show.totals.attempted;
        let check = ui.glyphs().check;
        let (headline, ink) = match (gone(&show.totals), ui.language) {
            (0, Language::Zh) => (format!("{check} {all} 单，一单不少"), Ink::Good),
            (0, Language::En) => (format!("{check} All {all} orders are there"), Ink::Good),
            _ => (show.outcome.headline.clone(), show.outcome.ink),
        };
        self.draw_result(canvas, area, &headline, ink, &strips, &page);
    }

    /// The result, large enough not to be missed: the sentence, what became of
    /// every order, and what to think of it.
    fn draw_result(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        headline: &str,
        ink: Ink,
        strips: &[(&str, &Show)],
        page: &Page<'_>,
    ) {
        let ui = canvas.ui;
        let names = strips.iter().map(|(name, _)| ui.width(name)).max().unwrap_or(0) as u16;
        let rows = 6 + strips.len() as u16 * 2 + page.height();
        let width = area.width.min(96);
        let place = centred(area, Size::new(width, rows.max(area.height.min(16))));
        let inside = panel(canvas, place, self.lab.title.in_language(ui.language), Ink::Focus);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let mut y = inside.y + 1;
        canvas.print(inside.x, y, inside.width, &ui.fit(headline, inside.width), ink);
        y += 2;
        for (name, show) in strips {
            let x = canvas.print(inside.x, y, names, name, Ink::Strong);
            let from = if names == 0 { x } else { inside.x + names + 2 };
            let line = Rect { x: from, y, width: inside.right().saturating_sub(from), height: 1 };
            ledger::strip(canvas, line, &show.scene, None);
            if strips.len() == 1 {
                y += 1;
                ledger::sum(canvas, Rect { y, ..line }, &show.scene);
            }
            y += 1;
        }
        y += 1;
        page.print(canvas, Rect { y, height: inside.bottom().saturating_sub(y), ..inside });
    }
}
