//! Ackademy: a workbook in the terminal that teaches message queues by letting
//! people break them. This page is the map of the house. A room imports only
//! rooms below it; `tests/tidy.rs` holds the table.
//!
//! - Floor 0, the ground: [`time`], [`random`], [`event`], [`node`],
//!   [`protocol`], [`picture`], [`setting`], [`text`], [`source`], [`flaw`],
//!   [`pages`]. The sans-IO interface, the vocabulary that every room speaks, and
//!   lists that are cheap to clone.
//! - Floor 1: [`sim`] runs nodes in a deterministic world of links, disks and
//!   faults and knows no broker; [`wal`] is a log of checked records and its
//!   recovery; [`codec`] writes values as bytes; [`raft`] is consensus, written once for every replicated broker.
//! - Floor 2: [`broker`] models RabbitMQ's queues and Kafka's logs; [`client`] holds producers and
//!   consumers with their policies; [`service`] is what applications write
//!   to: a database, a key-value store;
//!   [`lesson`] turns Markdown into blocks.
//! - Floor 3: [`lab`] turns a lab file into a plan and a plan into a run with its
//!   ledger and biographies.
//! - Floor 4: [`trial`] runs many: sweeps, claims, attacks. The only threads.
//! - Floor 6: [`workbook`] is the embedded course and the learner's progress;
//!   [`narrate`] tells an event as a sentence in two languages.
//! - Floor 7: [`cli`] and [`tui`], arguments and screens.

pub mod broker;
pub mod cli;
pub mod client;
pub mod codec;
pub mod event;
pub mod flaw;
pub mod lab;
pub mod lesson;
pub mod narrate;
pub mod node;
pub mod pages;
pub mod picture;
pub mod protocol;
pub mod raft;
pub mod random;
pub mod service;
pub mod setting;
pub mod sim;
pub mod source;
pub mod text;
pub mod time;
pub mod trial;
pub mod tui;
pub mod wal;
pub mod workbook;
