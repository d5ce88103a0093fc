//! One process: what a worker does for its partition, a step at a time, so that a crash may come between any two.

mod orders;

pub(super) use orders::{Commit, Order};

use super::store::{Checkpoint, Swept};
use super::world::World;
use crate::config::GuardLimits;
use crate::judge::View;
use crate::kafka::source::Stamp;
use crate::letter::Position;
use crate::partition::{
    Action, Basis, Days, Event, Mark, Moment, Receipt, Shard, State, Tempo, Urgency, Work,
};
use crate::schema_wait::SchemaWait;
use clockstop_pipeline::{Day, Engine, Notice, Reference, Topic, judged_by};
use clockstop_schemas::encode_control;
use std::collections::VecDeque;
use std::time::Duration;

const TEMPO: Tempo = Tempo {
    transactions: Duration::from_millis(100),
    offsets: Duration::from_secs(1),
};
/// Pathways swept between two polls.
const SLICE: usize = 2;

/// A checkpoint that is being swept.
#[derive(Debug)]
struct Sweep {
    mark: Mark,
    next: usize,
    swept: Vec<Swept>,
}

/// The partition in this process's hands.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) shard: Shard,
    pub(super) generation: u64,
    pub(super) orders: VecDeque<Order>,
    epoch: Option<u64>,
    positions: [Option<i64>; 3],
    next: [i64; 3],
    sweep: Option<Sweep>,
    /// Closes on their way to the store.
    storing: Vec<(Day, String)>,
}

#[derive(Debug)]
pub(super) struct Process {
    pub(super) number: usize,
    pub(super) alive: bool,
    pub(super) reference: Reference,
    /// How far its clock is ahead, in milliseconds.
    pub(super) skew: i64,
    pub(super) tenant: Option<Tenant>,
    schemas: SchemaWait,
}

impl Process {
    pub(super) fn new(number: usize, reference: Reference) -> Self {
        Self {
            number,
            alive: true,
            reference,
            skew: 0,
            tenant: None,
            schemas: SchemaWait::new(Duration::from_mins(5)),
        }
    }

    pub(super) fn basis(&self, world: &World) -> Basis {
        Basis {
            partitions: 1,
            reference: self.reference.version.clone(),
            software: "sim".to_owned(),
            alert_key: "key".to_owned(),
            store: None,
            days: Days::Closed,
            guard: GuardLimits::default(),
            accepted: world.accepted.clone(),
        }
    }

    pub(super) fn moment(&self, world: &World) -> Moment {
        let millis = world.millis + self.skew;
        Moment {
            now: world.now(),
            today: world.london_day(millis),
            millis,
        }
    }

    fn blank(&self, world: &World) -> Work {
        let engine = Engine::new(world.key, self.reference.clone(), "sim");
        Work::new(engine, world.calendar.clone(), world.now())
    }

    /// Polls the group: takes note of what it gave and took.
    pub(super) fn hear(&mut self, world: &mut World) {
        let given = world.group.heard_by(self.number);
        let lost = self
            .tenant
            .as_ref()
            .is_some_and(|tenant| given != Some(tenant.generation));
        if lost {
            let at = self.moment(world);
            self.tenant.as_mut().unwrap().shard.step(Event::Taken, at);
            self.tenant = None;
        }
        if let (Some(generation), None) = (given, &self.tenant) {
            let shard = Shard::begin(0, self.blank(world), world.now());
            self.tenant = Some(Tenant {
                shard,
                generation,
                orders: VecDeque::from([Order::Fence]),
                epoch: None,
                positions: [None; 3],
                next: [0; 3],
                sweep: None,
                storing: Vec::new(),
            });
        }
    }

    /// Lets something happen to the partition and does what follows, as the worker would.
    fn with(&mut self, world: &World, happen: impl FnOnce(&mut Shard, &Basis, Moment) -> Action) {
        let (at, basis) = (self.moment(world), self.basis(world));
        if let Some(tenant) = &mut self.tenant {
            let action = happen(&mut tenant.shard, &basis, at);
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        let Some(tenant) = &mut self.tenant else {
            return;
        };
        match action {
            Action::Fence => tenant.orders.push_back(Order::Fence),
            Action::Load => tenant.orders.push_back(Order::Load),
            Action::Find => tenant.orders.push_back(Order::Find),
            Action::Replay => {
                tenant.next = tenant.shard.work.progress().offsets;
                tenant.positions = tenant.positions.map(|_| None);
            }
            Action::StartOver => {
                tenant.orders.clear();
                tenant.sweep = None;
                tenant.storing.clear();
            }
            Action::Leave => self.tenant = None,
            Action::Wait
            | Action::Again(_)
            | Action::Examine
            | Action::Speak
            | Action::Refuse(_) => {}
        }
    }

    /// Reads a few records, from whichever input.
    pub(super) fn read(&mut self, world: &mut World) {
        self.hear(world);
        for _ in 0..=world.draw.below(12) {
            let input = world.draw.below(3);
            let Some(tenant) = &mut self.tenant else {
                return;
            };
            if !tenant.shard.wants(Topic::ALL[input]) {
                continue;
            }
            let log = &world.topics.inputs[input];
            if tenant.next[input] < log.begin() {
                // As with auto.offset.reset=error, when the log was cut under the consumer.
                return self.with(world, |shard, _, at| shard.step(Event::OutsideLog, at));
            }
            let Some((offset, record)) = log.next(tenant.next[input]) else {
                continue;
            };
            let view = View {
                position: Position {
                    topic: Topic::ALL[input],
                    partition: 0,
                    offset,
                },
                stamp: Stamp::Appended(record.stamp),
                key: record.key.as_deref(),
                value: record.value.as_deref(),
            };
            tenant.next[input] = offset + 1;
            tenant.positions[input] = Some(offset + 1);
            tenant.shard.take(&view, &world.judge, &mut self.schemas);
        }
    }

    /// The consumer's positions move over markers, and the partition is told.
    pub(super) fn reach(&mut self, world: &World) {
        if let Some(tenant) = &mut self.tenant
            && tenant.shard.takes_records()
        {
            let inputs = world.topics.inputs.iter().zip(&mut tenant.positions);
            for (((log, position), next), topic) in inputs.zip(tenant.next).zip(Topic::ALL) {
                if position.is_some() && log.next(next).is_none() && tenant.shard.wants(topic) {
                    *position = (*position).max(Some(log.end_of_committed()));
                }
            }
            let positions = tenant.positions;
            self.with(world, |shard, _, at| shard.reached(positions, at));
        }
    }

    /// The partition is told where its inputs end; what holds no records is passed over.
    pub(super) fn told_ends(&mut self, world: &World) {
        let asked = world.now();
        if let Some(tenant) = &mut self.tenant {
            let learned = tenant.shard.work.progress().offsets;
            let mut ends = [0; 3];
            for ((end, log), at) in ends.iter_mut().zip(&world.topics.inputs).zip(learned) {
                let all_committed = log.end_of_committed() == log.end_of_all();
                let nothing = all_committed && log.next(at).is_none();
                *end = if nothing { at } else { log.end_of_all() };
            }
            tenant.shard.ended(ends, asked);
        }
    }

    /// Starts over, closes a day, decides and speaks: all that needs no record.
    pub(super) fn tend(&mut self, world: &mut World) {
        self.hear(world);
        let blank = self.blank(world);
        if let Some(tenant) = &mut self.tenant
            && tenant.shard.starts_over()
        {
            let action = tenant.shard.start_over(blank);
            self.act(action);
        }
        self.with(world, |shard, _, at| shard.due(at));
        self.close_day(world);
        self.speak(world, Urgency::Ordinary);
    }

    fn close_day(&mut self, world: &mut World) {
        let Some(tenant) = &mut self.tenant else {
            return;
        };
        let Some(day) = tenant.shard.closable() else {
            return;
        };
        let state = tenant.shard.state().name();
        let work = &mut tenant.shard.work;
        world.trace(|| {
            let at = work.progress().offsets;
            format!("process {} closes {day}, {state}, at {at:?}", self.number)
        });
        tenant
            .storing
            .push((day, super::oracle::digest(work.engine(), day)));
        work.close(day, &world.judge, &mut self.schemas);
        tenant.sweep = None;
        world.tally.closes += 1;
    }

    pub(super) fn speak(&mut self, world: &mut World, urgency: Urgency) {
        let (at, basis) = (self.moment(world), self.basis(world));
        let Some(tenant) = &mut self.tenant else {
            return;
        };
        let (epoch, generation) = (tenant.epoch, tenant.generation);
        let Some((load, control)) = tenant.shard.speak(&basis, TEMPO, urgency, at) else {
            return;
        };
        let topics = crate::config::Topics::default();
        world.transactions += 1;
        let said = load.notices.iter().map(|notice| match notice {
            Notice::Alert(alert) => (alert.alert_id, Some((**alert).clone())),
            Notice::Erasure { alert_id, .. } => (*alert_id, None),
        });
        world.trace(|| {
            let said: Vec<_> = load
                .notices
                .iter()
                .map(|notice| match notice {
                    Notice::Alert(alert) => (alert.alert_id.0[0], alert.revision),
                    Notice::Erasure { alert_id, .. } => (alert_id.0[0], 0),
                })
                .collect();
            format!("speaks of {said:?}, finishes {:?}", load.finishes)
        });
        let commit = Commit {
            stage: 0,
            transaction: world.transactions,
            epoch: epoch.unwrap(),
            generation,
            said: said.collect(),
            letters: load
                .letters
                .iter()
                .map(|letter| letter.key(&topics))
                .collect(),
            control: encode_control(&control),
            offsets: load.offsets,
            receipt: Receipt::default(),
        };
        tenant.orders.push_back(Order::Commit(Box::new(commit)));
    }

    /// Sweeps a slice of a checkpoint, begins one, or writes it.
    pub(super) fn sweep(&mut self, world: &mut World) {
        let Some(tenant) = &mut self.tenant else {
            return;
        };
        if !tenant.storing.is_empty() && !world.store.away {
            let (day, rows) = tenant.storing.remove(0);
            world.store_close(day, &self.reference, rows);
            tenant.shard.work.stored(day);
        }
        let Some(sweep) = &mut tenant.sweep else {
            if let Some(mark) = tenant.shard.take_mark() {
                tenant.sweep = Some(Sweep {
                    mark,
                    next: 0,
                    swept: Vec::new(),
                });
            }
            return;
        };
        let engine = tenant.shard.work.engine();
        let slice = engine.sweep(sweep.next, SLICE);
        sweep.swept.extend(slice.map(|kept| Swept::of(&kept)));
        sweep.next += SLICE;
        if sweep.next >= engine.slots() {
            let texts = engine.texts().kept().map(str::to_owned).collect();
            let sweep = tenant.sweep.take().unwrap();
            world.trace(|| {
                let at = (sweep.mark.progress.offsets, sweep.mark.alert_position);
                format!("process {} has a checkpoint {at:?}", self.number)
            });
            world.store_checkpoint(Checkpoint {
                mark: sweep.mark,
                judged_by: judged_by(&self.reference),
                texts,
                swept: sweep.swept,
                whole: true,
            });
        }
    }

    /// Whether there is nothing left to do for it.
    pub(super) fn is_idle(&self, world: &World) -> bool {
        self.tenant.as_ref().is_some_and(|tenant| {
            let shard = &tenant.shard;
            let read = world
                .topics
                .inputs
                .iter()
                .zip(tenant.next)
                .all(|(log, next)| log.next(next).is_none());
            let today = self.moment(world).today;
            *shard.state() == State::Live
                && tenant.orders.is_empty()
                && tenant.storing.is_empty()
                && read
                && shard.is_drained()
                && shard.work.decided_or(today.plus(-9)) == today
        })
    }
}
