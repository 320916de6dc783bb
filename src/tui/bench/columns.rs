//! A line of the table of all combinations: what the combinations have in common at
//! the left, in how many runs something went wrong at the right. Each fault has the
//! columns that it takes, named in its own line.

use ratatui::layout::Rect;

use crate::lab::{Lab, Weight};
use crate::trial::{Block, Column};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::setup::value_name;

/// The line of a fault: its name, how many combinations there are, its columns.
pub fn head(canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, block: &Block) {
    let ui = canvas.ui;
    let cells = block.columns.iter().map(|column| (column.name().in_language(ui.language).to_owned(), Ink::Heading));
    let room = counts(canvas, area, block, cells);
    canvas.print(area.x, area.y, room, &ui.fit(fault_name(lab, block, ui), room), Ink::Strong);
}

/// One line below it.
pub fn line(canvas: &mut Canvas<'_>, area: Rect, block: &Block, at: usize) {
    let ui = canvas.ui;
    let Some(line) = block.lines.get(at) else { return };
    let cells = block.columns.iter().zip(&line.cells).map(|(column, cell)| {
        let ink = if cell.1 == 0 { Ink::Muted } else { ink(*column) };
        (column.shown(*cell, ui.glyphs().dot), ink)
    });
    let room = counts(canvas, area, block, cells).saturating_sub(2);
    let text = in_room(block, at, room, ui);
    canvas.print(area.x + 2, area.y, room, &ui.fit(&text, room), Ink::Text);
}

/// The settings of a line, without those that it shares with the line above if there
/// is no room for all.
fn in_room(block: &Block, at: usize, room: u16, ui: &Ui) -> String {
    let whole = settings(block, at, ui);
    let above = at.checked_sub(1).map(|above| &block.lines[above].settings);
    if ui.width(&whole) <= usize::from(room) {
        return whole;
    }
    let shared = above
        .map_or(0, |above| block.lines[at].settings.iter().zip(above).take_while(|(one, other)| one == other).count());
    if shared == 0 { whole } else { format!("{} {}", ui.glyphs().ellipsis, after(block, at, shared, ui)) }
}

/// What the combinations of a line have in common, and how many they are.
pub fn settings(block: &Block, at: usize, ui: &Ui) -> String {
    after(block, at, 0, ui)
}

/// The same without the first so many settings.
fn after(block: &Block, at: usize, first: usize, ui: &Ui) -> String {
    let Some(line) = block.lines.get(at) else { return String::new() };
    let value = |value: &str| value.split('|').map(|one| value_name(one, ui)).collect::<Vec<_>>().join("|");
    let mut words: Vec<_> =
        line.settings.iter().skip(first).map(|(name, known)| format!("{name} {}", value(known))).collect();
    if block.columns.is_empty() {
        words.push(ui.say("所有组合：没丢、没重复，什么也没出", "all combinations: nothing goes wrong").to_owned());
    } else if words.is_empty() {
        words.push(ui.say("所有组合", "all combinations").to_owned());
    }
    if line.rows.len() > 1 {
        words.push(format!("({})", line.rows.len()));
    }
    words.join("  ")
}

pub fn fault_name<'a>(lab: &'a Lab, block: &'a Block, ui: &Ui) -> &'a str {
    let Some(id) = &block.fault else { return ui.say("没有故障", "no fault") };
    lab.fault(id).map_or(id.as_str(), |fault| fault.title.in_language(ui.language))
}

const fn ink(column: Column) -> Ink {
    match column {
        Column::Defect(defect) => match defect.weight {
            Weight::SilentlyLost => Ink::Lost,
            Weight::Lost => Ink::Bad,
            Weight::Wrong | Weight::Told => Ink::Warn,
            Weight::Waits => Ink::Memory,
        },
        _ => Ink::Warn,
    }
}

/// Prints a cell a column at the right end, and says how much room is left of them.
fn counts(canvas: &mut Canvas<'_>, area: Rect, block: &Block, cells: impl Iterator<Item = (String, Ink)>) -> u16 {
    let ui = canvas.ui;
    let wide = |at: usize, column: &Column| {
        let cells = block.lines.iter().map(|line| ui.width(&column.shown(line.cells[at], ui.glyphs().dot)));
        cells.chain([ui.width(column.name().in_language(ui.language))]).max().unwrap_or(0) as u16 + 2
    };
    let mut widths: Vec<u16> = block.columns.iter().enumerate().map(|(at, column)| wide(at, column)).collect();
    // A third is for what the line is about; names are cut before counts.
    let most = area.width * 2 / 3;
    let wanted: u16 = widths.iter().sum();
    if wanted > most {
        widths.iter_mut().for_each(|cells| *cells = (*cells * most / wanted).max(5));
    }
    let all: u16 = widths.iter().sum::<u16>().min(area.width);
    let mut x = area.right() - all;
    for ((text, ink), cells) in cells.zip(&widths) {
        let room = cells.saturating_sub(1);
        canvas.print_right(x, (x + cells).min(area.right()), area.y, &ui.fit(&text, room), ink);
        x += cells;
    }
    area.width.saturating_sub(all + 1)
}
