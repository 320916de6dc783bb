//! The controller: who is alive, who leads which partition, who is in sync.
