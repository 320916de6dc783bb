//! What the keys of the bench do.

use crate::lab::LabSetting;
use crate::random::Seed;
use crate::time::Time;
use crate::tui::host::{Confidence, Memory};
use crate::tui::keys::{Key, MOVES, Move, command};
use crate::tui::screen::Action;
use crate::tui::ui::Ui;
use crate::tui::widget::List;

use super::events::Life;
use super::faults::{Entry, FaultMenu};
use super::keymap::{CARD, Command, KEYMAP, LIST, ListCommand, MENU, TWIN};
use super::layout::Pane;
use super::predict::{Asking, Bet, CONFIDENCES};
use super::setup::{Setup, values_of};
use super::sweep::Sweep;
use super::{Bench, Over};

impl Bench {
    pub(super) fn press(&mut self, key: Key, ui: &Ui) -> Action {
        match &mut self.over {
            Over::Nothing => command(KEYMAP, key).map_or(Action::Ignored, |command| self.act(command, ui)),
            Over::Verdict(_) => {
                if command(CARD, key).is_none() {
                    return Action::Ignored;
                }
                self.over = Over::Nothing;
                self.pane = Pane::Settings;
                Action::Redraw
            }
            Over::Life(life) => {
                if let Some(step) = command(MOVES, key) {
                    life.go(step);
                } else if command(CARD, key).is_some() {
                    self.over = Over::Nothing;
                } else {
                    return Action::Ignored;
                }
                Action::Redraw
            }
            Over::Twin(_) => command(TWIN, key).map_or(Action::Ignored, |command| self.act_twin(command, ui)),
            _ => self.press_list(key, ui),
        }
    }

    /// A key while a list lies over the bench.
    fn press_list(&mut self, key: Key, ui: &Ui) -> Action {
        let list = match &mut self.over {
            Over::Asking(asking) => &mut asking.options,
            Over::Menu(list) | Over::Flip(list) => list,
            Over::Faults(menu) => &mut menu.list,
            Over::Sweep(sweep) => &mut sweep.list,
            _ => return Action::Ignored,
        };
        if let Some(step) = command(MOVES, key) {
            list.go(step);
            return Action::Redraw;
        }
        match command(LIST, key) {
            Some(ListCommand::Digit) if !list.digit(key) => Action::Ignored,
            Some(_) => self.choose(ui),
            None => Action::Ignored,
        }
    }

    /// The selected entry of the list is chosen.
    fn choose(&mut self, ui: &Ui) -> Action {
        match std::mem::replace(&mut self.over, Over::Nothing) {
            Over::Asking(asking) => self.choose_option(asking, ui),
            Over::Menu(list) => match MENU.get(list.selected) {
                Some((command, _)) => return self.act(*command, ui),
                None => {}
            },
            Over::Flip(list) => {
                if let Some(flip) = self.flips().get(list.selected).cloned() {
                    self.begin_twin(&[flip], ui);
                }
            }
            Over::Faults(menu) => self.choose_fault(menu),
            Over::Sweep(sweep) => {
                if let Some(setup) = sweep.selected(&self.lab, &self.setup) {
                    self.change(setup, Time::ZERO);
                } else {
                    self.over = Over::Sweep(sweep);
                }
            }
            other => self.over = other,
        }
        Action::Redraw
    }

    fn choose_option(&mut self, mut asking: Asking, ui: &Ui) {
        let selected = asking.options.selected;
        match (asking.predict, asking.chosen) {
            (Some(_), None) if asking.options.length > 0 => {
                asking.choose(selected);
                self.over = Over::Asking(asking);
            }
            (Some(predict), Some(option)) => self.place_bet(predict, option, CONFIDENCES[selected.min(2)], ui),
            _ => self.play(ui),
        }
    }

    /// The prediction is made: its own settings and fault, and off it goes.
    pub(super) fn place_bet(&mut self, predict: usize, option: usize, confidence: Confidence, ui: &Ui) {
        let Some(known) = self.lab.predicts.get(predict).cloned() else { return };
        let setup = self.setup.clone().with(&self.lab, &known.given).with_fault(known.fault.as_deref());
        self.change(setup, Time::ZERO);
        let right = known.options.get(option).is_some_and(|option| option.right.holds(self.run.totals()));
        self.bet = Some(Bet { predict, option, right });
        self.last_bet = self.bet;
        self.memories.push(Memory::PredictionJudged {
            lab: self.lab.id.clone(),
            predict: known.id,
            option,
            confidence,
            right,
            seed: self.setup.seed.0,
        });
        self.pane = Pane::Topology;
        self.play(ui);
    }

    fn choose_fault(&mut self, mut menu: FaultMenu) {
        match menu.selected().cloned() {
            Some(Entry::Lab(index)) => {
                let mut setup = self.setup.clone();
                if let Some(fault) = self.lab.faults.get(index) {
                    setup.toggle_fault(&fault.id);
                }
                let now = self.run.session.now();
                self.change(setup, now);
                // The menu stays: several faults may be wanted.
                self.over = Over::Faults(menu);
            }
            Some(Entry::Target(target)) => {
                menu.enter(target, self.lab.topology);
                self.over = Over::Faults(menu);
            }
            Some(Entry::Live(action, lasting)) => {
                self.run.inject(action, lasting);
                self.bet = None;
                self.counted = false;
                self.begin();
            }
            None => {}
        }
    }

    /// Another setup: the run is made again from zero, up to this time.
    pub(super) fn change(&mut self, setup: Setup, at: Time) {
        if setup == self.setup && at == self.run.session.now() {
            return;
        }
        let before = std::mem::replace(&mut self.setup, setup);
        let live = std::mem::take(&mut self.run.live);
        if !self.rebuild(at, &live) {
            self.setup = before;
            self.run.live = live;
        }
        if let Some(task) = &mut self.task {
            task.forget();
        }
    }

    fn play(&mut self, ui: &Ui) {
        if self.run.is_at_end() {
            self.seek(Time::ZERO);
        }
        if ui.options.reduced_motion {
            self.seek(Time::MAX);
        } else {
            self.player.playing = true;
        }
    }

    fn act(&mut self, command: Command, ui: &Ui) -> Action {
        match command {
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
            Command::Attack => return self.attack(ui),
            Command::Reset => {
                let setup = Setup { seed: self.setup.seed, ..Setup::of(&self.lab) };
                self.setup = setup;
                self.run.live.clear();
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
            Command::Undo => {
                if !self.run.undo_fork() {
                    return notice(ui, "没有更早的时间线", "there is no run before this one");
                }
                self.begin();
            }
            Command::Token => return Action::Copy(self.run.session.token()),
            Command::Menu => self.lay_over(Over::Menu(list_of(MENU.len()))),
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
            Pane::Topology | Pane::Events => {
                self.player.playing = false;
                self.events.go(step);
            }
        }
    }

    fn turn(&mut self, by: usize) {
        self.pane = Pane::ALL[(self.pane.index() + by) % Pane::ALL.len()];
    }

    fn enter(&mut self, ui: &Ui) -> Action {
        match self.pane {
            Pane::Topology => self.lay_over(Over::Menu(list_of(MENU.len()))),
            Pane::Settings if self.settings.selected >= self.lab.settings.len() => return self.attack(ui),
            Pane::Settings => {
                let at = self.run.session.now();
                let at = if self.run.is_at_end() { Time::MAX } else { at };
                let setting = self.lab.settings.get(self.settings.selected);
                let next = setting.and_then(|setting| Some((setting.spec.name, self.setup.next_value(setting)?)));
                if let Some((name, value)) = next {
                    let mut setup = self.setup.clone();
                    setup.put(name, &value);
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
            None => notice(ui, "只有“守住它”的练习才能攻击", "attacks belong to the keep-it-alive exercises"),
        }
    }

    /// Every single change of a setting: what a twin run can flip.
    pub(super) fn flips(&self) -> Vec<(String, String)> {
        let others = |setting: &LabSetting| {
            let now = self.setup.value(setting.spec.name).to_owned();
            let values = values_of(setting).into_iter().filter(move |value| *value != now);
            let name = setting.spec.name.to_owned();
            values.map(move |value| (name.clone(), value)).collect::<Vec<_>>()
        };
        self.lab.settings.iter().flat_map(others).collect()
    }

    fn act_twin(&mut self, command: Command, ui: &Ui) -> Action {
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
