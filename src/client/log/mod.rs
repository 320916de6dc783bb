//! Clients of the log: producers, and consumers in groups.
