//! Copies of the partitions for snapshots: each of one moment, given in slices between polls.

use super::Worker;
use super::tenant::Tenant;
use crate::partition::State;
use crate::publish::PartitionCopy;
use crate::publisher::CopyRequest;
use crate::sweep::{SLICE, Sweep};
use clockstop_schemas::checkpoint::PathwayRows;
use std::time::Instant;

impl Worker {
    /// Holds every partition that decides still and offers its copy. One that is under way comes to nothing.
    pub(super) fn offer_copies(&mut self, request: &CopyRequest) {
        let today = self.shared.calendar.today();
        let live = |tenant: &&mut Tenant| *tenant.shard.state() == State::Live;
        for tenant in self.tenants.values_mut().filter(live) {
            let (copying, pieces) = Sweep::begin();
            let partition = tenant.shard.number;
            let work = &mut tenant.shard.work;
            work.engine_mut().hold_still();
            let copy = PartitionCopy {
                partition,
                day: work.decided_or(today),
                offsets: work.progress().offsets,
                pathways: work.engine().pathways(),
                pieces,
            };
            tenant.copying = Some(copying);
            // A publisher that waits no longer lists the partition as missing.
            drop(request.reply.send(copy));
        }
    }

    /// Gives slices of a partition that is copied, as long as they are taken and there is time.
    pub(super) fn copy_on(&mut self, partition: i32, until: Instant) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let Some(copying) = &mut tenant.copying else {
            return;
        };
        let engine = tenant.shard.work.engine_mut();
        while !copying.is_swept && copying.is_free() && Instant::now() < until {
            let mut rows = PathwayRows::default();
            for kept in engine.still(SLICE) {
                rows.add(&kept);
            }
            match rows.finish() {
                Ok(rows) => copying.give_rows(rows),
                Err(error) => tracing::error!(partition, %error, "cannot copy"),
            }
            if !engine.copied(SLICE) {
                // Texts only grow.
                copying.give_texts(engine.texts().kept().map(str::to_owned).collect());
                copying.is_swept = true;
            }
        }
        if copying.is_swept && copying.is_free() {
            tenant.copying = None;
        }
    }
}
