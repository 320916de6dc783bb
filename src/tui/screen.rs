//! What a screen is: state, an answer to keys, and a picture of the state. No
//! screen touches the terminal, so all of them are tested without one.

use std::time::Duration;

use ratatui::layout::{Rect, Size};

use crate::text::{Language, Text};

use super::canvas::Canvas;
use super::host::{Host, Memory, Request};
use super::keys::{Hint, Key};
use super::ui::Ui;

/// What a screen wants done after a key.
pub enum Action {
    /// The key meant nothing here.
    Ignored,
    /// The state changed.
    Redraw,
    /// Goes one level deeper.
    Push(Box<dyn Screen>),
    /// Takes this screen's place.
    Replace(Box<dyn Screen>),
    /// Goes one level back; from the first screen, quits.
    Pop,
    /// Goes back to the first screen.
    Home,
    Quit,
    /// Says something for a few seconds in the footer's line.
    Notice(String),
    /// Offers a text to the terminal's clipboard, and shows it, because nobody
    /// can know whether the terminal took it.
    Copy(String),
    SetLanguage(Language),
    /// Asks before doing something that cannot be undone.
    Confirm {
        question: String,
        /// The names of going on and of staying.
        answers: [Text; 2],
        then: Box<Self>,
    },
    /// Asks the rest of the house.
    Ask(Request),
    /// Several, in order.
    All(Vec<Self>),
}

pub trait Screen {
    /// Its place in the path at the top: a few words.
    fn title(&self, ui: &Ui) -> String;

    /// What stands at the right of the top line.
    fn status(&self, _ui: &Ui) -> String {
        String::new()
    }

    /// The keys that work at this moment, from the same tables that
    /// [`Screen::key`] looks its commands up in.
    fn hints(&self) -> Vec<Hint>;

    /// Lays itself out. Called before the first picture and whenever the size,
    /// the language or the theme has changed.
    fn arrange(&mut self, _size: Size, _ui: &Ui) {}

    /// Draws the state. Must not depend on anything but the state.
    fn view(&self, canvas: &mut Canvas<'_>, area: Rect);

    fn key(&mut self, key: Key, ui: &Ui) -> Action;

    /// Whether letters are text at this moment. Then they come through
    /// [`Screen::text`], and only Enter, Esc, arrows and the like through `key`.
    fn takes_text(&self) -> bool {
        false
    }

    fn text(&mut self, _text: &str, _ui: &Ui) -> Action {
        Action::Ignored
    }

    /// Closes what is open inside (a list, a search). False if there is nothing:
    /// then `q` and Esc leave the screen.
    fn close_inner(&mut self) -> bool {
        false
    }

    /// What q and Esc do at this moment, if that is not simply a step back.
    fn way_back(&self) -> Option<Text> {
        None
    }

    /// What is asked before q or Esc leaves it, if something would be gone.
    fn parting(&self, _ui: &Ui) -> Option<String> {
        None
    }

    /// Whether it moves by itself at this moment.
    fn animates(&self) -> bool {
        false
    }

    /// Time has passed. True if the picture changed.
    fn tick(&mut self, _elapsed: Duration, _ui: &Ui) -> bool {
        false
    }

    /// It is on top now: for the first time, or again after another screen.
    fn shown(&mut self, _host: &mut dyn Host, _ui: &Ui) {}

    /// What is to be remembered since it was last asked. Asked after every key
    /// and every tick, so that a run that ends by itself is remembered too.
    fn memories(&mut self) -> Vec<Memory> {
        Vec::new()
    }

    /// It is about to be left for good. What it returns is carried out.
    fn leaving(&mut self, _ui: &Ui) -> Action {
        Action::Ignored
    }
}
