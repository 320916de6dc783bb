//! A log of checked records.
