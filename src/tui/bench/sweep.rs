//! All combinations: every setting with every fault, over many seeds, as a table
//! of what became of the messages; and below it the lab's claims, each with how
//! many runs bear it out. Worked out on a helper thread, row by row.

use std::sync::Arc;

use ratatui::layout::{Rect, Size};

use crate::lab::{Lab, Quantifier};
use crate::text::Language;
use crate::trial::{self, Grid, Row};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, panel, scrollbar};

use super::job::{Desk, Job};
use super::setup::{Setup, value_name};

enum Finding {
    Row(Box<Row>),
    Claim(Tested),
}

/// A claim and how many of its witnesses bear it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tested {
    claim: usize,
    holding: u64,
    witnesses: u64,
    stands: bool,
}

pub struct Sweep {
    job: Job<Finding>,
    rows: Vec<Row>,
    claims: Vec<Tested>,
    combinations: usize,
    seeds: u64,
    pub list: List,
}

impl Sweep {
    /// Begins with `seeds` runs a row.
    #[must_use]
    pub fn begin(lab: &Arc<Lab>, seeds: u64) -> Self {
        let count = Grid::default().plans(lab).map_or(0, |plans| plans.len());
        let lab = Arc::clone(lab);
        let job = Job::begin(move |desk| work(&lab, seeds, desk));
        Self { job, rows: Vec::new(), claims: Vec::new(), combinations: count, seeds, list: List::default() }
    }

    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.job.is_done
    }

    /// Takes in what was found. True if that was anything.
    pub fn take(&mut self) -> bool {
        let found = self.job.take();
        let any = !found.is_empty() || self.job.is_done;
        for finding in found {
            match finding {
                Finding::Row(row) => self.rows.push(*row),
                Finding::Claim(claim) => self.claims.push(claim),
            }
        }
        let height = self.list.scroll().height;
        self.list.fit(self.rows.len() + self.claims.len(), height);
        any
    }

    pub fn arrange(&mut self, size: Size) {
        let height = usize::from(size.height).saturating_sub(5).max(1);
        self.list.fit(self.rows.len() + self.claims.len(), height);
    }

    /// The settings and the fault of the selected row.
    #[must_use]
    pub fn selected(&self, lab: &Lab, setup: &Setup) -> Option<Setup> {
        let at = self.list.selected;
        if let Some(row) = self.rows.get(at) {
            return Some(setup.clone().with(lab, &row.settings).with_fault(row.fault.as_deref()));
        }
        let claim = lab.claims.get(self.claims.get(at - self.rows.len())?.claim)?;
        Some(setup.clone().with(lab, &claim.given).with_fault(claim.fault.as_deref()))
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let combinations = self.combinations;
        let title = match (self.is_done(), ui.language) {
            (true, Language::Zh) => {
                format!("全部组合：{combinations} 种，各 {} 个种子；格子里是出事的次数", self.seeds)
            }
            (true, Language::En) => {
                format!("All {combinations} combinations, {} seeds each: in how many runs there was any", self.seeds)
            }
            (false, Language::Zh) => format!("全部组合：正在跑，{} / {combinations}", self.rows.len()),
            (false, Language::En) => format!("All combinations: running, {} of {combinations}", self.rows.len()),
        };
        let inside = panel(canvas, area, &title, Ink::Focus);
        let columns = Columns::of(lab, inside, ui);
        columns.head(canvas, inside, lab);
        for (row, at) in self.list.visible().enumerate() {
            let y = inside.y + 1 + row as u16;
            if y >= inside.bottom() {
                break;
            }
            let line = Rect { y, height: 1, ..inside };
            if at == self.list.selected {
                canvas.tint(Rect { x: line.x - 1, width: line.width + 2, ..line }, Ink::Selected);
                canvas.print(line.x - 1, y, 1, ui.glyphs().pointer, Ink::Accent);
            }
            match self.rows.get(at) {
                Some(row) => columns.row(canvas, line, lab, row),
                None => {
                    if let Some(tested) = self.claims.get(at - self.rows.len()) {
                        view_claim(canvas, line, lab, *tested);
                    }
                }
            }
        }
        let track = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        scrollbar(canvas, area.right().saturating_sub(2), track, self.list.scroll());
        let bottom = inside.bottom().saturating_sub(1);
        if self.rows.is_empty() {
            canvas.print(inside.x, bottom, inside.width, ui.say("正在跑……", "running"), Ink::Muted);
        }
    }
}

fn view_claim(canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, tested: Tested) {
    let ui = canvas.ui;
    let Some(claim) = lab.claims.get(tested.claim) else { return };
    let (mark, ink) = if tested.stands { (ui.glyphs().check, Ink::Claim) } else { (ui.glyphs().cross, Ink::Bad) };
    let word = match claim.quantifier {
        Quantifier::Always => ui.say("总是", "always"),
        Quantifier::Sometimes => ui.say("会有", "at times"),
    };
    let count = format!(" {word} {}/{}  ", tested.holding, tested.witnesses);
    let x = canvas.print_all(area.x, area.y, area.width, &[(mark, ink), (&count, Ink::Muted)]);
    let room = area.right().saturating_sub(x + 1);
    canvas.print(x, area.y, room, &ui.fit(claim.says.in_language(ui.language), room), Ink::Text);
}

/// Where the columns of the table stand.
struct Columns {
    settings: Vec<u16>,
    fault: u16,
}

const COUNT: u16 = 8;

impl Columns {
    fn of(lab: &Lab, area: Rect, ui: &Ui) -> Self {
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0) as u16 + 2;
        let settings: Vec<_> = lab
            .settings
            .iter()
            .map(|setting| {
                let values = setting.values.iter().map(|value| ui.width(value_name(value, ui)));
                width(&mut values.chain([ui.width(setting.spec.name)]))
            })
            .collect();
        let faults = lab.faults.iter().map(|fault| ui.width(fault.title.in_language(ui.language)));
        let fault = width(&mut faults.chain([ui.width(ui.say("没有故障", "no fault"))]));
        // Names of settings are cut before counts are.
        let counts = 5 * COUNT;
        let mut settings = settings;
        let free = area.width.saturating_sub(fault + counts);
        let wanted: u16 = settings.iter().sum();
        if wanted > free {
            settings.iter_mut().for_each(|cells| *cells = (*cells * free / wanted.max(1)).max(4));
        }
        Self { settings, fault }
    }

    fn head(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab) {
        let ui = canvas.ui;
        let mut x = area.x;
        for (setting, cells) in lab.settings.iter().zip(&self.settings) {
            canvas.print(x, area.y, *cells - 1, &ui.fit(setting.spec.name, *cells - 1), Ink::Heading);
            x += cells;
        }
        canvas.print(x, area.y, self.fault, ui.say("故障", "fault"), Ink::Heading);
        x += self.fault;
        let names = [
            "LOST!",
            ui.say("丢失", "lost"),
            ui.say("被拒", "refused"),
            ui.say("重复", "twice"),
            ui.say("乱序", "order"),
        ];
        for name in names {
            canvas.print_right(x, (x + COUNT).min(area.right()), area.y, name, Ink::Heading);
            x += COUNT;
        }
    }

    /// In how many of the runs there was any.
    fn row(&self, canvas: &mut Canvas<'_>, area: Rect, lab: &Lab, row: &Row) {
        let ui = canvas.ui;
        let mut x = area.x;
        for (setting, cells) in lab.settings.iter().zip(&self.settings) {
            let value = row.settings.iter().find(|(name, _)| name == setting.spec.name).map_or("", |(_, value)| value);
            let ink = if matches!(value, "false" | "off") { Ink::Muted } else { Ink::Text };
            canvas.print(x, area.y, *cells - 1, &ui.fit(value_name(value, ui), *cells - 1), ink);
            x += cells;
        }
        let fault = row.fault.as_ref().map_or(ui.say("没有故障", "no fault"), |id| {
            lab.faults
                .iter()
                .find(|fault| fault.id == *id)
                .map_or(id.as_str(), |fault| fault.title.in_language(ui.language))
        });
        canvas.print(x, area.y, self.fault, fault, Ink::Text);
        x += self.fault;
        let with = &row.runs_with;
        for (count, ink) in [
            (with.lost_after_ok, Ink::Lost),
            (with.lost, Ink::Bad),
            (with.refused, Ink::Warn),
            (with.duplicates, Ink::Warn),
            (with.reordered, Ink::Warn),
        ] {
            let text = if count == 0 { ui.glyphs().dot.to_owned() } else { format!("{count}/{}", row.runs) };
            let ink = if count == 0 { Ink::Muted } else { ink };
            canvas.print_right(x, (x + COUNT).min(area.right()), area.y, &text, ink);
            x += COUNT;
        }
    }
}

fn work(lab: &Arc<Lab>, seeds: u64, desk: &Desk<Finding>) {
    // One thread: the screen wants the other core.
    let done = |row: &Row| desk.report(Finding::Row(Box::new(row.clone())));
    if trial::sweep(lab, &Grid::default(), seeds, 1, done).is_err() {
        return;
    }
    for (at, claim) in lab.claims.iter().enumerate() {
        if !desk.is_wanted() {
            return;
        }
        let Ok(found) = trial::check_claim(lab, claim, seeds, 1) else { return };
        let tested = Tested {
            claim: at,
            holding: found.holding,
            witnesses: found.witnesses,
            stands: found.verdict == trial::Verdict::Holds,
        };
        if !desk.report(Finding::Claim(tested)) {
            return;
        }
    }
}
