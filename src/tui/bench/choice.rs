//! What the text of a setting says of each of its values. The texts are written as a
//! question, a colon, and a clause for each value in the order of the values; so what
//! the chosen value means can come first, and values that a lab does not offer go.

use crate::lab::LabSetting;
use crate::setting::Values;
use crate::text::Language;

/// The text of a setting, taken apart.
struct Clauses<'a> {
    question: &'a str,
    /// A value and its clause.
    each: Vec<(&'static str, &'a str)>,
    comma: &'static str,
}

/// What the chosen value means, and then what the others do, as far as this lab offers
/// them. `None` if the text does not go value by value.
#[must_use]
pub fn told(setting: &LabSetting, chosen: &str, language: Language) -> Option<[String; 2]> {
    let Values::Words(words) = setting.spec.values else { return None };
    let clauses = clauses(setting.spec.about.in_language(language), words, language)?;
    let say = |(value, clause): &(&str, &str)| named(value, clause, language);
    let first = clauses.each.iter().find(|(value, _)| *value == chosen).map(say)?;
    let offered = |value: &str| setting.values.iter().any(|known| known == value);
    let others = clauses.each.iter().filter(|(value, _)| *value != chosen && offered(value)).map(say);
    let others = others.collect::<Vec<_>>().join(clauses.comma);
    let question = clauses.question;
    let rest = match (others.is_empty(), language) {
        (true, Language::Zh) => format!("{question}。"),
        (true, Language::En) => format!("{question}."),
        (false, Language::Zh) => format!("{question}。也可以：{others}"),
        (false, Language::En) => format!("{question}. Or: {others}"),
    };
    Some([first, rest])
}

fn clauses<'a>(text: &'a str, words: &[&'static str], language: Language) -> Option<Clauses<'a>> {
    let (colon, commas) = match language {
        Language::Zh => ("：", ["；", "，"]),
        Language::En => (": ", ["; ", ", "]),
    };
    let (question, rest) = text.split_once(colon)?;
    let split = |comma: &&'static str| rest.split(comma).count() == words.len();
    let comma = commas.into_iter().find(split)?;
    let each = words.iter().copied().zip(rest.split(comma).map(bare)).collect();
    Some(Clauses { question, each, comma: commas[0] })
}

/// A clause without the word that joined it to the one before.
fn bare(clause: &str) -> &str {
    let joints = ["还是", "或者", "or ", "and "];
    joints.into_iter().find_map(|joint| clause.strip_prefix(joint)).unwrap_or(clause)
}

/// `saga: b and c are undone`; not twice where the clause begins with the name.
fn named(value: &str, clause: &str, language: Language) -> String {
    let begins = clause.get(..value.len()).is_some_and(|start| start.eq_ignore_ascii_case(value));
    let colon = if language == Language::Zh { "：" } else { ": " };
    if begins { clause.to_owned() } else { format!("{value}{colon}{clause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_only_if_it_goes_value_by_value() {
        let words = &["classic", "quorum"];
        let text = "the kind of queue: classic, on one node; quorum, replicated";
        let apart = clauses(text, words, Language::En).expect("two clauses for two values");
        assert_eq!(apart.question, "the kind of queue");
        assert_eq!(apart.each, [("classic", "classic, on one node"), ("quorum", "quorum, replicated")]);
        let joined = clauses("分区时：不管，还是停服", words, Language::Zh).expect("a comma will do");
        assert_eq!(joined.each, [("classic", "不管"), ("quorum", "停服")]);
        for whole in ["no question at all", "one: clause", "three: a; b; c"] {
            assert!(clauses(whole, words, Language::En).is_none(), "{whole}");
        }
        assert_eq!(named("saga", "SAGA, undone", Language::En), "SAGA, undone");
        assert_eq!(named("none", "不管", Language::Zh), "none：不管");
    }

    /// What is chosen comes first, and of the others only those that the lab offers.
    #[test]
    fn the_chosen_value_comes_first_and_values_that_are_not_offered_go() {
        let content = crate::workbook::Content::embedded();
        let source = content.lab_source("b-c-ok-d-failed").expect("it is built in");
        let lab = crate::lab::Lab::parse(&source).expect("it ships");
        let mut setting = lab.setting("pattern").expect("it has one").clone();
        let [first, _] = told(&setting, "saga", Language::En).expect("value by value");
        assert!(first.starts_with("saga: if d fails for good"), "{first}");
        let [first, _] = told(&setting, "tcc", Language::Zh).expect("value by value");
        assert!(first.starts_with("TCC，先各自冻结"), "{first}");
        setting.values.retain(|value| value == "none" || value == "saga");
        for language in Language::ALL {
            let [_, others] = told(&setting, "saga", language).expect("value by value");
            assert!(others.contains("none") && !others.contains("TCC"), "{others}");
        }
    }
}
