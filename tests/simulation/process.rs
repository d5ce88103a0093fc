//! One process: what a worker does for its partition, a step at a time, so that a crash may come between any two.

use super::log::Log;
use super::store::{Checkpoint, Swept};
use super::world::{Fault, Topics, World};
use crate::config::GuardLimits;
use crate::judge::View;
use crate::kafka::source::Stamp;
use crate::letter::Position;
use crate::partition::{
    Action, Basis, Days, Event, Found, Identity, Loss, Mark, Moment, Receipt, Shard, Span, State,
    Tempo, Urgency, Work, reading_from,
};
use crate::schema_wait::SchemaWait;
use clockstop_pipeline::{Alert, AlertId, Day, Engine, Notice, Reference, Topic};
use clockstop_schemas::{Approval, ControlKey, decode_approval, decode_control, encode_control};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

const TEMPO: Tempo = Tempo {
    transactions: Duration::from_millis(100),
    offsets: Duration::from_secs(1),
};
/// Pathways swept between two polls.
const SLICE: usize = 2;

/// What a sink was told to do.
#[derive(Debug)]
pub(super) enum Order {
    Fence,
    Load,
    Find,
    Commit(Box<Commit>),
}

/// A transaction on its way.
#[derive(Debug)]
pub(super) struct Commit {
    stage: u8,
    transaction: u64,
    epoch: u64,
    generation: u64,
    said: Vec<(AlertId, Option<Alert>)>,
    letters: Vec<String>,
    control: Vec<u8>,
    offsets: [i64; 3],
    receipt: Receipt,
}

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

    /// Carries the next order out, or a part of it.
    pub(super) fn carry_out(&mut self, world: &mut World) {
        let Some(tenant) = &mut self.tenant else {
            return;
        };
        let Some(order) = tenant.orders.pop_front() else {
            return;
        };
        let recovers = !matches!(order, Order::Commit(_));
        if recovers && world.fault(Fault::Broker) {
            return self.with(world, |shard, _, at| shard.step(Event::Failed, at));
        }
        match order {
            Order::Fence => self.fence(world),
            Order::Load => self.load(world),
            Order::Find => self.find(world),
            Order::Commit(commit) => self.commit(commit, world),
        }
    }

    fn fence(&mut self, world: &mut World) {
        let epoch = world.fence();
        let cursor = Some(world.group.offsets).filter(|_| !world.fault(Fault::Broker));
        self.tenant.as_mut().unwrap().epoch = Some(epoch);
        world.trace(|| format!("process {} fences", self.number));
        self.with(world, |shard, _, at| shard.fenced(cursor, at));
    }

    fn load(&mut self, world: &mut World) {
        match world.store.load(world.key, &self.reference) {
            Ok(restored) => {
                world.tally.restores += u64::from(restored.is_some());
                world.trace(|| {
                    let mark = restored.as_ref().map(|restored| &restored.mark);
                    format!("process {} loads {mark:?}", self.number)
                });
                self.with(world, |shard, _, at| shard.loaded(restored, at));
            }
            Err(()) => self.with(world, |shard, _, at| shard.step(Event::Failed, at)),
        }
    }

    fn find(&mut self, world: &mut World) {
        let tenant = self.tenant.as_ref().unwrap();
        let (alerts, control) = tenant.shard.work.positions();
        let restored = tenant
            .shard
            .work
            .restored()
            .map(|mark| mark.progress.offsets);
        let accepted = self.basis(world).accepted(0);
        match found(
            &world.topics,
            &world.said,
            alerts,
            control,
            restored,
            accepted,
        ) {
            Some(found) => {
                world.trace(|| {
                    let words = found
                        .said
                        .iter()
                        .map(|word| (word.alert_id.0[0], word.revision));
                    let words: Vec<_> = words.collect();
                    format!("process {} finds {words:?} from {alerts}", self.number)
                });
                self.with(world, |shard, basis, at| shard.found(&found, basis, at));
            }
            None => self.with(world, |shard, _, at| shard.step(Event::Failed, at)),
        }
    }

    fn commit(&mut self, mut commit: Box<Commit>, world: &mut World) {
        let fenced = world.epoch != commit.epoch;
        let stage = commit.stage;
        commit.stage += 1;
        match stage {
            0 if !fenced => {
                world.write(&mut commit.receipt, commit.transaction, &commit.said);
                self.again(commit);
            }
            1 if !fenced => {
                world.bury(commit.transaction, &commit.letters);
                let stamp = world.record(&mut commit.receipt, commit.transaction, &commit.control);
                commit.receipt.stamp = Some((stamp, self.skew));
                self.again(commit);
            }
            2 if !fenced => {
                if world.group.accepts(self.number, commit.generation) {
                    self.again(commit);
                } else {
                    world.end(commit.transaction, false);
                    self.abort(world);
                }
            }
            _ if fenced => {
                world.tally.fenced += 1;
                self.with(world, |shard, _, at| shard.unsettled(Loss::FencedOff, at));
            }
            _ => self.finish(&commit, world),
        }
    }

    fn again(&mut self, commit: Box<Commit>) {
        let tenant = self.tenant.as_mut().unwrap();
        tenant.orders.push_front(Order::Commit(commit));
    }

    fn abort(&mut self, world: &mut World) {
        world.trace(|| format!("process {} aborts", self.number));
        world.tally.aborts += 1;
        let at = self.moment(world);
        self.tenant.as_mut().unwrap().shard.aborted(at);
    }

    fn finish(&mut self, commit: &Commit, world: &mut World) {
        world.trace(|| {
            format!(
                "process {} commits {:?}, {}",
                self.number,
                commit.offsets,
                String::from_utf8_lossy(&commit.control)
            )
        });
        if world.fault(Fault::Abort) {
            world.end(commit.transaction, false);
            return self.abort(world);
        }
        if world.fault(Fault::TimedOut) {
            // The coordinator lost patience; the producer only hears that it is fenced.
            world.end(commit.transaction, false);
            world.tally.unknown += 1;
            return self.with(world, |shard, _, at| {
                shard.unsettled(Loss::Interrupted("timed out".to_owned()), at)
            });
        }
        world.end(commit.transaction, true);
        world.group.offsets = commit.offsets;
        world.tally.commits += 1;
        let recorded = decode_control(&commit.control).unwrap();
        world.closed_before = world.closed_before.or(recorded.closed_through);
        if world.fault(Fault::AnswerLost) {
            world.tally.unknown += 1;
            return self.with(world, |shard, _, at| {
                shard.unsettled(Loss::Interrupted("no answer".to_owned()), at)
            });
        }
        let receipt = commit.receipt;
        self.with(world, |shard, _, at| shard.committed(&receipt, TEMPO, at).1);
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

/// What the logs tell of the partition; `None` where an open transaction hides some of it.
fn found(
    topics: &Topics,
    said: &[Alert],
    alerts_from: i64,
    control_from: i64,
    restored: Option<[i64; 3]>,
    accepted: [Option<i64>; 3],
) -> Option<Found> {
    let settled = |log: &Log| log.end_of_committed() == log.end_of_all();
    let logs = [&topics.alert, &topics.control];
    if !logs.into_iter().chain(&topics.inputs).all(settled) {
        return None;
    }
    let (mut control, mut approval, mut control_at) = (Ok(None), None, control_from);
    for (at, record) in topics.control.committed(control_from) {
        let value = record.value.as_deref().unwrap();
        match ControlKey::parse(record.key.as_deref().unwrap()) {
            Some(ControlKey::State(_)) => {
                control = decode_control(value)
                    .map(Some)
                    .map_err(|refusal| refusal.to_string());
                control_at = at;
                approval = approval.filter(|approval: &Approval| !approval.is_used_once());
            }
            Some(ControlKey::Approve(_)) => approval = decode_approval(value).ok(),
            None => {}
        }
    }
    let mut last: BTreeMap<AlertId, Alert> = BTreeMap::new();
    let mut tombstones = BTreeSet::new();
    for (_, record) in topics.alert.committed(alerts_from) {
        let key = core::str::from_utf8(record.key.as_deref().unwrap()).unwrap();
        let alert_id = AlertId::parse(key).unwrap();
        if let Some(value) = &record.value {
            last.insert(alert_id, World::alert_of(said, value).clone());
        } else {
            last.remove(&alert_id);
            tombstones.insert(alert_id);
        }
    }
    let known: Option<&clockstop_schemas::Control> = control.as_ref().ok().and_then(Option::as_ref);
    let from = reading_from(restored, known, accepted);
    let mut inputs = [Span::default(); 3];
    for ((span, log), from) in inputs.iter_mut().zip(&topics.inputs).zip(from) {
        let high = log.end_of_all();
        let any = log.next(from.max(log.begin())).is_some();
        *span = Span {
            begin: log.begin(),
            end: if any { high } else { from },
            high,
        };
    }
    let counted = known.map(|control| control.partitions);
    Some(Found {
        said: last.into_values().collect(),
        tombstones,
        alert_end: topics.alert.end_of_all(),
        control,
        approval,
        counted,
        control_at,
        inputs,
        identity: Identity::default(),
    })
}
