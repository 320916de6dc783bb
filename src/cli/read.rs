//! A lesson on standard output, laid out for a width.

use super::Context;
use super::error::Failure;
use crate::lesson::layout::Layout;
use crate::lesson::measure::Measure;

impl Context {
    pub fn read(&mut self, lesson: &str, width: u16) -> Result<u8, Failure> {
        let (_, lesson) = self.course.lesson(lesson, self.language)?;
        let layout = Layout::new(usize::from(width), Measure { wide: false }, self.language);
        for row in layout.lesson(&lesson) {
            self.out.line(row.text().trim_end())?;
        }
        self.out.done(0)
    }
}
