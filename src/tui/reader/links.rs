//! Where a page leads: labs, lessons, claims, and pages of the web.

use ratatui::layout::{Rect, Size};

use crate::lesson::{Block, Inline, Lesson, Target};
use crate::tui::canvas::Canvas;
use crate::tui::host::{LabRequest, Request};
use crate::tui::keys::{self, Binding, Hint, Key, MOVES, command};
use crate::tui::screen::Action;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, centred, clear_around, mark_selected, panel, scrollbar};

use super::page::Page;

#[derive(Clone, Copy, Debug)]
enum Command {
    Follow,
}

const KEYMAP: &[Binding<Command>] =
    &[Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Follow, "打开", "follow")];

pub(super) fn hints() -> Vec<Hint> {
    [keys::hints(KEYMAP), keys::hints(MOVES)].concat()
}

#[derive(Clone, Debug)]
struct Entry {
    text: String,
    target: Target,
}

#[derive(Clone, Debug)]
pub(super) struct Links {
    entries: Vec<Entry>,
    list: List,
}

impl Links {
    /// All links of a lesson; the first one in sight is selected.
    pub fn new(lesson: &Lesson, page: &Page, top: usize) -> Self {
        let mut entries = Vec::new();
        let mut selected = None;
        for (block, content) in lesson.blocks.iter().enumerate() {
            content.visit_inlines(&mut |inline| {
                let Inline::Link { target, text } = inline else { return };
                if selected.is_none() && page.rows_of(block).is_some_and(|rows| rows.end > top) {
                    selected = Some(entries.len());
                }
                entries.push(Entry { text: plain(text), target: target.value.clone() });
            });
        }
        let mut list = List::new(entries.len());
        list.fit(entries.len(), entries.len());
        list.select(selected.unwrap_or(0));
        Self { entries, list }
    }

    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn fit(&mut self, height: usize) {
        self.list.fit(self.entries.len(), height);
    }

    /// Where to go, if that was chosen.
    pub fn key(&mut self, key: Key) -> Option<Target> {
        if let Some(step) = command(MOVES, key) {
            self.list.go(step);
            return None;
        }
        command(KEYMAP, key)?;
        self.entries.get(self.list.selected).map(|entry| entry.target.clone())
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect) {
        let ui = canvas.ui;
        let widest = self.entries.iter().map(|entry| ui.width(&entry.text)).max().unwrap_or(0).clamp(24, 80) as u16;
        let kinds = self.entries.iter().map(|entry| ui.width(kind(&entry.target, ui))).max().unwrap_or(0) as u16;
        let rows = self.entries.len().min(usize::from(u16::MAX) - 4) as u16 + 4;
        let area = centred(screen, Size::new(widest + kinds + 10, rows));
        clear_around(canvas, area);
        let inside = panel(canvas, area, ui.say("链接", "Links"), Ink::Focus);
        let inside = Rect { y: inside.y + 1, height: inside.height.saturating_sub(2), ..inside };
        for (row, at) in self.list.visible().enumerate().take(usize::from(inside.height)) {
            let y = inside.y + row as u16;
            let entry = &self.entries[at];
            let selected = at == self.list.selected;
            if selected {
                mark_selected(canvas, Rect { y, height: 1, ..inside });
            }
            let kind = kind(&entry.target, ui);
            let from = canvas.print_right(inside.x + 1, inside.right(), y, kind, Ink::Muted);
            let room = from.saturating_sub(inside.x + 3);
            let ink = if selected { Ink::Strong } else { Ink::Text };
            canvas.print(inside.x + 1, y, room, &ui.fit(&entry.text, room), ink);
        }
        scrollbar(canvas, area.right().saturating_sub(1), inside, self.list.scroll());
    }
}

/// What following a link does. A page of the web cannot be shown here, so its
/// address is handed over.
pub(super) fn follow(target: Target) -> Action {
    match target {
        Target::Lab(lab) => Action::Ask(Request::OpenLab(LabRequest { lab, ..LabRequest::default() })),
        Target::Lesson { id, anchor } => Action::Ask(Request::OpenLesson { lesson: id, step: anchor }),
        Target::Claim { lab, claim } => Action::Ask(Request::ShowClaim { lab, claim }),
        Target::Web(address) => Action::Copy(address),
    }
}

fn kind(target: &Target, ui: &Ui) -> &'static str {
    match target {
        Target::Lab(_) => ui.say("实验", "lab"),
        Target::Lesson { .. } => ui.say("课", "lesson"),
        Target::Claim { .. } => ui.say("论断，已验证", "claim, checked"),
        Target::Web(_) => ui.say("网页", "web"),
    }
}

fn plain(inlines: &[Inline]) -> String {
    // A paragraph's visitor walks nested inlines; a link's own text needs one too.
    let mut text = String::new();
    let wrapper = Block::Paragraph(inlines.to_vec());
    wrapper.visit_inlines(&mut |inline| {
        if let Inline::Text(piece) | Inline::Code(piece) = inline {
            text.push_str(piece);
        }
    });
    text
}
