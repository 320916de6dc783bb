//! The RabbitMQ model, one node.
