//! The tables of closed days: made once every partition has closed the day, whoever ran it.

use super::{Outlet, Publishing};
use crate::publish::{self, ClosedDay, Origin, PartitionState, PublishError, Root};
use clockstop_pipeline::{Day, Instant};
use std::collections::BTreeSet;

/// For so long a day whose tables are made can be made again, and one that a partition lacks can still be made.
const CLOSES_KEPT_DAYS: i32 = 30;

impl Publishing {
    /// Makes the tables of the days that are closed and not made; `made` are those known to be. A day that cannot be
    /// made stands in the way of no other; the last one's error is told.
    pub(super) fn make_days(
        &self,
        outlets: &[Outlet],
        made: &mut BTreeSet<Day>,
    ) -> Result<(), PublishError> {
        let stored = |error: crate::store::Error| PublishError::Store(error.to_string());
        let days = self.keeper.store.closed_days().map_err(stored)?;
        let Some(last) = days.last() else {
            return Ok(());
        };
        let first = last.plus(-i32::from(self.daily_days));
        let (mut known, mut done) = (Vec::new(), Ok(()));
        let is_wanted = |day: &&Day| **day >= first && !made.contains(*day);
        for &day in days.iter().filter(is_wanted) {
            match self.make_day(outlets, day) {
                Ok(true) => known.push(day),
                Ok(false) => {}
                Err(error) => done = Err(error),
            }
        }
        for outlet in outlets {
            publish::prune(&outlet.root, first)?;
            if !known.is_empty() {
                outlet.prune_days_sent(first)?;
            }
        }
        made.extend(known);
        let store = &self.keeper.store;
        store
            .prune_closes(last.plus(-CLOSES_KEPT_DAYS))
            .map_err(stored)?;
        done
    }

    /// Makes the tables of a day where readers lack them; whether they have them all.
    fn make_day(&self, outlets: &[Outlet], day: Day) -> Result<bool, PublishError> {
        let mut lacking = Vec::new();
        for outlet in outlets {
            if !outlet.has_day(day)? {
                lacking.push(outlet);
            }
        }
        let roots: Vec<Root> = lacking.iter().map(|outlet| outlet.root.clone()).collect();
        let is_made = roots.iter().all(|root| publish::is_made(root, day));
        if !is_made && !self.write_day(&roots, day)? {
            return Ok(false);
        }
        lacking
            .into_iter()
            .try_for_each(|outlet| outlet.send_day(day))?;
        Ok(true)
    }

    /// Writes the tables of a day; whether every partition has closed it.
    fn write_day(&self, roots: &[Root], day: Day) -> Result<bool, PublishError> {
        let (Some(states), Some(ends)) = (self.closed(day)?, self.calendar.end_of(day)) else {
            return Ok(false);
        };
        ClosedDay {
            day,
            ends: Instant(ends.saturating_mul(1_000)),
            states,
            references: &self.references,
        }
        .publish(roots)?;
        tracing::info!(%day, "the tables of the day are made");
        Ok(true)
    }

    /// What every partition knew at the close of a day; `None` while one has not closed it.
    fn closed(&self, day: Day) -> Result<Option<Vec<PartitionState<'_>>>, PublishError> {
        let mut states = Vec::new();
        for partition in 0..self.partitions {
            let stored = self.keeper.store.close_of(day, partition);
            match stored.map_err(|error| PublishError::Store(error.to_string()))? {
                Some(stored) => states.push(self.keeper.state(partition, stored, Origin::Close)),
                None => return Ok(None),
            }
        }
        Ok(Some(states))
    }
}
