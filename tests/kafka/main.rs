//! The suite on a real Apache Kafka.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails there"
)]

#[path = "../support/mod.rs"]
mod support;

mod broker;
mod closing;
mod delivery;
mod demo;
mod explain;
mod feed;
mod fleet;
mod fold;
mod forgetting;
mod held;
mod lost_history;
mod oracle;
mod other_history;
mod outside;
mod ownership;
mod publishing;
mod readers;
mod redrive;
mod refused;
mod security;
mod service;
mod soak;
mod validate;

/// How long a test waits for the broker before it fails.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
