//! The bench: a lab on the table. Nodes and what they hold, settings to flip,
//! faults to inject, the ledger that must come out even, and every event as a
//! sentence, at any time of the run, forwards and backwards.
//!
//! - `request`, `setup` and `run`: what a run is made of, and the run, surveyed ahead
//!   (`survey`), if need be while the learner waits (`computing`).
//! - `scene`: what is drawn of it at one moment. `topology`, `ledger`,
//!   `timeline`, `events`, `settings_pane`, `outcome` draw it; `layout` says where.
//! - `player`: real time becomes virtual time.
//! - `backlog` and `chart`: what waited over time, drawn or in words.
//! - `predict`, `faults`, `about`, `twin`, `sweep`, `task`: what lies over the bench.
//! - `page`: text in a frame.
//! - `keymap`, `press`, `act`, `undo`, `view` and `screen`: the screen itself.

mod about;
mod act;
mod backlog;
mod chart;
mod choice;
mod columns;
mod computing;
mod events;
mod faults;
mod job;
pub mod keymap;
mod layout;
pub mod ledger;
mod menu;
pub mod outcome;
mod page;
pub mod partitions;
pub mod player;
pub mod predict;
mod press;
mod request;
pub mod run;
pub mod scene;
mod screen;
mod settings_pane;
pub mod setup;
mod survey;
mod sweep;
mod task;
mod timeline;
pub mod topology;
mod trails;
mod twin;
mod undo;
mod verdict;
mod view;

use std::sync::Arc;

use ratatui::layout::Size;

use crate::event::{EventId, MessageId};
use crate::lab::Lab;
use crate::text::Language;
use crate::time::Time;
use crate::trial::check::Attack;

use super::host::{LabMode, Memory};
use super::ui::Ui;
use super::widget::{List, Scroll};

pub use request::BenchRequest;

use about::About;
use computing::Computing;
use events::Life;
use faults::FaultMenu;
use layout::Pane;
use outcome::{Outcome, outcome};
use player::Player;
use predict::{Asking, Bet};
use run::{LiveFault, Run};
use scene::Scene;
use setup::Setup;
use sweep::Sweep;
use task::TaskState;
use twin::Twin;
use undo::Step;

/// What lies over the bench and has the keys.
enum Over {
    Nothing,
    Asking(Asking),
    Verdict(Bet),
    Menu(List),
    Faults(FaultMenu),
    /// Which setting to flip for a twin run.
    Flip(List),
    /// The lab's exercises.
    Tasks(List),
    /// All that there is to say of a setting.
    About(About),
    Life(Life),
    Twin(Box<Twin>),
    Sweep(Box<Sweep>),
}

pub struct Bench {
    lab: Arc<Lab>,
    setup: Setup,
    run: Run,
    /// The run that is to come on the bench.
    computing: Option<Computing>,
    scene: Scene,
    player: Player,
    pane: Pane,
    settings: List,
    /// The event that the eye is on; the list follows the run while it is the last.
    events: List,
    /// What waits, in the chart of the backlog.
    series: Scroll,
    over: Over,
    bet: Option<Bet>,
    /// The last prediction made here: the next one asked is another.
    last_bet: Option<Bet>,
    task: Option<TaskState>,
    outcome: Option<Outcome>,
    /// This run was counted as run.
    counted: bool,
    /// The list of events has shown the loss since the run came to its end.
    landed: bool,
    /// What can be taken back, the last change last.
    steps: Vec<Step>,
    /// What the bench was opened with.
    opened: Setup,
    memories: Vec<Memory>,
    /// The exercises that this learner has solved, by id.
    solved: Vec<String>,
    size: Size,
    language: Language,
    /// Runs a row of the sweep, and seeds an attack tries.
    seeds: u64,
}

impl Bench {
    /// Puts a lab on the bench.
    ///
    /// # Panics
    /// If the lab does not admit its own default settings, which its parser
    /// makes sure of.
    #[must_use]
    pub fn open(lab: Arc<Lab>, request: &BenchRequest, ui: &Ui) -> Self {
        let setup = request.setup(&lab);
        let plan = setup.plan(&lab).or_else(|| Setup::of(&lab).plan(&lab)).expect("a lab admits its own defaults");
        let is_long = plan.is_long();
        let run = if is_long { Run::idle(plan, setup.seed, &[]) } else { Run::new(plan, setup.seed, &[]) };
        let task = match &request.mode {
            LabMode::Task { task } => lab.tasks.iter().position(|known| known.id == *task).map(TaskState::new),
            _ => None,
        };
        let settings = List::new(lab.settings.len() + usize::from(task.is_some()));
        let mut bench = Self {
            scene: Scene::new(lab.topology),
            run,
            computing: None,
            player: Player::default(),
            pane: if task.is_some() { Pane::Settings } else { Pane::Topology },
            settings,
            events: List::default(),
            series: Scroll::default(),
            over: Over::Nothing,
            bet: None,
            last_bet: None,
            task,
            outcome: None,
            counted: false,
            landed: false,
            steps: Vec::new(),
            opened: setup.clone(),
            setup,
            memories: Vec::new(),
            solved: request.solved.clone(),
            size: Size::new(80, 22),
            language: ui.language,
            seeds: task::SEEDS,
            lab,
        };
        bench.begin();
        if is_long {
            bench.compute(Time::ZERO);
        }
        let known = |id: &String| bench.lab.predicts.iter().position(|predict| predict.id == *id);
        let predicted = request.predicted.as_ref().and_then(|(id, option, sure)| Some((known(id)?, *option, *sure)));
        if let LabMode::Twin { flip } = &request.mode {
            bench.begin_twin(flip, ui);
        } else if let (Some((predict, option, confidence)), None) = (predicted, &bench.task) {
            match confidence {
                Some(confidence) => bench.place_bet(predict, option, confidence, ui),
                None => bench.over = Over::Asking(Asking::how_sure(&bench.lab, predict, option)),
            }
        } else if bench.task.is_none() && (request.first_time || request.predict.is_some()) {
            let predict = request.predict_of(&bench.lab);
            bench.over = Over::Asking(Asking::new(&bench.lab, predict));
        }
        bench
    }

    /// The same with another number of seeds for sweeps and attacks.
    #[must_use]
    pub const fn with_seeds(mut self, seeds: u64) -> Self {
        self.seeds = seeds;
        self
    }

    /// Makes the run again from zero after a change, up to the same time.
    fn rebuild(&mut self, at: Time, live: &[LiveFault]) -> bool {
        let Some(plan) = self.setup.plan(&self.lab) else { return false };
        self.bet = None;
        self.counted = false;
        self.player.forget_skip();
        if plan.is_long() {
            self.run = Run::idle(plan, self.setup.seed, live);
            self.begin();
            self.compute(at);
        } else {
            self.run = Run::new(plan, self.setup.seed, live);
            self.begin();
            self.seek(at);
        }
        true
    }

    /// Another run: what the last one said no longer holds.
    fn begin(&mut self) {
        self.outcome = None;
        self.look();
    }

    /// Takes in what the run shows at its time.
    fn look(&mut self) {
        self.scene.take(&self.run.session);
        let events = self.run.session.history().len();
        let followed = self.events.selected + 1 >= self.events.length;
        let height = self.events.scroll().height;
        self.events.fit(events, height);
        if followed || self.player.playing {
            self.events.select(events.saturating_sub(1));
        }
        if self.run.is_at_end() {
            self.arrive();
        } else {
            self.landed = false;
        }
    }

    /// The run is at its end.
    fn arrive(&mut self) {
        if !self.counted {
            self.counted = true;
            self.memories.push(Memory::LabRun { lab: self.lab.id.clone() });
        }
    }

    fn seek(&mut self, to: Time) {
        self.run.session.seek(to.min(self.run.end()));
        self.player.playing &= !self.run.is_at_end();
        self.events.select(usize::MAX);
        self.look();
        self.events.select(usize::MAX);
    }

    /// What the finished run says, in the language of the moment.
    fn told(&self) -> Option<&Outcome> {
        self.outcome.as_ref().filter(|_| self.run.is_at_end())
    }

    /// Shows what came of a prediction, and works out what the run says.
    fn settle(&mut self, ui: &Ui) {
        if !self.run.is_at_end() {
            return;
        }
        if self.outcome.is_none() {
            // A task asks for the saving setting: naming it would give it away.
            let is_open = self.task.as_ref().is_some_and(|task| task.result != Some(Attack::Survived));
            let seeks = !is_open && !self.is_long();
            self.outcome = Some(outcome(&self.run.session, seeks, ui));
        }
        let end = self.outcome.as_ref().and_then(|told| told.end);
        if let (Some(end), false) = (end, self.landed) {
            // What matters most is under the eye, one Enter away.
            self.landed = true;
            self.events.select(end);
        }
        if let (Some(bet), Over::Nothing) = (self.bet, &self.over) {
            self.bet = None;
            self.over = Over::Verdict(bet);
        }
    }

    /// The message of the selected event.
    fn selected_message(&self) -> Option<MessageId> {
        let number = u32::try_from(self.events.selected).ok()?;
        self.run.session.history().get(EventId(number))?.message()
    }
}
