//! The history of the alerts, read on from where its files end.

use super::{Outlet, Publishing};
use crate::publish::{History, PublishError};

/// Transitions taken of a partition at a time; the rest comes with the next snapshot.
const AT_A_TIME: usize = 200_000;

impl Publishing {
    /// Reads what was said since the last snapshot. A topic that cannot be read now is read later: the snapshot is
    /// made without its last transitions.
    pub(super) fn read_history(&mut self, outlets: &[&Outlet]) -> Result<(), PublishError> {
        for outlet in outlets {
            let history = History::of(&outlet.root);
            for partition in 0..self.partitions {
                let from = history.next(partition)?;
                match self.transitions.read(partition, from, AT_A_TIME) {
                    Ok(stretch) => history.add(partition, &stretch)?,
                    Err(error) => {
                        tracing::warn!(partition, %error, "the alert history is read later");
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}
