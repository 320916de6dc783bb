//! What the keys of the bench mean, depending on what lies over it.

use crate::text::Language;
use crate::time::{Span, Time};
use crate::tui::host::{Confidence, Memory};
use crate::tui::keys::{Key, MOVES, command};
use crate::tui::screen::Action;
use crate::tui::ui::Ui;
use crate::tui::widget::Step as Walk;

use super::faults::{Entry, FaultMenu};
use super::keymap::{CARD, Command, KEYMAP, TWIN, shortcut};
use super::layout::Pane;
use super::predict::{Asking, Bet, CONFIDENCES, Wager, right_option};
use super::setup::Setup;
use super::undo::Step;
use super::{Bench, Over};

impl Bench {
    pub(super) fn press(&mut self, key: Key, ui: &Ui) -> Action {
        match &mut self.over {
            // There is no run yet that a key could be about.
            Over::Nothing if self.computing.is_some() => Action::Ignored,
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
                let moved = command(MOVES, key).map(|step| life.go(step)).is_some();
                self.read_on(key, moved)
            }
            Over::About(card) => {
                let moved = command(MOVES, key).map(|step| card.go(step)).is_some();
                self.read_on(key, moved)
            }
            Over::Twin(_) => command(TWIN, key).map_or(Action::Ignored, |command| self.act_twin(command, ui)),
            _ => self.press_list(key, ui),
        }
    }

    /// A key on a card that is read: it scrolls, and Enter puts it away.
    fn read_on(&mut self, key: Key, moved: bool) -> Action {
        if !moved && command(CARD, key).is_none() {
            return Action::Ignored;
        }
        if !moved {
            self.over = Over::Nothing;
        }
        Action::Redraw
    }

    /// What stands beside an entry of the menu does there what it says; digits are
    /// those of the entries, and a space chooses.
    fn shortcut_in_menu(&self, key: Key) -> Option<Command> {
        if !matches!(self.over, Over::Menu(_)) || key == Key::Char(' ') || key.digit().is_some() {
            return None;
        }
        self.menu().into_iter().map(|(command, _)| command).find(|command| shortcut(*command) == Some(key))
    }

    /// A key while a list lies over the bench.
    fn press_list(&mut self, key: Key, ui: &Ui) -> Action {
        if let Over::Asking(asking) = &mut self.over
            && asking.read_on()
        {
            return Action::Redraw;
        }
        if let Some(command) = self.shortcut_in_menu(key) {
            self.over = Over::Nothing;
            return self.act(command, ui);
        }
        let list = match &mut self.over {
            Over::Asking(asking) => &mut asking.options,
            Over::Menu(list) | Over::Flip(list) | Over::Tasks(list) => list,
            Over::Faults(menu) => &mut menu.list,
            Over::Sweep(sweep) => &mut sweep.list,
            _ => return Action::Ignored,
        };
        match list.press(key) {
            Walk::Moved => Action::Redraw,
            Walk::Chosen => self.choose(ui),
            Walk::Nothing => Action::Ignored,
        }
    }

    /// The selected entry of the list is chosen.
    fn choose(&mut self, ui: &Ui) -> Action {
        match std::mem::replace(&mut self.over, Over::Nothing) {
            Over::Asking(asking) => self.choose_option(asking, ui),
            Over::Menu(list) => {
                if let Some((command, _)) = self.menu().get(list.selected) {
                    return self.act(*command, ui);
                }
            }
            Over::Flip(list) => {
                if let Some(flip) = self.flips().get(list.selected).cloned() {
                    self.begin_twin(&[flip], ui);
                }
            }
            Over::Tasks(list) => return self.begin_task(list.selected),
            Over::Faults(menu) => return self.choose_fault(menu, ui),
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
        let setup = self.setup.clone().giving_way(&self.lab, &known.given).with_fault(known.fault.as_deref());
        self.change(setup, Time::ZERO);
        // What a prediction brings along is no change of the learner's.
        self.steps.clear();
        self.opened = self.setup.clone();
        let wager = Wager { predict, option, confidence };
        if !self.put_off(wager) {
            self.settle_wager(wager, ui);
        }
    }

    /// Judges a prediction whose run is there, and plays the run.
    pub(super) fn settle_wager(&mut self, wager: Wager, ui: &Ui) {
        let Wager { predict, option, confidence } = wager;
        let Some(known) = self.lab.predicts.get(predict).cloned() else { return };
        let right = known.options.get(option).is_some_and(|option| option.right.holds(self.run.totals()));
        self.bet = Some(Bet { predict, option, right });
        self.last_bet = self.bet;
        self.memories.push(Memory::PredictionJudged {
            lab: self.lab.id.clone(),
            predict: known.id.clone(),
            option,
            confidence,
            right,
            proved: right_option(&known, self.run.totals()),
            seed: self.setup.seed.0,
        });
        self.pane = Pane::Topology;
        self.play(ui);
    }

    fn choose_fault(&mut self, mut menu: FaultMenu, ui: &Ui) -> Action {
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
            Some(Entry::Live(action, lasting)) => return self.inject(action, lasting, ui),
            None => {}
        }
        Action::Redraw
    }

    /// Injects a fault now. A run that is over has nothing left to break: then it
    /// goes back to the last moment at which something was under way.
    fn inject(&mut self, action: crate::sim::Action, lasting: Option<Span>, ui: &Ui) -> Action {
        let was_over = self.run.is_at_end();
        if was_over {
            self.seek(self.run.last_busy());
        }
        let at = self.run.session.now();
        if self.is_long() {
            self.recompute(move |run, watch| run.inject(action, lasting, watch));
        } else {
            self.run.inject(action, lasting, &mut |_| true);
        }
        self.remember_step(Step::Fork);
        self.bet = None;
        self.counted = false;
        self.begin();
        if !was_over {
            return Action::Redraw;
        }
        Action::Notice(match ui.language {
            Language::Zh => format!("运行已经结束：退回到 {at}s，在那里注入。空格继续，u 撤销"),
            Language::En => format!("The run was over: back to {at}s, injected there. Space goes on, u undoes"),
        })
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
        } else if before != self.setup {
            self.remember_step(Step::Setup { before, live });
        }
        if let Some(task) = &mut self.task {
            task.forget();
        }
    }

    pub(super) fn play(&mut self, ui: &Ui) {
        if !self.run.is_surveyed {
            if self.computing.is_none() {
                self.compute(Time::ZERO);
            }
            return;
        }
        if self.run.is_at_end() {
            self.seek(Time::ZERO);
        }
        if ui.options.reduced_motion {
            self.seek(Time::MAX);
        } else {
            self.player.playing = true;
        }
    }
}
