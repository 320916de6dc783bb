//! Blocks to rows of a given width. Nothing here knows a terminal: a row is
//! pieces of text with what they mean ([`Style`]), and a screen decides how a
//! meaning looks. So a lesson can be laid out, and tested, without one.

mod code;
mod prose;
mod row;
#[cfg(feature = "highlight")]
mod syntax;
mod table;

pub use code::{Highlighter, Token};
pub use row::{Row, Segment, Style};
#[cfg(feature = "highlight")]
pub use syntax::Syntax;

use super::block::{Block, CallOut, Inline, LabMode, Lesson, QuizBlock};
use super::measure::Measure;
use crate::text::{Language, Text};

/// Draws a block that is more than text (a lab, a question), or leaves it to the
/// plain form. Gets the block and the width.
pub type Embed<'a> = &'a dyn Fn(&Block, usize) -> Option<Vec<Row>>;

/// How a lesson is to be laid out.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    /// Cells a row may take. Below 8 a row may overflow.
    pub width: usize,
    pub measure: Measure,
    pub language: Language,
    pub highlighter: Option<&'a dyn Highlighter>,
    pub embed: Option<Embed<'a>>,
    /// Cells by which code is scrolled to the left. Code is never wrapped.
    pub code_shift: usize,
}

/// The least width that what stands inside a bar or a list must keep. Narrower
/// than this, the bar goes first.
const LEAST_INNER: usize = 8;

impl<'a> Layout<'a> {
    #[must_use]
    pub const fn new(width: usize, measure: Measure, language: Language) -> Self {
        Self { width, measure, language, highlighter: None, embed: None, code_shift: 0 }
    }

    /// All rows of a lesson. `origin` of each row is its block's index.
    #[must_use]
    pub fn lesson(&self, lesson: &Lesson) -> Vec<Row> {
        let mut rows = Vec::new();
        for (index, block) in lesson.blocks.iter().enumerate() {
            if index > 0 {
                rows.push(Row { origin: index, ..Row::default() });
            }
            rows.extend(self.block(block).into_iter().map(|row| Row { origin: index, ..row }));
        }
        rows
    }

    /// Rows of blocks that are not a lesson's, with a blank row between them.
    #[must_use]
    pub fn blocks(&self, blocks: &[Block]) -> Vec<Row> {
        let mut rows = Vec::new();
        for block in blocks {
            if !rows.is_empty() {
                rows.push(Row::default());
            }
            rows.extend(self.block(block));
        }
        rows
    }

    #[must_use]
    pub fn block(&self, block: &Block) -> Vec<Row> {
        match block {
            Block::Heading { level, inlines, .. } => self.heading(*level, inlines),
            Block::Paragraph(inlines) => self.prose(inlines, Style::Text),
            Block::List { ordered_from, items } => self.list(*ordered_from, items, 0),
            Block::Table(table) => self.table(table),
            Block::Code { language, text } => self.code(language, text),
            Block::CallOut { kind, blocks } => self.call_out(*kind, blocks),
            Block::Quote(blocks) => self.beside(Style::Border, |inner| inner.blocks(blocks)),
            Block::Rule => vec![self.rule(self.measure.glyphs().rule)],
            Block::Predict(_) | Block::Lab(_) | Block::Quiz(_) | Block::See(_) => {
                let embedded = self.embed.and_then(|embed| embed(block, self.width));
                embedded.unwrap_or_else(|| self.plain_form(block))
            }
        }
    }

    /// A text of one style, wrapped.
    #[must_use]
    pub fn text(&self, text: &str, style: Style) -> Vec<Row> {
        self.prose(&[Inline::Text(text.to_owned())], style)
    }

    fn heading(&self, level: u8, inlines: &[Inline]) -> Vec<Row> {
        let mut rows = self.prose(inlines, Style::Heading(level));
        if level == 1 {
            rows.push(self.rule(self.measure.glyphs().heavy_rule));
        }
        rows
    }

    fn rule(&self, glyph: &str) -> Row {
        Row::of(glyph.repeat(self.width), Style::Border)
    }

    fn list(&self, ordered_from: Option<u64>, items: &[Vec<Block>], depth: usize) -> Vec<Row> {
        let last = ordered_from.unwrap_or(0) + items.len().saturating_sub(1) as u64;
        let digits = last.to_string().len();
        let mut rows = Vec::new();
        for (number, item) in (ordered_from.unwrap_or(0)..).zip(items) {
            let bullets = self.measure.glyphs().bullets;
            let mark = match ordered_from {
                Some(_) => format!("{number:>digits$}. "),
                None => format!("{} ", bullets[depth.min(bullets.len() - 1)]),
            };
            rows.extend(self.marked(&mark, Style::Bullet, |inner| inner.item(item, depth)));
        }
        rows
    }

    /// A list's item: its blocks stand close together.
    fn item(&self, blocks: &[Block], depth: usize) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for block in blocks {
            rows.extend(match block {
                Block::List { ordered_from, items } => self.list(*ordered_from, items, depth + 1),
                other => self.block(other),
            });
        }
        if rows.is_empty() { vec![Row::default()] } else { rows }
    }

    fn call_out(&self, kind: CallOut, blocks: &[Block]) -> Vec<Row> {
        self.beside(Style::CallOut(kind), |inner| {
            let mut rows = inner.text(kind.name().in_language(self.language), Style::CallOut(kind));
            rows.extend(inner.blocks(blocks));
            rows
        })
    }

    /// Rows with a bar at their left.
    fn beside(&self, style: Style, draw: impl FnOnce(&Self) -> Vec<Row>) -> Vec<Row> {
        let bar = format!("{} ", self.measure.glyphs().bar);
        self.inside(self.measure.width(&bar), draw, |_| Segment::new(bar.clone(), style))
    }

    /// Rows with a mark before the first and the same space before the others.
    fn marked(&self, mark: &str, style: Style, draw: impl FnOnce(&Self) -> Vec<Row>) -> Vec<Row> {
        let cells = self.measure.width(mark);
        let space = " ".repeat(cells);
        self.inside(cells, draw, |row| match row {
            0 => Segment::new(mark.to_owned(), style),
            _ => Segment::new(space.clone(), Style::Text),
        })
    }

    fn inside(
        &self,
        cells: usize,
        draw: impl FnOnce(&Self) -> Vec<Row>,
        mut before: impl FnMut(usize) -> Segment,
    ) -> Vec<Row> {
        if self.width < cells + LEAST_INNER {
            return draw(self);
        }
        let mut rows = draw(&Layout { width: self.width - cells, ..*self });
        for (index, row) in rows.iter_mut().enumerate() {
            row.segments.insert(0, before(index));
        }
        rows
    }

    /// A lab or a question as text, for a reader that cannot open it.
    fn plain_form(&self, block: &Block) -> Vec<Row> {
        let zh = self.language == Language::Zh;
        let line = match block {
            Block::Predict(predict) if zh => format!("预测：{} / {}", predict.lab.value, predict.predict.value),
            Block::Predict(predict) => format!("Predict: {} / {}", predict.lab.value, predict.predict.value),
            Block::Lab(lab) => {
                let what = match (&lab.mode, zh) {
                    (LabMode::Run, true) => "实验".to_owned(),
                    (LabMode::Run, false) => "Lab".to_owned(),
                    (LabMode::Twin { setting, value }, true) => format!("对照实验（{} = {value}）", setting.value),
                    (LabMode::Twin { setting, value }, false) => format!("Twin run ({} = {value})", setting.value),
                    (LabMode::Task(_), true) => "守住它".to_owned(),
                    (LabMode::Task(_), false) => "Keep it alive".to_owned(),
                };
                format!("{what}{}{}", if zh { "：" } else { ": " }, lab.lab.value)
            }
            Block::Quiz(quiz) | Block::See(quiz) => return self.question(quiz),
            _ => return Vec::new(),
        };
        let mark = format!("{} ", self.measure.glyphs().open);
        self.marked(&mark, Style::Open, |inner| inner.text(&line, Style::Open))
    }

    /// A question and its numbered options, without the answers.
    fn question(&self, quiz: &QuizBlock) -> Vec<Row> {
        let mut rows = self.snippet(&quiz.ask.value);
        for (number, option) in (1..).zip(&quiz.options) {
            let mark = format!("{number}. ");
            rows.extend(self.marked(&mark, Style::Bullet, |inner| inner.snippet(&option.text.value)));
        }
        rows
    }

    /// A text of the course that may hold Markdown, such as a question.
    #[must_use]
    pub fn snippet(&self, markdown: &str) -> Vec<Row> {
        self.blocks(&super::parse_snippet(markdown, self.language))
    }
}

impl CallOut {
    /// What the call-out is headed with.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Note => Text { zh: "说明", en: "Note" },
            Self::Trap => Text { zh: "陷阱", en: "Trap" },
            Self::Fact => Text { zh: "事实", en: "Fact" },
        }
    }
}
