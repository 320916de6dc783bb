//! An event as a sentence.
