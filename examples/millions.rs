//! What a long run costs: how long it takes to compute, how much memory, and how
//! long a seek takes in what has been computed.
//!
//! `cargo run --release --example millions -- backlog-millions [SEED] [NAME=VALUE ...]`

#![expect(clippy::disallowed_types, reason = "it measures real time")]

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use ackademy::event::MessageId;
use ackademy::lab::{Lab, Plan, Session};
use ackademy::random::{Purpose, Seed};
use ackademy::source::Source;
use ackademy::time::Time;

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "backlog-millions".to_owned());
    let seed = Seed(arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1));
    let set: Vec<(String, String)> = arguments
        .filter_map(|text| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let path = format!("labs/{name}.toml");
    let lab = Lab::parse(&Source::new(path.clone(), std::fs::read_to_string(path)?))
        .map_err(|_| io::Error::other("it is no lab"))?;
    let lab = Arc::new(lab);
    let faults: Vec<String> = lab.faults.iter().map(|fault| fault.id.clone()).take(1).collect();
    let plan = Arc::new(Plan::new(lab, &set, &faults).map_err(io::Error::other)?);
    let start = Instant::now();
    let mut session = Session::new(plan.clone(), seed);
    while session.compute(2_000_000) {
        let (done, all) = session.progress();
        writeln!(out, "{:>6.1?} {:>12} {done}/{all} {}", start.elapsed(), session.now().to_string(), memory())?;
    }
    let end = Instant::now();
    session.finish();
    writeln!(out, "computed in {:.1?}, the end judged in {:.1?}, {}", start.elapsed(), end.elapsed(), memory())?;
    writeln!(out, "{:?}", session.totals())?;
    let draw = Seed(7).draw(Purpose::Test);
    let end = session.now().as_millis();
    for look in 0..20 {
        let to = Time::from_millis(draw.by(look).below(end));
        let distance = session.distance(to);
        let start = Instant::now();
        session.seek(to);
        let sought = start.elapsed();
        session.recall(session.history().len().saturating_sub(30)..session.history().len());
        let start = Instant::now();
        let message = MessageId(1 + draw.by(look).by(1).below(plan.messages() as u64) as u32);
        let events = session.excerpt(message).events.len();
        writeln!(
            out,
            "seek to {to}: {sought:.1?} over {distance} happenings at most; a life of {events} events: {:.1?}",
            start.elapsed()
        )?;
    }
    writeln!(out, "{}", memory())
}
