//! The screens. Everything here but [`run`] is free of the terminal: a screen is
//! state, an answer to keys, and a picture of the state, so all of it is tested
//! with buffers.
//!
//! - [`run`]: the only terminal input and output.
//! - [`app`]: the stack of screens and what lies over them.
//! - [`screen`], [`host`]: what a screen is, and what it may ask of the house.
//! - [`keys`], [`theme`], [`glyphs`], [`canvas`], [`ui`]: what all
//!   screens are made with; [`widget`] holds the pieces.
//! - [`home`], [`reader`], [`picker`]: the screens that need no lab.
//! - [`mod@bench`]: a lab on the table. [`first_minute`]: its first use.
//!   [`notebook`]: predictions against outcomes.

pub mod app;
pub mod bench;
pub mod canvas;
pub mod first_minute;
pub mod glyphs;
pub mod home;
pub mod host;
pub mod keys;
pub mod notebook;
pub mod picker;
pub mod reader;
pub mod run;
pub mod screen;
pub mod theme;
pub mod ui;
pub mod widget;

#[cfg(test)]
mod tests;
