//! What can go wrong in a run: a few faults, drawn from the run's seed and laid
//! out before it begins.

use crate::random::Draw;

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// Its name in the tally.
    pub name: &'static str,
    /// Its sentence's beginning. `{b}` and `{c}` are two of three brokers. If it says
    /// itself when, it is not given a time.
    pub does: &'static str,
    pub ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It takes no time.
    AtOnce,
    /// It lasts a while.
    Later,
    /// It lasts longer than anything else may.
    MuchLater,
    /// A process is gone, and is started again.
    ByRestart,
}

impl Hazard {
    pub const fn new(name: &'static str, does: &'static str, ends: Ends) -> Self {
        Self { name, does, ends }
    }
}

/// When faults begin, and how long they last at most.
#[derive(Clone, Copy, Debug)]
pub struct Season {
    pub begins_ms: u64,
    pub lasts_ms: u64,
    pub longest_ms: u64,
}

/// One fault of a run.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub name: &'static str,
    pub sentence: String,
    /// The number of the broker whose process it ends, or 0: nobody's, or whoever
    /// it will be.
    pub broker: u64,
    pub ends: Ends,
}

/// From one to four faults. A second disk is not lost: with it a majority would
/// be, and nothing is promised then.
pub fn draw(draw: Draw, hazards: &[Hazard], season: Season) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = Vec::new();
    for which in 0..1 + draw.by(1).below(4) {
        let draw = draw.by(2).by(which);
        let Hazard { name, does, ends } = hazards[draw.by(3).below(hazards.len() as u64) as usize];
        if name == DISK_LOSS && drawn.iter().any(|other| other.name == name) {
            continue;
        }
        let broker = 1 + draw.by(4).below(3);
        let other = 1 + (broker + draw.by(5).below(2)) % 3;
        let does_it = does.replace("{b}", &format!("broker-{broker}")).replace("{c}", &format!("broker-{other}"));
        let at = season.begins_ms + draw.by(6).below(season.lasts_ms);
        let lasting = 50 + draw.by(7).below(season.longest_ms);
        let end = match ends {
            Ends::AtOnce => String::new(),
            Ends::Later => format!(", for {lasting}ms"),
            Ends::MuchLater => format!(", for {}ms", season.longest_ms + lasting),
            Ends::ByRestart => format!(", restart after {lasting}ms"),
        };
        let broker = if does.contains("{b}") { broker } else { 0 };
        let when = if does.contains(" after ") { String::new() } else { format!(" at {at}ms") };
        drawn.push(Drawn { name, sentence: format!("{does_it}{when}{end}"), broker, ends });
    }
    drawn
}

pub const DISK_LOSS: &str = "disk loss of one";

/// What befalls brokers of either kind. A scope lists these by name beside its
/// own, and where a hazard stands in that list decides which seeds draw it: a new
/// one goes to the end, or every seed becomes another run.
pub const CRASH: Hazard = Hazard::new("crash", "crash {b}", Ends::ByRestart);
pub const POWER_CUT: Hazard = Hazard::new("power cut", "power-cut {b}", Ends::ByRestart);
pub const POWER_CUT_OF_ALL: Hazard = Hazard::new("power cut of all", "power-cut all brokers", Ends::ByRestart);
pub const TORN_WRITE: Hazard = Hazard::new("torn write", "torn-write {b}", Ends::ByRestart);
pub const LOST_DISK: Hazard = Hazard::new(DISK_LOSS, "disk-loss {b}", Ends::ByRestart);
pub const PAUSE: Hazard = Hazard::new("pause", "pause {b}", Ends::Later);
pub const ISOLATION: Hazard = Hazard::new("isolation", "isolate {b}", Ends::Later);
pub const PARTITION: Hazard = Hazard::new("partition", "partition {b} {c}", Ends::Later);
pub const ONE_WAY_CUT: Hazard = Hazard::new("one-way cut", "one-way-cut {b} {c}", Ends::Later);
pub const SLOW_LINK: Hazard = Hazard::new("slow link", "delay {b} {c} by 300ms", Ends::Later);
pub const SLOW_DISK: Hazard = Hazard::new("slow disk", "disk-slow {b} by 50x", Ends::Later);
pub const CONNECTIONS_CUT: Hazard = Hazard::new("connections cut", "cut {b} {c}", Ends::AtOnce);
pub const CONSUMER_CRASH: Hazard = Hazard::new("consumer crash", "crash consumer-1", Ends::ByRestart);
