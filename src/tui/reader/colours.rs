//! Colours for code. Compiling a grammar takes tens of milliseconds, so it is
//! done on a helper thread; the page is readable at once, and is laid out anew
//! as colours arrive.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::{Receiver, TryRecvError};

use crate::lesson::Lesson;
use crate::lesson::layout::{Highlighter, Token};

type Code = (String, String);
type Spans = Vec<(Range<usize>, Token)>;

/// The colours known so far.
#[derive(Default)]
pub(super) struct Colours {
    known: BTreeMap<Code, Spans>,
    coming: Option<Receiver<(Code, Spans)>>,
}

impl Colours {
    /// Begins to colour all code of these lessons.
    #[cfg(feature = "highlight")]
    #[expect(clippy::disallowed_methods, reason = "a helper of the screens: no run depends on it")]
    pub fn begin(lessons: [&Lesson; 2]) -> Self {
        let mut codes = Vec::new();
        lessons.iter().for_each(|lesson| collect(&lesson.blocks, &mut codes));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let syntax = crate::lesson::layout::Syntax::new();
            for code in codes {
                let spans = syntax.highlight(&code.0, &code.1);
                // The reader was closed.
                if sender.send((code, spans)).is_err() {
                    return;
                }
            }
        });
        Self { known: BTreeMap::new(), coming: Some(receiver) }
    }

    #[cfg(not(feature = "highlight"))]
    pub fn begin(_lessons: [&Lesson; 2]) -> Self {
        Self::default()
    }

    pub const fn are_coming(&self) -> bool {
        self.coming.is_some()
    }

    /// Takes in what has arrived; true if that was anything.
    pub fn take(&mut self) -> bool {
        let before = self.known.len();
        while let Some(coming) = &self.coming {
            match coming.try_recv() {
                Ok((code, spans)) => {
                    self.known.insert(code, spans);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.coming = None,
            }
        }
        self.known.len() > before
    }
}

impl Highlighter for Colours {
    fn highlight(&self, language: &str, code: &str) -> Spans {
        if self.known.is_empty() {
            return Vec::new();
        }
        self.known.get(&(language.to_owned(), code.to_owned())).cloned().unwrap_or_default()
    }
}

#[cfg(feature = "highlight")]
fn collect(blocks: &[crate::lesson::Block], codes: &mut Vec<Code>) {
    use crate::lesson::Block;

    for block in blocks {
        match block {
            Block::Code { language, text } => codes.push((language.clone(), text.clone())),
            Block::List { items, .. } => items.iter().for_each(|item| collect(item, codes)),
            Block::CallOut { blocks, .. } | Block::Quote(blocks) => collect(blocks, codes),
            _ => {}
        }
    }
}
