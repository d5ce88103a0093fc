//! The loop of a worker: wakes, records, what is due, and the end.

use super::speaking::{Urgency, speak};
use super::{Wake, Worker};
use crate::partition::State;
use crate::publisher::RowsRequest;
use crate::shard::Shard;
use clockstop_pipeline::Topic;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

const IDLE: Duration = Duration::from_millis(50);
const POSITIONS_EVERY: Duration = Duration::from_millis(20);
const SHOW_EVERY: Duration = Duration::from_millis(200);
const DRAIN_LIMIT: Duration = Duration::from_secs(20);

impl Worker {
    pub(super) fn run(mut self, wakes: &Receiver<Wake>) {
        loop {
            while let Ok(wake) = wakes.try_recv() {
                self.wake(wake);
            }
            let busy = self.draining_until.is_none() && self.read();
            self.ask_again();
            self.advance();
            self.tend();
            self.shared.board.beat(self.number);
            if self.is_drained() {
                break;
            }
            if !busy && let Ok(wake) = wakes.recv_timeout(self.idle()) {
                self.wake(wake);
            }
        }
        self.end();
    }

    fn idle(&self) -> Duration {
        let now = Instant::now();
        let speaks = self
            .shards
            .values()
            .map(|shard| shard.speaks_at.saturating_duration_since(now));
        let soonest = speaks.filter(|left| !left.is_zero()).min();
        soonest.map_or(IDLE, |left| left.min(IDLE))
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Arrived => {}
            Wake::Reported {
                partition,
                tenure,
                round,
                report,
            } => {
                let shard = self.shards.get(&partition);
                if shard.is_some_and(|shard| shard.tenure == tenure && shard.round == round) {
                    self.reported(partition, report);
                }
            }
            Wake::Answered { id, answer } => self.answered(id, &answer),
            Wake::Rows(request) => self.hand_over(&request),
            Wake::Drain => {
                self.draining_until
                    .get_or_insert_with(|| Instant::now() + DRAIN_LIMIT);
            }
        }
    }

    fn hand_over(&self, request: &RowsRequest) {
        let live = self
            .shards
            .iter()
            .filter(|(_, shard)| *shard.life.state() == State::Live);
        for (&partition, shard) in live {
            let today = self.shared.calendar.today();
            match shard.work.rows(partition, today, &request.planes) {
                // A publisher that waits no longer lists the partition as missing.
                Ok(rows) => drop(request.reply.send(rows)),
                Err(error) => tracing::error!(partition, %error, "cannot make rows"),
            }
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
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            let at = Topic::ALL.map(|topic| positions.get(&(topic, number)).copied());
            if let Some(shard) = self.shards.get_mut(&number).filter(|shard| shard.flows) {
                let reached = shard.reached(at);
                self.step(number, reached);
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
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            if let Err(error) = self.start_over(number) {
                tracing::warn!(partition = number, %error, "cannot go back to the beginning; tried again");
            }
            let urgency = match self.draining_until {
                Some(_) => Urgency::Drains,
                None => Urgency::Ordinary,
            };
            if let Some(shard) = self.shards.get_mut(&number) {
                if shard.again.is_some_and(|at| at <= now) {
                    shard.order_again();
                }
                speak(shard, &self.shared, &self.source, urgency);
            }
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
        self.shards.values().all(Shard::is_drained) || Instant::now() >= until
    }

    /// Ends the sinks, leaves the group, and waits for every thread it started.
    fn end(mut self) {
        let numbers: Vec<_> = self.shards.keys().copied().collect();
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
