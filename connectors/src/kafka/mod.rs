//! Kafka in and out, through librdkafka.

pub(crate) mod approvals;
pub mod client;
mod delivery;
mod edges;
pub(crate) mod ends;
pub mod history;
pub mod inputs;
pub mod layout;
pub(crate) mod logs;
pub(crate) mod member;
pub mod mock;
pub(crate) mod native;
pub mod operator;
pub(crate) mod readers;
mod reasons;
pub(crate) mod recovery;
pub mod redrive;
mod returning;
pub(crate) mod sink;
pub(crate) mod source;
pub mod topics;
pub(crate) mod transitions;
