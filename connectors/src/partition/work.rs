//! What a partition has learned, decided and said since it began or started over.

mod beginning;
mod deciding;
mod saying;
mod taking;

use super::appends::Appends;
use super::behind::Behind;
use super::found::Identity;
use super::gate::Gate;
use super::guard::Guard;
use super::mark::{Mark, Progress};
use super::outbox::Outbox;
use super::refusals::Refusals;
use crate::board::Counts;
use crate::calendar::Calendar;
use crate::judge::Kept;
use clockstop_pipeline::{AlertId, Because, Day, Engine, Topic, Transition};
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// With so many dead letters waiting, reading stops until half of them are written.
const LETTERS_LIMIT: usize = 5_000;

/// What it has learned and said since it began or started over.
#[derive(Debug)]
pub(crate) struct Work {
    pub(super) engine: Engine,
    pub(super) outbox: Outbox,
    pub(super) gate: Gate,
    pub(super) guard: Guard,
    pub(super) behind: Behind,
    pub(super) refusals: Refusals,
    progress: Progress,
    appends: Appends,
    /// Bad records below were buried before.
    cursor: [i64; 3],
    group_is_known: bool,
    /// Records that were appended before were decided on, and those of just then below the cursor.
    news_from: Option<i64>,
    /// Inputs of which a record was read, so that the consumer's position on them means something.
    read: [bool; 3],
    waiting: VecDeque<Kept>,
    blocked_on: Option<u32>,
    choked: bool,
    first_time: bool,
    /// Why everything is to be judged anew before the next decision.
    anew: Option<Because>,
    /// The version of the reference tables that was decided by.
    reference: String,
    pub(super) decided: Option<Day>,
    /// When the first record was appended that is not decided on; that what is being said goes back to; and
    /// that what was said last went back to.
    undecided_since: Option<i64>,
    saying_since: Option<i64>,
    said_since: Option<i64>,
    /// The log time up to which everything is said.
    said_time: Option<i64>,
    identity: Identity,
    accepted_from: [i64; 3],
    alert_position: i64,
    control_position: i64,
    tombstones: BTreeSet<AlertId>,
    /// Alerts that stay as they are because the history of their pathways is lost.
    left_standing: usize,
    /// The last point at which a checkpoint can be cut.
    mark: Option<Mark>,
    /// Up to where it has read, as a checkpoint had it.
    restored: Option<Mark>,
    partitions: i32,
    /// What the transaction under way records as closed.
    closing: Option<Day>,
    pub(super) transitions: [u64; Transition::ALL.len()],
}

/// What became of a record that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Done,
    /// It and those after it wait: for a schema, for midnight, or for somebody to look at what is sent.
    Waits,
    /// It waits for a schema for which the registry must be asked.
    Asks(u32),
    /// It lacks the broker's time.
    NotStamped(Topic),
}

/// What the broker said of a transaction that it committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The offset after the last alert, where there were any.
    pub(crate) alert_end: Option<i64>,
    /// The offset of the control record.
    pub(crate) control_at: Option<i64>,
    /// When the control record was appended, and how far this machine's clock was ahead of that, in
    /// milliseconds.
    pub(crate) stamp: Option<(i64, i64)>,
}

impl Work {
    pub(crate) fn new(engine: Engine, calendar: Calendar, now: Instant) -> Self {
        Self {
            engine,
            outbox: Outbox::default(),
            gate: Gate::new(calendar),
            guard: Guard::default(),
            behind: Behind::new(now),
            refusals: Refusals::default(),
            progress: Progress::default(),
            appends: Appends::default(),
            cursor: [0; 3],
            group_is_known: false,
            news_from: None,
            read: [false; 3],
            waiting: VecDeque::new(),
            blocked_on: None,
            choked: false,
            first_time: false,
            anew: None,
            reference: String::new(),
            decided: None,
            undecided_since: None,
            saying_since: None,
            said_since: None,
            said_time: None,
            identity: Identity::default(),
            accepted_from: [0; 3],
            alert_position: 0,
            control_position: 0,
            tombstones: BTreeSet::new(),
            left_standing: 0,
            mark: None,
            restored: None,
            partitions: 0,
            closing: None,
            transitions: [0; Transition::ALL.len()],
        }
    }

    /// For whoever copies it.
    pub(crate) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// How far the inputs are learned and what became of the records.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How much older than its oldest unread record may be, for the metrics.
    pub(crate) fn unread_for(&self, now: Instant) -> Duration {
        self.behind.age(now)
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.progress.counts
    }
}

fn of(offsets: [i64; 3], topic: Topic) -> i64 {
    let mut named = offsets.into_iter().zip(Topic::ALL);
    named
        .find(|(_, of)| *of == topic)
        .map_or(0, |(offset, _)| offset)
}
