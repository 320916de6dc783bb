mod cells;
mod outbox;
mod rig;
