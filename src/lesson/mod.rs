//! Lessons: Markdown to blocks, blocks to rows of a terminal. A lesson file is
//! CommonMark with TOML front matter and four kinds of fenced block that ask or
//! run something.
//!
//! - [`parse`] reads a file and reports everything that is wrong with it, with
//!   line and column; `special` reads its TOML, `inline` its running text, `link`
//!   its links, `headings` its ids.
//! - [`block`] is what a lesson is made of, [`passage`] its bare text; [`step`]
//!   the fixed way through it.
//! - [`layout`] turns blocks into rows.
//! - [`measure`] and [`mod@wrap`] know how wide a text is and where it may break, for
//!   every screen.
//!
//! Nothing here knows a screen, a lab or a broker.

pub mod block;
mod headings;
mod inline;
pub mod layout;
mod link;
pub mod measure;
mod parse;
pub mod passage;
mod special;
pub mod step;
pub mod wrap;

pub use block::{Block, Inline, Lesson, Spanned, Target};
pub use measure::Measure;
pub use parse::{CODE_LANGUAGES, parse, parse_passages, parse_snippet};
pub use step::{Step, StepKind};
pub use wrap::wrap;

#[cfg(test)]
mod tests;
