//! Tables whose cells wrap. Columns that fit into an even share of the width
//! get what they need; the others share what is left, in proportion to what
//! they hold. When even that leaves no room to read in, each row becomes a list
//! of "head: cell".

use super::{Layout, Row, Segment, Style};
use crate::lesson::block::{Alignment, Inline, Table};

/// Between two columns: a space, the line, a space.
const GAP: usize = 3;
/// A column narrower than this cannot be read: three Han characters.
const LEAST_COLUMN: usize = 6;

impl Layout<'_> {
    pub(super) fn table(&self, table: &Table) -> Vec<Row> {
        let natural: Vec<usize> = (0..table.head.len()).map(|column| self.natural_column(table, column)).collect();
        match columns(&natural, self.width) {
            Some(widths) => self.grid(table, &widths),
            None => self.records(table),
        }
    }

    fn natural_column(&self, table: &Table, column: usize) -> usize {
        let cells = std::iter::once(&table.head).chain(&table.rows).filter_map(|row| row.get(column));
        cells.map(|cell| self.natural_width(cell)).max().unwrap_or(0).max(1)
    }

    fn grid(&self, table: &Table, widths: &[usize]) -> Vec<Row> {
        let mut rows = self.grid_row(&table.head, table, widths, Style::TableHead);
        rows.push(self.grid_rule(widths));
        let body: Vec<_> = table.rows.iter().map(|row| self.grid_row(row, table, widths, Style::Text)).collect();
        // Rows of several lines run into each other without a line between them.
        let part = body.iter().any(|lines| lines.len() > 1);
        for (index, lines) in body.into_iter().enumerate() {
            if part && index > 0 {
                rows.push(self.grid_rule(widths));
            }
            rows.extend(lines);
        }
        rows
    }

    fn grid_rule(&self, widths: &[usize]) -> Row {
        let glyphs = self.measure.glyphs();
        let cross = format!("{0}{1}{0}", glyphs.rule, glyphs.cross);
        let columns: Vec<String> = widths.iter().map(|width| glyphs.rule.repeat(*width)).collect();
        Row::of(columns.join(&cross), Style::Border)
    }

    fn grid_row(&self, cells: &[Vec<Inline>], table: &Table, widths: &[usize], style: Style) -> Vec<Row> {
        let empty = Vec::new();
        let wrapped: Vec<Vec<Row>> = widths
            .iter()
            .enumerate()
            .map(|(column, width)| Layout { width: *width, ..*self }.prose(cells.get(column).unwrap_or(&empty), style))
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        (0..height).map(|line| self.grid_line(&wrapped, line, table, widths)).collect()
    }

    fn grid_line(&self, wrapped: &[Vec<Row>], line: usize, table: &Table, widths: &[usize]) -> Row {
        let mut row = Row::default();
        for (column, (lines, width)) in wrapped.iter().zip(widths).enumerate() {
            if column > 0 {
                row.push(Segment::new(format!(" {} ", self.measure.glyphs().column), Style::Border));
            }
            let content = lines.get(line).cloned().unwrap_or_default();
            let space = width.saturating_sub(content.width(self.measure));
            let before = match table.alignments.get(column).copied().unwrap_or_default() {
                Alignment::Left => 0,
                Alignment::Centre => space / 2,
                Alignment::Right => space,
            };
            // No spaces at the end of a row.
            let is_last = column + 1 == widths.len();
            if !(is_last && content.segments.is_empty()) {
                row.push(Segment::new(" ".repeat(before), Style::Text));
            }
            content.segments.into_iter().for_each(|segment| row.push(segment));
            if !is_last {
                row.push(Segment::new(" ".repeat(space - before), Style::Text));
            }
        }
        row
    }

    /// Each row as lines of "head: cell", with a rule between rows.
    fn records(&self, table: &Table) -> Vec<Row> {
        let mut rows = Vec::new();
        for (index, cells) in table.rows.iter().enumerate() {
            if index > 0 {
                rows.push(self.rule(self.measure.glyphs().rule));
            }
            for (head, cell) in table.head.iter().zip(cells) {
                rows.extend(self.prose(head, Style::TableHead));
                rows.extend(self.marked("  ", Style::Text, |inner| inner.prose(cell, Style::Text)));
            }
        }
        rows
    }
}

/// The widths of columns that would like `natural`, in `width` cells with gaps
/// between them; nothing when they cannot be read.
fn columns(natural: &[usize], width: usize) -> Option<Vec<usize>> {
    let mut room = width.checked_sub(GAP * natural.len().saturating_sub(1))?;
    let mut widths = vec![0; natural.len()];
    let mut open: Vec<usize> = (0..natural.len()).collect();
    // Give every column that fits into an even share what it needs, and share
    // what it leaves among the others, until none fits any more.
    loop {
        let share = room / open.len().max(1);
        let Some(at) = open.iter().position(|column| natural[*column] <= share) else { break };
        let column = open.remove(at);
        widths[column] = natural[column];
        room -= natural[column];
    }
    let share = room / open.len().max(1);
    if !open.is_empty() && share < LEAST_COLUMN {
        return None;
    }
    // The others get half of an even share for certain, the rest by need.
    let least = (share / 2).max(LEAST_COLUMN);
    let mut spare = room - least * open.len();
    let mut need: usize = open.iter().map(|column| natural[*column]).sum();
    for column in open {
        let extra = spare * natural[column] / need.max(1);
        widths[column] = (least + extra).min(natural[column]);
        spare -= widths[column] - least;
        need -= natural[column];
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_what_they_need_and_share_what_is_short() {
        assert_eq!(columns(&[4, 10], 40), Some(vec![4, 10]));
        assert_eq!(columns(&[4, 100], 40), Some(vec![4, 33]));
        assert_eq!(columns(&[100, 100], 43), Some(vec![20, 20]));
        assert_eq!(columns(&[50, 50, 50], 20), None);
        assert_eq!(columns(&[], 20), Some(vec![]));
    }

    #[test]
    fn columns_never_take_more_than_there_is() {
        for width in 8..90 {
            for natural in [[3, 90, 40], [90, 90, 90], [30, 31, 200], [1, 1, 500]] {
                if let Some(widths) = columns(&natural, width) {
                    assert!(widths.iter().sum::<usize>() + 2 * GAP <= width, "{natural:?} in {width}: {widths:?}");
                }
            }
        }
    }
}
