//! What must hold of controllers: rule by rule, then in a world with faults.

mod chaos;
mod codec;
mod electing;
mod living;
mod oracle;
mod sessions;
mod stub;
mod town;
