//! What lies between two boxes: the way there and the way back, each open, slow,
//! blocked or not connected, and the frames on them.

use ratatui::layout::Rect;

use crate::sim::LinkState;
use crate::tui::bench::scene::{LinkView, Moving, worse};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

/// One or several links drawn as one.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub forth: LinkState,
    pub back: LinkState,
    pub connected: bool,
}

impl Way {
    /// The worst of the connected links; of all if none is connected.
    pub fn of<'a>(links: impl Iterator<Item = &'a LinkView> + Clone) -> Option<Self> {
        let connected = links.clone().any(|link| link.connected);
        let counted = links.filter(|link| link.connected || !connected);
        counted.fold(None, |way, link| {
            let Self { forth, back, .. } =
                way.unwrap_or(Self { forth: LinkState::Open, back: LinkState::Open, connected });
            Some(Self { forth: worse(forth, link.forth), back: worse(back, link.back), connected })
        })
    }
}

/// The sign of a direction: colour is not the only carrier.
pub fn look(state: LinkState, connected: bool, ui: &Ui) -> (&'static str, Ink) {
    let glyphs = ui.glyphs();
    match (state, connected) {
        (LinkState::Blocked, _) => (glyphs.cross, Ink::Bad),
        (_, false) => (glyphs.dot, Ink::Muted),
        (LinkState::Slow, true) => ("~", Ink::Warn),
        (LinkState::Open, true) => (glyphs.link, Ink::Border),
    }
}

/// One direction from left to right or back.
pub fn across(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (state, connected): (LinkState, bool),
    forth: bool,
    moving: &[Moving],
) {
    let glyphs = canvas.ui.glyphs();
    let (sign, ink) = look(state, connected, canvas.ui);
    if area.width < 3 {
        return;
    }
    canvas.repeat(area.x, area.y, area.width, sign, ink);
    if connected && state != LinkState::Blocked {
        let (x, head) = if forth { (area.right() - 1, glyphs.arrow_head) } else { (area.x, glyphs.left) };
        canvas.print(x, area.y, 1, head, ink);
    }
    for frame in moving {
        let step = place(frame, area.width);
        let x = if forth { area.x + step } else { area.right() - 1 - step };
        let (sign, ink) = frame_look(frame, canvas.ui);
        canvas.print(x, area.y, 1, sign, ink);
    }
}

/// Both directions in one row, from a client above into the box below, or from
/// the box above to a client below: what comes back moves as an arrow.
pub fn lane(canvas: &mut Canvas<'_>, area: Rect, way: Way, forth: &[Moving], back: &[Moving]) {
    let ui = canvas.ui;
    let glyphs = ui.glyphs();
    let (sign, ink) = look(way.forth, way.connected, ui);
    if area.width < 3 {
        return;
    }
    canvas.repeat(area.x, area.y, area.width, sign, ink);
    if way.connected && way.back == LinkState::Blocked && way.forth != LinkState::Blocked {
        // Silence on the way back alone: the near half says so.
        canvas.repeat(area.x, area.y, area.width / 2, glyphs.cross, Ink::Bad);
    }
    if way.connected && way.forth != LinkState::Blocked {
        canvas.print(area.right() - 1, area.y, 1, glyphs.down, ink);
    }
    for frame in back {
        let x = area.right() - 1 - place(frame, area.width);
        let (sign, ink) = if frame.lost { frame_look(frame, ui) } else { (glyphs.left, Ink::Network) };
        canvas.print(x, area.y, 1, sign, ink);
    }
    for frame in forth {
        let (sign, ink) = frame_look(frame, ui);
        canvas.print(area.x + place(frame, area.width), area.y, 1, sign, ink);
    }
}

/// Downwards, one column.
pub fn down(canvas: &mut Canvas<'_>, area: Rect, way: Way, moving: &[Moving]) {
    let glyphs = canvas.ui.glyphs();
    let (sign, ink) = look(worse(way.forth, way.back), way.connected, canvas.ui);
    let sign = if sign == glyphs.link { glyphs.vertical } else { sign };
    canvas.repeat_down(area.x, area.y, area.height, sign, ink);
    if area.height > 0 && way.connected {
        canvas.print(area.x, area.bottom() - 1, 1, glyphs.down, ink);
    }
    for frame in moving {
        if area.height > 0 {
            let (sign, ink) = frame_look(frame, canvas.ui);
            canvas.print(area.x, area.y + place(frame, area.height), 1, sign, ink);
        }
    }
}

/// How far a frame is, in cells of `0..cells`.
fn place(frame: &Moving, cells: u16) -> u16 {
    let last = u32::from(cells.saturating_sub(1));
    (frame.along * last / 1000).min(last) as u16
}

pub fn frame_look(frame: &Moving, ui: &Ui) -> (&'static str, Ink) {
    if frame.lost { (ui.glyphs().lost, Ink::Lost) } else { (ui.glyphs().frame, Ink::Network) }
}
