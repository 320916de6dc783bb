//! Settings that are each admitted and cannot be together: a client or a broker of
//! the cast would not start with them. No plan is made of them, wherever they were
//! chosen.

use super::cast::{refusal, settings_of};
use super::file::Lab;
use crate::setting::{Refusal, Settings};

impl Lab {
    /// The rooms' defaults, and over them what the lab sets.
    #[must_use]
    pub fn default_settings(&self) -> Settings {
        let mut settings = Settings::defaults(settings_of());
        for (name, value) in &self.fixed {
            settings.set(name, value);
        }
        for setting in &self.settings {
            settings.set(setting.spec.name, &setting.default);
        }
        settings
    }

    /// Why nothing starts with these settings of the lab, if that is so. What the lab
    /// does not let anyone set is passed over.
    #[must_use]
    pub fn refusal(&self, set: &[(String, String)]) -> Option<Refusal> {
        let mut settings = self.default_settings();
        for (name, value) in set {
            if let Some(setting) = self.setting(name) {
                settings.set(setting.spec.name, value);
            }
        }
        self.refusal_of(&settings)
    }

    /// These settings, with those added that they need for anything to start: so drawn
    /// ones become a plan.
    #[must_use]
    pub fn fitting(&self, mut set: Vec<(String, String)>) -> Vec<(String, String)> {
        while let Some(refusal) = self.refusal(&set).filter(|refusal| self.setting(refusal.name).is_some()) {
            set.push((refusal.name.to_owned(), refusal.needs.to_owned()));
        }
        set
    }

    pub(super) fn refusal_of(&self, settings: &Settings) -> Option<Refusal> {
        refusal(self.models.chosen(settings.word("model")), settings)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lab, Plan, sample};
    use crate::source::Source;

    const LOG: &str = r#"
[topology]
broker = "log"
nodes = 1
producers = 1
consumers = 1
[workload]
messages = 1
rate = "1/s"
[settings.acks]
default = "1"
[settings.transactions]
default = false
"#;

    fn set(values: &[(&str, &str)]) -> Vec<(String, String)> {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_nobody_starts_with_becomes_no_plan() {
        let lab = sample::lab(sample::text(LOG));
        let error = Plan::new(lab.clone(), &set(&[("transactions", "true")]), &[]).unwrap_err();
        assert_eq!((error.text.as_str(), error.hint.en.contains("acks=all")), ("acks=1", true), "{error}");
        assert!(error.reason.en.contains("ConfigException"), "{error}");
        let plan = Plan::new(lab, &set(&[("transactions", "true"), ("acks", "all")]), &[]).unwrap();
        assert!(plan.with_setting("acks", "0").is_err() && plan.with_setting("transactions", "false").is_ok());
    }

    #[test]
    fn an_author_who_writes_it_is_shown_the_place() {
        let claim = "[[claims]]\nid = \"x\"\ngiven = { transactions = true }\nalways = \"lost == 0\"\nsays = { zh = \"\", en = \"\" }\n";
        let task = "[[tasks]]\nid = \"x\"\nask = { zh = \"\", en = \"\" }\nstart = { acks = \"0\" }\nkeep = \"lost == 0\"\nreference = { transactions = true }\n";
        let default = LOG.replace("default = false", "default = true");
        for tables in [format!("{LOG}{claim}"), format!("{LOG}{task}"), default] {
            let troubles = Lab::parse(&Source::new("test.toml", sample::text(&tables))).expect_err(&tables);
            assert_eq!(troubles.len(), 1, "{tables}");
            assert!(troubles[0].to_string().contains("ConfigException"), "{}", troubles[0]);
        }
        let claim = claim.replace("transactions = true", "transactions = true, acks = \"all\"");
        assert!(Lab::parse(&Source::new("test.toml", sample::text(&format!("{LOG}{claim}")))).is_ok());
    }
}
