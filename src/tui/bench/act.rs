//! What the commands of the bench do, from the keys or from the menu.

use crate::lab::LabSetting;
use crate::random::Seed;
use crate::text::Text;
use crate::time::Time;
use crate::trial::check::Attack;
use crate::tui::keys::Move;
use crate::tui::screen::Action;
use crate::tui::ui::Ui;
use crate::tui::widget::List;

use super::about::About;
use super::events::Life;
use super::faults::FaultMenu;
use super::keymap::{Command, MENU};
use super::layout::Pane;
use super::predict::Asking;
use super::setup::Setup;
use super::sweep::Sweep;
use super::undo::Step;
use super::{Bench, Over};

/// The keys of the menu's entries: letters there are the shortcuts beside them.
const DIGITS: usize = 10;

impl Bench {
    pub(super) fn act(&mut self, command: Command, ui: &Ui) -> Action {
        match command {
            Command::Play | Command::Step | Command::Stride | Command::End if !self.run.is_surveyed => {
                self.compute(Time::ZERO);
            }
            Command::Play if self.player.playing => self.player.playing = false,
            Command::Play => self.play(ui),
            Command::Step => self.step(true),
            Command::StepBack => self.step(false),
            Command::Stride => self.go(self.run.stride(true)),
            Command::StrideBack => self.go(self.run.stride(false)),
            Command::Start => self.go(Time::ZERO),
            Command::End => self.go(Time::MAX),
            Command::Up => self.walk(Move::Up),
            Command::Down => self.walk(Move::Down),
            Command::Enter => return self.enter(ui),
            Command::NextPane => self.turn(1),
            Command::PreviousPane => self.turn(Pane::ALL.len() - 1),
            Command::Pane(index) => self.pane = Pane::ALL[index],
            Command::Faster => self.player.faster(),
            Command::Slower => self.player.slower(),
            Command::Faults => self.lay_over(Over::Faults(FaultMenu::new(&self.lab))),
            Command::Twin | Command::Sweep if self.is_long() => return Self::too_long(ui),
            Command::Twin => {
                let flips = self.flips().len();
                if flips == 0 {
                    return notice(ui, "这个实验没有可改的设置", "this lab has no setting to flip");
                }
                self.lay_over(Over::Flip(list_of(flips)));
            }
            Command::Sweep => {
                let sweep = Box::new(Sweep::begin(&self.lab, self.seeds));
                self.lay_over(Over::Sweep(sweep));
            }
            Command::Predict => return self.next_prediction(ui),
            Command::Tasks if self.lab.tasks.is_empty() => {
                return notice(ui, "这个实验没有练习", "this lab has no exercises");
            }
            Command::Tasks => self.lay_over(Over::Tasks(list_of(self.lab.tasks.len()))),
            Command::Attack => return self.attack(ui),
            Command::About => self.lay_over(Over::About(About::new(self.settings.selected))),
            Command::PageUp => self.page(Move::PageUp),
            Command::PageDown => self.page(Move::PageDown),
            Command::Top => self.walk(Move::Top),
            Command::Bottom => self.walk(Move::Bottom),
            Command::Reset => {
                let before = self.setup.clone();
                let live = std::mem::take(&mut self.run.live);
                self.remember_step(Step::Setup { before, live });
                self.setup = Setup { seed: self.setup.seed, ..Setup::of(&self.lab) };
                self.rebuild(Time::ZERO, &[]);
                if let Some(task) = &mut self.task {
                    task.forget();
                }
            }
            Command::Seed => {
                let setup = Setup { seed: Seed(self.setup.seed.0.wrapping_add(1)), ..self.setup.clone() };
                let at = if self.run.is_at_end() { Time::MAX } else { self.run.session.now() };
                self.change(setup, at);
            }
            Command::Undo => return self.undo(ui),
            Command::Token => return Action::Copy(self.run.session.token()),
            Command::Menu => self.open_menu(),
        }
        Action::Redraw
    }

    fn lay_over(&mut self, over: Over) {
        self.player.playing = false;
        self.over = over;
    }

    fn go(&mut self, to: Time) {
        self.player.playing = false;
        self.player.forget_skip();
        self.seek(to);
    }

    fn step(&mut self, forward: bool) {
        self.player.playing = false;
        self.player.forget_skip();
        if forward {
            self.run.session.step();
        } else {
            self.run.session.step_back();
        }
        self.events.select(usize::MAX);
        self.look();
        self.events.select(usize::MAX);
    }

    fn walk(&mut self, step: Move) {
        match self.pane {
            Pane::Settings => self.settings.go(step),
            Pane::Backlog if self.series.last_top() > 0 => {
                self.series.go(step);
            }
            Pane::Topology | Pane::Events | Pane::Backlog => {
                self.player.playing = false;
                self.events.go(step);
            }
        }
    }

    /// A page of the list that has the keys; else a stride of the run.
    fn page(&mut self, step: Move) {
        match self.pane {
            Pane::Settings | Pane::Events => self.walk(step),
            Pane::Topology | Pane::Backlog => self.go(self.run.stride(step == Move::PageDown)),
        }
    }

    /// What the menu offers here and now.
    pub(super) fn menu(&self) -> Vec<(Command, Text)> {
        let has = |command| match command {
            Command::Tasks => !self.lab.tasks.is_empty(),
            Command::Attack => self.task.is_some(),
            Command::Predict => !self.lab.predicts.is_empty(),
            _ => true,
        };
        MENU.into_iter().filter(|(command, _)| has(*command)).collect()
    }

    fn open_menu(&mut self) {
        // Beyond the digits its entries show the letters that do the same anywhere.
        let entries = self.menu().len();
        self.lay_over(Over::Menu(List::with_keys(entries, DIGITS)));
    }

    fn turn(&mut self, by: usize) {
        self.pane = Pane::ALL[(self.pane.index() + by) % Pane::ALL.len()];
    }

    fn enter(&mut self, ui: &Ui) -> Action {
        match self.pane {
            Pane::Topology | Pane::Backlog => self.open_menu(),
            Pane::Settings if self.settings.selected >= self.lab.settings.len() => {
                return match &self.task {
                    Some(task) if task.result != Some(Attack::Survived) => self.attack(ui),
                    Some(task) if task.began_here => {
                        self.task = None;
                        Action::Redraw
                    }
                    _ => Action::Pop,
                };
            }
            Pane::Settings => {
                let at = self.run.session.now();
                let at = if self.run.is_at_end() { Time::MAX } else { at };
                let setting = self.lab.settings.get(self.settings.selected);
                let next = setting.and_then(|setting| Some((setting.spec.name, self.setup.next_value(setting)?)));
                if let Some((name, value)) = next {
                    let mut setup = self.setup.clone();
                    setup.put(name, &value);
                    if let Some(refusal) = self.lab.refusal(&setup.set) {
                        // Nobody would start with it: the change is not made.
                        return Action::Notice(refusal.why.in_language(ui.language).to_owned());
                    }
                    self.change(setup, at);
                }
            }
            Pane::Events => {
                let Some(message) = self.selected_message() else {
                    return notice(ui, "这个事件不关哪一单的事", "this event concerns no single order");
                };
                self.lay_over(Over::Life(Life::of(&self.run.session, message, ui.language)));
            }
        }
        Action::Redraw
    }

    fn next_prediction(&mut self, ui: &Ui) -> Action {
        if self.lab.predicts.is_empty() {
            return notice(ui, "这个实验没有预测题", "this lab asks for no prediction");
        }
        let next = self.last_bet.map_or(0, |bet| (bet.predict + 1) % self.lab.predicts.len());
        self.lay_over(Over::Asking(Asking::new(&self.lab, Some(next))));
        Action::Redraw
    }

    fn attack(&mut self, ui: &Ui) -> Action {
        match &mut self.task {
            Some(task) => {
                self.player.playing = false;
                task.attack(&self.lab, &self.setup, self.seeds);
                Action::Redraw
            }
            None => notice(ui, "先按 e 选一个练习，再攻击你的设置", "choose an exercise with e first, then attack"),
        }
    }

    /// Every single change of a setting that changes anything in this run: what a
    /// twin run can flip. The one that is known to help comes first.
    pub(super) fn flips(&self) -> Vec<(String, String)> {
        let mut flips = self.all_flips();
        if let Some(cure) = self.told().and_then(|told| told.cure.as_ref()) {
            flips.sort_by_key(|flip| flip != cure);
        }
        flips
    }

    fn all_flips(&self) -> Vec<(String, String)> {
        let starts = |flip: &(String, String)| {
            let flipped = self.setup.clone().with(&self.lab, std::slice::from_ref(flip));
            self.lab.refusal(&flipped.set).is_none()
        };
        let others = |setting: &LabSetting| {
            let now = self.setup.value(setting.spec.name).to_owned();
            let values = setting.steps().into_iter().filter(move |value| *value != now);
            let name = setting.spec.name.to_owned();
            values.map(move |value| (name.clone(), value)).collect::<Vec<_>>()
        };
        let plan = self.run.session.plan();
        let alive = self.lab.settings.iter().filter(|setting| !plan.is_dead(setting.spec.name));
        alive.flat_map(others).filter(starts).collect()
    }

    pub(super) fn act_twin(&mut self, command: Command, ui: &Ui) -> Action {
        let Over::Twin(twin) = &mut self.over else { return Action::Ignored };
        let playing = std::mem::replace(&mut twin.player.playing, false);
        match command {
            Command::Play if playing => {}
            Command::Play => {
                if twin.now() >= twin.end() {
                    twin.seek(Time::ZERO);
                }
                if ui.options.reduced_motion {
                    twin.seek(twin.end());
                } else {
                    twin.player.playing = true;
                }
            }
            Command::Step => twin.step(true),
            Command::StepBack => twin.step(false),
            Command::Twin => twin.seek(twin.at.unwrap_or_else(|| twin.end())),
            Command::Start => twin.seek(Time::ZERO),
            Command::End => twin.seek(twin.end()),
            Command::Faster => {
                twin.player.faster();
                twin.player.playing = playing;
            }
            Command::Slower => {
                twin.player.slower();
                twin.player.playing = playing;
            }
            _ => return Action::Ignored,
        }
        Action::Redraw
    }
}

fn list_of(length: usize) -> List {
    let mut list = List::new(length);
    list.fit(length, length);
    list
}

fn notice(ui: &Ui, zh: &'static str, en: &'static str) -> Action {
    Action::Notice(ui.say(zh, en).to_owned())
}
