//! What a node holds in each tier of storage: a row a tier, or all in one.

use ratatui::layout::Rect;

use crate::event::Tier;
use crate::picture::{Picture, Place};
use crate::text::Language;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

pub const TIERS: [Tier; 3] = [Tier::Memory, Tier::PageCache, Tier::Disk];

/// Below this a row has no room for the whole name of a tier and a bar.
const SHORT_NAMES: u16 = 18;

/// One tier: its name, a cell per copy, and how many there are.
pub fn tier_row(canvas: &mut Canvas<'_>, area: Rect, picture: &Picture, tier: Tier) {
    let ui = canvas.ui;
    let count = count(picture, tier).unwrap_or_else(|| shown(picture, tier));
    let (name, glyph, ink) = tier_look(tier, ui);
    let (name, cells) = if area.width < SHORT_NAMES {
        short(tier, ui)
    } else {
        (name, if ui.language == Language::Zh { 7 } else { 11 })
    };
    let after = area.x + cells;
    canvas.print(area.x, area.y, cells, name, ink);
    let number = number(picture, tier, ui);
    let digits = ui.width(&number) as u16 + 1;
    let room = area.right().saturating_sub(after + digits);
    let cells = count.min(u64::from(room)) as u16;
    canvas.repeat(after, area.y, cells, glyph, ink);
    canvas.repeat(after + cells, area.y, room - cells, ui.glyphs().dot, Ink::Border);
    let ink = if count > 0 { Ink::Strong } else { Ink::Muted };
    canvas.print_right(after + room, area.right(), area.y, &number, ink);
}

/// The cells that all tiers take in one row, as numbers without names.
pub fn tiers_width(picture: &Picture, ui: &Ui) -> u16 {
    let one = |tier| ui.width(&number(picture, tier, ui)) as u16 + 3;
    TIERS.map(one).iter().sum::<u16>() - 1
}

/// All tiers in one row, as numbers: with names if there is room for them.
pub fn tiers_in_a_row(canvas: &mut Canvas<'_>, area: Rect, picture: &Picture) -> u16 {
    let ui = canvas.ui;
    let text = |named: bool| {
        TIERS.map(|tier| {
            let (_, glyph, ink) = tier_look(tier, ui);
            let name = if named { format!("{} ", short(tier, ui).0) } else { String::new() };
            (format!("{glyph} {name}{}", number(picture, tier, ui)), ink)
        })
    };
    let width = |texts: &[(String, Ink)]| texts.iter().map(|(text, _)| ui.width(text) as u16 + 1).sum::<u16>();
    let named = text(true);
    let texts = if width(&named) <= area.width + 1 { named } else { text(false) };
    let mut x = area.x;
    for (text, ink) in texts {
        // A number that is cut is a wrong number.
        if ui.width(&text) as u16 > area.right().saturating_sub(x) {
            break;
        }
        x = canvas.print(x, area.y, area.right().saturating_sub(x), &text, ink) + 1;
    }
    x
}

/// The signs of the tiers, where they stand alone.
pub fn tiers_legend(ui: &Ui) -> String {
    let one = |tier| {
        let (name, glyph, _) = tier_look(tier, ui);
        format!("{glyph} {}", if ui.language == Language::Zh { name } else { short(tier, ui).0 })
    };
    TIERS.map(one).join("  ")
}

/// How many copies are in a tier, if all could be counted.
fn count(picture: &Picture, tier: Tier) -> Option<u64> {
    picture.count(|place| tier_of(place) == tier)
}

/// How many of those that the picture shows one by one.
fn shown(picture: &Picture, tier: Tier) -> u64 {
    picture.copies.iter().filter(|(_, place)| tier_of(*place) == tier).count() as u64
}

/// The true number, or that there are too many to tell: never a bound that looks like
/// a count.
fn number(picture: &Picture, tier: Tier, ui: &Ui) -> String {
    count(picture, tier).map_or_else(|| ui.say("太多", "many").to_owned(), short_number)
}

/// `9999`, `12.3k`.
fn short_number(count: u64) -> String {
    if count < 10_000 { count.to_string() } else { format!("{}.{}k", count / 1000, count % 1000 / 100) }
}

const fn tier_of(place: Place) -> Tier {
    match place {
        Place::Memory => Tier::Memory,
        Place::Tier(tier) => tier,
        Place::File { .. } => Tier::PageCache,
    }
}

fn tier_look(tier: Tier, ui: &Ui) -> (&'static str, &'static str, Ink) {
    let glyphs = ui.glyphs();
    match tier {
        Tier::Network => (ui.say("网络", "network"), glyphs.frame, Ink::Network),
        Tier::Memory => (ui.say("内存", "memory"), glyphs.shade, Ink::Memory),
        Tier::PageCache => (ui.say("页缓存", "page cache"), glyphs.shade_dark, Ink::PageCache),
        Tier::Disk => (ui.say("磁盘", "disk"), glyphs.block, Ink::Disk),
    }
}

/// A tier's name where there is little room, and its cells with one of air.
fn short(tier: Tier, ui: &Ui) -> (&'static str, u16) {
    let name = match tier {
        Tier::Network => ui.say("网络", "net"),
        Tier::Memory => ui.say("内存", "mem"),
        Tier::PageCache => ui.say("页存", "page"),
        Tier::Disk => ui.say("磁盘", "disk"),
    };
    (name, 5)
}
