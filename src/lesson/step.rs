//! The way through a lesson, always the same: something went wrong, say what
//! will happen, run it, say what you saw, change one thing, and only then why.

use std::ops::Range;

use crate::text::Text;

/// A step of the fixed way, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    Incident,
    Predict,
    Run,
    See,
    Twin,
    Why,
    Real,
    Alive,
    Quiz,
    Interview,
}

/// A step of a lesson as its file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The part it belongs to, where a lesson names its parts.
    pub part: Option<String>,
    pub kind: StepKind,
    /// The heading's id: `incident`, or `producer-incident` in a part.
    pub id: String,
    /// Its heading's place among the lesson's blocks.
    pub block: usize,
    /// The heading in the file.
    pub span: Range<usize>,
}

impl StepKind {
    pub const ALL: [Self; 10] = [
        Self::Incident,
        Self::Predict,
        Self::Run,
        Self::See,
        Self::Twin,
        Self::Why,
        Self::Real,
        Self::Alive,
        Self::Quiz,
        Self::Interview,
    ];

    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Predict => "predict",
            Self::Run => "run",
            Self::See => "see",
            Self::Twin => "twin",
            Self::Why => "why",
            Self::Real => "real",
            Self::Alive => "alive",
            Self::Quiz => "quiz",
            Self::Interview => "interview",
        }
    }

    /// What a progress line calls it. A lesson's own heading may be longer.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Incident => Text { zh: "事故", en: "Incident" },
            Self::Predict => Text { zh: "预测", en: "Predict" },
            Self::Run => Text { zh: "运行", en: "Run" },
            Self::See => Text { zh: "看到了什么", en: "What did you see?" },
            Self::Twin => Text { zh: "对照", en: "Twin run" },
            Self::Why => Text { zh: "为什么", en: "Why" },
            Self::Real => Text { zh: "真实系统", en: "On the real thing" },
            Self::Alive => Text { zh: "守住它", en: "Keep it alive" },
            Self::Quiz => Text { zh: "测验", en: "Quiz" },
            Self::Interview => Text { zh: "面试", en: "In an interview" },
        }
    }

    /// The step that a heading's id names: `producer-incident` in the part
    /// `producer`, plain `incident` where a lesson has `only` one part.
    #[must_use]
    pub fn of_id(id: &str, part: Option<&str>, only: bool) -> Option<Self> {
        let prefixed = part.and_then(|part| id.strip_prefix(part)?.strip_prefix('-'));
        let kind = prefixed.or((only || part.is_none()).then_some(id))?;
        Self::ALL.into_iter().find(|step| step.id() == kind)
    }

    /// All ids, for error messages.
    #[must_use]
    pub fn list() -> String {
        Self::ALL.map(Self::id).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_part_and_its_step() {
        assert_eq!(StepKind::of_id("producer-incident", Some("producer"), false), Some(StepKind::Incident));
        assert_eq!(StepKind::of_id("incident", None, false), Some(StepKind::Incident));
        assert_eq!(StepKind::of_id("incident", Some("method"), true), Some(StepKind::Incident));
        assert_eq!(StepKind::of_id("incident", Some("producer"), false), None);
        assert_eq!(StepKind::of_id("broker-incident", Some("producer"), false), None);
    }
}
