//! Every byte that crosses the process boundary.

mod arrival;
mod assemble;
mod encode;
mod event;
#[cfg(test)]
mod event_tests;
mod fields;
mod framing;
mod plan;
mod refusal;
#[cfg(test)]
mod sample;
mod shown;
mod subjects;

pub use arrival::{check_partition, check_recorded, murmur2, partition_of};
pub use assemble::{IDENTIFIER_LIMIT, TEXT_LIMIT};
pub use encode::encode_event;
pub use event::{Decoded, EventDecoder};
pub use framing::{frame, unframe};
pub use plan::SchemaRefusal;
pub use refusal::Refusal;
pub use subjects::{ALERT_SCHEMA, event_schema_json};
