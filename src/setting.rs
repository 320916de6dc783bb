//! Settings: what a learner may toggle. Every room that reads one publishes it
//! as a [`SettingSpec`], so labs, screens and `--set` know all of them without
//! naming any.

use crate::text::Text;
use crate::time::Span;

/// One setting of a broker, a client or a service.
#[derive(Clone, Copy, Debug)]
pub struct SettingSpec {
    pub name: &'static str,
    pub values: Values,
    /// One of `values`, as text.
    pub default: &'static str,
    /// One line: what it decides.
    pub about: Text,
    /// What RabbitMQ or Kafka calls it.
    pub real: Text,
    /// Whether one of its values asks for less than another.
    pub demand: Demand,
    /// Values that no engine of this kind offers, each with a line that says so.
    pub unreal: &'static [(&'static str, Text)],
}

/// Whether a value of a setting asks for less than another. To ask for less is no
/// advice: there is less to lose then, and no less is lost. Every setting says so of
/// itself, so that none is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// None does: they are other ways, or other bounds.
    Alike,
    /// The lower a number, the less; a word that is no number asks for the most.
    Higher,
    /// This one does, and the others ask for more.
    LeastIs(&'static str),
    /// They are different designs, which is more than a setting.
    Design,
    /// It makes the program itself decide what becomes of its own messages.
    OwnDecision,
}

impl Demand {
    /// Whether going from one value to another asks for less.
    #[must_use]
    pub fn is_weaker(self, from: &str, to: &str) -> bool {
        let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
        match self {
            Self::Higher => number(to) < number(from),
            Self::LeastIs(least) => to == least && from != least,
            Self::Alike | Self::Design | Self::OwnDecision => false,
        }
    }
}

/// The values a setting can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// `true` or `false`.
    Switch,
    Words(&'static [&'static str]),
    /// A whole number in an inclusive range.
    Count {
        least: u64,
        most: u64,
    },
    /// A length of time in milliseconds, in an inclusive range.
    Millis {
        least: u64,
        most: u64,
    },
}

impl Values {
    /// Whether `text` is one of the values.
    #[must_use]
    pub fn admit(self, text: &str) -> bool {
        match self {
            Self::Switch => matches!(text, "true" | "false"),
            Self::Words(words) => words.contains(&text),
            Self::Count { least, most } | Self::Millis { least, most } => {
                text.parse::<u64>().is_ok_and(|n| (least..=most).contains(&n))
            }
        }
    }

    /// The values in words, for an error message: `one of off, wait-each, async`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Words(words) => format!("one of {}", words.join(", ")),
            Self::Count { least, most } => format!("a whole number from {least} to {most}"),
            Self::Millis { least, most } => format!("milliseconds from {least} to {most}"),
        }
    }
}

/// Why a real client or broker does not start with its settings as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The setting that would have to be another one.
    pub name: &'static str,
    /// The value that it must have, beside those that were chosen.
    pub needs: &'static str,
    /// In one line: a screen has no room for two.
    pub why: Text,
}

/// Settings with values: what a run was configured with. Sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Settings {
    values: Vec<(&'static str, String)>,
}

impl Settings {
    /// The defaults of `specs`.
    #[must_use]
    pub fn defaults<'a>(specs: impl IntoIterator<Item = &'a SettingSpec>) -> Self {
        let mut settings = Self::default();
        for spec in specs {
            settings.set(spec.name, spec.default);
        }
        settings
    }

    /// Sets a value. Whether it is admitted is the caller's to check first.
    pub fn set(&mut self, name: &'static str, value: &str) {
        match self.values.binary_search_by_key(&name, |(name, _)| name) {
            Ok(at) => value.clone_into(&mut self.values[at].1),
            Err(at) => self.values.insert(at, (name, value.to_owned())),
        }
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.values.binary_search_by_key(&name, |(name, _)| name).ok()?;
        Some(&self.values[at].1)
    }

    /// A switch; off when absent.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// A word; empty when absent.
    #[must_use]
    pub fn word(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A number; zero when absent.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Takes over a switch, if it is present. Options are read so: what a lab does not
    /// name keeps its default.
    pub fn read_switch(&self, name: &str, value: &mut bool) {
        if self.get(name).is_some() {
            *value = self.is_on(name);
        }
    }

    /// Takes over a length of time in milliseconds, if it is present.
    pub fn read_millis(&self, name: &str, value: &mut Span) {
        if self.get(name).is_some() {
            *value = Span::from_millis(self.number(name));
        }
    }

    /// Takes over a count, if it is present. Its [`Values`] see to it that it fits.
    pub fn read_count<N: TryFrom<u64>>(&self, name: &str, value: &mut N) {
        if self.get(name).is_some()
            && let Ok(count) = N::try_from(self.number(name))
        {
            *value = count;
        }
    }

    /// Takes over one of these words, if it is present.
    pub fn read_word<T: Copy>(&self, name: &str, words: &[(&str, T)], value: &mut T) {
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == self.word(name)) {
            *value = *meant;
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_admit_what_they_describe() {
        assert!(Values::Switch.admit("true"));
        assert!(!Values::Switch.admit("on"));
        assert!(Values::Count { least: 1, most: 3 }.admit("3"));
        assert!(!Values::Count { least: 1, most: 3 }.admit("4"));
        assert!(!Values::Words(&["off", "async"]).admit("of"));
    }

    #[test]
    fn to_ask_for_less_is_to_go_down_or_to_the_least_and_nothing_else() {
        let acks = Demand::Higher;
        assert!(acks.is_weaker("all", "1") && acks.is_weaker("1", "0"));
        assert!(!acks.is_weaker("0", "all") && !acks.is_weaker("1", "1"));
        let confirms = Demand::LeastIs("off");
        assert!(confirms.is_weaker("async", "off"));
        assert!(!confirms.is_weaker("off", "async") && !confirms.is_weaker("async", "wait-each"));
        assert!(!Demand::Alike.is_weaker("true", "false") && !Demand::Design.is_weaker("3", "1"));
    }

    #[test]
    fn a_setting_is_found_by_name_whatever_the_order_it_was_set_in() {
        let mut settings = Settings::default();
        settings.set("prefetch", "10");
        settings.set("acks", "all");
        settings.set("prefetch", "20");
        assert_eq!(settings.number("prefetch"), 20);
        assert_eq!(settings.word("acks"), "all");
        assert_eq!(settings.iter().count(), 2);
    }

    #[test]
    fn what_is_not_present_keeps_its_default() {
        let mut settings = Settings::default();
        let read = |settings: &Settings| {
            let (mut resend, mut window, mut life, mut acks) = (true, 32_usize, Span::from_secs(1), 'a');
            settings.read_switch("resend", &mut resend);
            settings.read_count("window", &mut window);
            settings.read_millis("life_ms", &mut life);
            settings.read_word("acks", &[("0", '0'), ("1", '1')], &mut acks);
            (resend, window, life.as_millis(), acks)
        };
        assert_eq!(read(&settings), (true, 32, 1_000, 'a'));
        for (name, value) in [("resend", "false"), ("window", "5"), ("life_ms", "20"), ("acks", "1")] {
            settings.set(name, value);
        }
        assert_eq!(read(&settings), (false, 5, 20, '1'));
    }
}
