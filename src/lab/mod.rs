//! A lab: a file becomes a plan, a plan and a seed become a run, and a run
//! becomes a ledger and biographies.
//!
//! - [`mod@file`]: reading a lab file, with every error located. `sentence` is the
//!   language of faults in it, `expression` that of claims, `topology` its nodes,
//!   [`wiring`] its queues and [`names`] what they are called, [`workload`] what
//!   occurs.
//! - [`model`]: queues or logs.
//! - [`plan`]: a lab with settings and faults chosen: immutable, run many times.
//!   `refusal`: which settings cannot be together.
//! - [`cast`]: who plays the nodes; the one file that names concrete nodes.
//!   `declare`: what clients declare; `absent`: who is not there; [`settings`]:
//!   the lab's own.
//! - [`ledger`]: what became of every message, folded from events; `totals`.
//!   [`entitlement`]: who must see which message.
//! - [`run`]: workload, healing, quiet, `audit`: one graded run, without a history.
//! - [`history`], [`session`], [`twin`]: the same run kept, with rewind, live
//!   faults and comparison; [`excerpt`]: what is known of one message. [`mod@explain`]: why a message is gone.
//! - [`defect`]: the one list of what counts against a run; [`mod@culprit`]: the message that
//!   shows it; [`mod@remedy`]: the single setting that mends it, tried out.
//! - [`token`]: a run as a short text.

mod absent;
mod audit;
pub mod cast;
mod conductor;
pub mod culprit;
mod declare;
pub mod defect;
pub mod entitlement;
pub mod excerpt;
pub mod explain;
pub mod expression;
pub mod file;
pub mod history;
mod idle;
pub mod ledger;
pub mod model;
pub mod names;
pub mod plan;
mod refusal;
pub mod remedy;
pub mod run;
pub mod sentence;
pub mod session;
pub mod settings;
pub mod token;
mod topology;
pub mod totals;
pub mod twin;
pub mod wiring;
pub mod workload;

pub use culprit::{culprit, missed_faults, of_note};
pub use defect::{DEFECTS, Defect, Weight};
pub use excerpt::Excerpt;
pub use explain::{Blame, Explanation, explain};
pub use expression::Expression;
pub use file::{Claim, Lab, LabFault, LabSetting, Predict, PredictOption, Quantifier, Task};
pub use history::History;
pub use idle::Idle;
pub use ledger::{Fate, Ledger};
pub use model::{Model, Models};
pub use plan::{ChoiceError, Plan};
pub use remedy::{Remedy, remedy};
pub use run::{Outcome, Runner};
pub use session::Session;
pub use token::{Token, TokenError};
pub use topology::{Connect, Topology};
pub use totals::{Measure, Totals};
pub use twin::{Difference, first_difference};
pub use wiring::Wiring;
pub use workload::Workload;

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod lost_frame_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
