//! Reading the log back when the process starts. Connections may be opened
//! meanwhile; they are answered when the tables are whole.

use super::Database;
use super::record::Record;
use crate::event::Kind;
use crate::node::{FileInfo, Outputs};
use crate::service::log::Reading;

impl Database {
    pub(super) fn start(&mut self, files: &[FileInfo], out: &mut Outputs) {
        self.read(Reading::begin(files, out), out);
    }

    pub(super) fn read(&mut self, reading: Option<Reading>, out: &mut Outputs) {
        self.reading = reading;
        if self.reading.is_none() {
            self.finish(0, out);
        }
    }

    pub(super) fn piece_read(&mut self, bytes: &[u8], out: &mut Outputs) {
        let Some(mut reading) = self.reading.take() else { return };
        let (tables, books) = (&mut self.tables, &mut self.books);
        let mut recovered = Vec::new();
        let is_done = reading.feed(bytes, out, |record| recovered.extend(Record::decode(record)));
        for record in recovered {
            match record {
                Record::Poll(limit) => {
                    tables.outbox.poll(limit);
                }
                Record::Transaction(transaction) => {
                    let done = tables.execute(&transaction);
                    books.read_back(&transaction, done, tables, out);
                }
            }
        }
        if is_done {
            let end = reading.finish(out);
            self.finish(end, out);
        } else {
            self.reading = Some(reading);
        }
    }

    fn finish(&mut self, end: u64, out: &mut Outputs) {
        self.commit.length = end;
        self.books.reconcile(&self.tables, out);
        out.note_with(Kind::Started, None, self.tables.effects.total);
    }
}
