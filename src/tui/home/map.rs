//! The lessons of the course, one below the other.

use ratatui::layout::Rect;

use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{mark_selected, panel, scrollbar};

use super::{Home, LessonState, LessonTile, Pane};

/// With room, a lesson's problem stands under its title, and air under that.
pub(super) fn rows_per_lesson(area: Rect) -> usize {
    match area.height {
        52.. => 3,
        36.. if area.width > 60 => 2,
        34.. => 2,
        _ => 1,
    }
}

impl Home {
    pub(super) fn view_lessons(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let focused = self.pane == Pane::Lessons;
        let ui = canvas.ui;
        let inside = panel(canvas, area, ui.say("课程", "Course"), if focused { Ink::Focus } else { Ink::Border });
        let rows = rows_per_lesson(area);
        let visible = self.lessons.visible();
        // Stand in the middle of what is left over, so that top and bottom match.
        let spare = usize::from(inside.height).saturating_sub(visible.len() * rows);
        let mut y = inside.y + (spare / 2).min(1) as u16;
        for at in visible {
            let Some(lesson) = self.model.lessons.get(at) else { break };
            if y >= inside.bottom() {
                break;
            }
            let selected = focused && at == self.lessons.selected;
            let row = Rect { y, height: (rows as u16).min(inside.bottom() - y), ..inside };
            view_lesson(canvas, row, lesson, selected);
            y += rows as u16;
        }
        scrollbar(canvas, area.right().saturating_sub(1), inside, self.lessons.scroll());
    }
}

fn view_lesson(canvas: &mut Canvas<'_>, area: Rect, lesson: &LessonTile, selected: bool) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let coming = lesson.state == LessonState::Coming && lesson.labs.is_empty();
    let (mark, mark_ink) = match lesson.state {
        LessonState::Coming => (" ", Ink::Muted),
        LessonState::New => (glyphs.empty, Ink::Muted),
        LessonState::Begun => (glyphs.half, Ink::Accent),
        LessonState::Done => (glyphs.full, Ink::Good),
    };
    if selected {
        mark_selected(canvas, area);
    }
    let title_ink = match (coming, selected) {
        (true, _) => Ink::Muted,
        (false, true) => Ink::Strong,
        (false, false) => Ink::Text,
    };
    let progress = progress(lesson, ui);
    let at = canvas.print(area.x + 1, area.y, 2, mark, mark_ink).max(area.x + 2);
    let at = canvas.print(at + 1, area.y, 4, lesson.number(), Ink::Muted) + 2;
    let end = canvas.print_right(at + 6, area.right(), area.y, &progress, Ink::Muted);
    let room = end.saturating_sub(at + 1);
    let title = ui.fit(lesson.title.in_language(ui.language), room);
    canvas.print(at, area.y, room, &title, title_ink);
    if area.height > 1 {
        let room = area.right().saturating_sub(at);
        let about = ui.fit(lesson.about.in_language(ui.language), room);
        canvas.print(at, area.y + 1, room, &about, Ink::Muted);
    }
}

/// What stands at the right of a lesson: how far, or how long.
fn progress(lesson: &LessonTile, ui: &Ui) -> String {
    let (done, all) = lesson.steps;
    match (lesson.state, ui.language) {
        (LessonState::Coming, Language::Zh) if lesson.labs.is_empty() => "待写".to_owned(),
        (LessonState::Coming, Language::En) if lesson.labs.is_empty() => "coming".to_owned(),
        (LessonState::Coming, Language::Zh) => format!("{} 个实验", lesson.labs.len()),
        (LessonState::Coming, Language::En) if lesson.labs.len() == 1 => "1 lab".to_owned(),
        (LessonState::Coming, Language::En) => format!("{} labs", lesson.labs.len()),
        (LessonState::New, Language::Zh) => format!("{} 分钟", lesson.minutes),
        (LessonState::New, Language::En) => format!("{} min", lesson.minutes),
        (LessonState::Begun, _) => format!("{done}/{all}"),
        (LessonState::Done, Language::Zh) => "学完".to_owned(),
        (LessonState::Done, Language::En) => "done".to_owned(),
    }
}
