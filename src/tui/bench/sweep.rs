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
use crate::tui::widget::{List, panel, scrollbar};

use super::columns::{Columns, HEAD};
use super::job::{Desk, Job};
use super::setup::Setup;

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
        Self { job, rows: Vec::new(), claims: Vec::new(), combinations: count, seeds, list: List::with_keys(0, 0) }
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
        let height = usize::from(size.height).saturating_sub(6).max(1);
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
        Some(setup.clone().giving_way(lab, &claim.given).with_fault(claim.fault.as_deref()))
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
        let columns = Columns::of(lab, &self.rows, inside, ui);
        columns.head(canvas, inside, lab);
        for (row, at) in self.list.visible().enumerate() {
            let y = inside.y + HEAD + row as u16;
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
        let track = Rect { y: inside.y + HEAD, height: inside.height.saturating_sub(HEAD), ..inside };
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
