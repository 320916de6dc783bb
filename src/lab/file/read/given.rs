//! Settings that a prediction, a claim or a task chooses: whether the lab lets anyone
//! set them so, and whether they mean anything together.

use std::ops::Range;

use super::Reader;
use crate::lab::cast::model_of;
use crate::lab::file::Lab;
use crate::lab::file::shape::Given;
use crate::setting::Refusal;

impl Reader<'_> {
    pub(super) fn given(&mut self, given: &Given, lab: &Lab) -> Vec<(String, String)> {
        let chosen = self.chosen(given, lab);
        let word = chosen.iter().find(|(name, _)| name == "model").map(|(_, word)| word.as_str());
        let word = word.or_else(|| lab.setting("model").map(|setting| setting.default.as_str()));
        let model = lab.models.chosen(word.unwrap_or_default());
        for name in given.keys() {
            if let Some(other) = model_of(name.get_ref()).filter(|other| *other != model) {
                let reason = format!("`{}` is a setting of a {other}, and this is about a {model}", name.get_ref());
                self.trouble(name.span(), reason, "leave it out, or choose the other `model`");
            }
        }
        self.starts(given, lab.refusal(&chosen));
        chosen
    }

    /// The settings that solve a task, on top of those that it begins with.
    pub(super) fn answer(&mut self, given: &Given, start: &[(String, String)], lab: &Lab) -> Vec<(String, String)> {
        let chosen = self.chosen(given, lab);
        let all: Vec<_> = start.iter().chain(&chosen).cloned().collect();
        self.starts(given, lab.refusal(&all));
        chosen
    }

    fn chosen(&mut self, given: &Given, lab: &Lab) -> Vec<(String, String)> {
        let mut chosen = Vec::new();
        for (name, value) in given {
            let Some(setting) = lab.setting(name.get_ref()) else {
                let known: Vec<&str> = lab.settings.iter().map(|setting| setting.spec.name).collect();
                let reason = format!("this lab does not let anyone set `{}`", name.get_ref());
                self.trouble(name.span(), reason, &format!("it offers {}", known.join(", ")));
                continue;
            };
            let text = self.value(setting.spec.name, value, |text| setting.admits(text), &setting.describe());
            chosen.extend(text.map(|text| (name.get_ref().clone(), text)));
        }
        chosen
    }

    pub(super) fn starts_by_default(&mut self, lab: &Lab, span: Range<usize>) {
        self.refused(span, lab.refusal(&[]));
    }

    /// The place of the setting that is to blame is not known if it is at its default.
    fn starts(&mut self, given: &Given, refusal: Option<Refusal>) {
        let blamed = given.keys().find(|name| refusal.is_some_and(|refusal| refusal.name == name.get_ref()));
        if let Some(name) = blamed.or_else(|| given.keys().next()) {
            self.refused(name.span(), refusal);
        }
    }

    fn refused(&mut self, span: Range<usize>, refusal: Option<Refusal>) {
        if let Some(Refusal { name, needs, why }) = refusal {
            self.trouble(span, why.en.to_owned(), &format!("nothing starts like this; write {name} = {needs}"));
        }
    }
}
