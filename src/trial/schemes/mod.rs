mod cells;

mod rig;
