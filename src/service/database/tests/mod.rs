mod desk;
mod durable;
mod reliable;

use super::*;
use crate::event::{Kind, Note};
use crate::node::Output;
use crate::protocol::fact::Fact;
use crate::protocol::store::{COMPENSATED, ORDER, OutboxRow, Outcome, PLACED};

const CLIENT: ConnectionId = ConnectionId(1);

fn fact(message: u32, key: u32, version: u32) -> Fact {
    Fact { message: MessageId(message), key, version }
}

fn copy(message: u32, attempt: u16) -> CopyId {
    CopyId { message: MessageId(message), attempt, branch: 0 }
}

/// A transaction about the first copy of a message.
fn about(fact: Fact, writes: &[Write]) -> Method {
    let transaction = Transaction::about(copy(fact.message.0, 1), fact, 0).with(writes);
    Method::Transact { request: fact.message.0.into(), transaction }
}

fn input(method: Method) -> Input {
    Input::Frame { connection: CLIENT, frame: method.into(), about: None }
}

/// What a reliable database notes and answers.
fn ask(database: &mut Database, method: Method) -> (Vec<Note>, Vec<Method>) {
    let mut out = Outputs::default();
    database.handle(Time::ZERO, input(method), &mut out);
    said(&mut out)
}

fn said(out: &mut Outputs) -> (Vec<Note>, Vec<Method>) {
    let (mut notes, mut answers) = (Vec::new(), Vec::new());
    for output in out.list.drain(..) {
        match output {
            Output::Note(note) => notes.push(note),
            Output::Send { frame: Frame::Store(method), .. } => answers.push(method),
            _ => {}
        }
    }
    (notes, answers)
}

fn outcome(database: &mut Database, method: Method) -> Outcome {
    match ask(database, method).1[..] {
        [Method::Transacted { outcome, .. }] => outcome,
        ref other => panic!("{other:?}"),
    }
}

fn kinds(notes: &[Note]) -> Vec<(u32, Kind)> {
    notes.iter().map(|note| (note.copy.map_or(0, |copy| copy.message.0), note.kind)).collect()
}
