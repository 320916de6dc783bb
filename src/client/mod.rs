//! Producers and consumers with their policies.
