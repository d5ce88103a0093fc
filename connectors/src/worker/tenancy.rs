//! Partitions come, start over and go; each input is read exactly while its records are wanted.

use super::tenant::Tenant;
use super::{Wake, Worker, keeping};
use crate::background;
use crate::board::{Checkpoint, Measured, Part};
use crate::kafka::member::Place;
use crate::kafka::recovery::Finding;
use crate::kafka::sink::{Order, Sink};
use crate::partition::{Action, Event, Moment, Shard, State, Work};
use clockstop_pipeline::{Engine, Topic};
use rdkafka::error::KafkaResult;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Assignments of this process are numbered, so that what belongs to an earlier one is known.
static TENURES: AtomicU64 = AtomicU64::new(1);
/// A poll of the group may be under way, and have looked already: only the one after it begins later.
const POLLS_BEFORE_STARTING_OVER: u64 = 2;

impl Worker {
    pub(super) fn moment(&self) -> Moment {
        Moment {
            now: Instant::now(),
            today: self.shared.calendar.today(),
            millis: jiff::Timestamp::now().as_millisecond(),
        }
    }

    pub(super) fn given(&mut self, places: &[Place]) {
        for &(topic, partition) in places {
            let held = self.held.entry(partition).or_default();
            held.insert(topic);
            let was_there = partition < self.shared.basis.partitions;
            if !was_there {
                tracing::error!(
                    partition,
                    "the partition was added after the start and is not run"
                );
            }
            let whole = held.len() == Topic::ALL.len();
            if was_there && whole && !self.tenants.contains_key(&partition) {
                match self.open(partition) {
                    Ok(tenant) => {
                        self.tenants.insert(partition, tenant);
                        self.act(partition, Action::Fence);
                    }
                    Err(error) => tracing::error!(partition, %error, "cannot run the partition"),
                }
            }
        }
    }

    fn open(&self, number: i32) -> std::io::Result<Tenant> {
        let tenure = TENURES.fetch_add(1, Ordering::Relaxed);
        let first_cut = keeping::first_cut(
            number,
            self.shared.basis.partitions,
            self.shared.checkpoint_interval,
        );
        let waker = self.waker.clone();
        let sink = Sink::start(
            self.shared.clients.clone(),
            self.shared.readers.clone(),
            self.shared.registry.clone(),
            number,
            move |round, report| {
                // The worker has ended when nobody takes it.
                drop(waker.send(Wake::Reported {
                    partition: number,
                    tenure,
                    round,
                    report,
                }));
            },
        )?;
        Ok(Tenant {
            tenure,
            round: 0,
            sink,
            shard: Shard::begin(number, self.blank(), Instant::now()),
            flows: [false; 3],
            starts_over_at: 0,
            seek: None,
            loading: None,
            early: None,
            waits_for_store: None,
            cutting: None,
            copying: None,
            cut_at: Instant::now() + first_cut,
            cut_since: Instant::now(),
            cut_place: None,
            checkpoint: Checkpoint::default(),
            measured: Measured::default(),
            ordered_at: Instant::now(),
            closes: VecDeque::new(),
        })
    }

    fn blank(&self) -> Work {
        let engine = Engine::new(
            self.shared.alert_key,
            self.shared.reference.clone(),
            env!("CARGO_PKG_VERSION"),
        );
        Work::new(engine, self.shared.calendar.clone(), Instant::now())
    }

    pub(super) fn took(&mut self, places: &[Place]) {
        for &(topic, partition) in places {
            if let Some(held) = self.held.get_mut(&partition) {
                held.remove(&topic);
            }
            self.step(partition, Event::Taken);
        }
    }

    pub(super) fn step(&mut self, partition: i32, event: Event) {
        self.with(partition, |shard, at| shard.step(event, at));
    }

    /// Lets something happen to a partition and does what follows.
    pub(super) fn with(
        &mut self,
        partition: i32,
        happen: impl FnOnce(&mut Shard, Moment) -> Action,
    ) {
        let at = self.moment();
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let before = tenant.shard.state().name();
        let began = tenant.shard.since();
        let action = happen(&mut tenant.shard, at);
        let after = tenant.shard.state().name();
        if before != after {
            let lasted = at.now.saturating_duration_since(began);
            tenant.measured.left(before, lasted);
            let millis = lasted.as_millis();
            tracing::info!(
                partition,
                worker = self.number,
                from = before,
                to = after,
                after_ms = millis,
                "partition"
            );
            let left = tenant.shard.work.left_standing();
            if *tenant.shard.state() == State::Live && left > 0 {
                tracing::warn!(
                    partition,
                    alerts = left,
                    "alerts of pathways whose history is lost stay as they are"
                );
            }
        }
        self.act(partition, action);
    }

    pub(super) fn act(&mut self, partition: i32, action: Action) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        let fences = action == Action::Fence;
        match action {
            Action::Wait => return,
            Action::Fence => tenant.order(Order::Fence),
            Action::Load => return self.load(partition),
            Action::Find => {
                let (alerts, control) = tenant.shard.work.positions();
                let restored = tenant.shard.work.restored();
                tenant.order(Order::Find(Finding {
                    alerts,
                    control,
                    restored: restored.map(|mark| mark.progress.offsets),
                    accepted: self.shared.basis.accepted(partition),
                    identities: self.shared.broker_time.into(),
                }));
            }
            Action::Replay => tenant.seek = Some(tenant.shard.work.progress().offsets),
            Action::StartOver => {
                tenant.round += 1;
                tenant.starts_over_at = self.source.polls() + POLLS_BEFORE_STARTING_OVER;
                tenant.loading = None;
                tenant.early = None;
                if tenant.waits_for_store.take().is_some() {
                    self.shared.board.report(Part::Store, None);
                }
                tenant.cutting = None;
                tenant.copying = None;
                tenant.closes.clear();
            }
            Action::Refuse(_) => {
                if let State::Refused(reason) = tenant.shard.state() {
                    tracing::error!(partition, %reason, "the partition is refused: nothing is said for it");
                }
            }
            Action::Leave => return self.close(partition),
            Action::Again(_) | Action::Examine | Action::Speak => {}
        }
        if fences {
            self.begin_loading(partition);
        }
        self.regulate(partition);
        self.show(partition);
    }

    pub(super) fn close(&mut self, partition: i32) {
        if let Some(tenant) = self.tenants.remove(&partition) {
            self.shared.board.remove(partition, tenant.tenure);
            if tenant.waits_for_store.is_some() {
                // Others that wait for it say so again.
                self.shared.board.report(Part::Store, None);
            }
            let Tenant { sink, shard, .. } = tenant;
            self.leaving.push(sink.close());
            // Whoever takes the partition over waits for it to be let go, and half a million pathways are not
            // gone in no time.
            match background::drop_aside(shard) {
                Ok(thread) => self.leaving.push(thread),
                Err(error) => tracing::debug!(%error, "the pathways were dropped in the loop"),
            }
        }
    }

    /// Lets the consumer read every input of the partition exactly while its records are wanted.
    pub(super) fn regulate(&mut self, partition: i32) {
        let Some(tenant) = self.tenants.get_mut(&partition) else {
            return;
        };
        if let Some(offsets) = tenant.seek {
            match self.source.seek(partition, offsets) {
                Ok(()) => {
                    tenant.seek = None;
                    tenant.flows = [false; 3];
                }
                Err(error) => {
                    tracing::warn!(partition, %error, "cannot go to where reading begins; tried again");
                    return;
                }
            }
        }
        for (flows, topic) in tenant.flows.iter_mut().zip(Topic::ALL) {
            let wants = tenant.shard.wants(topic) && self.draining_until.is_none();
            if wants == *flows {
                continue;
            }
            let place = (topic, partition);
            let done = if wants {
                self.source.resume(place)
            } else {
                self.source.pause(place)
            };
            match done {
                Ok(()) => *flows = wants,
                Err(error) => {
                    tracing::warn!(partition, %error, "cannot pause or resume; tried again");
                }
            }
        }
    }

    pub(super) fn show(&self, partition: i32) {
        if let Some(tenant) = self.tenants.get(&partition) {
            let mut shown = tenant.shard.shown(tenant.tenure, Instant::now());
            shown.checkpoint = tenant.checkpoint.clone();
            shown.measured = tenant.measured.clone();
            shown.waits_for_store.clone_from(&tenant.waits_for_store);
            self.shared.board.show(partition, shown);
        }
    }

    /// Starts over once the group has been polled and the partition is still held.
    pub(super) fn start_over(&mut self, number: i32) -> KafkaResult<()> {
        let polls = self.source.polls();
        let is_due = |tenant: &Tenant| tenant.shard.starts_over() && polls >= tenant.starts_over_at;
        if !self.tenants.get(&number).is_some_and(is_due) {
            return Ok(());
        }
        let blank = self.blank();
        let Some(tenant) = self.tenants.get_mut(&number) else {
            return Ok(());
        };
        for (flows, topic) in tenant.flows.iter_mut().zip(Topic::ALL) {
            if *flows {
                self.source.pause((topic, number))?;
                *flows = false;
            }
        }
        tenant.seek = None;
        let action = tenant.shard.start_over(blank);
        self.act(number, action);
        Ok(())
    }
}
