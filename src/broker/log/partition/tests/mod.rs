//! Tests of a replica: its rules one by one, its files, and what must hold
//! whatever happens to three of them.

mod bench;
mod disk;
mod following;
mod isr;
mod leading;
mod producing;
mod recovering;
mod retaining;
mod town;
mod transactions;
