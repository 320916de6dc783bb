//! The running text of a lesson beside its blocks: what a reader sees of each
//! paragraph as one string, and which bytes of the file each character came
//! from. Checks of style read these, and can point at what they find.

use std::ops::Range;

/// The visible text of one paragraph, heading or cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// An author's line break is U+2028 here.
    pub text: String,
    /// What `text` is made of, in order: where a piece begins in `text`, its
    /// bytes in the file, and what it is.
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub start: usize,
    pub span: Range<usize>,
    pub kind: PieceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    Text,
    Code,
    /// Text set in italics.
    Emphasis,
}

impl Passage {
    /// The piece that holds byte `at` of the text.
    #[must_use]
    pub fn piece_at(&self, at: usize) -> Option<&Piece> {
        self.pieces.iter().rev().find(|piece| piece.start <= at)
    }

    /// The bytes of the file that byte `at` of the text came from. Exact for
    /// text without escapes and entities, its piece otherwise.
    #[must_use]
    pub fn span_at(&self, at: usize) -> Range<usize> {
        let Some(piece) = self.piece_at(at) else { return 0..0 };
        let next = self.pieces.iter().map(|other| other.start).find(|start| *start > piece.start);
        let length = next.unwrap_or(self.text.len()) - piece.start;
        if length == piece.span.len() {
            let from = piece.span.start + at - piece.start;
            let character = self.text[at..].chars().next().map_or(0, char::len_utf8);
            return from..from + character;
        }
        piece.span.clone()
    }
}
