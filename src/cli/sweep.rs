//! The sweep as a table or as JSON. The table is made fault by fault: what makes a
//! difference to a fault is a line, what makes none is not named, and only what
//! happened is a column. JSON has every row and every count.

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::Context;
use super::arguments::SweepChoice;
use super::error::Failure;
use super::run::pairs;
use crate::lab::Lab;
use crate::lesson::Measure;
use crate::lesson::wrap::wrap;
use crate::text::Language;
use crate::trial::{Block, Grid, Row, pool, summary, sweep};

/// No line is longer, but for one that has a single word.
const WIDTH: usize = 80;

impl Context {
    pub fn sweep(&mut self, choice: &SweepChoice) -> Result<u8, Failure> {
        let lab = self.course.lab(&choice.lab)?;
        let grid = Grid { set: pairs(&choice.set)?, faults: choice.fault.clone() };
        let threads = choice.threads.map_or_else(pool::cores, usize::from);
        let table = Table { lab: &lab, language: self.language, is_whole: choice.all };
        let mut failure = None;
        if !choice.json {
            let combinations = grid.plans(&lab)?.len();
            for line in table.head(combinations, choice.seeds, &grid.set) {
                self.out.line(line)?;
            }
            self.out.done(0)?;
        }
        let mut shown: Vec<Row> = Vec::new();
        let rows = sweep(&lab, &grid, choice.seeds, threads, |row| {
            // A fault is shown once all of its rows are there.
            let is_next = shown.last().is_some_and(|last| last.fault != row.fault);
            if is_next && !choice.json {
                failure = self.show(&table, &std::mem::take(&mut shown)).err();
            }
            shown.push(row.clone());
            failure.is_none()
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if choice.json {
            self.out.json(&json!({ "rows": rows }))?;
        } else {
            self.show(&table, &shown)?;
        }
        self.out.done(0)?;
        match rows.iter().find_map(|row| row.violation.as_ref()) {
            Some(violation) => Err(Failure::Undecided(format!("the books do not balance: {violation}"))),
            None if rows.iter().any(|row| row.undecided > 0) => {
                Err(Failure::Undecided("some runs were not quiet in the end".to_owned()))
            }
            None => Ok(0),
        }
    }

    fn show(&mut self, table: &Table<'_>, rows: &[Row]) -> Result<(), Failure> {
        for line in table.blocks(rows) {
            self.out.line(line)?;
        }
        self.out.done(0).map(|_| ())
    }
}

struct Table<'a> {
    lab: &'a Lab,
    language: Language,
    /// Every combination on a line of its own.
    is_whole: bool,
}

impl Table<'_> {
    fn say(&self, zh: String, en: String) -> String {
        if self.language == Language::Zh { zh } else { en }
    }

    fn head(&self, combinations: usize, seeds: u64, held: &[(String, String)]) -> Vec<String> {
        let seeds = self.lab.check_seeds.map_or(seeds, |most| seeds.min(most));
        let mut lines = vec![
            format!("{}  {}", self.lab.id, self.lab.title.in_language(self.language)),
            self.say(
                format!("{combinations} 种组合，每种 {seeds} 个种子；格子里是出事的种子数，秒是平均值"),
                format!("{combinations} combinations, {seeds} seeds each: for how many there was any; means in s"),
            ),
        ];
        // What the lab does not vary by itself is held as well.
        let is_set = |name: &str| held.iter().any(|(known, _)| known == name);
        let still = self.lab.settings.iter().filter(|setting| !setting.varies && !is_set(setting.spec.name));
        let still = still.map(|setting| (setting.spec.name.to_owned(), setting.default.clone()));
        let held: Vec<_> = held.iter().cloned().chain(still).map(|(name, value)| format!("{name}={value}")).collect();
        if !held.is_empty() {
            let line = self.say(format!("固定：{}", held.join(" ")), format!("held: {}", held.join(" ")));
            let ranges = wrap(&line, WIDTH, Measure::new(false));
            lines.extend(ranges.into_iter().map(|range| line[range].to_owned()));
        }
        lines.push(if self.is_whole {
            self.say("--set 名=值 固定一个设置，--fault ID 只看一个故障".into(), "--set NAME=VALUE holds a setting, --fault ID is one fault alone".into())
        } else {
            self.say(
                "没有区别的设置不列。--all 列出每一种，--set 名=值 固定一个，--fault ID 单看一个".into(),
                "settings without a difference are left out; --all lists every combination,\n--set NAME=VALUE holds one, --fault ID is one fault alone".into(),
            )
        });
        lines
    }

    fn blocks(&self, rows: &[Row]) -> Vec<String> {
        let names: Vec<&str> = self.lab.settings.iter().map(|setting| setting.spec.name).collect();
        let mut lines = Vec::new();
        for mut block in summary::summary(rows, &names) {
            if self.is_whole {
                block.unfold(rows);
            }
            lines.push(String::new());
            lines.extend(self.title(&block));
            lines.extend(self.table(&block));
        }
        lines
    }

    /// The fault's name and what it is; where that is long, below the name.
    fn title(&self, block: &Block) -> Vec<String> {
        let Some(id) = &block.fault else {
            return vec![self.say("没有故障".to_owned(), "no fault".to_owned())];
        };
        let title = self.lab.fault(id).map_or("", |fault| fault.title.in_language(self.language));
        let line = format!("{id}  {title}").trim_end().to_owned();
        if line.width() <= WIDTH {
            return vec![line];
        }
        let lines = wrap(title, WIDTH - 2, Measure::new(false));
        std::iter::once(id.clone()).chain(lines.into_iter().map(|range| format!("  {}", &title[range]))).collect()
    }

    fn table(&self, block: &Block) -> Vec<String> {
        if block.columns.is_empty() {
            let all = block.combinations;
            return vec![self.say(
                format!("  {all} 种组合都一样：没丢、没重复，什么也没出"),
                format!("  all {all} combinations alike: nothing lost, nothing twice, nothing at all"),
            )];
        }
        let names: Vec<&str> = block.columns.iter().map(|column| column.name().in_language(self.language)).collect();
        let cells: Vec<Vec<String>> = block
            .lines
            .iter()
            .map(|line| block.columns.iter().zip(&line.cells).map(|(column, cell)| column.shown(*cell, "·")).collect())
            .collect();
        let width = |at: usize| {
            let cells = cells.iter().map(|line| line[at].width());
            cells.chain([names[at].width()]).max().unwrap_or(0) + 2
        };
        let widths: Vec<usize> = (0..names.len()).map(width).collect();
        let row = |texts: &mut dyn Iterator<Item = &str>| {
            let padded = texts
                .zip(&widths)
                .map(|(text, width)| format!("{}{text}", " ".repeat(width - text.width().min(*width))));
            padded.collect::<String>()
        };
        let mut lines = vec![row(&mut names.iter().copied())];
        for (line, cells) in block.lines.iter().zip(&cells) {
            let counts = row(&mut cells.iter().map(String::as_str));
            let mut words: Vec<String> = line.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if words.is_empty() {
                words.push(self.say("（所有组合）".to_owned(), "(all combinations)".to_owned()));
            } else if line.rows.len() > 1 {
                words.push(format!("({})", line.rows.len()));
            }
            lines.extend(wrapped(&counts, &words));
        }
        lines
    }
}

/// Where there is less room than this beside the counts, the words go below them.
const BESIDE: usize = 34;

/// The words after the counts, in several lines if need be.
fn wrapped(counts: &str, words: &[String]) -> Vec<String> {
    let beside = counts.width() + 3;
    let is_beside = beside + BESIDE <= WIDTH;
    let indent = if is_beside { beside } else { 6 };
    let (mut lines, mut line) = (Vec::new(), if is_beside { format!("{counts}   ") } else { " ".repeat(indent) });
    if !is_beside {
        lines.push(counts.to_owned());
    }
    for (at, word) in words.iter().enumerate() {
        if at > 0 && line.width() + 1 + word.width() > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if at > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_on_below_themselves() {
        let words: Vec<String> = (0..9).map(|at| format!("a_long_setting_{at}=value")).collect();
        let lines = wrapped("     100       ·", &words);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.width() <= WIDTH), "{lines:?}");
        assert!(lines[1].starts_with(&" ".repeat(19)) && lines.join(" ").contains("setting_8"));
        let below = wrapped(&"     100".repeat(7), &words);
        assert!(below.len() > 2 && below.iter().all(|line| line.width() <= WIDTH), "{below:?}");
    }
}
