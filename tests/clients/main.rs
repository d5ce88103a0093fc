//! Python clients from outside, on what we write: alerts beside a running demo, and the Parquet.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a surprise fails the test, as it should"
)]

#[path = "../support/mod.rs"]
mod support;

mod joining;
mod publishing;
mod questions;

use clockstop::generate::{Feed, Plan, Rates};
use clockstop::publish::{Origin, PartitionState, References, Root, Snapshot, Source};
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{AlertKey, Clock, Day, Engine, Notice, Reference, State};
use clockstop_schemas::tables::{ALL, Kind, Table};
use clockstop_schemas::{Plane, PseudonymKey};
use serde_json::Value;
use support::clients::python;
use support::process::Invocation;

const TODAY: Day = match Day::from_ymd(2026, 3, 31) {
    Some(day) => day,
    None => panic!("in the calendar"),
};

/// Two partitions' engines with a small synthetic feed, everything due said and recalled.
fn engines() -> [Engine; 2] {
    let plan = Plan {
        pathways: 400,
        seed: 11,
        from: TODAY.plus(-150),
        to: TODAY,
        rates: Rates::default(),
    };
    let mut engines = [0, 1].map(|_| Engine::new(AlertKey([3; 32]), Reference::default(), "test"));
    let mut feed = Feed::new(plan).unwrap();
    while let Some((_, events)) = feed.next() {
        for event in &events {
            let mut line = Vec::new();
            clockstop::generate::write_line(event, feed.texts(), &mut line).unwrap();
            let at = usize::from(event.pathway.len() % 2 == 0);
            let engine = engines.get_mut(at).unwrap();
            let decoded = clockstop_schemas::decode_line(&line, engine.texts_mut()).unwrap();
            engine.learn(&decoded.pathway, &decoded.report);
        }
    }
    for engine in &mut engines {
        for notice in engine.reconcile(TODAY.plus(-40)) {
            if let Notice::Alert(alert) = notice {
                engine.recall(&alert);
            }
        }
        for notice in engine.reconcile(TODAY) {
            if let Notice::Alert(alert) = notice {
                engine.recall(&alert);
            }
        }
    }
    engines
}

fn reference() -> Reference {
    Reference {
        version: "test".to_owned(),
        ..Reference::default()
    }
}

fn publish(engines: &[Engine; 2], roots: &[Root]) -> Vec<clockstop::publish::Published> {
    publish_at(engines, roots, 0)
}

/// Publishes the snapshot of a second since 1970.
fn publish_at(
    engines: &[Engine; 2],
    roots: &[Root],
    second: i64,
) -> Vec<clockstop::publish::Published> {
    let states = engines
        .iter()
        .zip(0..)
        .map(|(engine, partition)| PartitionState {
            partition,
            offsets: [10, 20, 30],
            last_appends: Vec::new(),
            origin: Origin::Live,
            source: Source::Here(engine),
        });
    let snapshot = Snapshot {
        as_of: jiff::Timestamp::from_second(second).unwrap(),
        today: TODAY,
        states: states.collect(),
        missing: vec![2],
        references: &References::new(reference(), Tables::default()).unwrap(),
    };
    snapshot.publish(roots, 3).unwrap()
}

/// Nothing was released, every stop of the feed counts, and there is no broker to tell what was said.
const MAY_BE_EMPTY: [&str; 3] = ["restatements", "uncounted", "alert_history"];

fn expected_types(table: &Table) -> Vec<(String, String, String)> {
    let types = |kind| match kind {
        Kind::Text => ("string", "VARCHAR"),
        Kind::Day => ("date32[day]", "DATE"),
        Kind::Whole => ("int32", "INTEGER"),
        Kind::Flag => ("bool", "BOOLEAN"),
        Kind::Instant => ("timestamp[us, tz=UTC]", "TIMESTAMP WITH TIME ZONE"),
        Kind::Patients => ("decimal128(9, 1)", "DECIMAL(9,1)"),
        Kind::Rate | Kind::Number => ("double", "DOUBLE"),
    };
    let columns = table.columns.iter().map(|column| {
        let (arrow, duckdb) = types(column.kind);
        (column.name.to_owned(), arrow.to_owned(), duckdb.to_owned())
    });
    columns.collect()
}

#[test]
fn duckdb_polars_pyarrow_and_pandas_open_both_planes() {
    let engines = engines();
    let folder = tempfile::tempdir().unwrap();
    let roots = [
        Root {
            plane: Plane::Analyst(PseudonymKey([5; 32])),
            path: folder.path().join("analyst"),
        },
        Root {
            plane: Plane::Identifiable,
            path: folder.path().join("identifiable"),
        },
    ];
    let published = publish(&engines, &roots);
    let rows: Vec<_> = engines
        .iter()
        .flat_map(|engine| engine.rows(TODAY))
        .collect();
    let clocks: Vec<_> = rows.iter().flat_map(|row| &row.assessment.clocks).collect();
    let alerts: usize = rows.iter().map(|row| row.said().count()).sum();
    let is_running = |clock: &&&Clock| matches!(clock.state, State::Running(_));
    let running_clocks = clocks.iter().filter(is_running).count();
    let running: i64 = clocks
        .iter()
        .filter_map(|clock| match &clock.state {
            State::Running(running) => Some(i64::from(running.wait.days())),
            State::NotStarted | State::Stopped(_) | State::Ended(_) => None,
        })
        .sum();
    assert!(
        alerts > 50,
        "the feed leaves something to look at: {alerts}"
    );
    for (root, published) in roots.iter().zip(&published) {
        let current = root.path.join("current");
        let shown = python("read_tables.py", &[current.to_str().unwrap()], &[]).expect_code(0);
        let found: Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!(found["running_days"], running);
        assert_eq!(found["running_days_duckdb"], running);
        for (name, expected) in [
            ("pathways", rows.len()),
            ("clocks", clocks.len()),
            ("alerts", alerts),
            ("patient_tracking_list", running_clocks),
        ] {
            assert_eq!(published.rows[name], expected, "{name}");
        }
        for (name, &count) in &published.rows {
            let table = ALL.iter().find(|table| table.name == *name).unwrap();
            assert!(count > 0 || MAY_BE_EMPTY.contains(name), "{name} is empty");
            check_table(&found[name], table, count);
        }
        assert_eq!(published.rows.len(), ALL.len());
        check_sums(&found);
    }
}

/// The figures of England are the sums of the shares, and a rate is that of its own columns.
fn check_sums(found: &Value) {
    let shares = found["shares"].as_object().unwrap();
    let england = found["england"].as_object().unwrap();
    assert_eq!(shares.len(), 4, "{shares:?}");
    for (standard, sums) in shares {
        if standard != "FIRST_SEEN" {
            assert_eq!(england[standard], *sums, "{standard}");
        }
    }
    assert_eq!(found["wrong_rates"], 0);
    assert_eq!(found["wrong_tracking"], 0);
}

fn check_table(found: &Value, table: &Table, rows: usize) {
    for (reader, count) in found["rows"].as_object().unwrap() {
        assert_eq!(*count, rows, "{} by {reader}", table.name);
    }
    for (column, arrow, duckdb) in expected_types(table) {
        assert_eq!(found["types"][&column], *arrow, "{column}");
        assert_eq!(found["duckdb_types"][&column], *duckdb, "{column}");
    }
    for encoding in found["encodings"].as_array().unwrap() {
        let plain = [
            "PLAIN",
            "RLE",
            "PLAIN_DICTIONARY",
            "RLE_DICTIONARY",
            "BIT_PACKED",
        ];
        assert!(plain.contains(&encoding.as_str().unwrap()), "{encoding}");
    }
    if rows > 0 {
        assert_eq!(found["compressions"], serde_json::json!(["SNAPPY"]));
    }
    assert_eq!(found["footer"]["clockstop.reference_version"], "test");
    if found["footer"]["clockstop.partition"] == "0" {
        assert_eq!(
            found["footer"]["clockstop.offsets"],
            "referral=10,diagnosis=20,treatment=30"
        );
    }
}

/// Every byte of the analyst plane against every identifier of the feed.
#[test]
fn the_analyst_plane_holds_no_identifier() {
    let engines = engines();
    let folder = tempfile::tempdir().unwrap();
    let roots = [Root {
        plane: Plane::Analyst(PseudonymKey([5; 32])),
        path: folder.path().to_owned(),
    }];
    publish(&engines, &roots);
    let script = support::cache::workspace().join("tests/clients/all_texts.py");
    let texts = support::clients::python_script(
        &script,
        &[folder.path().join("current").to_str().unwrap()],
        &[],
    );
    let texts = texts.expect_code(0).stdout;
    let texts: std::collections::HashSet<&str> = texts.lines().collect();
    assert!(texts.contains("USC"), "the scan reads the cells");
    for row in engines.iter().flat_map(|engine| engine.rows(TODAY)) {
        let identifier = row.pathway.split(':').nth(1).unwrap();
        let number = row
            .nhs_number
            .map(|number| format!("{:010}", number.to_bits()));
        let local = row
            .local_patient_identifier
            .map(|local| row.texts().read(local).as_str().to_owned());
        for secret in [
            Some(row.pathway.to_owned()),
            Some(identifier.to_owned()),
            number,
        ]
        .into_iter()
        .flatten()
        {
            let shown = texts.iter().find(|text| text.contains(&secret));
            assert_eq!(shown, None, "holds {secret}");
        }
        // A local number can be short enough to stand in a pseudonym by chance.
        assert!(!local.is_some_and(|local| texts.contains(local.as_str())));
    }
}

/// README's one-liners for analysts, word for word, beside a snapshot in the default place.
#[test]
fn the_one_liners_of_the_readme_run() {
    let engines = engines();
    let folder = tempfile::tempdir().unwrap();
    let roots = [Root {
        plane: Plane::Analyst(PseudonymKey([5; 32])),
        path: folder.path().join("snapshots/analyst"),
    }];
    publish(&engines, &roots);
    let readme = include_str!("../../README.md");
    let programs: Vec<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("python3 -c \"")?.strip_suffix('"'))
        .filter(|program| !program.contains("pyspark"))
        .collect();
    assert_eq!(programs.len(), 3);
    for program in programs {
        let finished = Invocation::of(support::clients::interpreter(), ["-c", program])
            .directory(folder.path())
            .run()
            .expect_code(0);
        assert!(finished.stdout.contains("62D"), "{}", finished.stdout);
    }
}
