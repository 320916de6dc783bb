//! Home: the map of the course, what is done, and where to go on.

mod model;

pub use model::{HomeModel, LabState, LabTile, LessonState, LessonTile, Resume};
