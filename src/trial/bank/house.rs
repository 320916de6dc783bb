//! Ways to get wrong what both models rest on: disks and files, the books, and the
//! services and clients around a broker.

use super::probe::queue::{CRASH, DAMAGED, TORN};
use super::variant::{Variant, lab, probe};
use crate::flaw::Flaw;

pub const VARIANTS: &[Variant] = &[
    // Disks and files.
    lab(Flaw::SyncDoesNothing, "lost-in-broker-rabbit"),
    probe(Flaw::ChecksumSkipped, &DAMAGED),
    probe(Flaw::ContinuesPastTornRecord, &TORN),
    // The books.
    lab(Flaw::LedgerDropsRow, "first-loss"),
    probe(Flaw::AuditApplies, &CRASH),
    // The database and the store.
    lab(Flaw::CommitBeforeSync, "lost-after-ack"),
    lab(Flaw::DeskServesAllAtOnce, "backlog"),
    lab(Flaw::StepIgnoresState, "b-c-ok-d-failed"),
    lab(Flaw::InboxOutsideTransaction, "dedupe"),
    lab(Flaw::UpsertCountsTwice, "dedupe"),
    lab(Flaw::SetNxIgnoresNx, "dedupe"),
    lab(Flaw::LeaseNeverExpires, "dedupe"),
    // Clients.
    lab(Flaw::SentMarkedBeforeConfirm, "dup-producer"),
    lab(Flaw::ReconcilerRenumbersFacts, "compensate"),
];
