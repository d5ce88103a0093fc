//! A point that a checkpoint can be cut at: offsets, counts and positions that belong together.

use super::found::Identity;
use crate::board::Counts;
use clockstop_pipeline::{Day, Engine};
use clockstop_schemas::checkpoint::LastAppend;

/// How far the inputs were learned, and what became of the records up to there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The next offset of each input, in the order of `Topic::ALL`.
    pub(crate) offsets: [i64; 3],
    pub(crate) counts: Counts,
    /// The greatest append time, in milliseconds since 1970.
    pub(crate) log_time: Option<i64>,
}

/// What a checkpoint says of itself. The facts in it may go beyond its offsets, which does no harm: they
/// are learned again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) progress: Progress,
    pub(crate) partitions: i32,
    pub(crate) identity: Identity,
    pub(crate) accepted_from: [i64; 3],
    /// The alert topic was read back or written up to here.
    pub(crate) alert_position: i64,
    pub(crate) control_position: i64,
    pub(crate) decided: Option<Day>,
    pub(crate) closed_through: Option<Day>,
    /// When each source last reported each kind of event.
    pub(crate) last_appends: Vec<LastAppend>,
}

/// A checkpoint that was loaded.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) engine: Engine,
    pub(crate) mark: Mark,
}
