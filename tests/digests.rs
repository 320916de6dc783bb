//! Ten runs of every lab and their digests, committed: a change of the engine that changes
//! any run shows here, on every machine and in every build. After a change that
//! is meant, `ACKADEMY_WRITE_DIGESTS=1 cargo test --test digests` writes the file
//! anew, and tokens of earlier versions no longer mean the same run: raise the
//! version.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ackademy::lab::{Lab, Plan, Runner};
use ackademy::random::{Purpose, Seed};
use ackademy::source::Source;
use ackademy::trial::pool::tally;

const RUNS_A_LAB: u64 = 10;

/// Besides each lab's own faults.
const FAULTS: [&str; 6] = [
    "power-cut broker-1 within 200ms after message 9 reaches broker-1, restart after 2s",
    "torn-write broker-1 within 200ms after message 9 reaches broker-1, restart after 1s",
    "crash consumer-1 within 300ms after message 9 reaches consumer-1, restart after 1s",
    "partition broker-1 consumer-1 at 500ms, for 3s",
    "disk-full broker-1 at 300ms, for 1s",
    "pause broker-1 at 300ms, for 1s",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn labs() -> Vec<Arc<Lab>> {
    let mut paths: Vec<_> = fs::read_dir(folder().join("labs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: &PathBuf| Source::new(path.display().to_string(), fs::read_to_string(path).unwrap());
    let labs = paths.iter().map(|path| Arc::new(Lab::parse(&read(path)).unwrap()));
    // A run of millions is made of nothing else.
    labs.filter(|lab| lab.check_seeds.is_none()).collect()
}

/// The runs: different settings, faults and seeds.
fn plans() -> Vec<(Plan, Seed)> {
    let plan = |lab: &Arc<Lab>, run: u64| {
        let seed = Seed(run * 7919 + 1);
        let draw = seed.draw(Purpose::Test);
        let mut set: Vec<(String, String)> = (0..)
            .zip(&lab.settings)
            .filter(|(_, setting)| !setting.values.is_empty())
            .map(|(at, setting)| {
                let value = draw.by(at).below(setting.values.len() as u64) as usize;
                (setting.spec.name.to_owned(), setting.values[value].clone())
            })
            .collect();
        // What nobody starts with is made to fit.
        while let Some(refusal) = lab.refusal(&set) {
            set.push((refusal.name.to_owned(), refusal.needs.to_owned()));
        }
        // A lab need not have the nodes that these are about.
        let others = FAULTS.into_iter().filter(|text| Plan::new(lab.clone(), &[], &[(*text).to_owned()]).is_ok());
        let choices = lab.faults.iter().map(|fault| fault.id.as_str()).chain(others);
        // The first run of each lab has no fault.
        let fault = (run > 0).then(|| choices.cycle().nth(run as usize - 1).unwrap().to_owned());
        (Plan::new(lab.clone(), &set, &fault.into_iter().collect::<Vec<_>>()).unwrap(), seed)
    };
    labs().iter().flat_map(|lab| (0..RUNS_A_LAB).map(|run| plan(lab, run)).collect::<Vec<_>>()).collect()
}

fn written() -> String {
    let mut text = String::from("# Lab, seed, digest, settings and faults of one run a line; see digests.rs.\n");
    let mut runner = Runner::new();
    for (plan, seed) in plans() {
        let digest = runner.run(&plan, seed).digest;
        let set: Vec<String> = plan.chosen.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (set, faults) = (set.join(" "), plan.sentences.join(" + "));
        writeln!(text, "{} {} {digest} {set} | {faults}", plan.lab.id, seed.0).unwrap();
    }
    text
}

#[test]
fn runs_are_the_ones_that_were_committed() {
    let path = folder().join("tests/digests.txt");
    let now = written();
    if std::env::var_os("ACKADEMY_WRITE_DIGESTS").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let then = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    // By line, not by place: a lab that is new moves those after it.
    let changed: Vec<_> = then.lines().filter(|then| !now.lines().any(|now| now == *then)).collect();
    assert!(changed.is_empty(), "{} runs have changed, the first was\n{:#?}", changed.len(), changed[0]);
    assert_eq!(now.lines().count(), then.lines().count());
    assert_eq!(now.lines().count() as u64, labs().len() as u64 * RUNS_A_LAB + 1);
}

#[test]
fn no_result_depends_on_the_number_of_threads() {
    for (plan, seed) in plans().into_iter().step_by(3) {
        let [one, two, three] = [1, 2, 3].map(|threads| tally(&plan, seed.0, 21, threads));
        for other in [two, three] {
            assert_eq!(one.digests, other.digests, "{} {:?} {:?}", plan.lab.id, plan.chosen, plan.sentences);
            assert_eq!((one.runs, one.witnesses, one.undecided), (other.runs, other.witnesses, other.undecided));
            assert_eq!((one.totals, one.runs_with), (other.totals, other.runs_with));
            assert_eq!(one.violation, other.violation);
        }
    }
}
