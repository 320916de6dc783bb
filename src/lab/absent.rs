//! A place in the cast that nobody fills in this run: a consumer that was not
//! started, or a forwarder that nobody wrote. Whoever connects to it is refused
//! by the world; it connects to nobody.

use crate::event::CopyId;
use crate::node::{Holding, Input, Node, Outputs};
use crate::picture::{Picture, Role};
use crate::time::Time;

/// Nobody, in the place of somebody with this role.
#[derive(Clone, Copy, Debug)]
pub struct Absent(pub Role);

impl Node for Absent {
    fn handle(&mut self, _: Time, _: Input, _: &mut Outputs) {}

    fn reset(&mut self) {}

    fn in_memory(&self, _: &mut dyn FnMut(CopyId)) {}

    fn holdings(&self, _: &mut dyn FnMut(Holding)) {}

    fn picture(&self, picture: &mut Picture) {
        picture.role = self.0;
    }
}
