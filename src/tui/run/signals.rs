//! Signals, as far as screens care.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGHUP, SIGINT: the end, in good order.
    End,
    /// SIGTSTP: give the terminal back and stop.
    Stop,
    /// SIGCONT: the terminal may look like anything now.
    Continue,
}

#[cfg(unix)]
mod unix {
    use super::{Signal, io};
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    pub struct Signals {
        terminate: Stream,
        hang_up: Stream,
        interrupt: Stream,
        stop: Stream,
        go_on: Stream,
    }

    impl Signals {
        pub fn new() -> io::Result<Self> {
            let listen = |number| signal(SignalKind::from_raw(number));
            use rustix::process::Signal as Number;
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                stop: listen(Number::TSTP.as_raw())?,
                go_on: listen(Number::CONT.as_raw())?,
            })
        }

        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.terminate.recv() => Signal::End,
                _ = self.hang_up.recv() => Signal::End,
                _ = self.interrupt.recv() => Signal::End,
                _ = self.stop.recv() => Signal::Stop,
                _ = self.go_on.recv() => Signal::Continue,
            }
        }
    }

    /// Whether somebody is there to continue a stopped program. A program that
    /// leads its session was started by no shell, and would stay stopped.
    pub fn can_stop() -> bool {
        rustix::process::getsid(None).is_ok_and(|session| session != rustix::process::getpgrp())
    }

    /// Stops, with the rest of the job, until somebody continues it.
    pub fn stop() {
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
    }
}

#[cfg(not(unix))]
mod other {
    use super::{Signal, io};

    pub struct Signals(());

    impl Signals {
        pub fn new() -> io::Result<Self> {
            Ok(Self(()))
        }

        pub async fn next(&mut self) -> Signal {
            match tokio::signal::ctrl_c().await {
                Ok(()) => Signal::End,
                Err(_) => std::future::pending().await,
            }
        }
    }

    pub fn can_stop() -> bool {
        false
    }

    pub fn stop() {}
}

#[cfg(not(unix))]
pub use other::{Signals, can_stop, stop};
#[cfg(unix)]
pub use unix::{Signals, can_stop, stop};
