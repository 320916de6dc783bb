//! The application: a stack of screens, and what lies over them (help, a
//! question, a notice). It knows no terminal: `run` and tests feed it messages.

mod press;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use crate::text::{Language, Text};

use super::canvas::Canvas;
use super::host::{Host, Memory, Request};
use super::keys::{GLOBALS, Hint, Key, Press, Shown, hints};
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::widget::{Dialog, Help, copy_card, footer, header, is_too_small, too_small};
use press::body;

/// What reaches the application.
#[derive(Clone, Debug)]
pub enum Msg {
    Press(Press),
    Paste(String),
    Resize(Size),
    /// The terminal gained or lost the keyboard: nothing moves unseen.
    Focus(bool),
    Tick(Duration),
}

/// What the application wants of the terminal after a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    pub redraw: bool,
    pub quit: bool,
    pub suspend: bool,
    /// For the clipboard.
    pub copy: Option<String>,
}

struct Notice {
    text: String,
    left: Duration,
}

/// What lies over the screen and has the keys.
enum Overlay {
    Help(Help),
    Question { dialog: Dialog, then: Box<Action> },
    Copied(String),
}

pub struct App {
    pub ui: Ui,
    stack: Vec<Box<dyn Screen>>,
    host: Box<dyn Host>,
    overlay: Option<Overlay>,
    notice: Option<Notice>,
    size: Size,
    focused: bool,
    effects: Effects,
}

/// How long a notice stays if no key is pressed.
const NOTICE: Duration = Duration::from_secs(4);
/// The time between two frames while something moves: 30 a second.
const FRAME: Duration = Duration::from_millis(33);
/// After a pause nothing jumps: a screen is told of no more time than this at once.
const LONGEST_STEP: Duration = Duration::from_millis(100);

impl App {
    /// Begins with screens from the first (home) to the top.
    #[must_use]
    pub fn new(ui: Ui, host: Box<dyn Host>, screens: Vec<Box<dyn Screen>>, size: Size) -> Self {
        let mut app = Self {
            ui,
            stack: Vec::new(),
            host,
            overlay: None,
            notice: None,
            size,
            focused: true,
            effects: Effects::default(),
        };
        for screen in screens {
            app.push(screen);
        }
        app
    }

    /// Takes one message, and says what the terminal has to do.
    pub fn update(&mut self, msg: Msg) -> Effects {
        match msg {
            Msg::Press(press) => self.press(press),
            Msg::Paste(text) => self.paste(&text),
            Msg::Resize(size) => {
                self.size = size;
                self.arrange();
            }
            Msg::Focus(focused) => self.focused = focused,
            Msg::Tick(elapsed) => self.tick(elapsed),
        }
        self.effects.quit |= self.stack.is_empty();
        std::mem::take(&mut self.effects)
    }

    /// Takes the size if it is another one than known.
    pub fn ensure_size(&mut self, size: Size) {
        if self.size != size {
            self.size = size;
            self.arrange();
        }
    }

    /// Leaves every screen, so that each can say what to remember.
    pub fn close(&mut self) {
        while !self.stack.is_empty() {
            self.leave_top();
        }
    }

    /// How many screens lie on one another.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.stack.len()
    }

    /// When the next tick is wanted; `None` while nothing moves.
    #[must_use]
    pub fn next_tick(&self) -> Option<Duration> {
        if self.focused && self.overlay.is_none() && self.stack.last().is_some_and(|top| top.animates()) {
            return Some(FRAME);
        }
        self.notice.as_ref().map(|notice| notice.left)
    }

    /// The title for the terminal's window.
    #[must_use]
    pub fn window_title(&self) -> String {
        match self.stack.last() {
            Some(top) if self.stack.len() > 1 => format!("{} - Ackademy", top.title(&self.ui)),
            _ => "Ackademy".to_owned(),
        }
    }

    /// Draws everything. Returns where the terminal's cursor belongs, if anywhere.
    pub fn view(&self, buffer: &mut Buffer) -> Option<Position> {
        let area = buffer.area;
        let mut canvas = Canvas::new(buffer, &self.ui);
        if is_too_small(area) {
            too_small(&mut canvas, area);
        } else if let Some(top) = self.stack.last() {
            self.view_screen(&mut canvas, area, top.as_ref());
        }
        canvas.cursor
    }

    fn view_screen(&self, canvas: &mut Canvas<'_>, area: Rect, top: &dyn Screen) {
        let path: Vec<_> = self.stack.iter().map(|screen| screen.title(&self.ui)).collect();
        header(canvas, Rect { height: 1, ..area }, &path, &top.status(&self.ui));
        top.view(canvas, body(area));
        let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
        match (&self.overlay, &self.notice) {
            (Some(Overlay::Question { dialog, .. }), _) => {
                footer(canvas, bottom, &dialog.hints(), &self.common_hints());
            }
            (None, Some(notice)) => {
                let text = self.ui.fit(&notice.text, area.width - 2);
                canvas.print(bottom.x + 1, bottom.y, bottom.width - 1, &text, super::theme::Ink::Warn);
            }
            _ => footer(canvas, bottom, &top.hints(), &self.common_hints()),
        }
        match &self.overlay {
            Some(Overlay::Help(help)) => help.view(canvas, body(area), &top.hints(), &self.common_hints()),
            Some(Overlay::Question { dialog, .. }) => dialog.view(canvas, body(area)),
            Some(Overlay::Copied(text)) => copy_card(canvas, body(area), text),
            None => {}
        }
    }

    fn tick(&mut self, elapsed: Duration) {
        if let Some(notice) = &mut self.notice {
            notice.left = notice.left.saturating_sub(elapsed);
            if notice.left.is_zero() {
                self.notice = None;
                self.effects.redraw = true;
            }
        }
        if self.overlay.is_some() || !self.focused {
            return;
        }
        if let Some(top) = self.stack.last_mut()
            && top.animates()
        {
            self.effects.redraw |= top.tick(elapsed.min(LONGEST_STEP), &self.ui);
        }
        self.remember();
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Ignored | Action::Redraw => {}
            Action::Push(screen) => self.push(screen),
            Action::Replace(screen) => {
                self.leave_top();
                self.push(screen);
            }
            Action::Pop => self.pop(),
            Action::Home => {
                while self.stack.len() > 1 {
                    self.leave_top();
                }
                self.show_top();
            }
            Action::Quit => self.quit(),
            Action::Notice(text) => self.notice = Some(Notice { text, left: NOTICE }),
            Action::Copy(text) => {
                self.effects.copy = Some(text.clone());
                self.overlay = Some(Overlay::Copied(text));
            }
            Action::SetLanguage(language) => self.set_language(language),
            Action::Confirm { question, answers, then } => {
                self.overlay = Some(Overlay::Question { dialog: Dialog::new(question, answers), then });
            }
            Action::Ask(request) => {
                let answer = self.host.ask(request, &self.ui);
                self.perform(answer);
            }
            Action::All(actions) => actions.into_iter().for_each(|action| self.perform(action)),
        }
    }

    fn push(&mut self, screen: Box<dyn Screen>) {
        self.stack.push(screen);
        self.show_top();
    }

    fn show_top(&mut self) {
        if let Some(top) = self.stack.last_mut() {
            top.shown(self.host.as_mut(), &self.ui);
        }
        self.arrange();
    }

    fn leave_top(&mut self) {
        self.remember();
        if let Some(mut top) = self.stack.pop() {
            // What a screen asks for on its way out may only be remembered.
            if let Action::Ask(request @ Request::Remember(_)) = top.leaving(&self.ui) {
                self.keep(request);
            }
        }
    }

    fn pop(&mut self) {
        self.leave_top();
        self.show_top();
    }

    fn quit(&mut self) {
        self.close();
        self.effects.quit = true;
    }

    /// The common keys; on the first screen, the way back is the way out.
    fn common_hints(&self) -> Vec<Hint> {
        if self.stack.last().is_some_and(|top| top.takes_text()) {
            let name = Text { zh: "取消", en: "cancel" };
            return vec![Hint { keys: &[Key::Esc], name, shown: Shown::Footer }];
        }
        let mut common = hints(GLOBALS);
        let Some(back) = common.iter_mut().find(|hint| hint.keys.contains(&Key::Esc)) else { return common };
        if self.stack.len() == 1 {
            *back = Hint { keys: &[Key::Char('q')], name: Text { zh: "退出", en: "quit" }, ..*back };
        }
        if let Some(name) = self.stack.last().and_then(|top| top.way_back()) {
            back.name = name;
        }
        common
    }

    fn set_language(&mut self, language: Language) {
        self.ui.language = language;
        self.keep(Request::Remember(Memory::Language(language)));
        self.arrange();
    }

    /// Lets every screen lay itself out: the ones below may be seen again any time.
    fn arrange(&mut self) {
        self.effects.redraw = true;
        let area = body(Rect::from((Position::ORIGIN, self.size)));
        for screen in &mut self.stack {
            screen.arrange(area.as_size(), &self.ui);
        }
        if matches!(self.overlay, Some(Overlay::Help(_))) {
            self.open_help();
        }
    }
}
