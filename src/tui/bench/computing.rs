//! A long run on its way: computed on a helper thread, with its progress in sight,
//! and given up with Esc. While it is computed the bench holds an idle run, so that
//! there is never the memory of two.

use ratatui::layout::{Rect, Size};

use crate::lab::Session;
use crate::text::Language;
use crate::time::Time;
use crate::tui::canvas::Canvas;
use crate::tui::screen::Action;
use crate::tui::theme::Ink;
use crate::tui::ui::Ui;
use crate::tui::widget::{centred, clear_around, panel};

use super::job::Job;
use super::predict::Wager;
use super::run::Run;
use super::{Bench, Over};

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    done: u64,
    all: u64,
    now: Time,
    happenings: u64,
}

enum Report {
    Progress(Progress),
    Done(Box<Run>),
}

pub struct Computing {
    job: Job<Report>,
    progress: Progress,
    /// Where the bench goes once it is there.
    to: Time,
    /// The prediction that it answers.
    wager: Option<Wager>,
}

/// What makes a run, and asks on its way whether it is still wanted.
type Work = Box<dyn FnOnce(&mut dyn FnMut(&Session) -> bool) -> Option<Run> + Send>;

impl Computing {
    fn begin(to: Time, work: Work) -> Self {
        let job = Job::begin(move |desk| {
            let mut watch = |session: &Session| {
                let (done, all) = session.progress();
                let (now, happenings) = (session.now(), session.happenings());
                desk.report(Report::Progress(Progress { done, all, now, happenings }))
            };
            if let Some(run) = work(&mut watch) {
                desk.report(Report::Done(Box::new(run)));
            }
        });
        Self { job, progress: Progress::default(), to, wager: None }
    }

    /// The run, once it is there.
    fn take(&mut self) -> Option<Box<Run>> {
        for report in self.job.take() {
            match report {
                Report::Progress(progress) => self.progress = progress,
                Report::Done(run) => return Some(run),
            }
        }
        None
    }

    pub fn view(&self, canvas: &mut Canvas<'_>, screen: Rect) {
        let ui = canvas.ui;
        let Progress { done, all, now, happenings } = self.progress;
        let area = centred(screen, Size::new(screen.width.saturating_sub(4).min(64), 7));
        clear_around(canvas, area);
        let inside = panel(canvas, area, ui.say("正在计算", "Computing"), Ink::Focus);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let percent = (u128::from(done) * 100 / u128::from(all.max(1))).min(100) as u16;
        let figure = format!(" {percent:>3}%");
        let cells = inside.width.saturating_sub(figure.len() as u16);
        let full = cells * percent / 100;
        canvas.repeat(inside.x, inside.y + 1, full, ui.glyphs().block, Ink::Accent);
        canvas.repeat(inside.x + full, inside.y + 1, cells - full, ui.glyphs().dot, Ink::Muted);
        canvas.print(inside.x + cells, inside.y + 1, inside.width, &figure, Ink::Strong);
        let millions = |count: u64| format!("{}.{}", count / 1_000_000, count % 1_000_000 / 100_000);
        let told = match ui.language {
            Language::Zh => format!("算到第 {} 秒，已经 {} 百万步", now.as_millis() / 1000, millions(happenings)),
            Language::En => {
                format!("second {} of the run, {} million steps", now.as_millis() / 1000, millions(happenings))
            }
        };
        canvas.print(inside.x, inside.y + 2, inside.width, &ui.fit(&told, inside.width), Ink::Text);
        let how = ui.say("算完就能随意前后跳。Esc 停下", "Once it is there, any moment is at hand. Esc stops");
        canvas.print(inside.x, inside.y + 3, inside.width, &ui.fit(how, inside.width), Ink::Muted);
    }
}

impl Bench {
    /// Whether the run on the bench, or the one to come, is long.
    pub(super) fn is_long(&self) -> bool {
        self.run.session.plan().is_long()
    }

    /// Computes the idle run that lies on the bench, and goes to a time of it.
    pub(super) fn compute(&mut self, to: Time) {
        let session = &self.run.session;
        let (plan, seed, live) = (session.plan().clone(), session.seed(), self.run.live.clone());
        self.compute_by(to, move |watch| {
            let mut run = Run::idle(plan, seed, &live);
            run.compute(watch).then_some(run)
        });
    }

    /// Takes the run off the bench and changes it, which takes its time.
    pub(super) fn recompute(
        &mut self,
        change: impl FnOnce(&mut Run, &mut dyn FnMut(&Session) -> bool) -> bool + Send + 'static,
    ) {
        let session = &self.run.session;
        let to = session.now();
        let idle = Run::idle(session.plan().clone(), session.seed(), &self.run.live);
        let mut run = std::mem::replace(&mut self.run, idle);
        self.compute_by(to, move |watch| change(&mut run, watch).then_some(run));
    }

    fn compute_by(
        &mut self,
        to: Time,
        work: impl FnOnce(&mut dyn FnMut(&Session) -> bool) -> Option<Run> + Send + 'static,
    ) {
        self.player.playing = false;
        self.computing = Some(Computing::begin(to, Box::new(work)));
    }

    /// Puts a prediction off until its run is there. False if it is there.
    pub(super) fn put_off(&mut self, wager: Wager) -> bool {
        if self.run.is_surveyed {
            return false;
        }
        if self.computing.is_none() {
            self.compute(Time::ZERO);
        }
        if let Some(computing) = &mut self.computing {
            computing.wager = Some(wager);
        }
        true
    }

    /// Takes in how far the run has come, or the run. True if there is anything to
    /// be drawn.
    pub(super) fn take_computed(&mut self, ui: &Ui) -> bool {
        let Some(computing) = &mut self.computing else { return false };
        let Some(run) = computing.take() else {
            if computing.job.is_done {
                self.computing = None;
            }
            return true;
        };
        let (to, wager) = (computing.to, computing.wager.take());
        self.computing = None;
        self.run = *run;
        self.player.fit(self.run.end());
        self.begin();
        self.seek(to);
        if let Some(wager) = wager {
            self.settle_wager(wager, ui);
        }
        true
    }

    /// Gives up what is computed, if nothing lies over it.
    pub(super) fn give_up(&mut self) -> bool {
        matches!(self.over, Over::Nothing) && self.computing.take().is_some()
    }

    /// What the bench says to keys that need a run that is not there, or to those
    /// that would look at many long ones.
    pub(super) fn too_long(ui: &Ui) -> Action {
        let text = ui.say(
            "这个实验一次要跑几百万单：对照和全部组合请用命令行 ackademy sweep",
            "A run of this lab is millions of orders: for all combinations use ackademy sweep",
        );
        Action::Notice(text.to_owned())
    }
}
