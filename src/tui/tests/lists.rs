//! Lists and cards of the bench and of home: every entry can be reached and read,
//! whatever the room, and the exercises of a lab are found from inside it.

use std::sync::Arc;

use ratatui::layout::Size;

use crate::lab::Lab;
use crate::source::Source;
use crate::text::Language;
use crate::tui::app::{App, Msg};
use crate::tui::bench::{Bench, BenchRequest};
use crate::tui::home::{Home, HomeModel, LabState, Labs};
use crate::tui::host::{Host, Request};
use crate::tui::keys::Key;
use crate::tui::reader::Marks;
use crate::tui::screen::Action;
use crate::tui::ui::Ui;

use super::course::{Desk, first_visit, home};
use super::pictures::{app, picture, press, ui};

const SMALL: (u16, u16) = (80, 24);

/// A lab with eight settings, sixteen faults and six exercises.
fn crowded() -> Arc<Lab> {
    let text = include_str!("../../../labs/b-c-ok-d-failed.toml");
    Arc::new(Lab::parse(&Source::new("b-c-ok-d-failed.toml", text)).expect("it ships"))
}

fn bench(size: (u16, u16), keys: &[Key]) -> App {
    let ui = ui(Language::En);
    let bench = Bench::open(crowded(), &BenchRequest::default(), &ui).with_seeds(3);
    let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(bench)], size);
    press(&mut app, keys);
    app
}

/// The row under the pointer.
fn pointed(shown: &str) -> &str {
    shown.lines().find(|line| line.contains('▸')).unwrap_or_default()
}

#[test]
fn the_exercises_of_a_lab_are_found_inside_it() {
    let mut app = bench(SMALL, &[Key::Char('m')]);
    let menu = picture(&app, SMALL);
    assert!(menu.contains("exercises") && !menu.contains("attack"), "nothing to attack yet:\n{menu}");
    press(&mut app, &[Key::Char('e')]);
    let lab = crowded();
    let first = lab.tasks[0].ask.en.split(' ').next().unwrap_or_default();
    assert!(picture(&app, SMALL).contains(first), "{}", picture(&app, SMALL));
    press(&mut app, &[Key::Char('1')]);
    let begun = picture(&app, SMALL);
    assert!(begun.contains("press a to attack"), "{begun}");
    press(&mut app, &[Key::Char('m')]);
    assert!(picture(&app, SMALL).contains("attack these settings"));
    press(&mut app, &[Key::Esc, Key::Char('q')]);
    assert_eq!(app.depth(), 2, "from an exercise back to the lab");
    assert!(!picture(&app, SMALL).contains("press a to attack"));
    press(&mut app, &[Key::Char('q')]);
    assert_eq!(app.depth(), 1, "and nothing of the learner's was lost by that");
}

#[test]
fn every_setting_and_every_word_about_it_is_in_reach() {
    let lab = crowded();
    for size in [SMALL, (120, 36), (44, 14)] {
        let mut app = bench(size, &[Key::Char('2')]);
        for setting in &lab.settings {
            assert!(pointed(&picture(&app, size)).contains(setting.spec.name), "{size:?}: {}", picture(&app, size));
            press(&mut app, &[Key::Char('i')]);
            let mut read = picture(&app, size);
            press(&mut app, &[Key::PageDown]);
            read.push_str(&picture(&app, size));
            press(&mut app, &[Key::End]);
            read.push_str(&picture(&app, size));
            let last = setting.spec.real.en.split([' ', '\n']).next_back().unwrap_or_default();
            assert!(read.contains(last), "{size:?} {}: nothing about {last:?} in\n{read}", setting.spec.name);
            press(&mut app, &[Key::Esc, Key::Down]);
        }
        press(&mut app, &[Key::Char('g')]);
        assert!(pointed(&picture(&app, size)).contains(lab.settings[0].spec.name));
        press(&mut app, &[Key::Char('G')]);
        assert!(pointed(&picture(&app, size)).contains(lab.settings[lab.settings.len() - 1].spec.name));
    }
}

#[test]
fn every_fault_has_a_key_and_is_told_in_full() {
    let lab = crowded();
    let mut app = bench(SMALL, &[Key::Char('f')]);
    press(&mut app, &[Key::Char('0')]);
    let shown = picture(&app, SMALL);
    let tenth = &lab.faults[9];
    assert!(pointed(&shown).contains("0 [x]"), "{shown}");
    let last = tenth.sentence.split(' ').next_back().unwrap_or_default();
    assert!(shown.contains(last), "nothing about {last:?}:\n{shown}");
    press(&mut app, &[Key::Char('f')]);
    assert!(pointed(&picture(&app, SMALL)).contains("f [x]"), "{}", picture(&app, SMALL));
    press(&mut app, &[Key::End]);
    assert!(!pointed(&picture(&app, SMALL)).is_empty(), "the last entry is in sight");
}

/// At the usual size nobody is asked to choose among options that are cut off.
#[test]
fn every_prediction_of_the_course_has_room_at_80_by_24() {
    let content = crate::workbook::Content::embedded();
    for id in content.labs() {
        let source = content.lab_source(&id).expect("it is built in");
        let lab = Arc::new(Lab::parse(&source).expect("it ships"));
        if lab.check_seeds.is_some() {
            continue;
        }
        for (language, predict) in
            Language::ALL.into_iter().flat_map(|language| lab.predicts.iter().map(move |p| (language, p)))
        {
            let ui = ui(language);
            let request =
                BenchRequest { first_time: true, predict: Some(predict.id.clone()), ..BenchRequest::default() };
            let bench = Bench::open(Arc::clone(&lab), &request, &ui);
            let mut app = app(ui, Desk::default(), vec![Box::new(Home::new(home())), Box::new(bench)], SMALL);
            if picture(&app, SMALL).contains(ui.say("按回车，先猜一猜", "Press Enter to make a prediction")) {
                press(&mut app, &[Key::Enter]);
            }
            let asked = picture(&app, SMALL);
            assert!(asked.contains(ui.say("先猜，再跑", "Guess first")), "{id} {}:\n{asked}", predict.id);
            press(&mut app, &[Key::Char('1')]);
            let sure = picture(&app, SMALL);
            assert!(sure.contains(ui.say("3  肯定", "3  certain")), "{id} {}:\n{sure}", predict.id);
        }
    }
}

/// A course whose labs are run one after another.
struct Course(HomeModel);

impl Host for Course {
    fn ask(&mut self, request: Request, _ui: &Ui) -> Action {
        if let Request::OpenLab(request) = &request {
            let labs = self.0.lessons.iter_mut().flat_map(|lesson| &mut lesson.labs);
            labs.filter(|lab| lab.id == request.lab).for_each(|lab| lab.state = LabState::Run);
            return Action::Push(Box::new(Home::new(self.0.clone())));
        }
        Action::Ignored
    }

    fn marks(&mut self, _lesson: &str) -> Marks {
        Marks::default()
    }

    fn home(&mut self) -> HomeModel {
        self.0.clone()
    }
}

#[test]
fn the_next_lab_that_was_not_run_is_under_the_pointer() {
    let mut model = home();
    let lesson = &mut model.lessons[11];
    lesson.labs.iter_mut().for_each(|lab| lab.state = LabState::New);
    let titles: Vec<_> = lesson.labs.iter().map(|lab| lab.title.en.clone()).collect();
    let labs = Labs::new(lesson.clone());
    let ui = ui(Language::En);
    let size = Size::new(SMALL.0, SMALL.1);
    let screens: Vec<Box<dyn crate::tui::screen::Screen>> = vec![Box::new(Home::new(model.clone())), Box::new(labs)];
    let mut app = App::new(ui, Box::new(Course(model)), screens, size);
    for title in &titles {
        let shown = picture(&app, SMALL);
        assert!(pointed(&shown).contains(title.as_str()), "{title}:\n{shown}");
        app.update(Msg::Press(Key::Enter.into()));
        app.update(Msg::Press(Key::Char('q').into()));
    }
}

#[test]
fn home_says_how_much_of_a_list_does_not_fit_and_cuts_no_sentence() {
    let labs = home().lessons[11].labs.clone();
    for (language, more) in [(Language::Zh, "还有 {} 个：按 l"), (Language::En, "{} more: press l")] {
        let ui = ui(language);
        let mut begun = app(ui, Desk::default(), vec![Box::new(Home::new(home()))], SMALL);
        press(&mut begun, &[Key::Char('1'), Key::Char('1')]);
        let shown = picture(&begun, SMALL);
        let listed = labs.iter().filter(|lab| shown.contains(lab.title.in_language(language))).count();
        let rest = labs.len() - listed;
        assert!(rest > 0 && shown.contains(&more.replace("{}", &rest.to_string())), "{listed} {shown}");
        let desk = Desk { first_visit: true, ..Desk::default() };
        let shown = picture(&app(ui, desk, vec![Box::new(Home::new(first_visit()))], SMALL), SMALL);
        assert!(shown.contains(ui.say("录好的。", "Nothing is scripted.")), "{shown}");
        assert!(shown.contains(ui.say("三十秒，看一次丢失", "30 seconds, a loss")), "{shown}");
    }
}
