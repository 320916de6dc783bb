//! Markdown to blocks.
pub mod measure;
pub mod wrap;
