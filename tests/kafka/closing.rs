//! The close of a day is a function of the log: a service that was away over three midnights makes the same tables as one that stayed up.
//!
//! Days last seconds here; midnight comes from the calendar, append times from the broker.

use crate::LIMIT;
use crate::service::Place;
use crate::support::events::{Draft, Provider};
use crate::support::kafka::shared_broker;
use crate::support::wait;
use clockstop::calendar::Calendar;
use clockstop::judge::BrokerTime;
use clockstop::service::{self, Running, Setup};
use clockstop::worker::Pace;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{Day, EventType, Reference, Topic};
use clockstop_schemas::partition_of;
use clockstop_schemas::tables::ALL;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of a day: long enough for a start and a drain, as slow as the machine may be.
const LENGTH: i64 = 12_000;
const FIRST: Day = match Day::from_ymd(2026, 3, 27) {
    Some(day) => day,
    None => panic!("in the calendar"),
};
const PARTITIONS: i32 = 2;

fn start(place: &Place, calendar: &Calendar) -> Running {
    let setup = Setup {
        config: place.config(),
        reference: Reference::default(),
        tables: Tables::default(),
        calendar: calendar.clone(),
        broker_time: BrokerTime::Checked,
        pace: Pace::default(),
        accepted: Vec::new(),
    };
    service::start(setup).unwrap()
}

fn await_closed(running: &Running, day: Day) {
    wait::until(&format!("the close of {day}"), 4 * LIMIT, || {
        let partitions = running.board().partitions();
        let closed = partitions
            .values()
            .filter(|shown| shown.closed_through >= Some(day))
            .count();
        if i32::try_from(closed) == Ok(PARTITIONS) {
            Ok(())
        } else {
            Err(format!("{partitions:#?}"))
        }
    });
}

/// Waits until every partition has gone live, from when on its days are closed.
fn await_decided(running: &Running) {
    wait::until("the first decisions", LIMIT, || {
        let partitions = running.board().partitions();
        let decided = partitions
            .values()
            .filter(|shown| shown.decided.is_some() && shown.measured.committed_at.is_some());
        if i32::try_from(decided.count()) == Ok(PARTITIONS) {
            Ok(())
        } else {
            Err(format!("{partitions:#?}"))
        }
    });
}

fn await_day(calendar: &Calendar, day: Day) {
    wait::until(&day.to_string(), 4 * LIMIT, || {
        if calendar.today() >= day {
            Ok(())
        } else {
            Err(String::new())
        }
    });
}

/// A name of a pathway on this partition.
fn name_on(partition: i32, word: &str) -> String {
    let mut names = (0..).map(|n| format!("{word}{n}"));
    let on =
        |name: &String| partition_of(format!("RXX:{name}").as_bytes(), PARTITIONS) == partition;
    names.find(on).unwrap()
}

/// Sends an event to every input of every partition.
fn send_everywhere(place: &Place, provider: &Provider, word: &str, version: i64) {
    let kinds = [
        EventType::ReferralReceived,
        EventType::OutcomeCommunicated,
        EventType::TreatmentStarted,
    ];
    for partition in 0..PARTITIONS {
        let name = name_on(partition, word);
        for kind in kinds {
            let draft = match kind.topic() {
                Topic::Referral => {
                    Draft::referral(&name, crate::support::events::date(2026, 3, 2), version)
                }
                Topic::Diagnosis => Draft::new(kind, &name, version),
                Topic::Treatment => Draft::new(kind, &name, version).with_text("treatment_id", "1"),
            };
            let topic = place.topic(draft.topic.name());
            let id = place.schema(draft.topic);
            provider.send(&topic, None, Some(&draft.key()), Some(&draft.framed(id)));
        }
    }
    provider.settle();
}

/// Every file of the tables of days, by its path there.
fn daily(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join("daily")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.insert(path.strip_prefix(root).unwrap().to_owned(), bytes);
            }
        }
    }
    files
}

/// In snapshots and releases only.
const NOT_DAILY: [&str; 7] = [
    "pathways",
    "clocks",
    "waits",
    "wait_shares",
    "alerts",
    "alert_history",
    "restatements",
];

/// Waits until the tables of the three days are there, and gives them.
fn await_daily(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let file = |table: &str, day: i32| {
        let day = FIRST.plus(day);
        PathBuf::from(format!("daily/{table}/{day}/part-0000.parquet"))
    };
    let tables = ALL.iter().map(|table| table.name);
    let tables: Vec<_> = tables.filter(|name| !NOT_DAILY.contains(name)).collect();
    let wanted: Vec<_> = (0..3)
        .flat_map(|day| tables.iter().map(move |table| file(table, day)))
        .collect();
    wait::until("the tables of three days", 4 * LIMIT, || {
        let missing = wanted.iter().filter(|file| !root.join(file).exists());
        let missing: Vec<_> = missing.collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("{missing:?}"))
        }
    });
    let last = FIRST.plus(2).to_string();
    let mut files = daily(root);
    files.retain(|path, _| path.iter().nth(2).is_some_and(|day| day <= last.as_str()));
    files
}

#[test]
fn a_service_that_was_away_over_three_midnights_closes_the_days_alike() {
    let mut stays = Place::new(shared_broker(), "stays");
    let mut away = Place::new(shared_broker(), "away");
    for input in ["referral", "diagnosis", "treatment"] {
        let name = stays.topic(input);
        away.set(&format!("kafka.topics.{input}"), &name);
    }
    for place in [&mut stays, &mut away] {
        place.set("snapshots.interval_seconds", "1");
    }
    stays.create_topics();
    away.create_topics();
    let provider = Provider::connect(&stays.bootstrap);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let begins = i64::try_from(now.as_millis()).unwrap();
    let calendar = Calendar::compressed(FIRST, begins, LENGTH);

    let first = start(&stays, &calendar);
    let second = start(&away, &calendar);
    send_everywhere(&stays, &provider, "A", 1_700_000_000);
    await_decided(&first);
    await_decided(&second);
    second.drain();
    for (day, word) in [(1, "B"), (2, "A"), (3, "C")] {
        await_day(&calendar, FIRST.plus(day));
        send_everywhere(&stays, &provider, word, 1_700_000_000 + i64::from(day));
    }
    let second = start(&away, &calendar);
    await_closed(&first, FIRST.plus(2));
    await_closed(&second, FIRST.plus(2));
    let roots = [&stays, &away].map(|place| place.config().snapshots.analyst.folder);
    let [stayed, was_away] = roots.map(|root| await_daily(&root));
    first.drain();
    second.drain();

    assert_eq!(
        stayed.keys().collect::<Vec<_>>(),
        was_away.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &stayed {
        assert!(
            was_away.get(path) == Some(bytes),
            "{} differs",
            path.display()
        );
    }
}
