//! The close of a day: what a partition knew at midnight, copied between polls while learning goes on, and stored off
//! the loop.

use super::Worker;
use super::copying::Copying;
use super::keeping::{Kept, STORE_AGAIN};
use crate::partition::Mark;
use crate::store::{self, Close};
use clockstop_pipeline::Day;
use std::sync::Arc;
use std::time::Instant;

/// Closed days that may wait for the store, in memory, before learning waits for it, too.
const WAITING_CLOSES: usize = 7;

/// A closed day that is not in the store yet.
#[derive(Debug)]
pub(super) struct WaitingClose {
    /// Nobody else has it while it is copied.
    pub(super) close: Arc<Close>,
    pub(super) is_whole: bool,
    /// Whether a thread is storing it.
    is_under_way: bool,
    again: Instant,
}

impl Worker {
    /// Holds a partition still at the end of a day, before anything of the next is learned.
    pub(super) fn close_day(&mut self, partition: i32) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let Some(day) = tenant.shard.closable() else {
            return;
        };
        let is_copied = !matches!(tenant.copying, Some(Copying::Close));
        if !is_copied || tenant.closes.len() >= WAITING_CLOSES {
            return;
        }
        let work = &mut tenant.shard.work;
        work.engine_mut().hold_still();
        let mark = Mark {
            progress: work.progress().clone(),
            closed_through: Some(day),
            last_appends: work.last_appends(),
            ..Mark::default()
        };
        // A snapshot can be taken again, a midnight cannot.
        tenant.copying = Some(Copying::Close);
        tenant.closes.push_back(WaitingClose {
            close: Arc::new(Close::new(day, mark)),
            is_whole: false,
            is_under_way: false,
            again: Instant::now(),
        });
        // A sweep never spans an unclosed midnight.
        tenant.abandon_cutting();
        let work = &mut tenant.shard.work;
        let taken = work.close(day, &self.judge, &mut self.schemas);
        tracing::info!(partition, %day, "the day is closed");
        self.taken(partition, taken);
    }

    /// Brings the first day that waits into the store, so that days arrive there in order.
    pub(super) fn store_closes(&mut self, partition: i32) {
        let now = Instant::now();
        let Some(tell) = self.teller(partition) else {
            return;
        };
        let waiting = self
            .tenants
            .get_mut(&partition)
            .and_then(|tenant| tenant.closes.front_mut());
        let is_due = |waiting: &&mut WaitingClose| {
            waiting.is_whole && !waiting.is_under_way && now >= waiting.again
        };
        let Some(waiting) = waiting.filter(is_due) else {
            return;
        };
        let day = waiting.close.day;
        let keeper = &self.shared.keeper;
        let storing = keeper.close(partition, waiting.close.clone(), move |done| {
            tell(Kept::Closed { day, done });
        });
        match storing {
            Ok(thread) => {
                waiting.is_under_way = true;
                self.leaving.push(thread);
            }
            Err(error) => {
                waiting.again = now + STORE_AGAIN;
                tracing::error!(partition, %day, %error, "cannot store a closed day; tried again");
            }
        }
    }

    pub(super) fn closed(&mut self, partition: i32, day: Day, done: Result<(), store::Error>) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        match done {
            Ok(()) => {
                tenant.closes.pop_front();
                tenant.shard.work.stored(day);
            }
            Err(error) => {
                tracing::error!(partition, %day, %error, "a closed day cannot be stored; tried again");
                if let Some(waiting) = tenant.closes.front_mut() {
                    waiting.is_under_way = false;
                    waiting.again = Instant::now() + STORE_AGAIN;
                }
            }
        }
    }
}
