//! Kafka, files, HTTP, the wall clock and the command line.

pub mod board;
pub mod calendar;
pub mod config;
pub mod demo;
pub mod generate;
mod http;
pub mod judge;
pub mod kafka;
mod letter;
pub mod lines;
mod lookup;
mod metrics;
mod outbox;
pub mod partition;
pub mod publish;
mod publisher;
pub mod reference;
pub mod registry;
pub mod registry_server;
mod registry_store;
mod schema_wait;
pub mod service;
mod shard;
pub mod story;
pub mod telemetry;
pub mod worker;
