//! Brokers: RabbitMQ's [`queue`]s and Kafka's [`log`].
pub mod log;
pub mod queue;
