//! A terminal for tests: a pseudo-terminal, the program in it, and an emulator
//! that keeps the screen and answers what a real one is asked.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a real terminal is waited for in real time")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtyPair, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();
const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
/// A screen that has not changed for this long has nothing more to say.
const QUIET: Duration = Duration::from_millis(1_500);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What programs ask terminals, and what xterm answers. A cursor is always said
/// to be where a narrow character leaves it.
const ANSWERS: [(&[u8], &[u8]); 3] =
    [(b"\x1b[6n", b"\x1b[1;2R"), (b"\x1b[c", b"\x1b[?62;22c"), (b"\x1b]11;?", b"\x1b]11;rgb:0000/0000/0000\x1b\\")];

/// The program in its terminal. Dropping it kills the program.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    emulator: Arc<Mutex<vt100::Parser>>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    pty: PtyPair,
    /// The terminal's modes before the program started, as text.
    modes: String,
    _home: tempfile::TempDir,
}

impl Terminal {
    /// Starts the program with an empty home.
    pub fn open(locale: &str) -> Self {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let modes = modes(pty.master.as_ref());
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ackademy"));
        command.env_clear();
        command.env("HOME", home.path());
        command.env("XDG_DATA_HOME", home.path().join("data"));
        command.env("LANG", locale);
        command.env("TERM", "xterm-256color");
        command.cwd(home.path());
        let child = pty.slave.spawn_command(command).unwrap();
        let emulator = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let keyboard = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let output = pty.master.try_clone_reader().unwrap();
        thread::spawn({
            let (emulator, keyboard) = (Arc::clone(&emulator), Arc::clone(&keyboard));
            move || listen(output, &emulator, &keyboard)
        });
        Self { child, emulator, keyboard, pty, modes, _home: home }
    }

    pub fn press(&mut self, key: &str) {
        let mut keyboard = self.keyboard.lock().unwrap();
        keyboard.write_all(key.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Asks the program to end, as a system that shuts down does.
    pub fn terminate(&self) {
        let id = self.child.process_id().unwrap();
        kill_process(Pid::from_raw(id as i32).unwrap(), Signal::TERM).unwrap();
    }

    fn emulator(&self) -> MutexGuard<'_, vt100::Parser> {
        self.emulator.lock().unwrap()
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.emulator().screen().contents()
    }

    /// Whether the alternate screen is shown and line editing is off.
    pub fn is_taken(&self) -> bool {
        self.emulator().screen().alternate_screen() && modes(self.pty.master.as_ref()) != self.modes
    }

    pub fn wait_until(&mut self, what: &str, patience: Duration, holds: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !holds(&self.screen()) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the program ended ({status:?}) before {what}:\n{}", self.screen());
            }
            assert!(begun.elapsed() < patience, "waited {patience:?} until {what}:\n{}", self.screen());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until the screen stands still, and gives it.
    pub fn settle(&mut self, patience: Duration) -> String {
        let begun = Instant::now();
        let mut shown = self.screen();
        let mut since = begun;
        while since.elapsed() < QUIET && begun.elapsed() < patience {
            thread::sleep(LOOK_EVERY);
            let now = self.screen();
            if now != shown {
                (shown, since) = (now, Instant::now());
            }
        }
        shown
    }

    /// Waits for the program's end and looks at what it leaves behind.
    pub fn assert_left_as_it_was(&mut self, patience: Duration) {
        let status = self.wait_for_end(patience);
        assert!(status.signal().is_none(), "it ends in good order: {status:?}");
        // The last bytes may still be on their way through the terminal.
        self.settle(QUIET * 2);
        let emulator = self.emulator();
        let screen = emulator.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "pastes are plain again");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert!(!screen.contents().contains("panicked"), "{}", screen.contents());
        assert_eq!(modes(self.pty.master.as_ref()), self.modes, "typing is echoed and lines are edited again");
    }

    fn wait_for_end(&mut self, patience: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < patience, "the program does not end:\n{}", self.screen());
            thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Echo, line editing and the rest, as the system describes them.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// Feeds the emulator with what the program writes, and answers its questions.
fn listen(mut output: impl Read, emulator: &Mutex<vt100::Parser>, keyboard: &Mutex<Box<dyn Write + Send>>) {
    let mut bytes = [0; 1 << 14];
    while let Ok(count @ 1..) = output.read(&mut bytes) {
        let written = &bytes[..count];
        emulator.lock().unwrap().process(written);
        for (question, answer) in ANSWERS {
            if written.windows(question.len()).any(|part| part == question) {
                let _ = keyboard.lock().unwrap().write_all(answer);
            }
        }
    }
}
