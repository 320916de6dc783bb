//! A lab on a page: what it is, with which settings and which fault it opens.

use crate::lesson::block::{LabBlock, LabMode};
use crate::lesson::layout::Layout;
use crate::tui::home::LabState;
use crate::tui::host::{self, LabRequest};
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;

use super::ask::Sheet;
use super::page::{Answers, Line};

/// The lines of a lab.
pub(super) fn lines(block: &LabBlock, answers: &Answers<'_>, layout: &Layout<'_>, ui: &Ui) -> Vec<Line> {
    let card = answers.model.labs.get(&block.lab.value);
    let title = card.map_or(block.lab.value.as_str(), |card| card.title.in_language(ui.language));
    let glyphs = ui.glyphs();
    let name = match &block.mode {
        LabMode::Run => ui.say("实验", "Lab"),
        LabMode::Twin { .. } => ui.say("对照实验", "Twin run"),
        LabMode::Task(_) => ui.say("守住它", "Keep it alive"),
    };
    let mut sheet = Sheet::new(layout, ui);
    let mut head = Line::of(format!("{} ", glyphs.play), Ink::Accent);
    head.push(format!("{name}  "), Ink::Accent);
    head.push(title, Ink::Strong);
    match answers.marks.labs.get(&block.lab.value) {
        Some(LabState::Run) => head.push(format!("   {} {}", glyphs.half, ui.say("跑过", "run")), Ink::Muted),
        Some(LabState::Solved) => head.push(format!("   {} {}", glyphs.check, ui.say("守住了", "solved")), Ink::Good),
        Some(LabState::New) | None => {}
    }
    sheet.lines.push(head);
    if let LabMode::Task(task) = &block.mode
        && let Some(ask) = card.and_then(|card| card.tasks.get(&task.value))
    {
        sheet.markdown(ask.in_language(ui.language));
    }
    if let LabMode::Twin { setting, value } = &block.mode {
        let text = format!("{}{} = {value}", ui.say("只改一个设置：", "one setting flipped: "), setting.value);
        sheet.text(&text, Ink::Text);
    }
    let settings: Vec<_> = block.set.iter().map(|(name, value)| format!("{name} = {}", value.value)).collect();
    let mut about = settings.join("   ");
    if let Some(fault) = &block.fault {
        let title = card.and_then(|card| card.faults.get(&fault.value));
        let title = title.map_or(fault.value.as_str(), |title| title.in_language(ui.language));
        let gap = if about.is_empty() { "" } else { "   " };
        about = format!("{about}{gap}{} {title}", glyphs.lightning);
    }
    if !about.is_empty() {
        sheet.text(&about, Ink::Muted);
    }
    sheet.text(ui.say("回车打开", "Enter opens it"), Ink::Muted);
    sheet.lines
}

/// What to ask the host for.
pub(super) fn request(block: &LabBlock) -> LabRequest {
    LabRequest {
        lab: block.lab.value.clone(),
        set: block.set.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect(),
        fault: block.fault.as_ref().map(|fault| fault.value.clone()),
        mode: match &block.mode {
            LabMode::Run => host::LabMode::Run,
            LabMode::Twin { setting, value } => {
                host::LabMode::Twin { flip: vec![(setting.value.clone(), value.clone())] }
            }
            LabMode::Task(task) => host::LabMode::Task { task: task.value.clone() },
        },
    }
}
