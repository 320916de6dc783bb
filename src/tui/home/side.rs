//! Beside the map: what to do, and what the selected entry is about.

use std::cell::Cell;

use ratatui::layout::Rect;

use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{mark_selected, panel};

use super::{Deed, Home, LabState, LessonState, LessonTile, Pane};

impl Home {
    pub(super) fn view_deeds(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let ui = canvas.ui;
        let focused = self.pane == Pane::Deeds;
        let title = if self.model.resume.is_some() { ui.say("接着学", "Go on") } else { ui.say("开始", "Begin") };
        let inside = panel(canvas, area, title, if focused { Ink::Focus } else { Ink::Border });
        let deeds = self.deed_list();
        let air = u16::from(inside.height as usize >= deeds.len() + 2);
        for (row, at) in self.deeds.visible().enumerate() {
            let (Some(deed), y) = (deeds.get(at), inside.y + air + row as u16) else { break };
            if y >= inside.bottom() {
                break;
            }
            let selected = focused && at == self.deeds.selected;
            if selected {
                mark_selected(canvas, Rect { y, height: 1, ..inside });
            }
            let name = deed.name(ui);
            let x = canvas.print(inside.x + 1, y, inside.width, name, if selected { Ink::Strong } else { Ink::Text });
            let about = self.about(*deed, ui);
            let from = x.max(inside.x + 12) + 1;
            let room = inside.right().saturating_sub(from);
            canvas.print(from, y, room, &ui.fit(&about, room), Ink::Muted);
        }
    }

    /// What stands behind the name of a deed.
    fn about(&self, deed: Deed, ui: &Ui) -> String {
        match deed {
            Deed::Continue => {
                let lesson = self.resumed_lesson().and_then(|at| self.model.lessons.get(at));
                let title = lesson.map_or("", |lesson| lesson.title.in_language(ui.language));
                let number = lesson.map_or("", LessonTile::number);
                format!("{number} {title}").trim().to_owned()
            }
            Deed::FirstLab => ui.say("三十秒，看一次丢失", "30 seconds, a loss").to_owned(),
            Deed::Notebook => {
                let (made, right) = self.model.predictions;
                match (made, ui.language) {
                    (0, Language::Zh) => "还没有预测".to_owned(),
                    (0, Language::En) => "no predictions yet".to_owned(),
                    (_, Language::Zh) => format!("{made} 次预测，{right} 次对"),
                    (_, Language::En) => format!("{right} of {made} right"),
                }
            }
            Deed::Language => ui.language.other().native_name().to_owned(),
            Deed::Quit => String::new(),
        }
    }

    pub(super) fn view_detail(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if area.height < 4 {
            return;
        }
        let ui = canvas.ui;
        match self.lesson_in_view() {
            Some(lesson) => {
                let title = format!("{} {}", lesson.number(), lesson.title.in_language(ui.language));
                let inside = panel(canvas, area, &title, Ink::Border);
                self.view_lesson_detail(canvas, inside, lesson);
            }
            None => {
                let inside = panel(canvas, area, ui.say("怎么学", "How it works"), Ink::Border);
                let room = inside.width.saturating_sub(2);
                let rows = |texts: &[String]| texts.iter().map(|text| ui.wrap(text, room).len() + 1).sum::<usize>();
                let whole = advice(ui);
                let fits = rows(&whole) <= usize::from(inside.height);
                paragraphs(canvas, inside, &if fits { whole } else { short_advice(ui) });
            }
        }
    }

    fn view_lesson_detail(&self, canvas: &mut Canvas<'_>, inside: Rect, lesson: &LessonTile) {
        let ui = canvas.ui;
        let row = Cell::new(paragraphs(canvas, inside, &[lesson.about.in_language(ui.language).to_owned()]) + 1);
        let line = |canvas: &mut Canvas<'_>, text: &str, ink| {
            let y = row.get();
            if y < inside.bottom() {
                canvas.print(inside.x + 1, y, inside.width.saturating_sub(1), &ui.fit(text, inside.width - 1), ink);
                row.set(y + 1);
            }
        };
        for part in ui.wrap(&state(lesson, ui), inside.width.saturating_sub(2)) {
            line(canvas, &part, Ink::Muted);
        }
        let resume = self.model.resume.as_ref().filter(|resume| resume.lesson == lesson.id);
        if let Some(resume) = resume {
            let step = resume.step.in_language(ui.language);
            let text = format!("{}{step}", ui.say("上次停在：", "last time: "));
            for part in ui.wrap(&text, inside.width.saturating_sub(2)) {
                line(canvas, &part, Ink::Muted);
            }
        }
        if !lesson.labs.is_empty() {
            line(canvas, "", Ink::Text);
            line(canvas, ui.say("实验", "Labs"), Ink::Heading);
        }
        let rows = usize::from(inside.bottom().saturating_sub(row.get()));
        let fits = lesson.labs.len() <= rows;
        let shown = if fits { rows } else { rows.saturating_sub(1) };
        for lab in lesson.labs.iter().take(shown) {
            let glyphs = ui.glyphs();
            let (mark, ink) = match lab.state {
                LabState::New => (glyphs.empty, Ink::Text),
                LabState::Run => (glyphs.half, Ink::Text),
                LabState::Solved => (glyphs.check, Ink::Good),
            };
            line(canvas, &format!("{mark} {}", lab.title.in_language(ui.language)), ink);
        }
        let hidden = lesson.labs.len().saturating_sub(shown);
        if !fits {
            let text = match ui.language {
                Language::Zh => format!("{} 还有 {hidden} 个：按 l", ui.glyphs().ellipsis),
                Language::En => format!("{} {hidden} more: press l", ui.glyphs().ellipsis),
            };
            line(canvas, &text, Ink::Accent);
        }
    }
}

/// What a deed leads to, for whoever comes the first time.
fn advice(ui: &Ui) -> Vec<String> {
    let texts = [
        ui.say(
            "每一课都从一次事故开始：先猜结果，再跑实验，看消息丢在哪里，然后才讲为什么。",
            "Every lesson begins with an incident: predict, run the lab, see where messages went, and only then read why.",
        ),
        ui.say(
            "猜错最有用：它会带着新的种子再回来。",
            "Wrong predictions help most. They come back later, with a new seed.",
        ),
        ui.say(
            "所有结果都是现场算出来的，不是事先录好的。",
            "Nothing is scripted: every outcome is computed while you watch.",
        ),
    ];
    texts.map(str::to_owned).into()
}

/// The same for a small window.
fn short_advice(ui: &Ui) -> Vec<String> {
    let texts = [
        ui.say("先猜，再跑，看丢在哪里，最后才讲为什么。", "Predict, run it, see what was lost; then read why."),
        ui.say("猜错的题，换个种子再来。", "Wrong guesses come back with a new seed."),
        ui.say("结果都是现场算的。", "Nothing is scripted."),
    ];
    texts.map(str::to_owned).into()
}

/// Prints paragraphs with a blank line between them; returns the row after them.
fn paragraphs(canvas: &mut Canvas<'_>, inside: Rect, texts: &[String]) -> u16 {
    let mut y = inside.y + 1;
    for text in texts {
        for line in canvas.ui.wrap(text, inside.width.saturating_sub(2)) {
            if y < inside.bottom() {
                canvas.print(inside.x + 1, y, inside.width.saturating_sub(1), &line, Ink::Text);
            } else if y == inside.bottom() {
                // What is cut says so.
                let right = inside.right();
                canvas.print_right(right.saturating_sub(2), right, y - 1, canvas.ui.glyphs().ellipsis, Ink::Muted);
            }
            y += 1;
        }
        y += 1;
    }
    y.saturating_sub(1).min(inside.bottom())
}

fn state(lesson: &LessonTile, ui: &Ui) -> String {
    let (done, all) = lesson.steps;
    let minutes = lesson.minutes;
    match (lesson.state, ui.language) {
        (LessonState::Coming, Language::Zh) if lesson.labs.is_empty() => "还没有写好".to_owned(),
        (LessonState::Coming, Language::En) if lesson.labs.is_empty() => "not written yet".to_owned(),
        (LessonState::Coming, Language::Zh) => "正文还没写好，实验可以做：按回车".to_owned(),
        (LessonState::Coming, Language::En) => "the text is to come; the labs are here: press Enter".to_owned(),
        (LessonState::New, Language::Zh) => format!("约 {minutes} 分钟，{all} 步"),
        (LessonState::New, Language::En) => format!("about {minutes} minutes, {all} steps"),
        (LessonState::Begun, Language::Zh) => format!("读到第 {done} 步，共 {all} 步"),
        (LessonState::Begun, Language::En) => format!("{done} of {all} steps read"),
        (LessonState::Done, Language::Zh) => format!("学完了，{all} 步"),
        (LessonState::Done, Language::En) => format!("done, {all} steps"),
    }
}

impl Deed {
    fn name(self, ui: &Ui) -> &'static str {
        match self {
            Self::Continue => ui.say("继续", "Continue"),
            Self::FirstLab => ui.say("第一个实验", "First lab"),
            Self::Notebook => ui.say("预测簿", "Notebook"),
            Self::Language => ui.say("语言", "Language"),
            Self::Quit => ui.say("退出", "Quit"),
        }
    }
}

/// A language in its own words.
trait NativeName {
    fn native_name(self) -> &'static str;
}

impl NativeName for Language {
    fn native_name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }
}
