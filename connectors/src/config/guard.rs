//! `[guard]`: what is too much at once.

use super::reader::Reader;

const MAX_CHANGES: u64 = 1_000_000_000;

/// `[guard]`: how much of what stands may change in an hour of log time, on one partition, before the rest is
/// held until somebody approves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// So many changes are never too many.
    pub changes: u64,
    /// Beyond that, this part of the standing alerts.
    pub per_cent: u64,
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self {
            changes: 200,
            per_cent: 5,
        }
    }
}

impl GuardLimits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let Self { changes, per_cent } = Self::default();
        Self {
            changes: reader.number("guard.changes", changes, 1..=MAX_CHANGES),
            per_cent: reader.number("guard.per_cent", per_cent, 0..=100),
        }
    }
}
