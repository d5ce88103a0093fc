//! Checkpoints of the partitions: loaded, cut in slices between polls, stored off the loop.

use super::tenant::Tenant;
use super::{Wake, Worker};
use crate::board::{Checkpoint, Part};
use crate::keeper::Cut;
use crate::partition::{Event, State};
use crate::store::{self, Loaded};
use crate::sweep::SLICE;
use clockstop_pipeline::Day;
use clockstop_schemas::checkpoint::PathwayRows;
use std::time::{Duration, Instant};

/// A partition to which nothing has happened is written again after this time, so that its age stays telling.
const UNCHANGED_EVERY: Duration = Duration::from_mins(5);
/// A store that failed is tried again after this time.
pub(super) const STORE_AGAIN: Duration = Duration::from_secs(5);

/// What the store answered.
#[derive(Debug)]
pub(crate) enum Kept {
    Loaded(Result<Box<Loaded>, store::Error>),
    Cut(Result<Option<Cut>, store::Error>),
    Closed {
        day: Day,
        done: Result<(), store::Error>,
    },
}

/// How long after its begin a partition's first checkpoint is due. They are spread over the interval: all of them at
/// once would take from the loops and the broker what alerts need.
pub(super) fn first_cut(partition: i32, partitions: i32, interval: Duration) -> Duration {
    let place = partition.saturating_add(1);
    interval.mul_f64(f64::from(place) / f64::from(partitions.max(place)))
}

/// When the checkpoint after the one that was due is. Those that came late, as after a long replay, stay apart.
fn next_cut(due: Instant, interval: Duration, now: Instant) -> Instant {
    let mut next = due + interval;
    while next <= now {
        next += interval;
    }
    next
}

impl Worker {
    /// Begins to load where it has not begun. It may begin before the partition is fenced: any whole checkpoint is
    /// a valid start.
    pub(super) fn begin_loading(&mut self, partition: i32) {
        let idle = |tenant: &Tenant| tenant.loading.is_none() && tenant.early.is_none();
        if !self.tenants.get(&partition).is_some_and(idle) {
            return;
        }
        let Some(tell) = self.teller(partition) else {
            return;
        };
        let loading = self.shared.keeper.load(partition, move |loaded| {
            tell(Kept::Loaded(loaded.map(Box::new)));
        });
        match loading {
            Ok(loading) => {
                if let Some(tenant) = self.tenants.get_mut(&partition) {
                    tenant.loading = Some(loading);
                }
            }
            Err(error) => {
                tracing::error!(partition, %error, "cannot load a checkpoint");
                let is_awaited = |t: &Tenant| *t.shard.state() == State::Loading;
                if self.tenants.get(&partition).is_some_and(is_awaited) {
                    self.step(partition, Event::Failed);
                }
            }
        }
    }

    /// Takes what was loaded early, or else waits for it.
    pub(super) fn load(&mut self, partition: i32) {
        let tenant = self.tenants.get_mut(&partition);
        match tenant.and_then(|tenant| tenant.early.take()) {
            Some(loaded) => self.came(partition, loaded),
            None => self.begin_loading(partition),
        }
    }

    fn came(&mut self, partition: i32, loaded: Result<Box<Loaded>, store::Error>) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        tenant.loading = None;
        if *tenant.shard.state() == State::Fencing {
            tenant.early = Some(loaded);
            return;
        }
        match loaded {
            Ok(loaded) => self.loaded(partition, *loaded),
            Err(error) => self.not_loaded(partition, &error),
        }
    }

    /// How a thread tells this worker what became of its task.
    pub(super) fn teller(&self, partition: i32) -> Option<impl FnOnce(Kept) + Send + 'static> {
        let tenant = self.tenants.get(&partition)?;
        let (tenure, round) = (tenant.tenure, tenant.round);
        let waker = self.waker.clone();
        Some(move |kept| {
            // The worker has ended when nobody takes it.
            drop(waker.send(Wake::Kept {
                partition,
                tenure,
                round,
                kept,
            }));
        })
    }

    pub(super) fn kept(&mut self, partition: i32, kept: Kept) {
        match kept {
            Kept::Loaded(loaded) => self.came(partition, loaded),
            Kept::Cut(cut) => self.cut(partition, cut),
            Kept::Closed { day, done } => self.closed(partition, day, done),
        }
    }

    /// A store that does not answer is waited for: it may hold what nobody knows of.
    fn not_loaded(&mut self, partition: i32, error: &store::Error) {
        let reason = error.to_string();
        tracing::debug!(partition, reason, "cannot load a checkpoint; tried again");
        if let Some(tenant) = self.tenants.get_mut(&partition) {
            tenant.waits_for_store = Some(reason.clone());
        }
        self.shared.board.report(Part::Store, Some(reason));
        self.step(partition, Event::Failed);
    }

    fn loaded(&mut self, partition: i32, loaded: Loaded) {
        let id = self.shared.keeper.store.id();
        self.shared.basis.store = id.map(str::to_owned);
        self.shared.board.report(Part::Store, None);
        for passed in &loaded.passed_over {
            tracing::error!(partition, checkpoint = passed.name, reason = %passed.reason, "a checkpoint is passed over");
        }
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        tenant.waits_for_store = None;
        let passed_over = u64::try_from(loaded.passed_over.len()).unwrap_or(u64::MAX);
        tenant.checkpoint.passed_over += passed_over;
        let restored = loaded.newest.map(|(restored, about)| {
            let age_s = about.age.as_secs();
            tracing::info!(
                partition,
                checkpoint = about.name,
                age_s,
                pathways = about.rows,
                "loaded"
            );
            tenant.checkpoint.written_at = std::time::SystemTime::now().checked_sub(about.age);
            tenant.checkpoint.bytes = about.bytes;
            tenant.checkpoint.pathways = about.rows;
            restored
        });
        self.with(partition, |shard, at| shard.loaded(restored, at));
    }

    fn cut(&mut self, partition: i32, cut: Result<Option<Cut>, store::Error>) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        tenant.cutting = None;
        match cut {
            Ok(Some(Cut { written, took })) => {
                tenant.checkpoint = Checkpoint {
                    written_at: Some(std::time::SystemTime::now()),
                    bytes: written.bytes,
                    duration: took,
                    pathways: written.rows,
                    failed: None,
                    ..tenant.checkpoint.clone()
                };
            }
            Ok(None) => tenant.cut_place = None,
            Err(error) => {
                tracing::error!(partition, %error, "a checkpoint cannot be written; tried again");
                tenant.checkpoint.failed = Some(error.to_string());
                tenant.cut_place = None;
                tenant.cut_at = Instant::now() + STORE_AGAIN;
            }
        }
    }

    /// Begins a checkpoint where one is due, and sweeps on where one is being cut.
    pub(super) fn sweep(&mut self, partition: i32, until: Instant) {
        let now = Instant::now();
        let interval = self.shared.checkpoint_interval;
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        if *tenant.shard.state() != State::Live {
            tenant.abandon_cutting();
            return;
        }
        if tenant.cutting.is_none() && now >= tenant.cut_at {
            let Some(mark) = tenant.shard.take_mark() else {
                return;
            };
            let place = (mark.progress.offsets, mark.alert_position);
            let age = now.saturating_duration_since(tenant.cut_since);
            if tenant.cut_place == Some(place) && age < UNCHANGED_EVERY {
                return;
            }
            tenant.cut_at = next_cut(tenant.cut_at, interval, now);
            tenant.cut_since = now;
            tenant.cut_place = Some(place);
            let Some(tell) = self.teller(partition) else {
                return;
            };
            let begun = self
                .shared
                .keeper
                .cut(partition, mark, move |cut| tell(Kept::Cut(cut)));
            let Some(tenant) = self.tenants.get_mut(&partition) else {
                return;
            };
            match begun {
                Ok(Some((cutting, thread))) => {
                    self.leaving.push(thread);
                    tenant.cutting = Some(cutting);
                }
                // The store is slow, and still has one of an earlier round or assignment.
                Ok(None) => tenant.cut_place = None,
                Err(error) => {
                    tracing::error!(partition, %error, "cannot cut a checkpoint");
                    tenant.cut_place = None;
                }
            }
        }
        self.sweep_on(partition, until);
    }

    fn sweep_on(&mut self, partition: i32, until: Instant) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let Some(cutting) = &mut tenant.cutting else {
            return;
        };
        let engine = tenant.shard.work.engine();
        while !cutting.is_swept && cutting.is_free() && Instant::now() < until {
            let mut rows = PathwayRows::default();
            for kept in engine.sweep(cutting.next, SLICE) {
                rows.add(&kept);
            }
            cutting.next += SLICE;
            match rows.finish() {
                Ok(rows) => cutting.give_rows(rows),
                Err(error) => {
                    tracing::error!(partition, %error, "the checkpoint comes to nothing");
                    cutting.abandon();
                    return;
                }
            }
            if cutting.next >= engine.slots() {
                // What they serve is swept: texts only grow.
                cutting.give_texts(engine.texts().kept().map(str::to_owned).collect());
                cutting.is_swept = true;
            }
        }
        if cutting.is_swept {
            cutting.is_free();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{first_cut, next_cut};
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    const INTERVAL: Duration = Duration::from_mins(1);

    #[test]
    fn checkpoints_of_a_process_stay_apart_however_late_the_first_is() {
        let began = Instant::now();
        let spread = |of: &dyn Fn(Duration) -> Instant| -> BTreeSet<Instant> {
            let first = (0..12).map(|partition| first_cut(partition, 12, INTERVAL));
            first.map(of).collect()
        };
        let wanted = (1..=12).map(|place| began + INTERVAL / 12 * place);
        assert!(spread(&|after| began + after).into_iter().eq(wanted));
        for late in [
            Duration::ZERO,
            Duration::from_secs(61),
            Duration::from_hours(3),
        ] {
            let now = began + INTERVAL + late;
            let next = spread(&|after| next_cut(began + after, INTERVAL, now));
            assert_eq!(next.len(), 12, "{late:?}");
            let soon = next.iter().all(|&at| now < at && at <= now + INTERVAL);
            assert!(soon, "{late:?}");
        }
    }
}
