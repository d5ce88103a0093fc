//! The whole demo, as a command, held against a batch fold of the same feed.

use arrow::array::AsArray;
use arrow::datatypes::Int32Type;
use clockstop::demo::{EventFigures, Figures, Script, Tally, plan};
use clockstop::generate::{Feed, Record, SchemaIds};
use clockstop_pipeline::{AlertKey, Day, Engine, Learned, Notice, Reference, Topic};
use clockstop_schemas::{EventDecoder, event_schema_json};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::fs::File;
use std::path::Path;
use std::process::Command;

const IDS: SchemaIds = SchemaIds([1, 2, 3]);

fn script() -> Script {
    Script {
        pathways: 800,
        seed: 5,
        until: Day::from_ymd(2026, 6, 30).expect("a day"),
        days: 30,
    }
}

/// Learns every day's events and decides once, as if the day had been one batch.
fn fold(script: Script) -> Figures {
    let opening = script
        .until
        .plus(-i32::try_from(script.days).expect("few days"));
    let mut engine = Engine::new(AlertKey([7; 32]), Reference::default(), "test");
    let mut schemas = EventDecoder::default();
    for (id, topic) in (1..).zip(Topic::ALL) {
        schemas
            .add_schema(id, event_schema_json(topic))
            .expect("our own schema");
    }
    let mut feed = Feed::new(plan(script, opening)).expect("a feed");
    let mut tally = Tally::default();
    let mut events = EventFigures::default();
    while let Some((day, arrived)) = feed.next() {
        for event in &arrived {
            let record = Record::of(event, feed.texts(), IDS);
            let key = Some(record.key.as_bytes());
            let texts = engine.texts_mut();
            match schemas.decode(event.topic(), key, Some(&record.value), texts) {
                Err(_) => events.dead_lettered += 1,
                Ok(read) => match engine.learn(&read.pathway, &read.report) {
                    Learned::Changed => events.changed += 1,
                    Learned::Repeated => events.repeated += 1,
                    Learned::Superseded => events.superseded += 1,
                },
            }
        }
        if day >= opening {
            decide(&mut engine, day, &mut tally);
        }
    }
    Figures {
        day: script.until,
        days: script.days,
        events,
        pathways: u64::try_from(engine.pathways()).expect("a count"),
        open: u64::try_from(engine.open_pathways()).expect("a count"),
        alerts: tally.figures().clone(),
    }
}

fn decide(engine: &mut Engine, day: Day, tally: &mut Tally) {
    for notice in engine.reconcile(day) {
        let Notice::Alert(alert) = notice else {
            panic!("nothing is erased here");
        };
        engine.recall(&alert);
        tally.hear(&alert);
    }
    tally.close_day();
}

/// Runs the demo, on the mock cluster or with further options, and compares what it prints and writes.
pub(crate) fn check_figures(options: &[&str]) {
    let script = script();
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_clockstop"))
        .args(["demo", "--exit", "--format", "json"])
        .args(["--until", &script.until.to_string()])
        .args(["--days", &script.days.to_string()])
        .args(["--pathways", &script.pathways.to_string()])
        .args(["--seed", &script.seed.to_string()])
        .arg("--out")
        .arg(folder.path())
        .args(options)
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(printed, fold(script).json());
    for pointer in [
        "/alerts/FDS/raised",
        "/alerts/62D/escalated",
        "/standing/62D/long_wait",
        "/events/repeated",
        "/events/dead_lettered",
    ] {
        let count = printed.pointer(pointer).and_then(Value::as_u64);
        assert!(count > Some(0), "{pointer} in {printed}");
    }
    // Revisions are consecutive from 1, so each alert has as many rows of history as its last revision says.
    let current = folder.path().join("analyst/current");
    let revisions: i64 = column(&current.join("alerts"), "revision").iter().sum();
    assert!(revisions > 100, "{revisions}");
    let history = column(&current.join("alert_history"), "revision");
    assert_eq!(i64::try_from(history.len()), Ok(revisions));
    let clocks = folder
        .path()
        .join("analyst/current/clocks/part-0000.parquet");
    assert!(clocks.metadata().expect("it was written").len() > 1_000);
}

/// A column of whole numbers of all files of a table.
fn column(table: &Path, name: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(table).expect("a folder") {
        let file = File::open(entry.expect("an entry").path()).expect("a file");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .expect("Parquet")
            .build();
        for batch in reader.expect("columns") {
            let batch = batch.expect("rows");
            let column = batch.column_by_name(name).expect("the column");
            let column = column.as_primitive::<Int32Type>();
            numbers.extend(column.iter().flatten().map(i64::from));
        }
    }
    numbers
}
