//! The workbook on the screen.

use super::arguments::Screen;
use super::course::Course;
use super::error::Failure;
use super::locale::Environment;
use crate::text::Language;

pub fn open(_: &Screen, _: Course, _: Option<Language>, _: &Environment) -> Result<u8, Failure> {
    Err(Failure::usage("no screens yet"))
}
