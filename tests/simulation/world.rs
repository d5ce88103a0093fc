//! The world around the processes: logs, the group, the coordinator, the store, time - and what goes wrong.

mod ending;
mod happening;

use super::draw::Draw;
use super::feed::{SCHEMA_IDS, Sent};
use super::group::Group;
use super::log::Log;
use super::oracle;
use super::process::Process;
use super::store::{Checkpoint, Store};
use super::tally::Tally;
use crate::calendar::Calendar;
use crate::judge::{BrokerTime, Judge};
use crate::partition::Receipt;
use clockstop_pipeline::{Alert, AlertId, AlertKey, Day, Reference, Topic};
use clockstop_schemas::{ControlKey, EventDecoder, event_schema_json};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const PROCESSES: usize = 3;
const DAY_MILLIS: i64 = 86_400_000;
/// Noon of 2026-03-20 in UTC: the clocks go forward nine days later.
const BEGIN: i64 = 1_774_008_000_000;
const HEALING_STEPS: usize = 6_000;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::london().unwrap());

#[derive(Debug, Default)]
pub(super) struct Topics {
    pub(super) inputs: [Log; 3],
    pub(super) alert: Log,
    pub(super) history: Log,
    pub(super) dead: Log,
    pub(super) control: Log,
}

impl Topics {
    fn written(&mut self) -> [&mut Log; 4] {
        [
            &mut self.alert,
            &mut self.history,
            &mut self.dead,
            &mut self.control,
        ]
    }
}

/// What can go wrong at a broker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Broker,
    Abort,
    TimedOut,
    AnswerLost,
}

pub(super) struct World {
    pub(super) draw: Draw,
    pub(super) millis: i64,
    base: Instant,
    pub(super) calendar: Calendar,
    pub(super) key: AlertKey,
    pub(super) judge: Judge,
    pub(super) topics: Topics,
    /// Every alert that was ever written; a record's value is a place in it.
    pub(super) said: Vec<Alert>,
    pub(super) epoch: u64,
    pub(super) transactions: u64,
    open: Option<u64>,
    provider: Option<u64>,
    pub(super) group: Group,
    pub(super) store: Store,
    /// Days as they were closed, and by which tables.
    pub(super) closes: BTreeMap<Day, (Reference, String)>,
    /// The last day before the first that had to be closed, as it was first recorded.
    pub(super) closed_before: Option<Day>,
    pub(super) accepted: Vec<(Topic, i32, i64)>,
    pub(super) tally: Tally,
    reference: Reference,
    sent: Vec<Sent>,
    processes: Vec<Option<Process>>,
    wrong: Option<String>,
    faulty: bool,
    loses_history: bool,
    traces: bool,
}

impl World {
    pub(super) fn new(seed: u64, traces: bool) -> Self {
        let mut decoder = EventDecoder::default();
        for (id, topic) in SCHEMA_IDS.into_iter().zip(Topic::ALL) {
            decoder.add_schema(id, event_schema_json(topic)).unwrap();
        }
        let mut draw = Draw::new(seed);
        let loses_history = draw.happens(60);
        let reference = Reference::default();
        let processes = (0..PROCESSES)
            .map(|number| Some(Process::new(number, reference.clone())))
            .collect();
        let mut group = Group::default();
        group.give(0, false);
        Self {
            draw,
            millis: BEGIN,
            base: Instant::now(),
            calendar: CALENDAR.clone(),
            key: oracle::KEY,
            judge: Judge {
                decoder,
                partitions: 1,
                broker_time: BrokerTime::Checked,
            },
            topics: Topics::default(),
            said: Vec::new(),
            epoch: 0,
            transactions: 0,
            open: None,
            provider: None,
            group,
            store: Store::default(),
            closes: BTreeMap::new(),
            closed_before: None,
            accepted: Vec::new(),
            tally: Tally::default(),
            reference,
            sent: Vec::new(),
            processes,
            wrong: None,
            faulty: true,
            loses_history,
            traces,
        }
    }

    /// Tells what happens where one seed is run alone.
    pub(super) fn trace(&self, what: impl FnOnce() -> String) {
        if self.traces {
            println!("{} {}", self.millis - BEGIN, what());
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.base + Duration::from_millis((self.millis - BEGIN) as u64)
    }

    /// The date in London at an instant.
    pub(super) fn london_day(&self, millis: i64) -> Day {
        let day = Day::from_epoch_days(millis.div_euclid(DAY_MILLIS) as i32);
        if millis >= self.calendar.end_of(day).unwrap() {
            day.plus(1)
        } else {
            day
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) -> bool {
        let per_thousand = match fault {
            Fault::Broker => 100,
            Fault::Abort => 40,
            Fault::TimedOut | Fault::AnswerLost => 30,
        };
        self.faulty && self.draw.happens(per_thousand)
    }

    pub(super) fn alert_of<'a>(said: &'a [Alert], value: &[u8]) -> &'a Alert {
        &said[u64::from_le_bytes(value.try_into().unwrap()) as usize]
    }

    /// Shuts out every earlier producer and ends its transaction.
    pub(super) fn fence(&mut self) -> u64 {
        self.epoch += 1;
        if let Some(open) = self.open {
            self.end(open, false);
        }
        self.epoch
    }

    pub(super) fn end(&mut self, transaction: u64, commits: bool) {
        let stamp = self.millis;
        for log in self.topics.written() {
            log.end(transaction, commits, stamp);
        }
        self.open = None;
    }

    /// Writes alerts and their history.
    pub(super) fn write(
        &mut self,
        receipt: &mut Receipt,
        transaction: u64,
        said: &[(AlertId, Option<Alert>)],
    ) {
        self.open = Some(transaction);
        for (alert_id, alert) in said {
            let key = alert_id.to_string();
            let value = alert.as_ref().map(|alert| {
                self.said.push(alert.clone());
                (self.said.len() as u64 - 1).to_le_bytes()
            });
            let value = value.as_ref().map(<[u8; 8]>::as_slice);
            let (stamp, key) = (self.millis, Some(key.as_bytes()));
            let topics = &mut self.topics;
            let at = topics.alert.append_in(transaction, stamp, key, value);
            receipt.alert_end = Some(at + 1);
            if value.is_some() {
                topics.history.append_in(transaction, stamp, key, value);
                self.tally.said += 1;
            }
        }
    }

    pub(super) fn bury(&mut self, transaction: u64, letters: &[String]) {
        for letter in letters {
            let key = Some(letter.as_bytes());
            self.topics
                .dead
                .append_in(transaction, self.millis, key, None);
            self.tally.buried += 1;
        }
    }

    /// Writes the control record; when the broker stamped it.
    pub(super) fn record(
        &mut self,
        receipt: &mut Receipt,
        transaction: u64,
        control: &[u8],
    ) -> i64 {
        self.open = Some(transaction);
        let key = ControlKey::State(0).to_string();
        let log = &mut self.topics.control;
        let at = log.append_in(
            transaction,
            self.millis,
            Some(key.as_bytes()),
            Some(control),
        );
        receipt.control_at = Some(at);
        self.millis
    }

    pub(super) fn store_close(&mut self, day: Day, reference: &Reference, rows: String) {
        match self.closes.get(&day) {
            Some((tables, before))
                if tables == reference && *before != rows && self.accepted.is_empty() =>
            {
                let wrong =
                    format!("{day} was closed twice, and differently:\n{before}\nand\n{rows}");
                self.wrong.get_or_insert(wrong);
            }
            _ => {
                self.closes.insert(day, (reference.clone(), rows));
            }
        }
    }

    /// Writes a checkpoint, if the store is in the mood.
    pub(super) fn store_checkpoint(&mut self, mut checkpoint: Checkpoint) {
        self.tally.checkpoints += 1;
        if self.store.away {
            return;
        }
        let mood = if self.faulty { self.draw.below(10) } else { 9 };
        self.tally.store_faults += u64::from(mood < 3);
        match mood {
            0 => {}
            1 => {
                checkpoint.whole = false;
                self.store.put(checkpoint);
            }
            2 => self.store.put_late(checkpoint),
            _ => self.store.put(checkpoint),
        }
    }

    /// Lives through everything and is judged at the end.
    pub(super) fn live(&mut self) -> Result<(), String> {
        for _ in 0..80 + self.draw.below(240) {
            self.step();
        }
        self.heal();
        if self.quiesce()? {
            return self.judge();
        }
        self.accept()
    }
}
