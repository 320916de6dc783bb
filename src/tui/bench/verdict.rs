//! How a prediction went, over the bench: what was said, and if that was wrong, what
//! is right, and why.

use ratatui::layout::{Rect, Size};

use crate::lab::{Lab, Totals};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{centred, clear_around, panel};

use super::outcome::Outcome;
use super::page::Page;
use super::predict::{Bet, right_option};

/// The widest that the card grows.
const WIDEST: u16 = 84;
/// The rows of a card that are not text: its frame, and air.
const EDGES: u16 = 4;

/// Draws the card.
pub fn verdict(canvas: &mut Canvas<'_>, screen: Rect, lab: &Lab, bet: Bet, outcome: &Outcome, totals: &Totals) {
    let ui = canvas.ui;
    let width = screen.width.saturating_sub(6).min(WIDEST);
    let room = Rect { width, ..screen };
    let airy = card(ui, room, lab, bet, outcome, totals, true);
    let fits = airy.height() + EDGES <= screen.height;
    let page = if fits { airy } else { card(ui, room, lab, bet, outcome, totals, false) };
    let edges = if page.height() + EDGES <= screen.height { EDGES } else { 2 };
    let area = centred(screen, Size::new(width, page.height() + edges));
    clear_around(canvas, area);
    let inside = panel(canvas, area, ui.say("结果", "What came of it"), Ink::Focus);
    let air = edges / 2 - 1;
    let inside = Rect { y: inside.y + air, height: inside.height.saturating_sub(air), ..inside };
    page.print(canvas, Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside });
}

/// The text of the card. Where there is little room it goes without empty lines, never
/// without what is right.
fn card<'a>(
    ui: &'a Ui,
    room: Rect,
    lab: &Lab,
    bet: Bet,
    outcome: &Outcome,
    totals: &Totals,
    is_airy: bool,
) -> Page<'a> {
    let glyphs = ui.glyphs();
    let mut page = Page::new(ui, room);
    let gap = |page: &mut Page<'_>| is_airy.then(|| page.blank());
    page.text(&outcome.headline, outcome.ink);
    let Some(predict) = lab.predicts.get(bet.predict) else { return page };
    gap(&mut page);
    let (mark, word, ink) = if bet.right {
        (glyphs.check, ui.say("你猜对了", "You were right"), Ink::Good)
    } else {
        (glyphs.cross, ui.say("和你想的不一样", "Not what you expected"), Ink::Warn)
    };
    page.text(&format!("{mark} {word}"), ink);
    if let Some(option) = predict.options.get(bet.option) {
        let text = option.text.in_language(ui.language);
        page.text(&format!("{}{text}", ui.say("你选的：", "You said: ")), Ink::Muted);
        page.text(option.why.in_language(ui.language), Ink::Text);
    }
    let right = right_option(predict, totals).and_then(|at| predict.options.get(at)).filter(|_| !bet.right);
    if let Some(right) = right {
        gap(&mut page);
        let text = right.text.in_language(ui.language);
        page.text(&format!("{} {}{text}", glyphs.check, ui.say("实际上：", "What happened: ")), Ink::Good);
        page.text(right.why.in_language(ui.language), Ink::Text);
    }
    gap(&mut page);
    page.text(
        ui.say(
            "回车：自己动手。改一个设置，看它们能不能活下来。",
            "Enter: your turn. Flip a setting, and see whether they survive.",
        ),
        Ink::Accent,
    );
    page
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::setup::Setup;
    use super::*;
    use crate::lab::Session;
    use crate::text::Language;
    use crate::tui::theme::Theme;
    use crate::tui::ui::Options;
    use crate::workbook::Content;

    /// Whoever was wrong sees what is right, in the smallest usual window.
    #[test]
    fn every_wrong_answer_of_the_course_is_set_right_at_80_by_24() {
        let content = Content::embedded();
        for id in content.labs() {
            let source = content.lab_source(&id).expect("it is built in");
            let lab = Arc::new(Lab::parse(&source).expect("it ships"));
            for (at, predict) in lab.predicts.iter().enumerate().filter(|_| lab.check_seeds.is_none()) {
                let setup = Setup::of(&lab).giving_way(&lab, &predict.given).with_fault(predict.fault.as_deref());
                let mut session = Session::new(setup.plan(&lab).expect("it starts"), setup.seed);
                session.finish();
                let totals = session.totals();
                let right = right_option(predict, &totals);
                let wrong = (0..predict.options.len()).filter(|option| Some(*option) != right);
                for (option, language) in wrong.flat_map(|option| Language::ALL.map(|language| (option, language))) {
                    let ui = Ui::new(language, Theme::Plain, Options::default());
                    let outcome = Outcome { headline: "x".repeat(100), ..Outcome::default() };
                    let bet = Bet { predict: at, option, right: false };
                    let room = Rect::new(0, 0, 74, 22);
                    let rows = card(&ui, room, &lab, bet, &outcome, &totals, false).height();
                    assert!(rows + 2 <= 22, "{id} {} {option} {language}: {rows} rows", predict.id);
                }
            }
        }
    }
}
