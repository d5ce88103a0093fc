//! The loop of a worker: wakes, records, what is due, and the end.

use super::copying::Copying;
use super::speaking::speak;
use super::tenant::Tenant;
use super::{Wake, Worker};
use crate::partition::{Event, Shard, Urgency};
use crate::sweep::Sweep;
use clockstop_pipeline::Topic;
use clockstop_schemas::Approval;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

const IDLE: Duration = Duration::from_millis(50);
/// Between two slices of a checkpoint, where nothing else is to be done.
const SWEEPING: Duration = Duration::from_millis(1);
/// How long a turn may sweep for checkpoints, all partitions together.
const SWEEP_LIMIT: Duration = Duration::from_millis(5);
/// How long a turn may copy for a snapshot, all partitions together.
const COPY_LIMIT: Duration = Duration::from_millis(5);
const POSITIONS_EVERY: Duration = Duration::from_millis(20);
const SHOW_EVERY: Duration = Duration::from_millis(200);
const DRAIN_LIMIT: Duration = Duration::from_secs(20);

impl Worker {
    pub(super) fn run(mut self, wakes: Receiver<Wake>) {
        loop {
            let began = Instant::now();
            while let Ok(wake) = wakes.try_recv() {
                self.wake(wake);
            }
            let busy = self.draining_until.is_none() && self.read();
            self.ask_again();
            self.advance();
            self.tend();
            self.shared.board.turned(self.number, began.elapsed());
            if self.is_drained() {
                break;
            }
            if !busy && let Ok(wake) = wakes.recv_timeout(self.idle()) {
                self.wake(wake);
            }
        }
        // What the group takes from now on is let go already.
        drop(wakes);
        self.end();
    }

    fn idle(&self) -> Duration {
        let now = Instant::now();
        let sweeps = |tenant: &Tenant| {
            tenant.cutting.as_ref().is_some_and(Sweep::is_due)
                || tenant.copying.as_ref().is_some_and(Copying::is_due)
        };
        if self.tenants.values().any(sweeps) {
            return SWEEPING;
        }
        let speaks = self
            .tenants
            .values()
            .map(|tenant| tenant.shard.speaks_at().saturating_duration_since(now));
        let soonest = speaks.filter(|left| !left.is_zero()).min();
        soonest.map_or(IDLE, |left| left.min(IDLE))
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Told(told) => self.told(told),
            Wake::Reported {
                partition,
                tenure,
                round,
                report,
            } => {
                let tenant = self.tenants.get(&partition);
                if tenant.is_some_and(|tenant| tenant.tenure == tenure && tenant.round == round) {
                    self.reported(partition, report);
                }
            }
            Wake::Kept {
                partition,
                tenure,
                round,
                kept,
            } => {
                let tenant = self.tenants.get(&partition);
                if tenant.is_some_and(|tenant| tenant.tenure == tenure && tenant.round == round) {
                    self.kept(partition, kept);
                }
            }
            Wake::Ended {
                partition,
                ends,
                asked,
            } => {
                if let Some(tenant) = self.tenants.get_mut(&partition) {
                    tenant.shard.ended(ends, asked);
                }
            }
            Wake::Barred(reason) => {
                let numbers: Vec<_> = self.tenants.keys().copied().collect();
                for number in numbers {
                    self.step(number, Event::Barred(reason.clone()));
                }
            }
            Wake::Approved {
                partition,
                approval,
            } => self.approved(partition, &approval),
            Wake::Answered { id, answer } => self.answered(id, &answer),
            Wake::Copy(request) => self.offer_copies(&request),
            Wake::Drain => {
                self.draining_until
                    .get_or_insert_with(|| Instant::now() + DRAIN_LIMIT);
            }
        }
    }

    fn approved(&mut self, partition: i32, approval: &Approval) {
        let at = self.moment();
        if let Some(tenant) = self.tenants.get_mut(&partition) {
            tracing::info!(partition, grant = ?approval.grant, who = approval.who, "approved");
            tenant.shard.approve(approval, &self.shared.basis, at);
            self.regulate(partition);
        }
    }

    fn ask_again(&mut self) {
        for id in self.schemas.due(Instant::now()) {
            self.lookup.ask(id);
        }
    }

    /// Sees how far the inputs have been read, which ends a replay.
    fn advance(&mut self) {
        let now = Instant::now();
        if now < self.positions_at {
            return;
        }
        self.positions_at = now + POSITIONS_EVERY;
        let positions = match self.source.positions() {
            Ok(positions) => positions,
            Err(error) => {
                tracing::debug!(%error, "the positions cannot be read");
                return;
            }
        };
        let numbers: Vec<_> = self.tenants.keys().copied().collect();
        for number in numbers {
            let reached = Topic::ALL.map(|topic| positions.get(&(topic, number)).copied());
            // Before it has gone there, the consumer's positions are those of an earlier round.
            let reads = |tenant: &Tenant| tenant.seek.is_none() && tenant.shard.takes_records();
            if self.tenants.get(&number).is_some_and(reads) {
                self.with(number, |shard, at| shard.reached(reached, at));
            }
        }
    }

    /// Does what is due on every partition that is still held after the last poll.
    fn tend(&mut self) {
        let now = Instant::now();
        let show = now >= self.show_at;
        if show {
            self.show_at = now + SHOW_EVERY;
        }
        let urgency = match self.draining_until {
            Some(_) => Urgency::Drains,
            None => Urgency::Ordinary,
        };
        let (mut sweeping, mut copying) = (SWEEP_LIMIT, COPY_LIMIT);
        let numbers: Vec<_> = self.tenants.keys().copied().collect();
        for number in numbers {
            if let Err(error) = self.start_over(number) {
                tracing::warn!(partition = number, %error, "cannot start over; tried again");
            }
            self.with(number, Shard::due);
            self.close_day(number);
            self.store_closes(number);
            let at = self.moment();
            if let Some(tenant) = self.tenants.get_mut(&number) {
                speak(tenant, &self.shared, &self.source, urgency, at);
            }
            let began = Instant::now();
            self.sweep(number, began + sweeping);
            sweeping = sweeping.saturating_sub(began.elapsed());
            let began = Instant::now();
            self.copy_on(number, began + copying);
            copying = copying.saturating_sub(began.elapsed());
            self.regulate(number);
            if show {
                self.show(number);
            }
        }
        self.leaving.retain(|thread| !thread.is_finished());
    }

    fn is_drained(&self) -> bool {
        let Some(until) = self.draining_until else {
            return false;
        };
        self.tenants
            .values()
            .all(|tenant| tenant.shard.is_drained())
            || Instant::now() >= until
    }

    /// Ends the sinks, reads no more, and waits for every thread it started.
    fn end(mut self) {
        let numbers: Vec<_> = self.tenants.keys().copied().collect();
        for number in numbers {
            self.close(number);
        }
        drop(self.source);
        let threads = core::mem::take(&mut self.leaving);
        for thread in threads.into_iter().chain([self.lookup.close()]) {
            if thread.join().is_err() {
                tracing::error!("a thread of the worker panicked");
            }
        }
    }
}
