//! What the threads beside a worker's loop do: fence, load, find and commit, a step at a time.

use super::{Process, TEMPO};
use crate::partition::{Event, Loss, Receipt};
use crate::simulation::found::found;
use crate::simulation::world::{Fault, World};
use clockstop_pipeline::{Alert, AlertId};
use clockstop_schemas::decode_control;

/// What a sink was told to do.
#[derive(Debug)]
pub(in crate::simulation) enum Order {
    Fence,
    Load,
    Find,
    Commit(Box<Commit>),
}

/// A transaction on its way.
#[derive(Debug)]
pub(in crate::simulation) struct Commit {
    pub(super) stage: u8,
    pub(super) transaction: u64,
    pub(super) epoch: u64,
    pub(super) generation: u64,
    pub(super) said: Vec<(AlertId, Option<Alert>)>,
    pub(super) letters: Vec<String>,
    pub(super) control: Vec<u8>,
    pub(super) offsets: [i64; 3],
    pub(super) receipt: Receipt,
}

impl Process {
    /// Carries the next order out, or a part of it.
    pub(in crate::simulation) fn carry_out(&mut self, world: &mut World) {
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
}
