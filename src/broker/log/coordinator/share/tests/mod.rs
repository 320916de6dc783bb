mod protocol;
mod random;
mod rig;
