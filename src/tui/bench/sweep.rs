//! All combinations: every setting with every fault, over many seeds, as a table
//! of what went wrong, fault by fault; combinations that came to the same share a
//! line. Below it are the lab's claims, each with how many runs bear it out. Worked
//! out on a helper thread, row by row.

use std::sync::Arc;

use ratatui::layout::{Rect, Size};

use crate::lab::{Lab, Quantifier};
use crate::text::Language;
use crate::trial::{self, Block, Grid, Row, summary};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{List, panel, scrollbar};

use super::columns;
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

/// What stands on a line of the list.
#[derive(Clone, Copy, Debug)]
enum Shown {
    /// A fault, by its block.
    Head(usize),
    /// A line of a block.
    Line(usize, usize),
    Claim(usize),
}

/// Below the list: the selected line in full.
const FOOT: u16 = 2;

pub struct Sweep {
    job: Job<Finding>,
    rows: Vec<Row>,
    blocks: Vec<Block>,
    claims: Vec<Tested>,
    shown: Vec<Shown>,
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
        Self {
            job,
            rows: Vec::new(),
            blocks: Vec::new(),
            claims: Vec::new(),
            shown: Vec::new(),
            combinations: count,
            seeds,
            list: List::with_keys(0, 0),
        }
    }

    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.job.is_done
    }

    /// Takes in what was found. True if that was anything.
    pub fn take(&mut self, lab: &Lab) -> bool {
        let found = self.job.take();
        let any = !found.is_empty() || self.job.is_done;
        for finding in found {
            match finding {
                Finding::Row(row) => self.rows.push(*row),
                Finding::Claim(claim) => self.claims.push(claim),
            }
        }
        if any {
            self.sum_up(lab);
        }
        any
    }

    /// Fault by fault, then the claims.
    fn sum_up(&mut self, lab: &Lab) {
        let settings: Vec<&str> = lab.settings.iter().map(|setting| setting.spec.name).collect();
        self.blocks = summary::summary(&self.rows, &settings);
        self.shown.clear();
        for (at, block) in self.blocks.iter().enumerate() {
            self.shown.push(Shown::Head(at));
            self.shown.extend((0..block.lines.len()).map(|line| Shown::Line(at, line)));
        }
        self.shown.extend((0..self.claims.len()).map(Shown::Claim));
        let height = self.list.scroll().height;
        self.list.fit(self.shown.len(), height);
    }

    pub fn arrange(&mut self, size: Size) {
        let height = usize::from(size.height.saturating_sub(2 + FOOT)).max(1);
        self.list.fit(self.shown.len(), height);
    }

    /// The settings and the fault of the selected line: of several combinations, the
    /// first.
    #[must_use]
    pub fn selected(&self, lab: &Lab, setup: &Setup) -> Option<Setup> {
        let (block, line) = match *self.shown.get(self.list.selected)? {
            Shown::Head(block) => (block, 0),
            Shown::Line(block, line) => (block, line),
            Shown::Claim(at) => {
                let claim = lab.claims.get(self.claims.get(at)?.claim)?;
                return Some(setup.clone().giving_way(lab, &claim.given).with_fault(claim.fault.as_deref()));
            }
        };
        let row = self.rows.get(*self.blocks.get(block)?.lines.get(line)?.rows.first()?)?;
        Some(setup.clone().with(lab, &row.settings).with_fault(row.fault.as_deref()))
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
        for (row, at) in self.list.visible().enumerate() {
            let y = inside.y + row as u16;
            if y + FOOT >= inside.bottom() {
                break;
            }
            let line = Rect { y, height: 1, ..inside };
            if at == self.list.selected {
                canvas.tint(Rect { x: line.x - 1, width: line.width + 2, ..line }, Ink::Selected);
                canvas.print(line.x - 1, y, 1, ui.glyphs().pointer, Ink::Accent);
            }
            match self.shown.get(at) {
                Some(Shown::Head(block)) => columns::head(canvas, line, lab, &self.blocks[*block]),
                Some(Shown::Line(block, at)) => columns::line(canvas, line, &self.blocks[*block], *at),
                Some(Shown::Claim(claim)) => view_claim(canvas, line, lab, self.claims[*claim]),
                None => {}
            }
        }
        let track = Rect { height: inside.height.saturating_sub(FOOT), ..inside };
        scrollbar(canvas, area.right().saturating_sub(2), track, self.list.scroll());
        let foot = Rect { y: inside.bottom().saturating_sub(FOOT), height: FOOT, ..inside };
        for (row, line) in ui.wrap(&self.foot(lab, ui), foot.width).iter().take(usize::from(FOOT)).enumerate() {
            canvas.print(foot.x, foot.y + row as u16, foot.width, line, Ink::Muted);
        }
    }

    /// The selected line in full.
    fn foot(&self, lab: &Lab, ui: &Ui) -> String {
        match self.shown.get(self.list.selected) {
            None => ui.say("正在跑……", "running").to_owned(),
            Some(Shown::Head(block)) => {
                let block = &self.blocks[*block];
                let all = block.combinations;
                let name = columns::fault_name(lab, block, ui);
                match ui.language {
                    Language::Zh => format!("{name}：{all} 种组合，结果相同的合成一行；没有区别的设置不列"),
                    Language::En => {
                        format!(
                            "{name}: {all} combinations. Those that came to the same share a line; settings without a difference are left out"
                        )
                    }
                }
            }
            Some(Shown::Line(block, line)) => columns::settings(&self.blocks[*block], *line, ui),
            Some(Shown::Claim(claim)) => {
                let claim = lab.claims.get(self.claims[*claim].claim);
                claim.map_or("", |claim| claim.says.in_language(ui.language)).to_owned()
            }
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
