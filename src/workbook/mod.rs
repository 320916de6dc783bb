//! The workbook: the course as files, and what a learner has done with it.
//!
//! - [`content`] is the course: embedded, with an author's folder laid over it.
//! - [`check`] proves what can be proved of the lessons without running a lab.
//! - [`progress`] is the learner's file, which survives crashes, power cuts and
//!   two programs at once.

pub mod check;
pub mod content;
pub mod curriculum;
pub mod progress;

pub use content::{Content, LessonEntry};
