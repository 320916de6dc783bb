//! The first minute of every learner: three lines of incident, one prediction,
//! the loss, and the one switch that would have saved everything. Four keys at
//! most, and a few seconds of moving pictures that any key may skip.

mod view;

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::{Rect, Size};

use crate::lab::{Lab, Totals};
use crate::text::Language;
use crate::time::{Span, Time};

use super::bench::keymap::CARD;
use super::bench::outcome::{Outcome, outcome};
use super::bench::predict::right_option;
use super::bench::run::{Run, squeeze};
use super::bench::scene::Scene;
use super::bench::setup::Setup;
use super::canvas::Canvas;
use super::host::{Confidence, Memory};
use super::keys::{Hint, Key, command, hints};
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::widget::{List, Step};

/// Real time that a run takes on screen.
const SHOW: Duration = Duration::from_millis(3400);
/// Waits count as no more than this here: what happens fills the time.
const WIDEST_GAP: Span = Span::from_millis(110);

/// Where the minute is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Incident,
    Ask,
    Run,
    Loss,
    Again,
    Saved,
}

/// A run on its way over the screen.
struct Show {
    run: Run,
    scene: Scene,
    places: Vec<u64>,
    shown: Duration,
    outcome: Outcome,
    totals: Totals,
}

pub struct FirstMinute {
    lab: Arc<Lab>,
    phase: Phase,
    options: List,
    chosen: Option<usize>,
    setup: Setup,
    lossy: Show,
    /// The same run with the setting that would have helped, if there is one.
    saved: Option<(Show, (String, String))>,
    memories: Vec<Memory>,
    remembered: bool,
    language: Language,
}

impl Show {
    fn new(lab: &Arc<Lab>, setup: &Setup, ui: &Ui) -> Option<Self> {
        let run = Run::new(setup.plan(lab)?, setup.seed, &[]);
        let places = squeeze(run.whole(), WIDEST_GAP);
        let mut show = Self {
            scene: Scene::new(lab.topology),
            run,
            places,
            shown: Duration::ZERO,
            outcome: Outcome::default(),
            totals: Totals::default(),
        };
        show.tell(ui);
        show.totals = show.run.session.totals();
        show.run.session.seek(Time::ZERO);
        show.scene.take(&show.run.session);
        Some(show)
    }

    /// Runs to the end and reads what it says.
    fn tell(&mut self, ui: &Ui) {
        self.run.session.finish();
        self.outcome = outcome(&self.run.session, true, ui);
    }

    fn end(&mut self) {
        self.shown = SHOW;
        self.run.session.finish();
        self.scene.take(&self.run.session);
    }

    const fn is_over(&self) -> bool {
        self.shown.as_nanos() >= SHOW.as_nanos()
    }

    fn tick(&mut self, elapsed: Duration) {
        self.shown = (self.shown + elapsed).min(SHOW);
        if self.is_over() {
            return self.end();
        }
        let length = u128::from(self.places.last().copied().unwrap_or(0));
        let place = (length * self.shown.as_millis() / SHOW.as_millis()) as u64;
        // The moment at this place: so long before the event that comes next.
        let next = self.places.partition_point(|known| *known <= place);
        if let (Some(event), Some(known)) = (self.run.whole().get(next), self.places.get(next)) {
            let before = event.time.as_nanos().saturating_sub(known - place);
            let to = Time::from_nanos(before).max(self.run.session.now());
            self.run.session.advance(to);
            self.scene.take(&self.run.session);
        }
    }
}

impl FirstMinute {
    /// The first minute with this lab: its first prediction, its fault.
    ///
    /// # Panics
    /// If the lab does not admit its own settings, which its parser makes sure of.
    #[must_use]
    pub fn new(lab: Arc<Lab>, ui: &Ui) -> Self {
        let mut setup = Setup::of(&lab);
        if let Some(predict) = lab.predicts.first() {
            setup = setup.with(&lab, &predict.given).with_fault(predict.fault.as_deref());
        }
        let lossy = Show::new(&lab, &setup, ui).expect("a lab admits its own settings");
        let count = lab.predicts.first().map_or(0, |predict| predict.options.len());
        let mut options = List::of_answers(count);
        options.fit(count, count);
        let mut minute = Self {
            lab,
            phase: Phase::default(),
            options,
            chosen: None,
            setup,
            lossy,
            saved: None,
            memories: Vec::new(),
            remembered: false,
            language: ui.language,
        };
        minute.find_cure(ui);
        minute
    }

    fn find_cure(&mut self, ui: &Ui) {
        let Some(cure) = self.lossy.outcome.cure.clone() else { return };
        let setup = self.setup.clone().with(&self.lab, std::slice::from_ref(&cure));
        self.saved = Show::new(&self.lab, &setup, ui).map(|show| (show, cure));
    }

    fn choose(&mut self, option: usize, ui: &Ui) {
        let Some(predict) = self.lab.predicts.first() else { return };
        let Some(known) = predict.options.get(option) else { return };
        self.chosen = Some(option);
        self.memories.push(Memory::PredictionJudged {
            lab: self.lab.id.clone(),
            predict: predict.id.clone(),
            option,
            // Nobody was asked how sure they were.
            confidence: Confidence::Guess,
            right: known.right.holds(&self.lossy.totals),
            proved: right_option(predict, &self.lossy.totals),
            seed: self.setup.seed.0,
        });
        self.enter(Phase::Run, ui);
    }

    fn enter(&mut self, phase: Phase, ui: &Ui) {
        self.phase = phase;
        let still = ui.options.reduced_motion;
        match (phase, &mut self.saved) {
            (Phase::Run, _) if still => self.enter(Phase::Loss, ui),
            (Phase::Again, _) if still => self.enter(Phase::Saved, ui),
            (Phase::Loss, _) => {
                self.lossy.end();
                self.memories.push(Memory::LabRun { lab: self.lab.id.clone() });
                self.memories.push(Memory::FirstLight);
                self.remembered = true;
            }
            (Phase::Saved, Some((show, _))) => show.end(),
            _ => {}
        }
    }

    fn go_on(&mut self, ui: &Ui) -> Action {
        match self.phase {
            Phase::Incident if self.options.length > 0 => self.enter(Phase::Ask, ui),
            Phase::Incident => self.enter(Phase::Run, ui),
            Phase::Ask => self.choose(self.options.selected, ui),
            Phase::Run => self.enter(Phase::Loss, ui),
            Phase::Loss if self.saved.is_some() => self.enter(Phase::Again, ui),
            Phase::Again => self.enter(Phase::Saved, ui),
            Phase::Loss | Phase::Saved => return Action::Pop,
        }
        Action::Redraw
    }
}

impl Screen for FirstMinute {
    fn title(&self, ui: &Ui) -> String {
        self.lab.title.in_language(ui.language).to_owned()
    }

    fn hints(&self) -> Vec<Hint> {
        match self.phase {
            Phase::Ask => self.options.hints(),
            _ => hints(CARD),
        }
    }

    fn arrange(&mut self, _size: Size, ui: &Ui) {
        if self.language == ui.language {
            return;
        }
        self.language = ui.language;
        let saved = self.saved.as_mut().map(|(show, _)| show);
        for show in std::iter::once(&mut self.lossy).chain(saved) {
            let now = show.run.session.now();
            show.tell(ui);
            if !show.is_over() {
                show.run.session.seek(now);
            }
        }
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        self.draw(canvas, area);
    }

    fn key(&mut self, key: Key, ui: &Ui) -> Action {
        if self.phase != Phase::Ask {
            return command(CARD, key).map_or(Action::Ignored, |_| self.go_on(ui));
        }
        match self.options.press(key) {
            Step::Moved => Action::Redraw,
            Step::Chosen => self.go_on(ui),
            Step::Nothing => Action::Ignored,
        }
    }

    fn animates(&self) -> bool {
        matches!(self.phase, Phase::Run | Phase::Again)
    }

    fn tick(&mut self, elapsed: Duration, ui: &Ui) -> bool {
        match (self.phase, &mut self.saved) {
            (Phase::Run, _) => {
                self.lossy.tick(elapsed);
                if self.lossy.is_over() {
                    self.enter(Phase::Loss, ui);
                }
            }
            (Phase::Again, Some((show, _))) => {
                show.tick(elapsed);
                if show.is_over() {
                    self.enter(Phase::Saved, ui);
                }
            }
            _ => return false,
        }
        true
    }

    fn memories(&mut self) -> Vec<Memory> {
        std::mem::take(&mut self.memories)
    }
}
