//! One event of the feed, and the ways a bad one may be broken.

use clockstop_pipeline::{Report, Topic};
use std::sync::Arc;

/// An event as it leaves a provider.
#[derive(Clone, Debug)]
pub struct Event {
    /// `<issuer>:<identifier>`, the Kafka key.
    pub pathway: Arc<str>,
    /// What is reported; its texts belong to the feed.
    pub report: Report,
    /// What is wrong with its bytes or key, where a bad record was asked for.
    pub damage: Option<Damage>,
}

/// How a record is broken on its way; broken content is in the report itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Its fields cannot be accepted: a date out of range or a number too great.
    Content,
    /// The end of the bytes is missing.
    Truncated,
    /// Without the frame that names the schema; in a file, cut off.
    Unframed,
    /// Under the key of another pathway; in a file, cut off.
    OtherKey,
}

impl Event {
    /// The topic it belongs on.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.report.fact.event_type().topic()
    }
}
