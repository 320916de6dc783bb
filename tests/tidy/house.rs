//! The house as it is meant to be: which room is on which floor, and every
//! exception, each with its reason. An exception that nothing needs any more
//! makes the test fail, so this list cannot grow old.

/// The rooms by floor. A room imports only rooms on lower floors. Some are not
/// built yet and have their place already.
pub const FLOORS: [&[&str]; 8] = [
    &["event", "flaw", "node", "pages", "picture", "protocol", "random", "setting", "source", "text", "time"],
    &["codec", "raft", "sim", "wal"],
    &["broker", "client", "lesson", "service"],
    &["lab"],
    &["engines", "serve", "trial"],
    &["design"],
    &["narrate", "workbook"],
    &["cli", "main", "tui"],
];

/// Rooms on one floor that one may import from another, and why.
pub const NEIGHBOURS: &[(&str, &str, &str)] = &[
    ("event", "protocol", "an event of a queue names it as frames do"),
    ("event", "random", "a message is a subject of draws"),
    ("event", "time", "an event has its time"),
    ("node", "event", "a node notes events and names messages"),
    ("node", "picture", "a node draws itself"),
    ("node", "protocol", "a node takes and sends frames"),
    ("node", "time", "a node sets timers"),
    ("picture", "event", "a picture names copies and tiers"),
    ("picture", "node", "a copy may lie in a node's file"),
    ("picture", "protocol", "a lane is named like its queue"),
    ("protocol", "event", "a frame carries a copy"),
    ("protocol", "time", "a fact has the time it occurred"),
    ("raft", "codec", "consensus keeps its records as everybody does"),
    ("raft", "sim", "its harness runs it in a world: the unit tests and the swarm share it"),
    ("raft", "wal", "consensus counts on what its log has synced"),
    ("random", "time", "a draw can be a length of time"),
    ("setting", "time", "a setting can be a length of time"),
    ("setting", "text", "a setting says what it decides in both languages"),
    ("main", "cli", "the program is its arguments"),
    ("cli", "tui", "the arguments start the screens, which do not know them"),
];

/// Within the lab only the cast names concrete nodes, so that a third broker costs one
/// line there and none elsewhere. Which nodes there are, its enum `Cast` says.
pub const CAST: [&str; 2] = ["src/lab/cast.rs", "src/lab/cast/log_cast.rs"];

/// What would make a run depend on anything but its plan, faults and seed.
/// `clippy.toml` forbids these too, but lets a line of code say otherwise; below
/// this floor no reason is good enough.
pub const FIRST_FLOOR_OF_THE_WORLD: usize = 4;
pub const WORLDLY: [&str; 6] = ["HashMap", "HashSet", "Instant", "SystemTime", "thread", "RandomState"];

pub const UNFINISHED: [&str; 5] = ["todo", "unimplemented", "dbg", "println", "print"];

pub const FILE_LINES: usize = 300;
pub const TEST_FILE_LINES: usize = 400;
pub const FUNCTION_LINES: usize = 70;
pub const TEST_FUNCTION_LINES: usize = 100;

/// Files that may be longer: the path, how long, and why.
pub const LONG_FILES: &[(&str, usize, &str)] = &[];

/// Functions that may be longer: the path, the name, how long, and why.
pub const LONG_FUNCTIONS: &[(&str, &str, usize, &str)] = &[];

pub const TOP_FOLDERS: [&str; 6] = ["src", "lessons", "labs", "tests", "benches", "examples"];
