//! The course and the progress.
