//! What a partition has learned, decided and said since it began or started over.

use super::behind::Behind;
use super::found::{Basis, Days, Found, Identity, Start};
use super::gate::Gate;
use super::guard::{Guard, Occasion, Sifted, Situation};
use super::mark::{Mark, Progress, Restored};
use super::outbox::{Load, Outbox, Settled};
use super::refusals::Refusals;
use crate::board::{Counts, Recent};
use crate::calendar::Calendar;
use crate::judge::{Judge, Kept, View};
use crate::kafka::source::Stamp;
use crate::schema_wait::{Meeting, SchemaWait};
use clockstop_pipeline::{
    Alert, AlertId, Because, Day, Engine, FOLD_VERSION, Notice, Topic, Transition,
};
use clockstop_schemas::{Approval, Control, Grant, Refusal};
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

    /// The group's offsets, read after the fence, where they can be read.
    pub(crate) fn begin_at(&mut self, cursor: Option<[i64; 3]>) {
        self.group_is_known = cursor.is_some();
        self.cursor = cursor.unwrap_or_default();
    }

    /// Whether it is known below which offsets bad records were buried: the group's offsets and the control
    /// record come from the same transactions, so either will do.
    pub(crate) fn knows_cursor(&self, found: &Found) -> bool {
        self.group_is_known || !matches!(found.control, Ok(None))
    }

    /// Goes on from a checkpoint.
    pub(crate) fn restore(&mut self, restored: Restored) {
        let Restored { engine, mark } = restored;
        self.engine = engine;
        self.progress = mark.progress.clone();
        self.alert_position = mark.alert_position;
        self.control_position = mark.control_position;
        self.restored = Some(mark);
    }

    /// From where the alert and the control topic are to be read back.
    pub(crate) fn positions(&self) -> (i64, i64) {
        (self.alert_position, self.control_position)
    }

    pub(crate) fn restored(&self) -> Option<&Mark> {
        self.restored.as_ref()
    }

    /// Takes what was read back as said, and begins where it may. `today` is the day of a first go-live.
    pub(crate) fn remember(&mut self, found: &Found, start: &Start, basis: &Basis, today: Day) {
        let control = found.control.as_ref().ok().and_then(Option::as_ref);
        let mark = self.restored.as_ref();
        let never = control.is_none() && mark.is_none();
        self.reference = control.map_or_else(
            || basis.reference.clone(),
            |control| control.reference.clone(),
        );
        self.anew = if self.reference != basis.reference {
            Some(Because::Rules)
        } else if control.is_some_and(|control| control.held > 0) {
            Some(Because::Facts)
        } else {
            None
        };
        self.decided = control
            .and_then(|control| control.decided)
            .max(mark.and_then(|mark| mark.decided));
        self.first_time = self.decided.is_none() && (!never || found.alert_end == 0);
        let closed = control
            .and_then(|control| control.closed_through)
            .max(mark.and_then(|mark| mark.closed_through));
        if basis.days == Days::Closed {
            self.gate.begin(closed.unwrap_or_else(|| today.plus(-1)));
        }
        self.partitions = basis.partitions;
        self.said_time = control.and_then(|control| control.log_time);
        self.news_from = self.said_time;
        self.guard = Guard::since(self.said_time);
        self.identity = found.identity.clone();
        self.accepted_from = start.accepted_from;
        self.alert_position = self.alert_position.max(found.alert_end);
        self.control_position = self.control_position.max(found.control_at);
        self.engine.set_history(start.history);
        self.progress.offsets = start.from;
        let recorded = control.map_or([0; 3], |control| control.cursors);
        for (place, (recorded, (from, anew))) in self.cursor.iter_mut().zip(
            recorded
                .into_iter()
                .zip(start.from.into_iter().zip(start.anew)),
        ) {
            *place = if anew { from } else { (*place).max(recorded) };
        }
        self.outbox = Outbox::new(self.cursor);
        for alert in &found.said {
            self.engine.recall(alert);
        }
        self.tombstones.clone_from(&found.tombstones);
    }

    /// Alerts of pathways that nothing is known of, once everything is replayed.
    pub(crate) fn unknown_alerts(&mut self) -> Vec<AlertId> {
        let tombstones = core::mem::take(&mut self.tombstones);
        if !tombstones.is_empty() {
            self.engine.recall_tombstones(&tombstones);
        }
        self.engine.unknown_alerts()
    }

    /// So many alerts of unknown pathways stay as they are, because their history is accepted as lost.
    pub(crate) fn leave_standing(&mut self, alerts: usize) {
        self.left_standing = alerts;
    }

    /// Alerts that stay as they are because the history of their pathways is lost.
    pub(crate) fn left_standing(&self) -> usize {
        self.left_standing
    }

    /// Whether an operator accepted that some of the history is lost.
    pub(crate) fn is_accepted(&self) -> bool {
        self.engine.history() == clockstop_pipeline::History::Short
    }

    /// Takes a record in, or keeps it where one before it waits.
    pub(crate) fn take(
        &mut self,
        view: &View<'_>,
        judge: &Judge,
        schemas: &mut SchemaWait,
    ) -> Taken {
        let topic = view.position.topic;
        if self.blocked_on.is_some() || self.gate.waits(topic) {
            self.waiting.push_back(view.keep());
            return Taken::Waits;
        }
        if judge.lacks_stamp(view) {
            return Taken::NotStamped(topic);
        }
        if let Stamp::Appended(at) = view.stamp {
            if self.gate.holds(topic, at) {
                self.waiting.push_back(view.keep());
                return Taken::Waits;
            }
            self.progress.log_time = self.progress.log_time.max(Some(at));
        }
        let is_news = self.is_news(view);
        match judge.judge(view, self.engine.texts_mut()) {
            Ok(decoded) => {
                if view.position.offset >= of(self.cursor, topic) {
                    self.refusals.good();
                }
                let learned = if is_news {
                    if let (None, Stamp::Appended(at)) = (self.undecided_since, view.stamp) {
                        self.undecided_since = Some(at);
                    }
                    self.engine.learn(&decoded.pathway, &decoded.report)
                } else {
                    self.engine.learn_again(&decoded.pathway, &decoded.report)
                };
                self.progress.counts.learned(learned);
            }
            Err(Refusal::UnknownSchema { id }) => match schemas.meet(id) {
                Meeting::Refuse => self.refuse(view, judge, &Refusal::UnknownSchema { id }),
                meeting @ (Meeting::Ask | Meeting::Wait) => {
                    self.blocked_on = Some(id);
                    self.waiting.push_back(view.keep());
                    return match meeting {
                        Meeting::Ask => Taken::Asks(id),
                        Meeting::Wait | Meeting::Refuse => Taken::Waits,
                    };
                }
            },
            Err(refusal) => self.refuse(view, judge, &refusal),
        }
        self.pass(view);
        if self.refusals.too_many() || self.choked {
            return Taken::Waits;
        }
        Taken::Done
    }

    /// Whether a record was not decided on before; those of one batch carry the same time.
    fn is_news(&self, view: &View<'_>) -> bool {
        let (Stamp::Appended(at), Some(from)) = (view.stamp, self.news_from) else {
            return true;
        };
        let position = &view.position;
        at > from || (at == from && position.offset >= of(self.cursor, position.topic))
    }

    fn refuse(&mut self, view: &View<'_>, judge: &Judge, refusal: &Refusal) {
        self.progress.counts.refused(refusal.reason());
        if view.position.offset >= of(self.cursor, view.position.topic) {
            self.refusals.bad();
            self.outbox.bury(judge.letter(view, refusal));
            self.choked |= self.outbox.waiting_letters() >= LETTERS_LIMIT;
        }
    }

    fn pass(&mut self, view: &View<'_>) {
        let inputs = self.progress.offsets.iter_mut().zip(&mut self.read);
        let mut named = inputs.zip(Topic::ALL);
        if let Some(((learned, read), _)) = named.find(|(_, topic)| *topic == view.position.topic) {
            *learned = view.position.offset + 1;
            *read = true;
        }
    }

    /// The rows of the day are in the store.
    pub(crate) fn stored(&mut self, day: Day) {
        self.gate.store(day);
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes the records in that waited for the schema.
    pub(crate) fn unblock(&mut self, id: u32, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        if self.blocked_on != Some(id) {
            return Taken::Done;
        }
        self.blocked_on = None;
        self.take_waiting(judge, schemas)
    }

    fn take_waiting(&mut self, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        let mut result = Taken::Done;
        for kept in core::mem::take(&mut self.waiting) {
            match self.take(&kept.view(), judge, schemas) {
                Taken::Waits if result == Taken::Done => result = Taken::Waits,
                Taken::Done | Taken::Waits => {}
                taken @ (Taken::Asks(_) | Taken::NotStamped(_)) => result = taken,
            }
        }
        result
    }

    /// Whether more records of an input are wanted now.
    pub(crate) fn wants(&self, topic: Topic) -> bool {
        self.blocked_on.is_none()
            && !self.choked
            && !self.refusals.too_many()
            && !self.gate.waits(topic)
    }

    /// The schema it waits for.
    pub(crate) fn waits_for_schema(&self) -> Option<u32> {
        self.blocked_on
    }

    /// How far the inputs are learned and what became of the records.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Moves over what holds no records, up to the consumer's positions; an input of which nothing was
    /// read since it began has an old one or none, and one that waits is not moved.
    pub(crate) fn reach(&mut self, positions: [Option<i64>; 3]) -> [i64; 3] {
        if self.blocked_on.is_none() {
            let inputs = self.progress.offsets.iter_mut().zip(self.read);
            for (((learned, read), topic), position) in inputs.zip(Topic::ALL).zip(positions) {
                if read && !self.gate.waits(topic) {
                    *learned = position.map_or(*learned, |position| position.max(*learned));
                }
            }
        }
        self.behind.reached(self.progress.offsets);
        self.progress.offsets
    }

    /// The day whose rows must be taken before anything else is learned.
    pub(crate) fn closable(&self) -> Option<Day> {
        if self.blocked_on.is_some() {
            return None;
        }
        self.gate.closable(self.progress.offsets)
    }

    /// The rows of the day are taken: what waited for midnight is learned.
    pub(crate) fn close(&mut self, day: Day, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        self.gate.open(day);
        self.mark = None;
        self.take_waiting(judge, schemas)
    }

    /// Decides for the days that have come, until there is something to say.
    pub(crate) fn decide(&mut self, today: Day, basis: &Basis) {
        let today = self.gate.latest(today);
        while self.outbox.may_reconcile() {
            let anew = self.anew.take();
            if let Some(because) = anew {
                self.engine.judge_anew(because);
            }
            // What other tables change is told apart from what the date changes by deciding on it first.
            let day = self.decided.map_or(today, |last| {
                let next = if anew.is_some() { last } else { last.plus(1) };
                next.min(today).max(last)
            });
            let mut notices = self.engine.reconcile(day);
            self.mark_first(&mut notices);
            let none = notices.is_empty();
            let Sifted { say, park } = self.guard.sift(
                notices,
                Situation {
                    standing: self.engine.standing().total(),
                    parked: self.engine.parked(),
                    log_time: self.progress.log_time,
                    reference: &basis.reference,
                    occasion: self.occasion(day),
                    limits: basis.guard,
                },
            );
            self.engine.park(park.iter().map(String::as_str));
            let since = self.undecided_since.take();
            if !say.is_empty() {
                self.saying_since = since;
                self.outbox.say(say, day, self.progress.clone());
            } else if none {
                let done = self.decided == Some(day) || day == today;
                self.decided = Some(day);
                self.said_time = self.progress.log_time.max(self.said_time);
                self.guard.rest(self.progress.log_time);
                if self.guard.held().by_rules.is_none() {
                    self.reference.clone_from(&basis.reference);
                }
                if done {
                    return;
                }
            }
        }
    }

    fn occasion(&self, day: Day) -> Occasion {
        match self.decided {
            None if self.first_time => Occasion::Baseline,
            Some(last) if last < day => Occasion::NewDate,
            None | Some(_) => Occasion::Ordinary,
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

    /// When the first of the records was appended that led to what was just said.
    pub(crate) fn said_since(&self) -> Option<i64> {
        self.said_since
    }

    /// Takes an operator's word.
    pub(crate) fn approve(&mut self, approval: &Approval, basis: &Basis, now_millis: i64) {
        if self.guard.approve(approval, &basis.reference, now_millis) {
            self.engine.release();
        }
        if approval.grant == Grant::BadRecords && approval.until > now_millis {
            self.refusals.approve(approval.until);
        }
    }

    /// Forgets approvals whose time is over.
    pub(crate) fn expire(&mut self, millis: i64) {
        self.guard.expire(millis);
        self.refusals.expire(millis);
    }

    /// The date that was decided last; before the first decision, today.
    pub(crate) fn decided_or(&self, today: Day) -> Day {
        self.decided.unwrap_or(today)
    }

    /// Whether everything that was learned is decided on.
    pub(crate) fn is_settled(&self) -> bool {
        self.engine.is_settled()
    }

    /// Whether there is anything but offsets to send.
    pub(crate) fn has_something(&self) -> bool {
        self.outbox.has_notices() || self.outbox.waiting_letters() > 0
    }

    /// Whether the group's offsets are behind what has been learned.
    pub(crate) fn has_offsets(&self) -> bool {
        let committed = self.outbox.committed();
        let learned = self.progress.offsets.into_iter();
        learned.zip(committed).any(|(learned, at)| learned > at)
    }

    /// The next transaction's load, and the control record that goes with it.
    pub(crate) fn load(&mut self, basis: &Basis) -> (Load<'_>, Control) {
        let (decided, said_time) = (self.decided, self.said_time);
        let closed_through = self.gate.stored();
        self.closing = closed_through;
        let load = self.outbox.take(self.progress.clone());
        let control = Control {
            fold: FOLD_VERSION,
            reference: self.reference.clone(),
            held: self.guard.held().notices(),
            software: basis.software.clone(),
            partitions: basis.partitions,
            cluster: self.identity.cluster.clone(),
            topics: self.identity.topics.clone(),
            cursors: load.offsets,
            accepted_from: self.accepted_from,
            decided: load.finishes.max(decided),
            closed_through,
            log_time: match load.finishes {
                Some(_) => load.progress.log_time.max(said_time),
                None => said_time,
            },
            alert_key: basis.alert_key.clone(),
            store: basis.store.clone(),
        };
        (load, control)
    }

    /// Takes what was committed as said; returns what others may be told of it.
    pub(crate) fn settle(&mut self, receipt: &Receipt, now: Instant) -> Vec<Recent> {
        let Some(settled) = self.outbox.commit() else {
            return Vec::new();
        };
        let Settled {
            notices,
            day,
            progress,
            ..
        } = settled;
        self.alert_position = receipt.alert_end.unwrap_or(self.alert_position);
        self.control_position = receipt.control_at.unwrap_or(self.control_position);
        if let Some((stamp, _)) = receipt.stamp {
            self.gate.stamped(stamp, now);
        }
        self.guard.said(&notices);
        self.said_since = self.saying_since.take().filter(|_| !notices.is_empty());
        self.decided = day.max(self.decided);
        self.choked &= self.outbox.waiting_letters() > LETTERS_LIMIT / 2;
        if let Some(progress) = progress {
            if day.is_some() {
                self.said_time = progress.log_time.max(self.said_time);
            }
            // What is recorded as closed and what the engine has learned must not part at a midnight.
            if self.closing == self.gate.taken() {
                self.mark = Some(self.mark_of(progress));
            }
        }
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

    fn mark_of(&self, progress: Progress) -> Mark {
        Mark {
            progress,
            partitions: self.partitions,
            identity: self.identity.clone(),
            accepted_from: self.accepted_from,
            alert_position: self.alert_position,
            control_position: self.control_position,
            decided: self.decided,
            closed_through: self.closing,
        }
    }

    /// The point at which a checkpoint can be cut now, if any: everything before it is settled, and no
    /// midnight is being passed.
    pub(crate) fn take_mark(&mut self) -> Option<Mark> {
        if self.gate.is_shut() {
            return None;
        }
        self.mark.take()
    }

    /// How much older than its oldest unread record may be, for the metrics.
    pub(crate) fn unread_for(&self, now: Instant) -> Duration {
        self.behind.age(now)
    }

    fn count(&mut self, transition: Transition) {
        let mut counts = self.transitions.iter_mut().zip(Transition::ALL);
        if let Some((count, _)) = counts.find(|(_, of)| *of == transition) {
            *count += 1;
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.progress.counts
    }
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
