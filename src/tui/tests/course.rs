//! A little course for tests, and a host that serves it.

use std::collections::BTreeMap;

use crate::lesson::{Lesson, parse};
use crate::source::Source;
use crate::text::{CourseText, Language};
use crate::tui::home::{HomeModel, LabState, LabTile, LessonState, LessonTile, Resume};
use crate::tui::host::{Host, Request};
use crate::tui::reader::{Choice, LabCard, Marks, PredictCard, Reader, ReaderModel};
use crate::tui::screen::Action;
use crate::tui::ui::Ui;

pub fn text(zh: &str, en: &str) -> CourseText {
    CourseText { zh: zh.to_owned(), en: en.to_owned() }
}

const LESSONS: [(&str, &str, &str, &str, &str); 16] = [
    (
        "00-method",
        "怎么用这本练习册",
        "How to use this workbook",
        "一个问题，一个解法：先弄坏，再弄懂",
        "One problem, one solution: break it, then understand it",
    ),
    ("01-why", "系统为什么疼", "What hurts", "耦合太紧，链路太慢，洪峰太高", "Tight coupling, slow chains, peaks"),
    (
        "02-what-it-solves",
        "消息队列解决什么",
        "What a queue solves",
        "解耦、异步、削峰",
        "Decoupling, asynchrony, levelled peaks",
    ),
    (
        "03-what-it-costs",
        "消息队列的代价",
        "What a queue costs",
        "更复杂；它一停全停；b、c 成了，d 没成",
        "Complexity; it stops, all stops; b and c went through, d did not",
    ),
    (
        "04-choosing",
        "怎么选型",
        "Choosing one",
        "吞吐、延迟、可用、可靠、社区",
        "Throughput, latency, availability, reliability, community",
    ),
    (
        "05-rabbitmq-ha",
        "RabbitMQ 的高可用",
        "RabbitMQ stays available",
        "三种办法，和取代第三种的那一种",
        "Three ways, and what replaced the third",
    ),
    (
        "06-kafka-ha",
        "Kafka 的高可用",
        "Kafka stays available",
        "分区、副本、leader、ISR",
        "Partitions, replicas, leaders, ISR",
    ),
    (
        "07-producer-consumer",
        "生产者与消费者",
        "Producers and consumers",
        "中间隔一个缓冲区，发生什么",
        "What a buffer in between changes",
    ),
    (
        "08-rabbitmq-in-use",
        "用 RabbitMQ",
        "RabbitMQ in use",
        "Spring Boot 里的生产与消费",
        "Producing and consuming in Spring Boot",
    ),
    ("09-kafka-in-use", "用 Kafka", "Kafka in use", "分区与消费组", "Partitions and groups"),
    (
        "10-no-duplicates",
        "消息不重复",
        "No duplicates",
        "幂等：重复从三个地方来",
        "Idempotence: duplicates come from three places",
    ),
    (
        "11-no-loss",
        "消息不丢失",
        "No loss",
        "一条消息能丢在哪三处，各用什么守住",
        "The three places where a message is lost, and what guards each",
    ),
    (
        "12-in-order",
        "消息有序",
        "In order",
        "几个消费者、几条线程，顺序怎么保住",
        "Several consumers, several threads, one order",
    ),
    (
        "13-backlog",
        "消息积压",
        "Backlog",
        "堆了几百万条，怎么腾地方、怎么补",
        "Millions pile up: make room, catch up, compensate",
    ),
    (
        "14-design-an-mq",
        "设计一个消息队列",
        "Design a queue",
        "面试官的开放题：可扩展、不丢、高可用",
        "The open question: scalable, durable, available",
    ),
    ("15-the-matrix", "故障矩阵", "The matrix", "三个角色乘三种故障", "Three roles times three kinds of failure"),
];

/// Two lessons done, one begun, one new, the rest coming.
pub fn home() -> HomeModel {
    let lesson = |(at, (id, zh, en, about_zh, about_en)): (usize, &(&str, &str, &str, &str, &str))| {
        let state = match at {
            0 | 1 => LessonState::Done,
            11 => LessonState::Begun,
            10 => LessonState::New,
            _ => LessonState::Coming,
        };
        let labs = if at == 11 { labs() } else { Vec::new() };
        LessonTile {
            id: (*id).to_owned(),
            title: text(zh, en),
            about: text(about_zh, about_en),
            minutes: 25,
            state,
            steps: (if at == 11 { 4 } else { 0 }, 30),
            labs,
        }
    };
    HomeModel {
        lessons: LESSONS.iter().enumerate().map(lesson).collect(),
        resume: Some(Resume {
            lesson: "11-no-loss".to_owned(),
            step: text("对照：同一个种子，只改一个设置", "Twin run: one seed, one setting"),
        }),
        first_lab: "first-loss".to_owned(),
        predictions: (12, 7),
        due: 2,
    }
}

fn labs() -> Vec<LabTile> {
    [
        ("lost-at-producer-rabbit", "发出去就算数吗", "Sent is not stored", LabState::Solved),
        ("lost-in-broker-rabbit", "断电的一瞬间", "The moment the power goes", LabState::Run),
        ("lost-at-consumer-rabbit", "先确认，还是先做事", "Ack first, or work first", LabState::New),
    ]
    .into_iter()
    .map(|(id, zh, en, state)| LabTile { id: id.to_owned(), title: text(zh, en), state })
    .collect()
}

/// The first visit: nothing done, two lessons written.
pub fn first_visit() -> HomeModel {
    let mut home = home();
    for (at, lesson) in home.lessons.iter_mut().enumerate() {
        lesson.state = if at == 0 || at == 11 { LessonState::New } else { LessonState::Coming };
        lesson.labs.iter_mut().for_each(|lab| lab.state = LabState::New);
    }
    HomeModel { resume: None, predictions: (0, 0), due: 0, ..home }
}

fn lesson(language: Language) -> Lesson {
    let text = match language {
        Language::Zh => include_str!("lesson.zh.md"),
        Language::En => include_str!("lesson.en.md"),
    };
    parse(&Source::new(format!("lesson.{language}.md"), text), language).expect("the lesson of these tests is sound")
}

/// A lesson with everything that a lesson can hold.
pub fn reader_model() -> ReaderModel {
    let option = |zh, en, why_zh, why_en| Choice { text: text(zh, en), why: text(why_zh, why_en) };
    let predict = PredictCard {
        ask: text(
            "四十条消息，二十条已经确认。broker 进程崩溃、重启之后，还剩几条？",
            "Forty messages, twenty of them confirmed. The broker's process crashes and comes back. How many are left?",
        ),
        options: vec![
            option("全在：确认过的不会丢", "All: confirmed means safe", "确认不等于落盘。", "Confirmed is not stored."),
            option(
                "确认过的，一条也不剩",
                "None of the confirmed ones",
                "对，它们只在内存里。",
                "Yes, they were only in memory.",
            ),
            option(
                "看运气",
                "It depends on luck",
                "崩溃不看运气，断电才看。",
                "A crash is not a matter of luck; a power cut is.",
            ),
        ],
    };
    let lab = LabCard {
        title: text("断电的一瞬间", "The moment the power goes"),
        faults: BTreeMap::from([("crash".to_owned(), text("进程崩溃", "process crash"))]),
        tasks: BTreeMap::from([(
            "keep".to_owned(),
            text("改设置，让崩溃之后一条也不丢。", "Change settings until a crash loses nothing."),
        )]),
    };
    ReaderModel {
        id: "11-no-loss".to_owned(),
        zh: lesson(Language::Zh),
        en: lesson(Language::En),
        predictions: BTreeMap::from([(("first-loss".to_owned(), "survive".to_owned()), predict)]),
        labs: BTreeMap::from([("first-loss".to_owned(), lab)]),
        place: None,
    }
}

/// What a desk was asked, in order, shared with the test that looks at it.
pub type Asked = std::rc::Rc<std::cell::RefCell<Vec<Request>>>;

/// Serves the little course, and keeps what it was asked.
#[derive(Default)]
pub struct Desk {
    pub first_visit: bool,
    pub marks: Marks,
    pub asked: Asked,
    /// Nothing can be kept.
    pub is_full: bool,
}

impl Host for Desk {
    fn ask(&mut self, request: Request, ui: &Ui) -> Action {
        self.asked.borrow_mut().push(request.clone());
        match request {
            Request::Remember(_) if self.is_full => Action::Notice("nothing is saved".to_owned()),
            Request::Remember(_) => Action::Ignored,
            Request::OpenLesson { step, .. } => {
                Action::Push(Box::new(Reader::new(reader_model(), step.as_deref(), ui)))
            }
            _ => Action::Notice(ui.say("以后再来", "later").to_owned()),
        }
    }

    fn marks(&mut self, _lesson: &str) -> Marks {
        self.marks.clone()
    }

    fn home(&mut self) -> HomeModel {
        if self.first_visit { first_visit() } else { home() }
    }
}
