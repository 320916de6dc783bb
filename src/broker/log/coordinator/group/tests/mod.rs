mod protocol;
mod random;
mod rig;
mod transactional;
