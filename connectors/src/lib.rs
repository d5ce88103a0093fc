//! Kafka, files, HTTP, the wall clock and the command line.

pub mod demo;
pub mod generate;
pub mod lines;
pub mod publish;
pub mod registry;
pub mod registry_server;
mod registry_store;
pub mod story;
