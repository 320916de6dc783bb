//! A plan: a lab with its settings and faults chosen, compiled once. Names are
//! interned and faults resolved. It is immutable and
//! shared: the same plan and seed always give the same run.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::file::Lab;
use super::ledger::Books;
use super::model::Model;
use super::sentence::{self, Scope};
use super::topology::Topology;
use super::wiring::Group;
use super::workload::{WORKLOAD_BEGINS, WORKLOAD_BEGINS_ON_LOG};
use crate::client::occurrences::Occurrences;
use crate::event::{MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::setting::{Refusal, Settings};
use crate::sim::{Fault, Profile};
use crate::text::CourseText;
use crate::time::Time;

/// A run of more messages than this is long: its history is kept in parts, and on
/// its way nobody looks at all of its messages.
const LONG: usize = 100_000;

#[derive(Clone, Debug)]
pub struct Plan {
    pub lab: Arc<Lab>,
    /// The model that it runs on.
    pub model: Model,
    /// All settings: the rooms' defaults, the lab's, and the chosen ones.
    pub settings: Settings,
    /// The lab's settings as chosen, in the lab's order.
    pub chosen: Vec<(String, String)>,
    pub faults: Vec<Fault>,
    /// The sentence of each fault.
    pub sentences: Vec<String>,
    /// Every fact that occurs, in order.
    pub workload: Occurrences,
    /// What the ledger of a run is told before it begins.
    pub books: Arc<Books>,
    pub profile: Profile,
}

/// A setting or a fault that cannot be chosen. `span` is its place in `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceError {
    pub text: String,
    pub span: Range<usize>,
    pub reason: Box<CourseText>,
    pub hint: CourseText,
}

impl fmt::Display for ChoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason.en, self.hint.en)
    }
}

impl std::error::Error for ChoiceError {}

impl Plan {
    /// Chooses settings (over the lab's defaults) and faults, each by the lab's
    /// id or as a sentence.
    ///
    /// # Errors
    /// The first choice that the lab does not offer, and what it does offer.
    pub fn new(lab: Arc<Lab>, set: &[(String, String)], faults: &[String]) -> Result<Self, ChoiceError> {
        let mut settings = lab.default_settings();
        for (name, value) in set {
            choose(&lab, &mut settings, name, value)?;
        }
        lab.refusal_of(&settings).map_or(Ok(()), |refusal| Err(refused(&settings, refusal)))?;
        let chosen = lab.settings.iter().map(|setting| {
            let name = setting.spec.name;
            (name.to_owned(), settings.word(name).to_owned())
        });
        let chosen = chosen.collect();
        let sentences = faults.iter().map(|text| lab.fault(text).map_or(text, |fault| &fault.sentence));
        let sentences: Vec<String> =
            sentences.flat_map(|text| sentence::parts(text).map(|(_, one)| one.to_owned())).collect();
        let model = lab.models.chosen(settings.word("model"));
        let scope = scope(&lab, model, &sentences);
        let faults = sentences.iter().map(|text| fault(&lab, scope, text)).collect::<Result<_, _>>()?;
        let workload = lab.workload.occurrences(begins(model));
        let books = Arc::new(Books {
            facts: workload.clone(),
            keys: lab.workload.keys,
            entitlement: lab.wiring.entitlement.clone(),
            producers: lab.topology.producers,
            brokers: lab.topology.brokers,
            asks: match model {
                Model::Queue => settings.get("confirms").is_some_and(|word| word != "off"),
                Model::Log => settings.get("acks").is_some_and(|word| word != "0"),
            },
            is_long: workload.len() > LONG,
        });
        let profile = Profile::default();
        Ok(Self { lab, model, settings, chosen, faults, sentences, workload, books, profile })
    }

    /// The same plan with one setting of the lab set anew.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn with_setting(&self, name: &str, value: &str) -> Result<Self, ChoiceError> {
        let mut set = self.chosen.clone();
        set.push((name.to_owned(), value.to_owned()));
        Self::new(self.lab.clone(), &set, &self.sentences)
    }

    /// The same plan without one of its faults.
    #[must_use]
    pub fn without_fault(&self, index: usize) -> Self {
        let mut plan = self.clone();
        plan.faults.remove(index);
        plan.sentences.remove(index);
        plan
    }

    /// Who takes part in this run: where there are queues, no controllers.
    #[must_use]
    pub fn topology(&self) -> Topology {
        match self.model {
            Model::Queue => Topology { controllers: 0, ..self.lab.topology },
            Model::Log => self.lab.topology,
        }
    }

    /// What a sentence about this run can speak of.
    #[must_use]
    pub fn scope(&self) -> Scope {
        scope(&self.lab, self.model, &self.sentences)
    }

    /// When the last business fact occurs.
    #[must_use]
    pub fn workload_ends(&self) -> Time {
        self.workload.end().unwrap_or(begins(self.model))
    }

    /// The business fact of a message.
    #[must_use]
    pub fn fact(&self, message: MessageId) -> Option<Fact> {
        self.workload.place_of(message).map(|place| self.workload.fact(place))
    }

    /// Whether nobody may look at all of its messages now and then.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.books.is_long
    }

    /// The text of a queue, an exchange or a routing key.
    #[must_use]
    pub fn name(&self, name: Name) -> &str {
        self.lab.wiring.names.text(name)
    }

    /// The group that a consumer of a log belongs to.
    #[must_use]
    pub fn group_of(&self, node: NodeId) -> Option<&Group> {
        let topology = self.lab.topology;
        let is_consumer = (0..topology.consumers).contains(&node.0.wrapping_sub(topology.consumer(0).0));
        is_consumer.then(|| self.lab.wiring.group_of(node.0 - topology.consumer(0).0))?.map(|(group, _)| group)
    }

    /// Whether a setting of the lab changes nothing in this run.
    #[must_use]
    pub fn is_dead(&self, setting: &str) -> bool {
        self.lab.idle(setting, |name| self.settings.get(name)).is_some()
    }

    #[must_use]
    pub fn messages(&self) -> usize {
        self.workload.len()
    }
}

const fn begins(model: Model) -> Time {
    match model {
        Model::Queue => WORKLOAD_BEGINS,
        Model::Log => WORKLOAD_BEGINS_ON_LOG,
    }
}

fn choose(lab: &Lab, settings: &mut Settings, name: &str, value: &str) -> Result<(), ChoiceError> {
    let text = format!("{name}={value}");
    let error = |span: Range<usize>, reason, hint| {
        Err(ChoiceError { text: text.clone(), span, reason: Box::new(reason), hint })
    };
    let Some(setting) = lab.setting(name) else {
        let known: Vec<&str> = lab.settings.iter().map(|setting| setting.spec.name).collect();
        let (id, known) = (&lab.id, known.join(", "));
        let reason =
            CourseText::new(format!("实验 {id} 没有 `{name}` 这个设置"), format!("lab {id} has no setting `{name}`"));
        return error(0..name.len(), reason, CourseText::new(format!("它有：{known}"), format!("it has {known}")));
    };
    if !setting.admits(value) {
        let reason = CourseText::new(format!("`{name}` 不能是 `{value}`"), format!("`{name}` cannot be `{value}`"));
        let values = setting.describe();
        let hint = CourseText::new(format!("它可以是：{values}"), format!("its values: {values}"));
        return error(name.len() + 1..text.len(), reason, hint);
    }
    settings.set(setting.spec.name, value);
    Ok(())
}

fn refused(settings: &Settings, refusal: Refusal) -> ChoiceError {
    let Refusal { name, needs, why } = refusal;
    let text = format!("{name}={}", settings.word(name));
    let hint = CourseText::new(
        format!("改成 {name}={needs}，或者不要开需要它的那一项"),
        format!("set {name}={needs}, or leave out what needs it"),
    );
    ChoiceError { span: 0..text.len(), text, reason: Box::new(CourseText::new(why.zh, why.en)), hint }
}

/// What the sentences of a plan can speak of. A partition that the lab can have may be
/// missing from a run; a fault of it is missed there.
fn scope(lab: &Lab, model: Model, sentences: &[String]) -> Scope {
    match model {
        Model::Queue => Scope::queues(lab.topology),
        Model::Log => sentences.iter().fold(lab.scope, |scope, text| scope.beside(text)),
    }
}

fn fault(lab: &Lab, scope: Scope, text: &str) -> Result<Fault, ChoiceError> {
    sentence::parse(text, scope).map_err(|error| {
        let known: Vec<&str> = lab.faults.iter().map(|fault| fault.id.as_str()).collect();
        let hint = if text.contains(' ') {
            error.hint
        } else {
            let (id, known, hint) = (&lab.id, known.join(", "), error.hint);
            CourseText::new(
                format!("实验 {id} 的故障有：{known}；也可以写一句话，{}", hint.zh),
                format!("lab {id} has {known}; or write a sentence: {}", hint.en),
            )
        };
        ChoiceError { text: text.to_owned(), span: error.span, reason: Box::new(error.reason), hint }
    })
}
