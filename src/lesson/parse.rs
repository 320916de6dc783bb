//! Markdown to blocks: CommonMark with tables, heading attributes and `+++`
//! front matter, over pulldown-cmark. What a terminal cannot show (images, HTML,
//! footnotes) is refused here, where the author sees it, instead of vanishing.

mod fenced;

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Alignment as Align, Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag};

use super::block::{Alignment, Block, CallOut, Inline, Lesson, Table};
use super::headings;
use super::inline::Prose;
use super::passage::Passage;
use super::special::Head;
use crate::source::{Source, Trouble};
use crate::text::Language;

/// The languages a code block may be in: what the real engines are used with.
pub const CODE_LANGUAGES: [&str; 6] = ["java", "yaml", "toml", "python", "shell", "text"];

/// Reads a lesson.
///
/// # Errors
///
/// Everything that is wrong with the file, each with its place in it.
pub fn parse(source: &Source, language: Language) -> Result<Lesson, Vec<Trouble>> {
    let mut reader = Reader::new(source, language);
    let blocks = reader.blocks(0);
    headings::check(&mut reader, &blocks);
    let head = reader.head.take();
    let mut troubles = reader.troubles;
    if head.is_none() && !reader.head_failed {
        let trouble = source.trouble(0..0, "the lesson has no front matter");
        let hint = "begin the file with a line +++, then title, minutes, labs and questions in TOML, then +++ again";
        troubles.insert(0, trouble.hint(hint));
    }
    match head {
        Some(Head { title, minutes, labs, questions }) if troubles.is_empty() => {
            Ok(Lesson { language, title, minutes, labs, questions, blocks, passages: reader.passages })
        }
        _ => Err(troubles),
    }
}

/// Reads a piece of Markdown that is not a lesson: a lab's incident, an option
/// of a question. What is not running text stays out.
#[must_use]
pub fn parse_snippet(text: &str, language: Language) -> Vec<Block> {
    Reader::new(&Source::new("", text), language).blocks(0)
}

/// The passages of such a piece, with spans in the piece itself.
#[must_use]
pub fn parse_passages(text: &str, language: Language) -> Vec<Passage> {
    let source = Source::new("", text);
    let mut reader = Reader::new(&source, language);
    reader.blocks(0);
    reader.passages
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) language: Language,
    events: Vec<(Event<'a>, Range<usize>)>,
    at: usize,
    pub(super) troubles: Vec<Trouble>,
    passages: Vec<Passage>,
    head: Option<Head>,
    head_failed: bool,
    /// The id of the step being read.
    step: Option<String>,
    quizzes: BTreeSet<String>,
    /// Text before this byte is a call-out's `[!KIND]`, already read.
    pub(super) skip_before: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, language: Language) -> Self {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
        Self {
            source,
            language,
            events: Parser::new_ext(&source.text, options).into_offset_iter().collect(),
            at: 0,
            troubles: Vec::new(),
            passages: Vec::new(),
            head: None,
            head_failed: false,
            step: None,
            quizzes: BTreeSet::new(),
            skip_before: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        let event = self.events.get(self.at).cloned();
        self.at += 1;
        event
    }

    /// Lets the last event be read again.
    pub(super) fn give_back(&mut self) {
        self.at -= 1;
    }

    pub(super) fn refuse(&mut self, span: Range<usize>, reason: impl Into<String>, hint: &str) {
        self.troubles.push(self.source.trouble(span, reason).hint(hint));
    }

    /// Reads blocks up to the end of what encloses them. `depth` is zero at the
    /// top of the file, the only place for blocks that ask or run something.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some((event, span)) = self.next() {
            match event {
                Event::End(_) => break,
                Event::Start(tag) if !is_inline(&tag) => blocks.extend(self.block(tag, span, depth)),
                Event::Rule => blocks.push(Block::Rule),
                Event::Html(_) => {}
                _ => {
                    // A tight list's item holds its text without a paragraph.
                    self.give_back();
                    blocks.extend(self.paragraph(false));
                }
            }
        }
        blocks
    }

    fn block(&mut self, tag: Tag<'a>, span: Range<usize>, depth: usize) -> Option<Block> {
        match tag {
            Tag::Paragraph => self.paragraph(true),
            Tag::Heading { level, id, .. } => Some(self.heading(level, id.map(|id| id.to_string()), span)),
            Tag::BlockQuote(_) => Some(self.quote(span, depth)),
            Tag::CodeBlock(kind) => self.code(kind, span, depth),
            Tag::List(ordered_from) => Some(self.list(ordered_from, depth)),
            Tag::Table(alignments) => Some(Block::Table(self.table(&alignments))),
            Tag::MetadataBlock(MetadataBlockKind::PlusesStyle) => {
                self.front_matter(span);
                None
            }
            Tag::HtmlBlock => {
                self.refuse(span, "a terminal shows no HTML", "write it in Markdown");
                self.blocks(depth + 1);
                None
            }
            _ => {
                self.refuse(span, "a lesson has no such block", "use paragraphs, lists, tables, code, quotations");
                self.blocks(depth + 1);
                None
            }
        }
    }

    fn prose(&mut self, closed: bool) -> Vec<Inline> {
        let (inlines, passage) = Prose::new().read(self, closed);
        self.passages.push(passage);
        inlines
    }

    fn paragraph(&mut self, closed: bool) -> Option<Block> {
        let inlines = self.prose(closed);
        (!inlines.is_empty()).then_some(Block::Paragraph(inlines))
    }

    fn heading(&mut self, level: HeadingLevel, id: Option<String>, span: Range<usize>) -> Block {
        let inlines = self.prose(true);
        let level = level as u8;
        if level <= 2 {
            self.step = id.clone().filter(|_| level == 2);
        }
        let end = span.start + self.source.text[span.clone()].trim_end().len();
        Block::Heading { level, id, inlines, span: span.start..end }
    }

    fn quote(&mut self, span: Range<usize>, depth: usize) -> Block {
        let text = &self.source.text[span.clone()];
        let first = text.lines().next().unwrap_or_default();
        let inner = first.trim_start_matches(['>', ' ']);
        let Some((name, _)) = inner.strip_prefix("[!").and_then(|rest| rest.split_once(']')) else {
            return Block::Quote(self.blocks(depth + 1));
        };
        let start = span.start + first.len() - inner.len();
        let end = start + name.len() + 3;
        let kind = match name {
            "NOTE" => CallOut::Note,
            "TRAP" => CallOut::Trap,
            "FACT" => CallOut::Fact,
            other => {
                self.refuse(start..end, format!("{other:?} is no call-out"), "write [!NOTE], [!TRAP] or [!FACT]");
                CallOut::Note
            }
        };
        self.skip_before = end;
        Block::CallOut { kind, blocks: self.blocks(depth + 1) }
    }

    fn list(&mut self, ordered_from: Option<u64>, depth: usize) -> Block {
        let mut items = Vec::new();
        while let Some((Event::Start(Tag::Item), _)) = self.next() {
            items.push(self.blocks(depth + 1));
        }
        Block::List { ordered_from, items }
    }

    fn table(&mut self, alignments: &[Align]) -> Table {
        let alignments = alignments.iter().map(|align| match align {
            Align::None | Align::Left => Alignment::Left,
            Align::Center => Alignment::Centre,
            Align::Right => Alignment::Right,
        });
        let mut table = Table { alignments: alignments.collect(), head: Vec::new(), rows: Vec::new() };
        while let Some((Event::Start(tag), _)) = self.next() {
            let mut cells = Vec::new();
            while let Some((Event::Start(Tag::TableCell), _)) = self.next() {
                cells.push(self.prose(true));
            }
            if tag == Tag::TableHead {
                table.head = cells;
            } else {
                table.rows.push(cells);
            }
        }
        table
    }
}

fn is_inline(tag: &Tag) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}
