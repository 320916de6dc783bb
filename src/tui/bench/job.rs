//! Work that takes longer than a frame, on a helper thread: the screen takes in
//! what has been found and stays alive. Leaving the screen stops the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};

pub struct Job<T> {
    findings: Receiver<T>,
    stop: Arc<AtomicBool>,
    pub is_done: bool,
}

/// What the work reports with.
pub struct Desk<T> {
    findings: Sender<T>,
    stop: Arc<AtomicBool>,
}

impl<T> Desk<T> {
    /// Reports a finding. False if nobody wants it any more.
    pub fn report(&self, finding: T) -> bool {
        self.findings.send(finding).is_ok() && self.is_wanted()
    }

    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

impl<T: Send + 'static> Job<T> {
    #[expect(clippy::disallowed_methods, reason = "a helper of the screens: no run depends on it")]
    pub fn begin(work: impl FnOnce(&Desk<T>) + Send + 'static) -> Self {
        let (sender, findings) = std::sync::mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let desk = Desk { findings: sender, stop: Arc::clone(&stop) };
        std::thread::spawn(move || work(&desk));
        Self { findings, stop, is_done: false }
    }

    /// What has been found since the last look.
    pub fn take(&mut self) -> Vec<T> {
        let mut taken = Vec::new();
        loop {
            match self.findings.try_recv() {
                Ok(finding) => taken.push(finding),
                Err(TryRecvError::Empty) => return taken,
                Err(TryRecvError::Disconnected) => {
                    self.is_done = true;
                    return taken;
                }
            }
        }
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
