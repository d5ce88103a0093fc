//! The service in this process, on librdkafka's mock cluster and the in-process registry.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

#[path = "../support/mod.rs"]
mod support;

mod days;
mod demo;
mod refusals;
mod schemas;
mod service;
mod slow_store;

/// How long a test waits before it fails.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
