//! The list of events, each as a sentence, and the life of one message.

use ratatui::layout::{Rect, Size};

use crate::event::{Answer, Event, Kind, MessageId};
use crate::lab::{Session, Topology, explain};
use crate::narrate;
use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{Scroll, centred, clear_around, mark_selected, panel, scrollbar};

use super::outcome;

/// Draws those events that stand at `rows` of the list, one a line, `selected`
/// marked.
pub fn list(
    canvas: &mut Canvas<'_>,
    area: Rect,
    events: &[Event],
    topology: Topology,
    rows: std::ops::Range<usize>,
    selected: Option<usize>,
) {
    let from = rows.start;
    for (row, event) in events.iter().enumerate() {
        let y = area.y + row as u16;
        if y >= area.bottom() {
            return;
        }
        let chosen = selected == Some(from + row);
        line(canvas, Rect { y, height: 1, ..area }, event, topology, chosen);
    }
}

/// One event: its time, a sign, its sentence.
pub fn line(canvas: &mut Canvas<'_>, area: Rect, event: &Event, topology: Topology, chosen: bool) {
    let ui = canvas.ui;
    let (sign, ink) = look(event, ui);
    if chosen {
        mark_selected(canvas, area);
    }
    let time = event.time.to_string();
    let x = area.x + 7;
    canvas.print_right(area.x, x, area.y, &time, Ink::Muted);
    canvas.print(x + 1, area.y, 1, sign, ink);
    let text = narrate::sentence(event, topology, ui.language);
    let room = area.right().saturating_sub(x + 3);
    canvas.print(x + 3, area.y, room, &ui.fit(&text, room), if chosen && ink == Ink::Muted { Ink::Text } else { ink });
}

fn look(event: &Event, ui: &Ui) -> (&'static str, Ink) {
    let glyphs = ui.glyphs();
    match event.kind {
        Kind::Fault(_) => (glyphs.lightning, Ink::Bad),
        Kind::FaultMissed(_) => (glyphs.lightning, Ink::Warn),
        Kind::Destroyed(_) => (glyphs.lost, Ink::Lost),
        Kind::Dropped(_) | Kind::Returned | Kind::Nacked | Kind::Rejected | Kind::Threw => (glyphs.cross, Ink::Warn),
        Kind::Applied { first: true } => (glyphs.check, Ink::Good),
        Kind::Applied { first: false } => (glyphs.times, Ink::Warn),
        Kind::Told(Answer::Ok) | Kind::Confirmed => (glyphs.check, Ink::Text),
        // Decided by its own program.
        Kind::Told(Answer::Refused) if event.detail != 0 => (glyphs.dash, Ink::Text),
        Kind::Told(_) => ("?", Ink::Warn),
        Kind::Started | Kind::Connected | Kind::Disconnected(_) => (glyphs.dot, Ink::Text),
        _ => (" ", Ink::Muted),
    }
}

/// The life of a message, as an overlay.
pub struct Life {
    pub message: MessageId,
    scroll: Scroll,
    events: Vec<Event>,
    why: Vec<String>,
}

impl Life {
    #[must_use]
    pub fn of(session: &Session, message: MessageId, language: Language) -> Self {
        let excerpt = session.excerpt(message);
        let is_over = session.is_finished();
        let life = if is_over {
            let explanation = explain(&excerpt.events, session.plan(), session.ledger(), message);
            explanation.events.iter().map(|id| excerpt.events[id.0 as usize]).collect()
        } else {
            excerpt.events.iter().filter(|event| event.message() == Some(message)).copied().collect()
        };
        let why = if is_over { outcome::why(session, message, language) } else { Vec::new() };
        Self { message, scroll: Scroll::default(), events: life, why }
    }

    pub fn go(&mut self, step: crate::tui::keys::Move) {
        self.scroll.go(step);
    }

    pub fn arrange(&mut self, size: Size) {
        let height = usize::from(size.height).saturating_sub(8 + self.why.len().min(3));
        self.scroll.fit(self.events.len(), height.max(1));
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect, topology: Topology) {
        let ui = canvas.ui;
        let title = match ui.language {
            Language::Zh => format!("第 {} 单的一生", self.message.0),
            Language::En => format!("The life of order {}", self.message.0),
        };
        let rows = self.scroll.height.min(self.events.len()) as u16;
        let width = screen.width.saturating_sub(4).min(100);
        let why: Vec<_> = self.why.iter().flat_map(|line| ui.wrap(line, width.saturating_sub(6))).collect();
        let extra = if why.is_empty() { 0 } else { why.len() as u16 + 1 };
        let area = centred(screen, Size::new(width, rows + 4 + extra));
        clear_around(canvas, area);
        let inside = panel(canvas, area, &title, Ink::Focus);
        let place = Rect { x: inside.x + 1, y: inside.y + 1, width: inside.width.saturating_sub(2), height: rows };
        let shown = self.scroll.top..(self.scroll.top + rows as usize).min(self.events.len());
        list(canvas, place, &self.events[shown.clone()], topology, shown, None);
        for (row, line) in why.iter().enumerate() {
            let y = place.bottom() + 1 + row as u16;
            if y < inside.bottom() {
                canvas.print(place.x, y, place.width, line, Ink::Strong);
            }
        }
        scrollbar(canvas, area.right().saturating_sub(2), place, &self.scroll);
    }
}
