//! What the whole-system tests stand on: a real Kafka, Python clients, the built binary.
#![allow(
    dead_code,
    reason = "every test target includes this module and uses a part of it"
)]

pub(crate) mod cache;
pub(crate) mod certificate;
pub(crate) mod clients;
pub(crate) mod demo;
pub(crate) mod events;
pub(crate) mod gate;
pub(crate) mod java;
pub(crate) mod kafka;
pub(crate) mod latch;
pub(crate) mod process;
pub(crate) mod promtool;
pub(crate) mod topics;
pub(crate) mod wait;
