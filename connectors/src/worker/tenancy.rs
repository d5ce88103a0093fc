//! Partitions come, start over and go; each is read exactly while its records are wanted.

use super::{Wake, Worker};
use crate::kafka::sink::{Order, Sink};
use crate::kafka::source::Place;
use crate::partition::{Action, Event, Life, State};
use crate::registry::Registry;
use crate::shard::{Shard, Work};
use clockstop_pipeline::{Engine, Topic};
use rdkafka::error::KafkaResult;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Assignments of this process are numbered, so that what belongs to an earlier one is known.
static TENURES: AtomicU64 = AtomicU64::new(1);

impl Worker {
    pub(super) fn given(&mut self, places: &[Place]) {
        for &(topic, partition) in places {
            let held = self.held.entry(partition).or_default();
            held.insert(topic);
            if held.len() == Topic::ALL.len() && !self.shards.contains_key(&partition) {
                match self.open(partition) {
                    Ok(shard) => {
                        self.shards.insert(partition, shard);
                        self.act(partition, Action::Fence);
                    }
                    Err(error) => tracing::error!(partition, %error, "cannot run the partition"),
                }
            }
        }
    }

    pub(super) fn open(&self, number: i32) -> std::io::Result<Shard> {
        let tenure = TENURES.fetch_add(1, Ordering::Relaxed);
        let waker = self.waker.clone();
        let sink = Sink::start(
            self.shared.clients.clone(),
            Registry::new(&self.shared.registry_url),
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
        let now = Instant::now();
        Ok(Shard {
            tenure,
            life: Life::begin(),
            round: 0,
            sink,
            again: None,
            starts_over: false,
            flows: false,
            speaks_at: now,
            offsets_at: now,
            work: self.blank(),
        })
    }

    pub(super) fn blank(&self) -> Work {
        let software = env!("CARGO_PKG_VERSION");
        let engine = Engine::new(
            self.shared.alert_key,
            self.shared.reference.clone(),
            software,
        );
        Work::new(engine)
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
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        let before = shard.life.state().name();
        let action = shard.life.step(event, Instant::now());
        let after = shard.life.state().name();
        if before != after {
            tracing::info!(partition, from = before, to = after, "partition");
        }
        self.act(partition, action);
    }

    pub(super) fn act(&mut self, partition: i32, action: Action) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        match action {
            Action::Wait => return,
            Action::Fence => shard.order(Order::Fence),
            Action::Find => shard.order(Order::Find),
            Action::Again(after) => shard.again = Some(Instant::now() + after),
            Action::Replay => {}
            Action::Examine => {
                let unknown = shard.work.unknown_alerts();
                return self.step(partition, Event::Replayed { unknown });
            }
            Action::Speak => shard.speaks_at = Instant::now(),
            Action::StartOver => {
                shard.round += 1;
                shard.starts_over = true;
            }
            Action::Refuse => {
                if let State::Refused(reason) = shard.life.state() {
                    tracing::error!(partition, %reason, "the partition is refused: nothing is said for it");
                }
            }
            Action::Leave => return self.close(partition),
        }
        self.regulate(partition);
        self.show(partition);
    }

    pub(super) fn close(&mut self, partition: i32) {
        if let Some(shard) = self.shards.remove(&partition) {
            self.shared.board.remove(partition, shard.tenure);
            self.leaving.push(shard.sink.close());
        }
    }

    /// Lets the consumer read the partition exactly while its records are wanted.
    pub(super) fn regulate(&mut self, partition: i32) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        let wants = shard.wants_records() && self.draining_until.is_none();
        if wants == shard.flows {
            return;
        }
        let done = if wants {
            self.source.resume(partition)
        } else {
            self.source.pause(partition)
        };
        match done {
            Ok(()) => shard.flows = wants,
            Err(error) => tracing::warn!(partition, %error, "cannot pause or resume; tried again"),
        }
    }

    pub(super) fn show(&self, partition: i32) {
        if let Some(shard) = self.shards.get(&partition) {
            self.shared.board.show(partition, shard.shown());
        }
    }

    pub(super) fn start_over(&mut self, number: i32) -> KafkaResult<()> {
        let blank = self.blank();
        let Some(shard) = self
            .shards
            .get_mut(&number)
            .filter(|shard| shard.starts_over)
        else {
            return Ok(());
        };
        self.source.rewind(number)?;
        shard.flows = false;
        shard.starts_over = false;
        shard.work = blank;
        shard.order(Order::Fence);
        Ok(())
    }
}
