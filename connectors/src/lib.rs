//! Kafka, files, HTTP, the wall clock and the command line.

pub mod apart;
mod background;
pub mod board;
pub mod calendar;
pub mod config;
pub mod demo;
pub mod digits;
pub mod generate;
pub mod held;
mod hindrance;
mod http;
pub mod judge;
pub mod kafka;
mod keeper;
mod latency;
pub mod letter;
pub mod lines;
mod lookup;
mod measured;
mod metrics;
mod objects;
pub mod partition;
pub mod publish;
pub mod published_folder;
mod publisher;
pub mod reference;
pub mod registry;
pub mod registry_server;
mod registry_store;
mod schema_wait;
pub mod selection;
pub mod service;
#[cfg(test)]
#[path = "../../tests/simulation/mod.rs"]
mod simulation;
mod store;
pub mod story;
pub mod suppressed_root;
mod sweep;
pub mod telemetry;
mod trouble;
pub mod validate;
mod watch;
pub mod worker;
