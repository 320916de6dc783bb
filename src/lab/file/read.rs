//! From the shape of a lab file to a lab. It goes on after an error, so that an
//! author sees all of them at once.

use std::ops::Range;

use toml::{Spanned, Value};

use super::shape::{
    ClaimTable, FaultTable, File, Given, PredictTable, SettingTable, TaskTable, TopologyTable, WorkloadTable,
};
use super::{Claim, Lab, LabFault, LabSetting, Predict, PredictOption, Quantifier, Task, Workload};
use crate::lab::cast::{settings_of, spec_named};
use crate::lab::expression::Expression;
use crate::lab::sentence;
use crate::lab::topology::Topology;
use crate::protocol::fact::Fact;
use crate::random::Digest;
use crate::source::{Source, Trouble};
use crate::time::Span;

/// As much as one screen and one sweep can carry today.
const MESSAGES_AT_MOST: u32 = 1_000_000;

pub fn read(source: &Source) -> Result<Lab, Vec<Trouble>> {
    let file: File = toml::from_str(&source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        vec![source.trouble(span, format!("this is no lab file: {}", error.message()))]
    })?;
    let mut reader = Reader { source, troubles: Vec::new(), topology: Topology::new(1, 1, 1) };
    let lab = reader.lab(file);
    if reader.troubles.is_empty() { Ok(lab) } else { Err(reader.troubles) }
}

struct Reader<'a> {
    source: &'a Source,
    troubles: Vec<Trouble>,
    topology: Topology,
}

impl Reader<'_> {
    fn trouble(&mut self, span: Range<usize>, reason: String, hint: &str) {
        self.troubles.push(self.source.trouble(span, reason).hint(hint));
    }

    fn lab(&mut self, file: File) -> Lab {
        self.topology = self.topology(&file.topology);
        let workload = self.workload(&file.workload);
        let settings: Vec<LabSetting> =
            file.settings.into_iter().filter_map(|(name, table)| self.setting(&name, table)).collect();
        let fixed = self.fixed(&file.fixed, &settings);
        let faults: Vec<LabFault> = file.faults.into_iter().filter_map(|table| self.fault(table)).collect();
        let mut lab = Lab {
            id: file.id.get_ref().clone(),
            lesson: file.lesson,
            title: file.title,
            incident: file.incident,
            topology: self.topology,
            workload,
            fixed,
            settings,
            faults,
            predicts: Vec::new(),
            claims: Vec::new(),
            tasks: Vec::new(),
            hash: Digest::of(self.source.text.as_bytes()),
        };
        lab.predicts = file.predict.into_iter().map(|table| self.predict(table, &lab)).collect();
        lab.claims = file.claims.into_iter().filter_map(|table| self.claim(table, &lab)).collect();
        lab.tasks = file.tasks.into_iter().filter_map(|table| self.task(table, &lab)).collect();
        lab
    }

    fn topology(&mut self, table: &TopologyTable) -> Topology {
        if table.broker.get_ref() != "queue" {
            let reason = format!("there is no broker {:?} yet", table.broker.get_ref());
            self.trouble(table.broker.span(), reason, "write broker = \"queue\"");
        }
        let mut count = |value: &Spanned<u16>, most: u16, what: &str| {
            let count = *value.get_ref();
            if !(1..=most).contains(&count) {
                self.trouble(value.span(), format!("{count} {what} are out of range"), &format!("write 1 to {most}"));
            }
            count.clamp(1, most)
        };
        Topology {
            brokers: count(&table.nodes, 1, "nodes"),
            producers: count(&table.producers, 1, "producers"),
            consumers: count(&table.consumers, 16, "consumers"),
            caches: 0,
        }
    }

    fn workload(&mut self, table: &WorkloadTable) -> Workload {
        let messages = *table.messages.get_ref();
        if !(1..=MESSAGES_AT_MOST).contains(&messages) {
            let hint = format!("write 1 to {MESSAGES_AT_MOST}");
            self.trouble(table.messages.span(), format!("{messages} messages are out of range"), &hint);
        }
        let interval = interval(table.rate.get_ref()).unwrap_or_else(|| {
            let reason = format!("{:?} is no rate", table.rate.get_ref());
            self.trouble(table.rate.span(), reason, "write \"20/s\" or \"every 50ms\"");
            Span::from_millis(50)
        });
        let keys = table.keys.as_ref().map_or(1, |keys| *keys.get_ref());
        if let Some(keys) = table.keys.as_ref().filter(|keys| *keys.get_ref() == 0) {
            self.trouble(keys.span(), "a workload has at least one key".to_owned(), "write keys = 1");
        }
        let payload = table.payload.as_ref().map_or(Some(32), |text| bytes(text.get_ref())).unwrap_or_else(|| {
            let span = table.payload.as_ref().map_or(0..0, Spanned::span);
            let reason = format!("a payload has {} to 65536 bytes", Fact::LENGTH);
            self.trouble(span, reason, "write \"32B\"");
            32
        });
        Workload { messages: messages.clamp(1, MESSAGES_AT_MOST), interval, keys: keys.max(1), payload }
    }

    fn setting(&mut self, name: &Spanned<String>, table: SettingTable) -> Option<LabSetting> {
        let Some(spec) = spec_named(name.get_ref()) else {
            self.unknown_setting(name);
            return None;
        };
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
        let mut setting = LabSetting { spec, values, default: spec.default.to_owned() };
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

    fn given(&mut self, given: &Given, lab: &Lab) -> Vec<(String, String)> {
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

    fn fault(&mut self, table: FaultTable) -> Option<LabFault> {
        match sentence::parse(table.sentence.get_ref(), self.topology) {
            Ok(fault) => Some(LabFault {
                id: table.id.into_inner(),
                title: table.title,
                sentence: table.sentence.into_inner(),
                fault,
            }),
            Err(error) => {
                let span = inside(&table.sentence, error.span);
                self.trouble(span, error.reason, &error.hint);
                None
            }
        }
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
        Some(Task {
            start: self.given(&table.start, lab),
            reference: self.given(&table.reference, lab),
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

fn interval(text: &str) -> Option<Span> {
    if let Some(span) = text.strip_prefix("every ") {
        return sentence::parse_span(span).filter(|span| !span.is_zero());
    }
    let rate: u64 = text.strip_suffix("/s")?.parse().ok()?;
    (1..=1_000_000).contains(&rate).then(|| Span::from_nanos(1_000_000_000 / rate))
}

fn bytes(text: &str) -> Option<usize> {
    let length = text.strip_suffix('B')?.parse().ok()?;
    (Fact::LENGTH..=65_536).contains(&length).then_some(length)
}
