//! One partition in one assignment: its life and its work, without a broker, a store or a clock.
//!
//! Whoever runs it gives it what happened and does what it answers. The worker does so with Kafka and an
//! object store, the simulation with logs in memory.

use super::found::{Basis, Found, Loss, start};
use super::life::{Action, Event, Life};
use super::mark::{Mark, Restored};
use super::outbox::Load;
use super::state::{Refused, State};
use super::work::{Receipt, Taken, Work};
use crate::board::{Checkpoint, Measured, Partition, Recent};
use crate::judge::{Judge, View};
use crate::schema_wait::SchemaWait;
use clockstop_pipeline::{Day, Topic};
use clockstop_schemas::{Approval, Control};
use std::time::{Duration, Instant};

/// This machine's clock and the broker's may be so far apart.
const CLOCK_LIMIT_MILLIS: i64 = 5 * 60 * 1_000;
/// A control record is written at least so often.
const CONTROL_EVERY: Duration = Duration::from_secs(10);
const AFTER_ABORT: Duration = Duration::from_millis(200);

/// The present, as whoever runs the partition has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    /// The London date.
    pub(crate) today: Day,
    /// Milliseconds since 1970.
    pub(crate) millis: i64,
}

/// How often things are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tempo {
    /// Between two transactions.
    pub(crate) transactions: Duration,
    /// Between two transactions that carry offsets only.
    pub(crate) offsets: Duration,
}

/// Whether offsets alone may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    Ordinary,
    Drains,
}

/// One partition in one assignment.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) number: i32,
    life: Life,
    pub(crate) work: Work,
    /// When the last order is to be given again.
    again: Option<Instant>,
    /// Whether it is to start over once the group has been polled.
    starts_over: bool,
    /// Not before then is anything sent.
    speaks_at: Instant,
    /// Not before then are offsets sent alone.
    offsets_at: Instant,
    /// By then a control record is due.
    control_at: Instant,
    since: Instant,
}

impl Shard {
    /// Begins; the first thing to be done is to fence.
    pub(crate) fn begin(number: i32, work: Work, now: Instant) -> Self {
        Self {
            number,
            life: Life::begin(),
            work,
            again: None,
            starts_over: false,
            speaks_at: now,
            offsets_at: now,
            control_at: now,
            since: now,
        }
    }

    pub(crate) fn state(&self) -> &State {
        self.life.state()
    }

    /// Since when it is in its state.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// When something can be sent next.
    pub(crate) fn speaks_at(&self) -> Instant {
        self.speaks_at
    }

    /// Takes what happened in; what is to be done is returned.
    pub(crate) fn step(&mut self, event: Event, at: Moment) -> Action {
        let before = self.life.state().name();
        let mut action = self.life.step(event, at.now);
        if action == Action::Examine {
            let mut unknown = self.work.unknown_alerts();
            if self.work.is_accepted() {
                self.work.leave_standing(unknown.len());
                unknown.clear();
            }
            action = self.life.step(Event::Replayed { unknown }, at.now);
        }
        if self.life.state().name() != before {
            self.since = at.now;
        }
        match action {
            Action::Again(after) | Action::Refuse(Some(after)) => self.again = Some(at.now + after),
            Action::StartOver => self.starts_over = true,
            Action::Speak | Action::Replay => {
                // One of the replay lies behind what is known by now, and would be replayed from again.
                self.work.forget_mark();
                self.speaks_at = at.now;
                self.control_at = at.now;
            }
            Action::Wait
            | Action::Fence
            | Action::Load
            | Action::Find
            | Action::Examine
            | Action::Refuse(None)
            | Action::Leave => {}
        }
        action
    }

    /// Earlier writers are shut out; these are the group's offsets, where they can be read.
    pub(crate) fn fenced(&mut self, cursor: Option<[i64; 3]>, at: Moment) -> Action {
        self.work.begin_at(cursor);
        self.step(Event::Fenced, at)
    }

    /// A checkpoint was loaded, or there is none.
    pub(crate) fn loaded(&mut self, restored: Option<Restored>, at: Moment) -> Action {
        if *self.life.state() != State::Loading {
            return Action::Wait;
        }
        if let Some(restored) = restored {
            self.work.restore(restored);
        }
        self.step(Event::Loaded, at)
    }

    /// The alerts are read back.
    pub(crate) fn found(&mut self, found: &Found, basis: &Basis, at: Moment) -> Action {
        if *self.life.state() != State::ReadingBack {
            return Action::Wait;
        }
        if !self.work.knows_cursor(found) {
            let reason = "neither the group's offsets nor a control record can be read";
            return self.unsettled(Loss::Interrupted(reason.to_owned()), at);
        }
        match start(found, self.work.restored(), basis, self.number) {
            Ok(start) => {
                self.work.remember(found, &start, basis, at.today);
                if let Some(approval) = &found.approval {
                    self.work.approve(approval, basis, at.millis);
                }
                self.step(Event::Found(start.ends), at)
            }
            Err(reason) => self.step(Event::Barred(reason), at),
        }
    }

    /// The transaction was committed; returns what others may be told of it, too.
    pub(crate) fn committed(
        &mut self,
        receipt: &Receipt,
        tempo: Tempo,
        at: Moment,
    ) -> (Vec<Recent>, Action) {
        let recent = self.work.settle(receipt, at.now);
        let more = self.work.outbox.has_notices();
        self.speaks_at = at.now
            + if more {
                Duration::ZERO
            } else {
                tempo.transactions
            };
        let off = receipt.stamp.map_or(0, |(_, off)| off);
        if off.abs() > CLOCK_LIMIT_MILLIS {
            let seconds = off / 1_000;
            let barred = Event::Barred(Refused::ClockOff { seconds });
            return (recent, self.step(barred, at));
        }
        (recent, Action::Wait)
    }

    /// Nothing of the transaction is visible.
    pub(crate) fn aborted(&mut self, at: Moment) {
        self.work.outbox.abort();
        self.speaks_at = at.now + AFTER_ABORT;
        self.control_at = self.speaks_at;
    }

    /// It is not known whether the transaction was committed.
    pub(crate) fn unsettled(&mut self, loss: Loss, at: Moment) -> Action {
        self.step(Event::Unsettled(loss), at)
    }

    /// The consumer's positions.
    pub(crate) fn reached(&mut self, positions: [Option<i64>; 3], at: Moment) -> Action {
        let learned = self.work.reach(positions);
        self.step(Event::Reached(learned), at)
    }

    /// The inputs ended so when they were asked.
    pub(crate) fn ended(&mut self, ends: [i64; 3], asked: Instant) {
        let learned = self.work.progress().offsets;
        self.work.behind.ended(ends, asked, learned);
        self.work.gate.ended(ends, asked);
    }

    /// An operator's word.
    pub(crate) fn approve(&mut self, approval: &Approval, basis: &Basis, at: Moment) {
        self.work.approve(approval, basis, at.millis);
        self.speaks_at = at.now;
    }

    /// Takes a record in.
    pub(crate) fn take(
        &mut self,
        view: &View<'_>,
        judge: &Judge,
        schemas: &mut SchemaWait,
    ) -> Option<Taken> {
        self.takes_records()
            .then(|| self.work.take(view, judge, schemas))
    }

    /// The order that has waited long enough to be given again.
    pub(crate) fn due(&mut self, at: Moment) -> Action {
        if self.again.is_none_or(|due| due > at.now) {
            return Action::Wait;
        }
        self.again = None;
        match self.life.state() {
            State::Fencing if self.starts_over => Action::Wait,
            State::Fencing => Action::Fence,
            State::Loading => Action::Load,
            State::ReadingBack => Action::Find,
            State::Refused(_) => self.step(Event::TriedAgain, at),
            State::Replaying | State::Live | State::Lost => Action::Wait,
        }
    }

    /// Whether it is to start over; the group has to be polled first, for it may be no longer ours.
    pub(crate) fn starts_over(&self) -> bool {
        self.starts_over
    }

    /// Starts over with nothing learned; the next thing to be done is to fence.
    pub(crate) fn start_over(&mut self, work: Work) -> Action {
        self.starts_over = false;
        self.work = work;
        Action::Fence
    }

    /// Whether a record that was read is taken in; one that is not is read again after starting over.
    pub(crate) fn takes_records(&self) -> bool {
        matches!(self.life.state(), State::Replaying | State::Live) && !self.starts_over
    }

    /// Whether more records of an input are wanted now.
    pub(crate) fn wants(&self, topic: Topic) -> bool {
        self.takes_records() && self.work.wants(topic)
    }

    /// Whether it may decide: it is live and not behind its inputs.
    fn decides(&self, at: Moment) -> bool {
        *self.life.state() == State::Live && !self.work.behind.is_behind(at.now)
    }

    /// Decides what is due and returns the next transaction, if there is anything to send and none is
    /// under way.
    pub(crate) fn speak(
        &mut self,
        basis: &Basis,
        tempo: Tempo,
        urgency: Urgency,
        at: Moment,
    ) -> Option<(Load<'_>, Control)> {
        if !self.takes_records() || self.work.outbox.in_flight() || at.now < self.speaks_at {
            return None;
        }
        self.work.expire(at.millis);
        let live = *self.life.state() == State::Live;
        if self.decides(at) {
            self.work.decide(at.today, basis);
        }
        let urgent = urgency == Urgency::Drains || at.now >= self.offsets_at;
        let offsets_due = live && urgent && self.work.has_offsets();
        let control_due = at.now >= self.control_at;
        if !self.work.has_something() && !offsets_due && !control_due {
            self.speaks_at = at.now + tempo.transactions;
            return None;
        }
        self.offsets_at = at.now + tempo.offsets;
        self.control_at = at.now + CONTROL_EVERY;
        Some(self.work.load(basis))
    }

    /// The day whose rows must be taken before anything else is learned.
    pub(crate) fn closable(&self) -> Option<Day> {
        self.takes_records().then(|| self.work.closable()).flatten()
    }

    /// The point at which a checkpoint can be cut now.
    pub(crate) fn take_mark(&mut self) -> Option<Mark> {
        if *self.life.state() == State::Live {
            self.work.take_mark()
        } else {
            None
        }
    }

    /// Whether everything it learned and refused is committed, or never will be.
    pub(crate) fn is_drained(&self) -> bool {
        let work = &self.work;
        let sent = !work.outbox.in_flight() && !work.has_something() && !work.has_offsets();
        (sent && work.is_settled()) || *self.life.state() != State::Live
    }

    /// What others may see of it.
    pub(crate) fn shown(&self, tenure: u64, now: Instant) -> Partition {
        let work = &self.work;
        Partition {
            tenure,
            state: self.life.state().clone(),
            behind: *self.life.state() == State::Live && work.behind.is_behind(now),
            unread_for: work.unread_for(now),
            lag: work.behind.lag(),
            counts: work.counts().clone(),
            learned: work.progress().offsets,
            committed: work.outbox.committed(),
            decided: work.decided,
            closed_through: work.gate.stored(),
            closing_due: work.gate.due(),
            waiting_letters: work.outbox.waiting_letters(),
            waits_for_schema: work.waits_for_schema(),
            waits_for_store: None,
            too_many_refused: work.refusals.too_many(),
            held: work.guard.held().clone(),
            parked: work.engine.parked(),
            left_standing: work.left_standing(),
            standing: *work.engine.standing(),
            pathways: work.engine.pathways(),
            open_pathways: work.engine.open_pathways(),
            transitions: work.transitions,
            checkpoint: Checkpoint::default(),
            measured: Measured::default(),
        }
    }
}
