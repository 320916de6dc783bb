mod rig;
