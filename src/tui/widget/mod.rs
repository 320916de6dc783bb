//! Small things that screens are made of. Each is a function that paints, or a
//! little state with a function that paints it.

mod copy_card;
mod dialog;
mod footer;
mod header;
mod help;
mod list;
mod panel;
mod scroll;
mod tabs;
mod too_small;

pub use copy_card::copy_card;
pub use dialog::{Dialog, Verdict};
pub use footer::footer;
pub use header::header;
pub use help::Help;
pub use list::{List, Step, entry_sign, mark_selected};
pub use panel::{centred, clear_around, panel};
pub use scroll::{Scroll, scrollbar};
pub use tabs::tabs;
pub use too_small::{MINIMUM, is_too_small, too_small};
