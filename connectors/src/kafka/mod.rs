//! Kafka in and out, through librdkafka.

pub mod client;
pub mod history;
pub mod mock;
pub(crate) mod recovery;
pub(crate) mod sink;
pub(crate) mod source;
pub mod topics;
