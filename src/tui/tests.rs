//! The interface as a learner sees it: pictures at the usual sizes, and a storm
//! of keys at any size.

mod backlog;
mod bench;
mod calls;
mod care;
mod cluster;
mod comparing;
mod course;
mod fuzz;
mod habits;
mod keymaps;
mod lists;
mod log;
mod long;
mod pictures;
mod predictions;
