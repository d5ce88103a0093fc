//! What the repository promises beside the code: which crate may reach which, and that the container set-up names only what exists.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

#[path = "../support/mod.rs"]
mod support;

mod crates;
mod dictionary;
mod docker;
mod harness;
mod prometheus;
mod repository;
