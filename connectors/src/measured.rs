//! What is measured of a partition while it works; its metrics are made of it.

use crate::latency::Latency;
use crate::partition::State;
use std::time::{Duration, SystemTime};

/// The last checkpoint of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// When the newest valid one was written, also when it was loaded and not written here.
    pub written_at: Option<SystemTime>,
    /// Its size in the store.
    pub bytes: u64,
    /// How long it took from its first slice to its manifest.
    pub duration: Duration,
    /// How many pathways it holds.
    pub pathways: u64,
    /// Why the last attempt failed; `None` once one succeeds.
    pub failed: Option<String>,
    /// How many were passed over as damaged when the partition was last loaded.
    pub passed_over: u64,
}

/// Durations and times of one assignment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// From ordering a transaction to its known commit.
    pub commits: Latency,
    /// From the broker's append of a record to the known commit of an alert that it caused.
    pub alerts: Latency,
    /// How long each phase of the last recovery took, in the order of [`State::RECOVERY`].
    pub recovery: [Duration; State::RECOVERY.len()],
    /// When the last transaction was known to be committed.
    pub committed_at: Option<SystemTime>,
    /// How far this machine's clock was ahead of the broker's then, in milliseconds.
    pub clock_ahead: Option<i64>,
}

impl Measured {
    /// A state of this name was left after so long; only those of a recovery are kept.
    pub fn left(&mut self, state: &str, after: Duration) {
        let mut phases = self.recovery.iter_mut().zip(State::RECOVERY);
        if let Some((phase, _)) = phases.find(|(_, name)| *name == state) {
            *phase = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;
    use crate::partition::State;
    use std::time::Duration;

    #[test]
    fn the_phases_of_the_last_recovery_are_kept_and_nothing_else() {
        let mut measured = Measured::default();
        let seconds = Duration::from_secs;
        measured.left(State::Loading.name(), seconds(7));
        measured.left(State::Replaying.name(), seconds(5));
        measured.left(State::Live.name(), seconds(3_600));
        measured.left(State::Loading.name(), seconds(2));
        let zero = Duration::ZERO;
        assert_eq!(measured.recovery, [zero, seconds(2), zero, seconds(5)]);
    }
}
