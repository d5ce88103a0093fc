//! Copies of the partitions, each of one moment, made in slices between polls: for snapshots, and of days that end.

use super::Worker;
use super::closing::WaitingClose;
use super::tenant::Tenant;
use crate::partition::State;
use crate::publish::PartitionCopy;
use crate::publisher::CopyRequest;
use crate::sweep::{SLICE, Sweep};
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use clockstop_pipeline::Engine;
use clockstop_schemas::checkpoint::PathwayRows;
use std::sync::Arc;
use std::time::Instant;

/// For whom a partition is held still.
#[derive(Debug)]
pub(super) enum Copying {
    /// The publisher takes the slices as they are made.
    Snapshot(Sweep),
    /// The last of the days that wait for the store.
    Close,
}

impl Copying {
    /// Whether a slice is to be made now.
    pub(super) fn is_due(&self) -> bool {
        match self {
            Self::Snapshot(sweep) => sweep.is_due(),
            Self::Close => true,
        }
    }
}

impl Worker {
    /// Holds every partition that decides still and offers its copy. One that is under way comes to nothing, but not
    /// that of a day: such a partition is missing.
    pub(super) fn offer_copies(&mut self, request: &CopyRequest) {
        let today = self.shared.calendar.today();
        let is_free = |tenant: &&mut Tenant| {
            *tenant.shard.state() == State::Live && !matches!(tenant.copying, Some(Copying::Close))
        };
        for tenant in self.tenants.values_mut().filter(is_free) {
            let (copying, pieces) = Sweep::begin();
            let partition = tenant.shard.number;
            let work = &mut tenant.shard.work;
            work.engine_mut().hold_still();
            let copy = PartitionCopy {
                partition,
                day: work.decided_or(today),
                offsets: work.progress().offsets,
                last_appends: work.last_appends(),
                pathways: work.engine().pathways(),
                pieces,
            };
            tenant.copying = Some(Copying::Snapshot(copying));
            // A publisher that waits no longer lists the partition as missing.
            drop(request.reply.send(copy));
        }
    }

    /// Makes slices of a partition that is copied, as long as they are taken and there is time.
    pub(super) fn copy_on(&mut self, partition: i32, until: Instant) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let engine = tenant.shard.work.engine_mut();
        let is_done = match &mut tenant.copying {
            None => return,
            Some(Copying::Snapshot(sweep)) => give(sweep, engine, partition, until),
            Some(Copying::Close) => match tenant.closes.back_mut() {
                Some(waiting) => keep(waiting, engine, partition, until),
                None => true,
            },
        };
        if is_done {
            tenant.copying = None;
        }
    }
}

/// Gives slices to the publisher; whether all of them are given.
fn give(sweep: &mut Sweep, engine: &mut Engine, partition: i32, until: Instant) -> bool {
    while !sweep.is_swept && sweep.is_free() && Instant::now() < until {
        match slice(engine) {
            Ok(rows) => sweep.give_rows(rows),
            Err(error) => {
                tracing::error!(partition, %error, "the copy of the partition comes to nothing");
                let_go(engine);
                sweep.abandon();
                return true;
            }
        }
        if !engine.copied(SLICE) {
            sweep.give_texts(texts(engine));
            sweep.is_swept = true;
        }
    }
    sweep.is_swept && sweep.is_free()
}

/// Keeps slices of a day that has ended; whether no more of them are to come. A day of which one is lacking is never
/// whole, so that it is not closed.
fn keep(waiting: &mut WaitingClose, engine: &mut Engine, partition: i32, until: Instant) -> bool {
    let Some(close) = Arc::get_mut(&mut waiting.close) else {
        return true;
    };
    while Instant::now() < until {
        match slice(engine) {
            Ok(rows) => close.rows.push(rows),
            Err(error) => {
                tracing::error!(partition, day = %close.day, %error, "the day cannot be closed");
                let_go(engine);
                return true;
            }
        }
        if !engine.copied(SLICE) {
            close.texts = texts(engine);
            waiting.is_whole = true;
            return true;
        }
    }
    false
}

fn slice(engine: &Engine) -> Result<RecordBatch, ArrowError> {
    let mut rows = PathwayRows::default();
    for kept in engine.still(SLICE) {
        rows.add(&kept);
    }
    rows.finish()
}

/// Holds the partition still no longer.
fn let_go(engine: &mut Engine) {
    while engine.copied(SLICE) {}
}

/// Texts only grow: those of now serve every slice.
fn texts(engine: &Engine) -> Vec<String> {
    engine.texts().kept().map(str::to_owned).collect()
}
