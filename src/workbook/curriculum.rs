//! The plan of the course: every lesson, written or coming, in order. The files
//! say the rest; this is what the map shows of lessons that have none yet.

/// A lesson of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub id: &'static str,
    pub title: crate::text::Text,
    /// The problem it answers.
    pub about: crate::text::Text,
}

const fn planned(
    id: &'static str,
    (zh, en): (&'static str, &'static str),
    (about_zh, about_en): (&'static str, &'static str),
) -> Planned {
    use crate::text::Text;
    Planned { id, title: Text { zh, en }, about: Text { zh: about_zh, en: about_en } }
}

/// All lessons, in the order of the course.
pub const CURRICULUM: [Planned; 16] = [
    planned("00-method", ("方法", "The method"), ("先丢一条消息，再谈理论", "lose a message first, then talk theory")),
    planned("01-why", ("为什么", "Why a queue"), ("一条慢链路拖垮整个下单", "one slow link drags every order down")),
    planned(
        "02-what-it-solves",
        ("解决了什么", "What it solves"),
        ("解耦、异步、削峰", "decoupling, asynchrony, peaks"),
    ),
    planned(
        "03-what-it-costs",
        ("代价是什么", "What it costs"),
        ("b、c 成功了，d 失败了", "b and c succeeded, d failed"),
    ),
    planned(
        "04-choosing",
        ("怎么选型", "Choosing one"),
        ("RabbitMQ 还是 Kafka，凭什么", "RabbitMQ or Kafka, and on what grounds"),
    ),
    planned(
        "05-rabbitmq-ha",
        ("RabbitMQ 高可用", "RabbitMQ, highly available"),
        ("三种方式，和取代它们的", "three ways, and what replaced them"),
    ),
    planned(
        "06-kafka-ha",
        ("Kafka 高可用", "Kafka, highly available"),
        ("副本、leader、ISR", "replicas, leader, in-sync replicas"),
    ),
    planned(
        "07-producer-consumer",
        ("生产者消费者模型", "Producer and consumer"),
        ("推还是拉，队列还是日志", "push or pull, queue or log"),
    ),
    planned("08-rabbitmq-in-use", ("RabbitMQ 实战", "RabbitMQ in use"), ("用 Spring Boot 收发", "with Spring Boot")),
    planned("09-kafka-in-use", ("Kafka 实战", "Kafka in use"), ("用 Spring Boot 收发", "with Spring Boot")),
    planned(
        "10-no-duplicates",
        ("不重复消费", "No duplicates"),
        ("幂等不是查一下 Redis", "idempotence is more than asking Redis"),
    ),
    planned("11-no-loss", ("消息不丢失", "No loss"), ("ok 到底保证了什么", "what an ok really promises")),
    planned(
        "12-in-order",
        ("顺序性", "In order"),
        ("先进先出，处理却乱了", "first in, first out, and still out of order"),
    ),
    planned("13-backlog", ("消息积压", "Backlog"), ("积压五百万条，怎么办", "five million behind, and now")),
    planned(
        "14-design-an-mq",
        ("设计一个 MQ", "Design an MQ"),
        ("你的设计会被执行，也会被攻击", "your design is run, and attacked"),
    ),
    planned(
        "15-the-matrix",
        ("故障矩阵", "The matrix"),
        ("三个角色乘三类故障", "three roles times three kinds of failure"),
    ),
];
