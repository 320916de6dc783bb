//! From the shape of a lab file to a lab. It goes on after an error, so that an
//! author sees all of them at once. Nodes and the workload are read in `scene`,
//! queues in `queues`, groups that read a topic in `groups`, chosen settings in
//! `given`.

mod given;
mod groups;
mod queues;
mod scene;

use std::ops::Range;

use toml::{Spanned, Value};

use super::shape::{ClaimTable, FaultTable, File, Given, PredictTable, SettingTable, TaskTable, TopologyTable};
use super::{Claim, Lab, LabFault, LabSetting, Predict, PredictOption, Quantifier, Task, scope_of};
use crate::lab::cast::{model_of, settings_of, spec_named};
use crate::lab::expression::Expression;
use crate::lab::model::{Model, Models};
use crate::lab::sentence::{self, Scope};
use crate::lab::topology::Topology;
use crate::lab::wiring::HALF_TOPICS;
use crate::random::Digest;
use crate::source::{Source, Trouble};

pub fn read(source: &Source) -> Result<Lab, Vec<Trouble>> {
    let file: File = toml::from_str(&source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        vec![source.trouble(span, format!("this is no lab file: {}", error.message()))]
    })?;
    let (topology, models) = (Topology::new(1, 1, 1), Models::Only(Model::Queue));
    let mut reader = Reader { source, troubles: Vec::new(), topology, models };
    let lab = reader.lab(file);
    if reader.troubles.is_empty() { Ok(lab) } else { Err(reader.troubles) }
}

struct Reader<'a> {
    source: &'a Source,
    troubles: Vec<Trouble>,
    topology: Topology,
    models: Models,
}

impl Reader<'_> {
    fn trouble(&mut self, span: Range<usize>, reason: String, hint: &str) {
        self.troubles.push(self.source.trouble(span, reason).hint(hint));
    }

    fn lab(&mut self, file: File) -> Lab {
        self.models = self.models(&file.topology);
        self.topology = self.topology(&file.topology);
        let connect = self.connect(&file.topology);
        let database_on_disk = self.database_on_disk(&file.topology);
        let mut wiring = self.wiring(file.exchange, file.queues, (file.topic, file.groups), &file.workload);
        let workload = self.workload(&file.workload);
        // In the author's order: the one that matters most stands first.
        let mut tables: Vec<_> = file.settings.into_iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        let settings: Vec<LabSetting> =
            tables.into_iter().filter_map(|(name, table)| self.setting(&name, table)).collect();
        let fixed = self.fixed(&file.fixed, &settings);
        self.choice_of_model(&file.topology, &settings, &fixed);
        // Where halves may be kept, behind all names that the lab has given.
        if settings.iter().any(|setting| setting.admits("half-message")) {
            for name in HALF_TOPICS {
                wiring.names.intern(name);
            }
        }
        let scope = scope_of(self.models, self.topology, &settings, &fixed);
        let scope = file.faults.iter().fold(scope, |scope, table| scope.beside(table.sentence.get_ref()));
        let faults: Vec<LabFault> = file.faults.into_iter().filter_map(|table| self.fault(table, scope)).collect();
        let mut lab = Lab {
            id: file.id.get_ref().clone(),
            lesson: file.lesson,
            models: self.models,
            title: file.title,
            incident: file.incident,
            topology: self.topology,
            scope,
            connect,
            database_on_disk,
            wiring,
            workload,
            fixed,
            settings,
            faults,
            predicts: Vec::new(),
            claims: Vec::new(),
            tasks: Vec::new(),
            check_seeds: self.check_seeds(file.check_seeds.as_ref()),
            hash: Digest::of(self.source.text.as_bytes()),
        };
        self.starts_by_default(&lab, file.id.span());
        lab.predicts = file.predict.into_iter().map(|table| self.predict(table, &lab)).collect();
        lab.claims = file.claims.into_iter().filter_map(|table| self.claim(table, &lab)).collect();
        lab.tasks = file.tasks.into_iter().filter_map(|table| self.task(table, &lab)).collect();
        lab
    }

    fn setting(&mut self, name: &Spanned<String>, table: SettingTable) -> Option<LabSetting> {
        let Some(spec) = spec_named(name.get_ref()) else {
            self.unknown_setting(name);
            return None;
        };
        self.fits_model(name);
        let mut values = Vec::new();
        for value in table.values.iter().flatten() {
            values.extend(self.value(spec.name, value, |text| spec.values.admit(text), &spec.values.describe()));
        }
        if values.is_empty() {
            values = match spec.values {
                crate::setting::Values::Switch => vec!["false".to_owned(), "true".to_owned()],
                crate::setting::Values::Words(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                _ => Vec::new(),
            };
        }
        let mut setting =
            LabSetting { spec, values, default: spec.default.to_owned(), varies: table.varies.unwrap_or(true) };
        if let Some(default) = &table.default {
            let described = setting.describe();
            if let Some(text) = self.value(spec.name, default, |text| setting.admits(text), &described) {
                setting.default = text;
            }
        }
        Some(setting)
    }

    fn fixed(&mut self, given: &Given, settings: &[LabSetting]) -> Vec<(&'static str, String)> {
        let mut fixed = Vec::new();
        for (name, value) in given {
            match spec_named(name.get_ref()) {
                None => self.unknown_setting(name),
                Some(spec) if settings.iter().any(|setting| setting.spec.name == spec.name) => {
                    let reason = format!("`{}` is both fixed and a setting", spec.name);
                    self.trouble(name.span(), reason, "keep one of the two");
                }
                Some(spec) => {
                    self.fits_model(name);
                    let admits = |text: &str| spec.values.admit(text);
                    fixed.extend(
                        self.value(spec.name, value, admits, &spec.values.describe()).map(|text| (spec.name, text)),
                    );
                }
            }
        }
        fixed
    }

    /// A value as text, if it is admitted.
    fn value(
        &mut self,
        name: &str,
        value: &Spanned<Value>,
        admits: impl Fn(&str) -> bool,
        described: &str,
    ) -> Option<String> {
        let text = match value.get_ref() {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(switch) => switch.to_string(),
            _ => String::new(),
        };
        if admits(&text) {
            return Some(text);
        }
        let reason = format!("`{name}` cannot be {}", value.get_ref());
        self.trouble(value.span(), reason, &format!("its values: {described}"));
        None
    }

    fn unknown_setting(&mut self, name: &Spanned<String>) {
        let known: Vec<&str> = settings_of().map(|spec| spec.name).collect();
        let reason = format!("there is no setting `{}`", name.get_ref());
        self.trouble(name.span(), reason, &format!("the settings are {}", known.join(", ")));
    }

    /// A setting of the other model would change nothing, and look as if it did.
    fn fits_model(&mut self, name: &Spanned<String>) {
        if let Some(model) = model_of(name.get_ref()).filter(|model| !self.models.offer(*model)) {
            let reason = format!("`{}` is a setting of a {model}, and this lab has none", name.get_ref());
            self.trouble(name.span(), reason, "leave it out, or write broker = \"queue-or-log\"");
        }
    }

    /// A lab that runs on either model has the setting that decides.
    fn choice_of_model(&mut self, table: &TopologyTable, settings: &[LabSetting], fixed: &[(&'static str, String)]) {
        let has_choice = settings.iter().map(|setting| setting.spec.name).chain(fixed.iter().map(|(name, _)| *name));
        let has_choice = has_choice.into_iter().any(|name| name == "model");
        if has_choice != (self.models == Models::Either) {
            let reason = "the setting `model` and broker = \"queue-or-log\" belong together".to_owned();
            self.trouble(table.broker.span(), reason, "write both, or neither");
        }
    }

    fn fault(&mut self, table: FaultTable, scope: Scope) -> Option<LabFault> {
        for (start, one) in sentence::parts(table.sentence.get_ref()) {
            if let Err(error) = sentence::parse(one, scope) {
                let span = inside(&table.sentence, start + error.span.start..start + error.span.end);
                self.trouble(span, error.reason.en, &error.hint.en);
                return None;
            }
        }
        let (id, sentence) = (table.id.into_inner(), table.sentence.into_inner());
        Some(LabFault { id, title: table.title, sentence })
    }

    fn fault_named(&mut self, fault: Option<Spanned<String>>, lab: &Lab) -> Option<String> {
        let fault = fault?;
        if lab.fault(fault.get_ref()).is_none() {
            let known: Vec<&str> = lab.faults.iter().map(|fault| fault.id.as_str()).collect();
            let reason = format!("this lab has no fault `{}`", fault.get_ref());
            self.trouble(fault.span(), reason, &format!("it has {}", known.join(", ")));
        }
        Some(fault.into_inner())
    }

    fn expression(&mut self, text: &Spanned<String>) -> Option<Expression> {
        Expression::parse(text.get_ref())
            .map_err(|error| {
                let span = inside(text, error.span);
                self.trouble(span, error.reason, "for example: lost_after_ok == 0 and duplicates > 0");
            })
            .ok()
    }

    fn predict(&mut self, table: PredictTable, lab: &Lab) -> Predict {
        let given = self.given(&table.given, lab);
        let fault = self.fault_named(table.fault, lab);
        if !(2..=9).contains(&table.options.get_ref().len()) {
            let reason = format!("a prediction has 2 to 9 options, not {}", table.options.get_ref().len());
            self.trouble(table.options.span(), reason, "a learner answers with one digit");
        }
        let options = table.options.into_inner().into_iter().filter_map(|option| {
            let right = self.expression(&option.right)?;
            Some(PredictOption { id: option.id.into_inner(), text: option.text, why: option.why, right })
        });
        Predict { id: table.id.into_inner(), ask: table.ask, given, options: options.collect(), fault }
    }

    fn claim(&mut self, table: ClaimTable, lab: &Lab) -> Option<Claim> {
        let given = self.given(&table.given, lab);
        let fault = self.fault_named(table.fault, lab);
        let (quantifier, text) = match (table.always, table.sometimes) {
            (Some(text), None) => (Quantifier::Always, text),
            (None, Some(text)) => (Quantifier::Sometimes, text),
            _ => {
                let reason = "a claim says either `always` or `sometimes`".to_owned();
                self.trouble(table.id.span(), reason, "for example: always = \"lost_after_ok == 0\"");
                return None;
            }
        };
        let expression = self.expression(&text)?;
        Some(Claim { id: table.id.into_inner(), given, fault, quantifier, expression, says: table.says })
    }

    fn task(&mut self, table: TaskTable, lab: &Lab) -> Option<Task> {
        let start = self.given(&table.start, lab);
        Some(Task {
            reference: self.answer(&table.reference, &start, lab),
            start,
            fault: self.fault_named(table.fault, lab),
            keep: self.expression(&table.keep)?,
            id: table.id.into_inner(),
            ask: table.ask,
        })
    }
}

/// The place in the file of a range inside a TOML string. Exact for one-line
/// strings without escapes, which is what sentences and expressions are.
fn inside(text: &Spanned<String>, span: Range<usize>) -> Range<usize> {
    let start = text.span().start + 1;
    start + span.start..start + span.end
}
