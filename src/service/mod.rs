//! What consumers write to.
