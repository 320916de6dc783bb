//! The headings of a lesson: as a list to jump in, and beside a wide page.

use ratatui::layout::{Rect, Size};

use crate::lesson::{Block, Lesson};
use crate::tui::canvas::Canvas;
use crate::tui::keys::{self, Binding, Hint, Key, MOVES, command};
use crate::tui::theme::Ink;
use crate::tui::widget::{List, centred, clear_around, mark_selected, panel, scrollbar};

use super::Marks;

#[derive(Clone, Copy, Debug)]
enum Command {
    Jump,
}

const KEYMAP: &[Binding<Command>] = &[Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Jump, "跳到", "jump")];

pub(super) fn hints() -> Vec<Hint> {
    [keys::hints(KEYMAP), keys::hints(MOVES)].concat()
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    block: usize,
    level: u8,
    text: String,
    id: Option<String>,
}

/// The parts and steps, with one selected.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    entries: Vec<Entry>,
    list: List,
}

impl Outline {
    /// The outline of a lesson, its selection on what holds block `here`.
    pub fn new(lesson: &Lesson, here: usize) -> Self {
        let entries: Vec<_> = lesson.blocks.iter().enumerate().filter_map(entry).collect();
        let mut list = List::new(entries.len());
        list.fit(entries.len(), entries.len());
        list.select(entries.iter().rposition(|entry| entry.block <= here).unwrap_or(0));
        Self { entries, list }
    }

    pub fn fit(&mut self, height: usize) {
        self.list.fit(self.entries.len(), height);
    }

    /// The block to jump to, if that was chosen.
    pub fn key(&mut self, key: Key) -> Option<usize> {
        if let Some(step) = command(MOVES, key) {
            self.list.go(step);
            return None;
        }
        command(KEYMAP, key)?;
        self.entries.get(self.list.selected).map(|entry| entry.block)
    }

    /// Draws the list over the page.
    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect, marks: &Marks) {
        let ui = canvas.ui;
        let widest = self.entries.iter().map(|entry| ui.width(&entry.text) + 2 * usize::from(entry.level)).max();
        let cells = widest.unwrap_or(0).clamp(24, 72) as u16 + 10;
        let rows = self.entries.len().min(usize::from(u16::MAX) - 4) as u16 + 4;
        let area = centred(screen, Size::new(cells, rows));
        clear_around(canvas, area);
        let inside = panel(canvas, area, ui.say("目录", "Contents"), Ink::Focus);
        let inside = Rect { y: inside.y + 1, height: inside.height.saturating_sub(2), ..inside };
        for (row, at) in self.list.visible().enumerate().take(usize::from(inside.height)) {
            let line = Rect { y: inside.y + row as u16, height: 1, ..inside };
            let selected = at == self.list.selected;
            if selected {
                mark_selected(canvas, line);
            }
            self.entries[at].view(canvas, line, marks, selected);
        }
        scrollbar(canvas, area.right().saturating_sub(1), inside, self.list.scroll());
    }

    /// Draws the parts and steps beside the page, around the selected one.
    pub fn view_beside(&self, canvas: &mut Canvas<'_>, area: Rect, marks: &Marks) {
        let steps: Vec<_> = self.entries.iter().enumerate().filter(|(_, entry)| entry.level <= 2).collect();
        let here = steps.iter().rposition(|(at, _)| *at <= self.list.selected).unwrap_or(0);
        let height = usize::from(area.height);
        let first = here.saturating_sub(height / 2).min(steps.len().saturating_sub(height));
        for (row, (index, (_, entry))) in steps.iter().enumerate().skip(first).take(height).enumerate() {
            let line = Rect { y: area.y + row as u16, height: 1, ..area };
            if index == here {
                canvas.print(line.x, line.y, 1, canvas.ui.glyphs().pointer, Ink::Accent);
            }
            let line = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
            entry.view(canvas, line, marks, index == here);
        }
    }
}

impl Entry {
    fn view(&self, canvas: &mut Canvas<'_>, line: Rect, marks: &Marks, selected: bool) {
        let ui = canvas.ui;
        let glyphs = ui.glyphs();
        let done = self.id.as_ref().is_some_and(|id| marks.steps_done.contains(id));
        let indent = 1 + 2 * u16::from(self.level.saturating_sub(1));
        let mut at = line.x + indent;
        if self.level == 2 {
            let (mark, ink) = if done { (glyphs.full, Ink::Good) } else { (glyphs.empty, Ink::Muted) };
            at = canvas.print(at - 1, line.y, 1, mark, ink) + 1;
        }
        let room = line.right().saturating_sub(at);
        let ink = match (self.level, selected) {
            (_, true) => Ink::Strong,
            (1, false) => Ink::Heading,
            (2, false) => Ink::Text,
            _ => Ink::Muted,
        };
        canvas.print(at, line.y, room, &ui.fit(&self.text, room), ink);
    }
}

fn entry((block, content): (usize, &Block)) -> Option<Entry> {
    let Block::Heading { level, id, inlines, .. } = content else { return None };
    let mut text = String::new();
    content.visit_inlines(&mut |inline| match inline {
        crate::lesson::Inline::Text(piece) | crate::lesson::Inline::Code(piece) => text.push_str(piece),
        _ => {}
    });
    debug_assert!(!inlines.is_empty() || text.is_empty());
    Some(Entry { block, level: *level, text, id: id.clone() })
}
