//! One replica of one partition: what it keeps on disk, and the rules by which it
//! leads or follows.
