//! Every byte format that crosses the process boundary: events and alerts as framed Avro, events and
//! assessments as JSON lines. Bytes are arguments; nothing here reads a file, a clock or a network.

mod alert;
#[cfg(test)]
mod alert_tests;
mod arrival;
mod assemble;
mod assessment_json;
pub mod checkpoint;
mod compatibility;
mod control;
mod datum;
mod encode;
mod event;
#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an oracle picks out what it compares"
)]
mod event_tests;
#[cfg(test)]
mod evolution_tests;
mod fields;
mod framing;
mod instant;
mod json;
#[cfg(test)]
mod json_tests;
mod object;
mod plan;
mod plane;
pub mod published;
mod reference;
mod reference_tables;
#[cfg(test)]
mod reference_tables_tests;
mod refusal;
#[cfg(test)]
mod sample;
mod shown;
mod subjects;
pub mod tables;

pub use alert::{AlertDecoder, AlertRefusal, encode_alert};
pub use arrival::{check_partition, check_recorded, murmur2, partition_of};
pub use assemble::{IDENTIFIER_LIMIT, TEXT_LIMIT};
pub use assessment_json::assessment_json;
pub use compatibility::{Compatible, NotAvro, incompatibilities};
pub use control::{
    Approval, Control, ControlKey, ControlRefusal, Grant, decode_approval, decode_control,
    encode_approval, encode_control,
};
pub use encode::encode_event;
pub use event::{Decoded, EventDecoder};
pub use framing::{frame, unframe};
pub use instant::{parse_day, parse_month};
pub use json::{decode_line, event_json, line_source};
pub use plan::SchemaRefusal;
pub use plane::{Plane, PseudonymKey};
pub use reference::{ReferenceError, read_reference};
pub use reference_tables::{
    TablesError, VERSION_FILE, built_in_reference_tables, read_reference_tables,
};
pub use refusal::Refusal;
pub use subjects::{ALERT_SCHEMA, event_schema_json};
