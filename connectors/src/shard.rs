//! Everything that a worker keeps of one partition it holds.

use crate::board::{Counts, Partition, Recent};
use crate::judge::{Judge, Kept, View};
use crate::kafka::recovery::Found;
use crate::kafka::sink::{Order, Round, Said, Sink};
use crate::outbox::{Load, Outbox, Settled};
use crate::partition::{Event, Life, State};
use crate::publish::{PartitionRows, collect};
use crate::schema_wait::{Meeting, SchemaWait};
use arrow::error::ArrowError;
use clockstop_pipeline::{Alert, Because, Day, Engine, Notice, Topic, Transition};
use clockstop_schemas::{Plane, Refusal, encode_alert, frame};
use std::collections::VecDeque;
use std::time::Instant;

/// With so many dead letters waiting, reading stops until half of them are written.
const LETTERS_LIMIT: usize = 5_000;

/// One partition in one assignment.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) tenure: u64,
    pub(crate) life: Life,
    pub(crate) round: Round,
    pub(crate) sink: Sink,
    /// When the last order is to be given again.
    pub(crate) again: Option<Instant>,
    /// Whether it is to start over once the group has been polled.
    pub(crate) starts_over: bool,
    /// Whether the consumer reads it.
    pub(crate) flows: bool,
    /// Not before then is anything sent.
    pub(crate) speaks_at: Instant,
    /// Not before then are offsets sent alone.
    pub(crate) offsets_at: Instant,
    pub(crate) work: Work,
}

/// What it has learned and said since it began or started over.
#[derive(Debug)]
pub(crate) struct Work {
    engine: Engine,
    counts: Counts,
    pub(crate) outbox: Outbox,
    cursor: [i64; 3],
    learned: [i64; 3],
    waiting: VecDeque<Kept>,
    blocked_on: Option<u32>,
    choked: bool,
    first_time: bool,
    decided: Option<Day>,
    transitions: [u64; Transition::ALL.len()],
}

/// What became of a record that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Done,
    /// It and those after it wait for a schema; with this id the registry must be asked.
    Waits(Option<u32>),
    /// It lacks the broker's time.
    NotStamped(Topic),
}

impl Work {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            counts: Counts::default(),
            outbox: Outbox::default(),
            cursor: [0; 3],
            learned: [0; 3],
            waiting: VecDeque::new(),
            blocked_on: None,
            choked: false,
            first_time: false,
            decided: None,
            transitions: [0; Transition::ALL.len()],
        }
    }

    /// Bad records below these offsets were dead-lettered before.
    pub(crate) fn begin_at(&mut self, cursor: [i64; 3]) {
        self.cursor = cursor;
        self.outbox = Outbox::new(cursor);
    }

    /// Takes what was read back as said.
    pub(crate) fn remember(&mut self, found: &Found) {
        self.first_time = found.silent;
        for alert in &found.said {
            self.engine.recall(alert);
        }
    }

    pub(crate) fn unknown_alerts(&self) -> usize {
        self.engine.unknown_alerts().len()
    }

    /// Takes a record in, or keeps it where one before it waits.
    pub(crate) fn take(
        &mut self,
        view: &View<'_>,
        judge: &Judge,
        schemas: &mut SchemaWait,
    ) -> Taken {
        if self.blocked_on.is_some() {
            self.waiting.push_back(view.keep());
            return Taken::Waits(None);
        }
        if judge.lacks_stamp(view) {
            return Taken::NotStamped(view.position.topic);
        }
        match judge.judge(view, self.engine.texts_mut()) {
            Ok(decoded) => {
                let learned = self.engine.learn(&decoded.pathway, &decoded.report);
                self.counts.learned(learned);
            }
            Err(Refusal::UnknownSchema { id }) => match schemas.meet(id) {
                Meeting::Refuse => self.refuse(view, judge, &Refusal::UnknownSchema { id }),
                meeting @ (Meeting::Ask | Meeting::Wait) => {
                    self.blocked_on = Some(id);
                    self.waiting.push_back(view.keep());
                    return Taken::Waits(Some(id).filter(|_| meeting == Meeting::Ask));
                }
            },
            Err(refusal) => self.refuse(view, judge, &refusal),
        }
        self.pass(view);
        Taken::Done
    }

    fn refuse(&mut self, view: &View<'_>, judge: &Judge, refusal: &Refusal) {
        self.counts.refused(refusal.reason());
        if view.position.offset >= of(self.cursor, view.position.topic) {
            self.outbox.bury(judge.letter(view, refusal));
            self.choked |= self.outbox.waiting_letters() >= LETTERS_LIMIT;
        }
    }

    fn pass(&mut self, view: &View<'_>) {
        let mut named = self.learned.iter_mut().zip(Topic::ALL);
        if let Some((learned, _)) = named.find(|(_, topic)| *topic == view.position.topic) {
            *learned = view.position.offset + 1;
        }
    }

    /// Takes the records in that waited for the schema.
    pub(crate) fn unblock(&mut self, id: u32, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        if self.blocked_on != Some(id) {
            return Taken::Done;
        }
        self.blocked_on = None;
        let mut result = Taken::Done;
        for kept in core::mem::take(&mut self.waiting) {
            match self.take(&kept.view(), judge, schemas) {
                Taken::Done | Taken::Waits(None) => {}
                taken @ (Taken::Waits(Some(_)) | Taken::NotStamped(_)) => result = taken,
            }
        }
        result
    }

    /// Moves over what holds no records, up to the consumer's positions; an input of which nothing has
    /// been learned has none that could be trusted.
    pub(crate) fn reach(&mut self, positions: [Option<i64>; 3]) -> [i64; 3] {
        if self.blocked_on.is_none() {
            for (learned, position) in self.learned.iter_mut().zip(positions) {
                if *learned > 0 {
                    *learned = position.map_or(*learned, |position| position.max(*learned));
                }
            }
        }
        self.learned
    }

    /// Decides for the days that have come, until there is something to say.
    pub(crate) fn decide(&mut self, today: Day) {
        while self.outbox.may_reconcile() {
            let day = self
                .decided
                .map_or(today, |last| last.plus(1).min(today).max(last));
            let mut notices = self.engine.reconcile(day);
            if notices.is_empty() {
                let done = self.decided == Some(day) || day == today;
                self.decided = Some(day);
                if done {
                    return;
                }
            } else {
                self.mark_first(&mut notices);
                self.outbox.say(notices, day, self.learned);
            }
        }
    }

    fn mark_first(&self, notices: &mut [Notice]) {
        for notice in notices
            .iter_mut()
            .filter(|_| self.first_time && self.decided.is_none())
        {
            if let Notice::Alert(alert) = notice {
                alert.because = Because::Baseline;
            }
        }
    }

    /// The rows of a snapshot, as far as decided; before the first decision, of today.
    pub(crate) fn rows(
        &self,
        partition: i32,
        today: Day,
        planes: &[Plane],
    ) -> Result<PartitionRows, ArrowError> {
        let day = self.decided.unwrap_or(today);
        collect(&self.engine, day, partition, self.learned, planes)
    }

    /// Whether there is anything but offsets to send.
    pub(crate) fn has_something(&self) -> bool {
        self.outbox.has_notices() || self.outbox.waiting_letters() > 0
    }

    /// Whether the group's offsets are behind what has been learned.
    pub(crate) fn has_offsets(&self) -> bool {
        let committed = self.outbox.committed();
        self.learned
            .iter()
            .zip(committed)
            .any(|(&learned, at)| learned > at)
    }

    /// The next transaction's load.
    pub(crate) fn load(&mut self) -> Load<'_> {
        self.outbox.take(self.learned)
    }

    /// Takes what was committed as said; returns what others may be told of it.
    pub(crate) fn settle(&mut self) -> Vec<Recent> {
        let Some(Settled { notices, day, .. }) = self.outbox.commit() else {
            return Vec::new();
        };
        self.decided = day.or(self.decided);
        self.choked &= self.outbox.waiting_letters() > LETTERS_LIMIT / 2;
        let mut recent = Vec::with_capacity(notices.len());
        for notice in notices {
            match notice {
                Notice::Alert(alert) => {
                    self.engine.recall(&alert);
                    self.count(alert.transition);
                    recent.push(told(*alert));
                }
                Notice::Erasure { alert_id, pathway } => {
                    self.engine.recall_erasure(&pathway, alert_id);
                }
            }
        }
        recent
    }

    fn count(&mut self, transition: Transition) {
        let mut counts = self.transitions.iter_mut().zip(Transition::ALL);
        if let Some((count, _)) = counts.find(|(_, of)| *of == transition) {
            *count += 1;
        }
    }
}

impl Shard {
    /// Whether a record that was read is taken in; one that is not is read again after starting over.
    pub(crate) fn takes_records(&self) -> bool {
        matches!(self.life.state(), State::Replaying | State::Live) && !self.starts_over
    }

    /// Whether more records are wanted now.
    pub(crate) fn wants_records(&self) -> bool {
        self.takes_records() && self.work.blocked_on.is_none() && !self.work.choked
    }

    /// Whether everything it learned and refused is committed, or never will be.
    pub(crate) fn is_drained(&self) -> bool {
        let work = &self.work;
        let idle = !work.outbox.in_flight() && !work.has_something() && !work.has_offsets();
        idle || *self.life.state() != State::Live
    }

    pub(crate) fn order(&self, order: Order) {
        self.sink.order(self.round, order);
    }

    /// Gives the order that the state waits for.
    pub(crate) fn order_again(&mut self) {
        self.again = None;
        match self.life.state() {
            State::Fencing => self.order(Order::Fence),
            State::ReadingBack => self.order(Order::Find),
            State::Replaying | State::Live | State::Refused(_) | State::Lost => {}
        }
    }

    /// The event of having read up to these positions.
    pub(crate) fn reached(&mut self, positions: [Option<i64>; 3]) -> Event {
        Event::Reached(self.work.reach(positions))
    }

    /// What others may see of it.
    pub(crate) fn shown(&self) -> Partition {
        let work = &self.work;
        Partition {
            tenure: self.tenure,
            state: self.life.state().clone(),
            counts: work.counts.clone(),
            learned: work.learned,
            committed: work.outbox.committed(),
            decided: work.decided,
            waiting_letters: work.outbox.waiting_letters(),
            waits_for_schema: work.blocked_on,
            standing: *work.engine.standing(),
            pathways: work.engine.pathways(),
            open_pathways: work.engine.open_pathways(),
            transitions: work.transitions,
        }
    }
}

/// The alerts of a load as they are written; `schema` is the id of the alert schema.
pub(crate) fn written(notices: &[Notice], schema: u32) -> Vec<Said> {
    let said = notices.iter().map(|notice| match notice {
        Notice::Alert(alert) => {
            let mut value = Vec::new();
            frame(schema, &mut value);
            encode_alert(alert, &mut value);
            Said {
                key: alert.alert_id.to_string(),
                value: Some(value),
            }
        }
        Notice::Erasure { alert_id, .. } => Said {
            key: alert_id.to_string(),
            value: None,
        },
    });
    said.collect()
}

fn told(alert: Alert) -> Recent {
    Recent {
        alert_id: alert.alert_id,
        standard: alert.standard,
        transition: alert.transition,
        content: alert.content,
        decided_on: alert.decided_on,
    }
}

fn of(offsets: [i64; 3], topic: Topic) -> i64 {
    let mut named = offsets.into_iter().zip(Topic::ALL);
    named
        .find(|(_, of)| *of == topic)
        .map_or(0, |(offset, _)| offset)
}
