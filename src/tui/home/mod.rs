//! Home: the map of the course, what is done, and where to go on. Two groups of
//! entries, what to do and the lessons, each with its own selection; a narrow
//! screen shows them one below the other.

mod labs;
mod map;
mod model;
mod side;

pub use labs::Labs;
pub use model::{HomeModel, LabState, LabTile, LessonState, LessonTile, Resume};

use ratatui::layout::{Rect, Size};

use crate::text::Language;

use super::canvas::Canvas;
use super::host::{Host, LabRequest, Request};
use super::keys::{Binding, DIGIT_KEYS, Hint, Key, MOVES, Move, command, hints};
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::widget::List;

#[derive(Clone, Copy, Debug)]
enum Command {
    Open,
    Other,
    Continue,
    FirstLab,
    Notebook,
    Labs,
}

const KEYMAP: &[Binding<Command>] = &[
    Binding::footer(&[Key::Enter, Key::Char(' ')], Command::Open, "打开", "open"),
    Binding::footer(&[Key::Tab, Key::Left, Key::Right, Key::BackTab], Command::Other, "换一栏", "other pane"),
    Binding::footer(&[Key::Char('c')], Command::Continue, "继续", "continue"),
    Binding::footer(&[Key::Char('n')], Command::Notebook, "预测簿", "notebook"),
    Binding::footer(&[Key::Char('l')], Command::Labs, "实验", "labs"),
    Binding::help(&[Key::Char('f')], Command::FirstLab, "第一个实验", "the first lab"),
    Binding::help(DIGITS, Command::Open, "按课号选课", "select a lesson by its number"),
];

const DIGITS: &[Key] = &DIGIT_KEYS;

/// What can be done from home besides opening a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Continue,
    FirstLab,
    Notebook,
    Language,
    Quit,
}

/// Which group has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Deeds,
    Lessons,
}

#[derive(Debug, Default)]
pub struct Home {
    model: HomeModel,
    pane: Pane,
    deeds: List,
    lessons: List,
    /// The first digit of a lesson's number, if it was the last key.
    digit: Option<usize>,
}

impl Home {
    #[must_use]
    pub fn new(model: HomeModel) -> Self {
        let mut home = Self::default();
        home.take(model);
        home
    }

    fn take(&mut self, model: HomeModel) {
        let changed = self.model.resume != model.resume;
        self.model = model;
        self.deeds.fit(self.deed_list().len(), usize::MAX / 2);
        self.lessons.fit(self.model.lessons.len(), self.lessons.scroll().height);
        if changed && let Some(at) = self.resumed_lesson() {
            self.lessons.select(at);
        }
    }

    fn resumed_lesson(&self) -> Option<usize> {
        let resume = self.model.resume.as_ref()?;
        self.model.lessons.iter().position(|lesson| lesson.id == resume.lesson)
    }

    fn deed_list(&self) -> Vec<Deed> {
        let mut deeds = vec![Deed::FirstLab, Deed::Notebook, Deed::Language, Deed::Quit];
        if self.model.resume.is_some() {
            deeds.insert(0, Deed::Continue);
        }
        deeds
    }

    fn deed(&self) -> Option<Deed> {
        self.deed_list().get(self.deeds.selected).copied()
    }

    /// The lesson that the eye is on: the selected one, or the one to go on with.
    fn lesson_in_view(&self) -> Option<&LessonTile> {
        match (self.pane, self.deed()) {
            (Pane::Lessons, _) => self.model.lessons.get(self.lessons.selected),
            (Pane::Deeds, Some(Deed::Continue)) => self.model.lessons.get(self.resumed_lesson()?),
            (Pane::Deeds, _) => None,
        }
    }

    fn walk(&mut self, step: Move) {
        let list = match self.pane {
            Pane::Deeds => &mut self.deeds,
            Pane::Lessons => &mut self.lessons,
        };
        let before = list.selected;
        list.go(step);
        // At an end, the walk goes on in the other group: they are one list to
        // whoever only has arrows.
        let stuck = list.selected == before;
        match (self.pane, step) {
            (Pane::Deeds, Move::Down) if stuck => {
                self.pane = Pane::Lessons;
                self.lessons.select(0);
            }
            (Pane::Lessons, Move::Up) if stuck => {
                self.pane = Pane::Deeds;
                self.deeds.go(Move::Bottom);
            }
            _ => {}
        }
    }

    /// Lessons have two digits: the second one completes the first.
    fn digit(&mut self, digit: usize) {
        let number = self.digit.map_or(digit, |first| first * 10 + digit);
        let find = |number: usize| self.model.lessons.iter().position(|lesson| lesson.number().parse() == Ok(number));
        let found = find(number).or_else(|| find(digit));
        self.digit = if self.digit.is_none() { Some(digit) } else { None };
        if let Some(at) = found {
            self.pane = Pane::Lessons;
            self.lessons.select(at);
        }
    }

    fn open(&self, ui: &Ui) -> Action {
        match self.pane {
            Pane::Deeds => self.deed().map_or(Action::Ignored, |deed| self.act(deed, ui)),
            Pane::Lessons => match self.model.lessons.get(self.lessons.selected) {
                Some(lesson) if lesson.state == LessonState::Coming => open_labs(lesson, ui),
                Some(lesson) => Action::Ask(Request::OpenLesson { lesson: lesson.id.clone(), step: None }),
                None => Action::Ignored,
            },
        }
    }

    fn act(&self, deed: Deed, ui: &Ui) -> Action {
        match deed {
            Deed::Continue => match &self.model.resume {
                Some(resume) => Action::Ask(Request::OpenLesson { lesson: resume.lesson.clone(), step: None }),
                None => self.act(Deed::FirstLab, ui),
            },
            Deed::FirstLab => {
                Action::Ask(Request::OpenLab(LabRequest { lab: self.model.first_lab.clone(), ..LabRequest::default() }))
            }
            Deed::Notebook => Action::Ask(Request::OpenNotebook),
            Deed::Language => Action::SetLanguage(ui.language.other()),
            Deed::Quit => Action::Quit,
        }
    }
}

/// A lesson without a text may have labs already: one is opened, several are
/// listed.
fn open_labs(lesson: &LessonTile, ui: &Ui) -> Action {
    match lesson.labs.as_slice() {
        [] if lesson.state == LessonState::Coming => {
            Action::Notice(ui.say("这一课还没有写好", "this lesson is not written yet").to_owned())
        }
        [] => Action::Notice(ui.say("这一课没有实验", "this lesson has no labs").to_owned()),
        [lab] => Action::Ask(Request::OpenLab(LabRequest { lab: lab.id.clone(), ..LabRequest::default() })),
        _ => Action::Push(Box::new(Labs::new(lesson.clone()))),
    }
}

/// What is drawn where.
struct Plan {
    lessons: Rect,
    deeds: Rect,
    /// What is in view; empty where there is no room.
    detail: Rect,
}

/// The widest that the two columns together grow: beyond, lines are too long.
const WIDEST: u16 = 132;
/// From here on there are two columns.
const TWO_COLUMNS: u16 = 76;

impl Home {
    fn plan(&self, area: Rect) -> Plan {
        let width = area.width.min(WIDEST);
        let area = Rect { x: area.x + (area.width - width) / 2, width, ..area };
        let deeds = self.deed_list().len() as u16;
        if width < TWO_COLUMNS {
            let deeds_rows = (deeds + 2).min(area.height / 2);
            let top = Rect { height: deeds_rows, ..area };
            let bottom = Rect { y: area.y + deeds_rows, height: area.height - deeds_rows, ..area };
            return Plan { lessons: bottom, deeds: top, detail: Rect::default() };
        }
        let left = width * 11 / 20;
        let lessons = Rect { width: left, ..area };
        let right = Rect { x: area.x + left + 1, width: width - left - 1, ..area };
        let deeds_rows = (deeds + 4).min(area.height);
        Plan {
            lessons,
            deeds: Rect { height: deeds_rows, ..right },
            detail: Rect { y: right.y + deeds_rows, height: area.height - deeds_rows, ..right },
        }
    }
}

impl Screen for Home {
    fn title(&self, _ui: &Ui) -> String {
        "Ackademy".to_owned()
    }

    fn status(&self, ui: &Ui) -> String {
        let written = self.model.lessons.iter().filter(|lesson| lesson.state != LessonState::Coming).count();
        let done = self.model.lessons.iter().filter(|lesson| lesson.state == LessonState::Done).count();
        if written == 0 {
            return String::new();
        }
        match ui.language {
            Language::Zh => format!("学完 {done} 课，共 {written} 课"),
            Language::En => format!("{done} of {written} lessons done"),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let mut own = hints(KEYMAP);
        if self.model.resume.is_none() {
            own.retain(|hint| hint.keys != [Key::Char('c')]);
        }
        [own, hints(MOVES)].concat()
    }

    fn shown(&mut self, host: &mut dyn Host, _ui: &Ui) {
        self.take(host.home());
    }

    fn arrange(&mut self, size: Size, _ui: &Ui) {
        let plan = self.plan(Rect::from((ratatui::layout::Position::ORIGIN, size)));
        let rows = usize::from(plan.lessons.height.saturating_sub(2)) / map::rows_per_lesson(plan.lessons);
        self.lessons.fit(self.model.lessons.len(), rows.max(1));
        self.deeds.fit(self.deed_list().len(), usize::from(plan.deeds.height.saturating_sub(2)).max(1));
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let plan = self.plan(area);
        self.view_lessons(canvas, plan.lessons);
        self.view_deeds(canvas, plan.deeds);
        self.view_detail(canvas, plan.detail);
    }

    fn key(&mut self, key: Key, ui: &Ui) -> Action {
        if let Some(digit) = key.digit() {
            self.digit(digit);
            return Action::Redraw;
        }
        self.digit = None;
        if let Some(step) = command(MOVES, key) {
            self.walk(step);
            return Action::Redraw;
        }
        match command(KEYMAP, key) {
            Some(Command::Open) => self.open(ui),
            Some(Command::Other) => {
                self.pane = if self.pane == Pane::Deeds { Pane::Lessons } else { Pane::Deeds };
                Action::Redraw
            }
            Some(Command::Continue) => self.act(Deed::Continue, ui),
            Some(Command::FirstLab) => self.act(Deed::FirstLab, ui),
            Some(Command::Notebook) => self.act(Deed::Notebook, ui),
            Some(Command::Labs) => match self.lesson_in_view() {
                Some(lesson) => open_labs(lesson, ui),
                None => Action::Notice(ui.say("先选一课", "select a lesson first").to_owned()),
            },
            None => Action::Ignored,
        }
    }
}
