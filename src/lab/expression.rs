//! The small language of claims: `lost_after_ok == 0 and duplicates >= 1`.
//! Comparisons of counts, joined by `and`. Anything a claim needs beyond that is
//! two claims.

use std::fmt;
use std::ops::Range;

use super::totals::{Measure, Totals};

/// A condition on the totals of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    terms: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    left: Measure,
    comparison: Comparison,
    right: Operand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Number(u64),
    Measure(Measure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    pub span: Range<usize>,
    pub reason: String,
}

impl Comparison {
    const ALL: [(&'static str, Self); 6] = [
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    const fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Names the word that cannot be read and what could stand there.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let words: Vec<(usize, &str)> = words(text).collect();
        let end = text.len();
        let at = |index: usize| words.get(index).copied().unwrap_or((end, ""));
        let error = |index: usize, reason: String| {
            let (start, word) = at(index);
            Err(ExpressionError { span: start..start + word.len().max(1), reason })
        };
        let mut terms = Vec::new();
        let mut next = 0;
        loop {
            let Some(left) = Measure::named(at(next).1) else {
                return error(next, expected("a count", at(next).1, &names()));
            };
            let symbol = at(next + 1).1;
            let Some((_, comparison)) = Comparison::ALL.into_iter().find(|(known, _)| *known == symbol) else {
                return error(next + 1, expected("a comparison", symbol, "== != < <= > >="));
            };
            let operand = at(next + 2).1;
            let right = match (operand.parse(), Measure::named(operand)) {
                (Ok(number), _) => Operand::Number(number),
                (_, Some(measure)) => Operand::Measure(measure),
                _ => return error(next + 2, expected("a whole number or a count", operand, &names())),
            };
            terms.push(Term { left, comparison, right });
            next += 3;
            match at(next).1 {
                "" => return Ok(Self { terms }),
                "and" => next += 1,
                other => return error(next, expected("`and` or the end", other, "comparisons are joined by `and`")),
            }
        }
    }

    #[must_use]
    pub fn holds(&self, totals: &Totals) -> bool {
        self.broken(totals).is_none()
    }

    /// The first comparison that does not hold: the count, how much of it there is,
    /// and what it is compared with.
    #[must_use]
    pub fn broken(&self, totals: &Totals) -> Option<(Measure, u64, u64)> {
        let values = self.terms.iter().map(|term| {
            let right = match term.right {
                Operand::Number(number) => number,
                Operand::Measure(measure) => totals.get(measure),
            };
            (term, totals.get(term.left), right)
        });
        let mut broken = values.filter(|(term, left, right)| !term.comparison.holds(*left, *right));
        broken.next().map(|(term, left, right)| (term.left, left, right))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                f.write_str(" and ")?;
            }
            let symbol = Comparison::ALL.iter().find(|(_, known)| *known == term.comparison).map_or("", |(s, _)| s);
            write!(f, "{} {symbol} ", term.left.name())?;
            match term.right {
                Operand::Number(number) => write!(f, "{number}")?,
                Operand::Measure(measure) => f.write_str(measure.name())?,
            }
        }
        Ok(())
    }
}

fn names() -> String {
    Measure::ALL.map(|(_, name)| name).join(", ")
}

fn expected(what: &str, found: &str, choices: &str) -> String {
    let found = if found.is_empty() { "the text ends".to_owned() } else { format!("`{found}` stands") };
    format!("{found} where {what} should: {choices}")
}

/// Words and symbols with their offsets; spaces around symbols are optional.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let class = |c: char| match c {
        c if c.is_whitespace() => 0,
        '=' | '!' | '<' | '>' => 1,
        _ => 2,
    };
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, c)| class(*c) == 0).is_some() {}
        let (start, first) = rest.next()?;
        let mut end = start + first.len_utf8();
        while let Some((at, c)) = rest.next_if(|(_, c)| class(*c) == class(first)) {
            end = at + c.len_utf8();
        }
        Some((start, &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_compares_counts_joined_by_and() {
        let totals = Totals { lost: 2, duplicates: 1, told_ok: 2, ..Totals::default() };
        for (text, holds) in [
            ("lost == 2", true),
            ("lost>=2 and duplicates<1", false),
            ("lost == told_ok and duplicates != 0", true),
            ("lost_after_ok > 0", false),
        ] {
            assert_eq!(Expression::parse(text).unwrap().holds(&totals), holds, "{text}");
        }
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        let expression = Expression::parse("lost>=2   and duplicates<lost").unwrap();
        assert_eq!(expression.to_string(), "lost >= 2 and duplicates < lost");
    }

    #[test]
    fn an_error_points_at_the_word() {
        for (text, span) in
            [("lsot == 0", 0..4), ("lost = 0", 5..6), ("lost == x", 8..9), ("lost == 0 or", 10..12), ("", 0..1)]
        {
            assert_eq!(Expression::parse(text).unwrap_err().span, span, "{text}");
        }
    }
}
