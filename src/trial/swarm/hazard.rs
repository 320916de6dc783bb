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
            Ends::ByRestart => format!(", restart after {lasting}ms"),
        };
        let broker = if does.contains("{b}") { broker } else { 0 };
        let when = if does.contains(" after ") { String::new() } else { format!(" at {at}ms") };
        drawn.push(Drawn { name, sentence: format!("{does_it}{when}{end}"), broker, ends });
    }
    drawn
}

pub const DISK_LOSS: &str = "disk loss of one";
