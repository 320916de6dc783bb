//! The bench as a screen.

use std::time::Duration;

use ratatui::layout::{Rect, Size};

use crate::text::Text;
use crate::trial::check::Attack;
use crate::tui::canvas::Canvas;
use crate::tui::host::Memory;
use crate::tui::keys::{Hint, Key, MOVES, hints};
use crate::tui::screen::{Action, Screen};
use crate::tui::ui::Ui;

use super::events::Life;
use super::setup::Setup;
use super::task::TaskState;
use super::{Bench, Over, keymap};

impl Screen for Bench {
    fn title(&self, ui: &Ui) -> String {
        self.lab.title.in_language(ui.language).to_owned()
    }

    fn status(&self, ui: &Ui) -> String {
        self.status_line(ui)
    }

    fn hints(&self) -> Vec<Hint> {
        let moves = hints(MOVES);
        match &self.over {
            Over::Nothing if self.computing.is_some() => Vec::new(),
            Over::Nothing => {
                let mut own = hints(keymap::KEYMAP);
                own.retain(|hint| match hint.keys {
                    [Key::Char('a')] => self.task.is_some(),
                    [Key::Char('e')] => !self.lab.tasks.is_empty(),
                    _ => true,
                });
                own
            }
            Over::Verdict(_) => hints(keymap::CARD),
            Over::Life(_) | Over::About(_) => [hints(keymap::CARD), moves].concat(),
            Over::Twin(_) => hints(keymap::TWIN),
            Over::Asking(asking) => asking.hints(),
            Over::Menu(list) | Over::Flip(list) | Over::Tasks(list) => list.hints(),
            Over::Faults(menu) => menu.list.hints(),
            Over::Sweep(sweep) => sweep.list.hints(),
        }
    }

    fn arrange(&mut self, size: Size, ui: &Ui) {
        self.size = size;
        if self.language != ui.language {
            self.language = ui.language;
            self.outcome = None;
            if let Over::Twin(twin) = &mut self.over {
                twin.retell(ui);
            }
            if let Over::Life(life) = &self.over {
                self.over = Over::Life(Life::of(&self.run.session, life.message, ui.language));
            }
        }
        self.settle(ui);
        self.lay_out(ui);
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        self.draw(canvas, area);
    }

    fn key(&mut self, key: Key, ui: &Ui) -> Action {
        let action = self.press(key, ui);
        self.settle(ui);
        self.lay_out(ui);
        action
    }

    fn close_inner(&mut self) -> bool {
        if let Over::Faults(menu) = &mut self.over
            && menu.back(&self.lab)
        {
            return true;
        }
        if let Over::Asking(asking) = &mut self.over
            && asking.back(&self.lab)
        {
            return true;
        }
        if self.give_up() {
            return true;
        }
        let was_open = !matches!(self.over, Over::Nothing);
        self.over = Over::Nothing;
        // From an exercise that was chosen here, back to the lab.
        was_open || self.task.take_if(|task| task.began_here).is_some()
    }

    fn way_back(&self) -> Option<Text> {
        if let Over::Asking(asking) = &self.over { Some(asking.way_back()) } else { None }
    }

    fn parting(&self, ui: &Ui) -> Option<String> {
        let solved = self.task.as_ref().is_some_and(|task| task.result == Some(Attack::Survived));
        // An attack brings a seed of its own, which nobody chose; and the lab's own
        // settings are there whenever it is opened.
        let same = |other: &Setup| {
            let has = |one: &Setup, other: &Setup| one.faults.iter().all(|fault| other.faults.contains(fault));
            self.setup.set == other.set && has(&self.setup, other) && has(other, &self.setup)
        };
        let changed = !(same(&self.opened) || same(&Setup::of(&self.lab))) || !self.run.live.is_empty();
        let text = ui.say(
            "你改过的设置和注入的故障不会保留。离开吗？",
            "The settings you changed and the faults you injected are not kept. Leave?",
        );
        (changed && !solved).then(|| text.to_owned())
    }

    fn animates(&self) -> bool {
        let works = match &self.over {
            Over::Sweep(sweep) => !sweep.is_done(),
            Over::Twin(twin) => twin.player.playing,
            Over::Nothing => self.player.playing,
            _ => false,
        };
        works || self.computing.is_some() || self.task.as_ref().is_some_and(TaskState::is_attacking)
    }

    fn tick(&mut self, elapsed: Duration, ui: &Ui) -> bool {
        let mut changed = self.take_attack();
        changed |= self.take_computed(ui);
        match &mut self.over {
            Over::Sweep(sweep) => changed |= sweep.take(&self.lab),
            Over::Twin(twin) if twin.player.playing => {
                twin.tick(elapsed);
                changed = true;
            }
            Over::Nothing if self.player.playing => {
                let (now, next, end) = (self.run.session.now(), self.run.next_time(), self.run.end());
                let to = self.player.target(now, next, end, elapsed);
                self.run.session.advance(to);
                self.look();
                changed = true;
            }
            _ => {}
        }
        if changed {
            self.settle(ui);
            self.lay_out(ui);
        }
        changed
    }

    fn memories(&mut self) -> Vec<Memory> {
        std::mem::take(&mut self.memories)
    }
}
