//! Kafka, files, HTTP, the wall clock and the command line.

pub mod demo;
pub mod generate;
