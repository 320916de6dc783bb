//! What was synced always survives; of anything else only a prefix of each write
//! can; nothing appears that was not written.

use proptest::prelude::*;

use crate::event::{CopyId, NodeId, Tier};
use crate::flaw::{self, Flaw};
use crate::node::{DiskError, FileId};
use crate::random::Seed;
use crate::sim::happening::DiskTrouble;
use crate::sim::{Disk, Profile};
use crate::time::{Span, Time};

const LOG: FileId = FileId(3);

#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Sync,
    FailedSync,
    Wait(u64),
    PowerCut { tears: bool },
    Truncate(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1usize..40).prop_map(Step::Append),
        2 => Just(Step::Sync),
        1 => Just(Step::FailedSync),
        2 => (0u64..800).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(|tears| Step::PowerCut { tears }),
        1 => (0u64..300).prop_map(Step::Truncate),
    ]
}

/// A write as the test remembers it. Its bytes are all the same and not zero.
#[derive(Clone, Copy, Debug)]
struct Write {
    offset: u64,
    length: u64,
    byte: u8,
    tag: u64,
    synced: bool,
    /// Under a failed sync: not promised, and not to be trusted by a later one.
    doubtful: bool,
    /// Already reported destroyed.
    destroyed: bool,
}

#[derive(Default)]
struct Model {
    writes: Vec<Write>,
    now: Time,
    counter: u64,
}

impl Model {
    fn take(&mut self, disk: &mut Disk, step: Step) -> Result<(), TestCaseError> {
        let profile = Profile::default();
        let mut reported = Vec::new();
        match step {
            Step::Append(length) => {
                self.counter += 1;
                let (byte, tag) = ((self.counter % 250) as u8 + 1, CopyId::from_tag(self.counter << 32).tag());
                let end = disk.append(LOG, &vec![byte; length], &[tag], self.now, &profile);
                let (offset, length) = (end - length as u64, length as u64);
                let write = Write { offset, length, byte, tag, synced: false, doubtful: false, destroyed: false };
                self.writes.push(write);
            }
            Step::Sync => {
                if let Ok(end) = disk.sync_begins(LOG, self.now) {
                    disk.synced(LOG, end);
                    self.writes.iter_mut().filter(|write| !write.doubtful).for_each(|write| write.synced = true);
                }
            }
            Step::FailedSync => {
                disk.ail(DiskTrouble::Sync, Time::MAX, 1);
                if disk.file(LOG).is_some() {
                    prop_assert_eq!(disk.sync_begins(LOG, self.now), Err(DiskError::SyncFailed));
                }
                disk.heal(DiskTrouble::Sync, Time::MAX);
                self.writes.iter_mut().filter(|write| !write.synced).for_each(|write| write.doubtful = true);
            }
            Step::Wait(millis) => self.now += Span::from_millis(millis),
            Step::PowerCut { tears } => {
                disk.power_cut(self.now, tears, &mut |tag, tier| reported.push((tag, tier)));
                self.check_after_power_cut(disk, &reported)?;
            }
            Step::Truncate(length) => {
                disk.truncate(LOG, length, self.now, &mut |tag, tier| reported.push((tag, tier)));
                self.check_after_truncation(length, &reported)?;
            }
        }
        Ok(())
    }

    fn check_after_power_cut(&mut self, disk: &Disk, reported: &[(u64, Tier)]) -> Result<(), TestCaseError> {
        let Some(file) = disk.file(LOG) else { return Ok(()) };
        let bytes = file.read(0, u32::MAX);
        let mut explained = 0;
        for write in &mut self.writes {
            let start = bytes.len().min(write.offset as usize);
            let there = &bytes[start..bytes.len().min((write.offset + write.length) as usize)];
            let kept = there.iter().take_while(|byte| **byte == write.byte).count();
            prop_assert!(there[kept..].iter().all(|byte| *byte == 0), "not a prefix: {:?} {:?}", write, there);
            prop_assert!(!write.synced || kept as u64 == write.length, "synced, yet lost: {:?}", write);
            let is_reported = reported.contains(&(write.tag, Tier::PageCache));
            let is_whole = kept as u64 == write.length;
            prop_assert_eq!(is_reported, !is_whole && !write.destroyed, "{:?}", write);
            write.destroyed |= is_reported;
            if kept > 0 {
                explained = explained.max(write.offset as usize + kept);
            }
            // What is left is on the device, as a write of that length.
            write.length = kept as u64;
            write.synced = true;
            write.doubtful = false;
        }
        prop_assert_eq!(bytes.len(), explained, "the file ends where the last surviving byte does");
        Ok(())
    }

    fn check_after_truncation(&mut self, length: u64, reported: &[(u64, Tier)]) -> Result<(), TestCaseError> {
        for write in &mut self.writes {
            let is_cut = write.offset + write.length > length;
            let is_reported = reported.iter().any(|(tag, _)| *tag == write.tag);
            prop_assert_eq!(is_reported, is_cut && !write.destroyed, "{:?}", write);
            write.destroyed |= is_reported;
            write.length = write.length.min(length.saturating_sub(write.offset));
        }
        self.writes.retain(|write| write.length > 0);
        // A truncation syncs the file, but for what a failed sync gave up.
        self.writes.iter_mut().filter(|write| !write.doubtful).for_each(|write| write.synced = true);
        Ok(())
    }
}

fn check(seed: u64, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut disk = Disk::new(Seed(seed), NodeId(1));
    let mut model = Model::default();
    for step in steps.into_iter().chain([Step::PowerCut { tears: false }]) {
        model.take(&mut disk, step)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_disk_keeps_its_promises(seed in any::<u64>(), steps in prop::collection::vec(step(), 0..40)) {
        check(seed, steps)?;
    }
}

#[test]
fn the_check_notices_a_sync_that_does_nothing() {
    let noticed = (0..50)
        .any(|seed| flaw::with(Flaw::SyncDoesNothing, || check(seed, vec![Step::Append(9), Step::Sync])).is_err());
    assert!(noticed);
}

#[test]
fn a_second_sync_after_a_failed_one_proves_nothing() {
    for seed in 0..50 {
        let mut disk = Disk::new(Seed(seed), NodeId(1));
        disk.append(LOG, b"x", &[], Time::ZERO, &Profile::default());
        disk.ail(DiskTrouble::Sync, Time::MAX, 1);
        assert_eq!(disk.sync_begins(LOG, Time::ZERO), Err(DiskError::SyncFailed));
        let end = disk.sync_begins(LOG, Time::ZERO).expect("the second succeeds");
        disk.synced(LOG, end);
        assert_eq!(disk.file(LOG).map(|file| file.read(0, 9)), Some(b"x".to_vec()), "it can still be read");
        disk.power_cut(Time::from_millis(60_000), false, &mut |_, _| ());
        assert_eq!(disk.file(LOG).map(|file| file.length()), Some(0));
    }
}

#[test]
fn the_system_writes_a_file_back_by_itself_whole_and_at_drawn_times() {
    let profile = Profile::default();
    let (least, most) = profile.write_back;
    let mut gaps = Vec::new();
    for seed in 0..50 {
        let mut disk = Disk::new(Seed(seed), NodeId(0));
        let at = |n: u64| Time::ZERO + Span::from_millis(10).times(n);
        for n in 0..200u64 {
            disk.append(LOG, b"0123456789", &[n << 32], at(n), &profile);
        }
        let on_device = |now| (0..200u64).filter(|n| disk.is_on_device(LOG, n * 10, now)).count();
        for n in 0..200 {
            let count = on_device(at(n)) as u64;
            assert!(count <= n, "nothing before it is written");
            assert!((0..count).all(|n| disk.is_on_device(LOG, n * 10, at(200))), "what is written back is a beginning");
        }
        assert_eq!(on_device(at(200) + most), 200, "all of it in the end");
        assert!(!disk.is_on_device(LOG, 2000, Time::MAX), "beyond the end");
        gaps.push((0..200).find(|n| on_device(at(*n)) > 0).unwrap_or(200));
    }
    assert!(gaps.iter().all(|gap| at_least(*gap, least)), "{gaps:?}");
    gaps.sort_unstable();
    gaps.dedup();
    assert!(gaps.len() > 20, "drawn by seed: {gaps:?}");
}

fn at_least(gap: u64, least: Span) -> bool {
    Span::from_millis(10).times(gap) >= least
}

#[test]
fn rot_flips_one_bit_of_what_is_on_the_device() {
    for seed in 0..50 {
        let mut disk = Disk::new(Seed(seed), NodeId(1));
        let profile = Profile::default();
        disk.append(LOG, &[0; 100_000], &[], Time::ZERO, &profile);
        disk.synced(LOG, 100_000);
        disk.append(LOG, &[0; 100_000], &[], Time::ZERO, &profile);
        disk.rot(Time::ZERO, 0);
        let bytes = disk.file(LOG).unwrap().read(0, u32::MAX);
        assert_eq!(bytes[..100_000].iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
        assert!(bytes[100_000..].iter().all(|byte| *byte == 0));
    }
}
