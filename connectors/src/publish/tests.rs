//! Days and releases never change, and what changed since is told.

#[expect(
    clippy::indexing_slicing,
    reason = "a wrong index fails the test, as it should"
)]
mod erased;
mod mirrored;
#[expect(
    clippy::indexing_slicing,
    reason = "a wrong index fails the test, as it should"
)]
mod s3;

use super::daily::ClosedDay;
use super::history::History;
use super::{Origin, PartitionState, PublishError, Published, References, Root, Snapshot, Source};
use crate::kafka::transitions::Stretch;
use arrow::util::display::array_value_to_string;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::statistics::release::provisional_on;
use clockstop_pipeline::{Alert, AlertKey, Day, Engine, Instant, Month, Notice, Reference};
use clockstop_schemas::{Plane, PseudonymKey, decode_line};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Cells = BTreeMap<String, String>;

const JANUARY: Month = Month {
    year: 2026,
    month: 1,
};

fn day(month: i32, day: i32) -> Day {
    Day::from_ymd(2026, month, day).expect("a day")
}

fn references() -> References {
    References::new(Reference::default(), Tables::default()).expect("London")
}

/// A referral and a first appointment of January, and the day on which the patient was told, or a withdrawal of that.
fn lines(name: &str, told: Option<&str>, version: u32) -> [String; 3] {
    let head = |topic: &str, kind: &str, version: u32| {
        format!(
            r#""topic":"{topic}","event_type":"{kind}","event_id":"00000000-0000-4000-8000-000000000001","recorded_at":"2026-01-{version:02}T09:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"{name}","organisation_identifier_issuer":"RXX""#
        )
    };
    let referral = head("referral", "referral_received", 5);
    let seen = head("referral", "first_seen", 8);
    let outcome = head("diagnosis", "outcome_communicated", version);
    let told = told.map_or_else(
        || r#""entered_in_error":true"#.to_owned(),
        |told| {
            format!(
                r#""cancer_faster_diagnosis_pathway_end_date":"{told}","cancer_faster_diagnosis_pathway_end_reason":"02","organisation_site_identifier_faster_diagnosis_pathway_end":"RXX01""#
            )
        },
    );
    [
        format!(
            r#"{{{referral},"cancer_referral_to_treatment_period_start_date":"2026-01-02","priority_type_code":"3","source_of_referral_for_out_patients":"03","organisation_site_identifier":"RXX01"}}"#
        ),
        format!(
            r#"{{{seen},"date_first_seen":"2026-01-07","organisation_site_identifier_of_provider_first_seen":"RXX01"}}"#
        ),
        format!("{{{outcome},{told}}}"),
    ]
}

fn engine<'l>(lines: impl IntoIterator<Item = &'l String>) -> Engine {
    let mut engine = Engine::new(AlertKey([1; 32]), Reference::default(), "test");
    for line in lines {
        let decoded = decode_line(line.as_bytes(), engine.texts_mut()).expect("an event");
        engine.learn(&decoded.pathway, &decoded.report);
    }
    engine
}

fn states(engines: &[Engine]) -> Vec<PartitionState<'_>> {
    let states = engines
        .iter()
        .zip(0..)
        .map(|(engine, partition)| PartitionState {
            partition,
            offsets: [partition.into(); 3],
            last_appends: Vec::new(),
            origin: Origin::Close,
            source: Source::Here(engine),
        });
    states.collect()
}

fn roots(folder: &Path) -> [Root; 2] {
    [
        Root {
            plane: Plane::Analyst(PseudonymKey([2; 32])),
            path: folder.join("analyst"),
        },
        Root {
            plane: Plane::Identifiable,
            path: folder.join("identifiable"),
        },
    ]
}

fn close(day: Day, engines: &[Engine], folder: &Path) {
    let closed = ClosedDay {
        day,
        ends: Instant(0),
        states: states(engines),
        references: &references(),
    };
    closed.publish(&roots(folder)).expect("made");
}

fn publish(
    today: Day,
    engines: &[Engine],
    missing: Vec<i32>,
    folder: &Path,
) -> Result<Vec<Published>, PublishError> {
    let snapshot = Snapshot {
        as_of: jiff::Timestamp::now(),
        today,
        states: states(engines),
        missing,
        references: &references(),
    };
    snapshot.publish(&roots(folder), 2)
}

fn restatements(today: Day, engines: &[Engine], missing: Vec<i32>, folder: &Path) -> Vec<Cells> {
    let published = publish(today, engines, missing, folder).expect("published");
    let [_, identifiable] = published.as_slice() else {
        panic!("two planes");
    };
    cells(&identifiable.folder.join("restatements/part-0000.parquet"))
}

fn cells(file: &Path) -> Vec<Cells> {
    let file = fs::File::open(file).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .expect("Parquet")
        .build();
    let mut rows = Vec::new();
    for batch in reader.expect("columns") {
        let batch = batch.expect("rows");
        for row in 0..batch.num_rows() {
            let schema = batch.schema();
            let fields = schema.fields().iter().zip(batch.columns());
            let cells = fields.map(|(field, column)| {
                let text = array_value_to_string(column, row).expect("text");
                (field.name().clone(), text)
            });
            rows.push(cells.collect());
        }
    }
    rows
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).expect("bytes"));
            }
        }
    }
    found
}

fn strip(files: BTreeMap<PathBuf, Vec<u8>>, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let relative = |path: PathBuf| path.strip_prefix(folder).expect("below").to_owned();
    let files = files.into_iter();
    files.map(|(path, bytes)| (relative(path), bytes)).collect()
}

#[test]
fn the_tables_of_a_day_do_not_depend_on_partitions_or_order() {
    let all: Vec<String> = (0..9)
        .flat_map(|number| {
            let told = format!("2026-01-{:02}", 10 + number);
            let told = (number % 3 != 0).then_some(told);
            let version = if told.is_some() { 20 } else { 4 };
            lines(&format!("P{number}"), told.as_deref(), version)
        })
        .collect();
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    close(day(2, 1), &[engine(&all)], one.path());
    let (first, rest) = all.split_at(6);
    close(
        day(2, 1),
        &[engine(rest.iter().rev()), engine([]), engine(first)],
        other.path(),
    );
    let made = [&one, &other].map(|folder| strip(files(folder.path()), folder.path()));
    let [one, other] = made;
    assert!(one.len() > 20, "{:?}", one.keys());
    assert!(one == other);
    let list = one.keys().filter(|path| {
        path.starts_with("analyst/daily/patient_tracking_list/2026-02-01/part-0000.parquet")
    });
    assert_eq!(list.count(), 1);
}

#[test]
fn a_day_that_one_root_lacks_is_made_there_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = day(2, 1);
    close(made, &[engine(&lines("P1", None, 4))], folder.path());
    let [lacking, stays] = roots(folder.path()).map(|root| root.path.join("daily"));
    let before = [&lacking, &stays].map(|root| files(root));
    fs::remove_dir_all(&lacking).expect("made before");
    let told = lines("P1", Some("2026-01-20"), 20);
    close(made, &[engine(&told)], folder.path());
    let after = [&lacking, &stays].map(|root| files(root));
    assert!(
        after[0].keys().eq(before[0].keys()),
        "{:?}",
        after[0].keys()
    );
    assert!(after[0] != before[0], "by what is known now");
    assert!(after[1] == before[1], "where it was made it stays");
}

#[test]
fn a_sunday_that_cannot_be_read_is_not_taken_for_one_that_was_never_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let engines = [engine(&lines("1", None, 20))];
    publish(day(2, 3), &engines, Vec::new(), folder.path()).expect("no Sunday is closed");
    let sundays = folder.path().join("analyst/daily/ptl_weekly");
    fs::create_dir_all(&sundays).expect("made");
    // A file where the folder of the day should be.
    fs::write(sundays.join("2026-02-01"), "").expect("written");
    let published = publish(day(2, 3), &engines, Vec::new(), folder.path());
    assert!(matches!(published, Err(PublishError::Read { .. })));
}

/// What was said of the clocks of so many patients.
fn alerts(count: usize) -> Vec<Alert> {
    let lines: Vec<String> = (0..count)
        .flat_map(|number| lines(&format!("P{number}"), None, 4))
        .collect();
    let notices = engine(&lines).reconcile(day(2, 1)).into_iter();
    let alerts = notices.filter_map(|notice| match notice {
        Notice::Alert(alert) => Some(*alert),
        Notice::Erasure { .. } => None,
    });
    alerts.collect()
}

#[test]
fn the_history_goes_on_where_it_ended_in_few_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let [analyst, _] = roots(folder.path());
    let history = History::of(&analyst);
    let said = alerts(3);
    assert!(said.len() >= 3, "{said:?}");
    for at in 0..20 {
        let next = history.next(1).expect("read");
        assert_eq!(next, at * 10);
        let stretch = Stretch {
            from: next,
            alerts: said.clone(),
            next: next + 10,
        };
        history.add(1, &stretch).expect("written");
        assert_eq!(history.next(0).expect("read"), 0);
    }
    let kept = analyst.path.join("alert_history");
    assert!(files(&kept).len() <= 9, "{:?}", files(&kept).keys());
    // As after a crash between making one file of many and removing them.
    let part = kept.join("part-0001-00000000000000000000-00000000000000000010.parquet");
    fs::copy(files(&kept).keys().next().expect("a file"), &part).expect("copied");
    let into = folder.path().join("into");
    fs::create_dir(&into).expect("made");
    let linked = history.link(&into).expect("linked");
    let rows: usize = linked.iter().map(|(_, rows)| rows).sum();
    assert_eq!(rows, 20 * said.len());
    assert_eq!(files(&into).len(), linked.len());
    let written = files(&into).into_values().collect::<Vec<_>>().concat();
    let written = String::from_utf8_lossy(&written);
    assert!(!written.contains("RXX:P"), "pathways are pseudonyms");
}

#[test]
fn a_month_is_frozen_at_its_release_and_compared_with_what_is_known_since() {
    let folder = tempfile::tempdir().expect("a folder");
    let released = provisional_on(JANUARY, &references().tables.holidays).expect("in the table");
    let told = |name, on| lines(name, Some(on), 20);
    let then: Vec<String> = [
        told("STAYS", "2026-01-12"),
        told("MOVES", "2026-01-13"),
        told("GOES", "2026-01-14"),
    ]
    .concat();
    close(released.plus(-1), &[engine(&then)], folder.path());
    let frozen_at = folder.path().join("identifiable/releases");
    assert!(!frozen_at.exists(), "the day before, nothing is released");
    close(released, &[engine(&then)], folder.path());
    let frozen = files(&frozen_at);
    let waits = frozen_at.join("2026-01/provisional/waits/part-0000.parquet");
    assert!(frozen.contains_key(&waits), "{:?}", frozen.keys());
    // Three patients seen and told.
    assert_eq!(cells(&waits).len(), 6);

    let now: Vec<String> = [
        told("STAYS", "2026-01-12"),
        lines("MOVES", Some("2026-02-03"), 21),
        lines("GOES", None, 21),
        told("COMES", "2026-01-30"),
    ]
    .concat();
    let (first, second) = now.split_at(6);
    let engines = [engine(first), engine(second)];
    let today = released.plus(5);
    let rows = restatements(today, &engines, Vec::new(), folder.path());
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            [
                "pathway",
                "old_month",
                "old_patients",
                "new_month",
                "new_patients",
                "changed",
            ]
            .map(|column| row.get(column).expect("a column").as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ["RXX:COMES", "", "", "2026-01", "1.0", "true"],
            ["RXX:GOES", "2026-01", "1.0", "", "", "true"],
            ["RXX:MOVES", "2026-01", "1.0", "2026-02", "1.0", "true"],
            ["RXX:STAYS", "2026-01", "1.0", "2026-01", "1.0", "false"],
            // First seen.
            ["RXX:COMES", "", "", "2026-01", "1.0", "true"],
            ["RXX:GOES", "2026-01", "1.0", "2026-01", "1.0", "false"],
            ["RXX:MOVES", "2026-01", "1.0", "2026-01", "1.0", "false"],
            ["RXX:STAYS", "2026-01", "1.0", "2026-01", "1.0", "false"],
        ]
    );
    let moved = rows.iter().find(|row| row["pathway"] == "RXX:MOVES");
    let causes = &moved.expect("told")["causes"];
    assert!(causes.contains("RXX/epic 2026-01-21T09:00:00Z"), "{causes}");

    for root in roots(folder.path()) {
        fs::remove_dir_all(root.path.join("daily")).expect("made before");
    }
    close(released, &engines, folder.path());
    assert!(files(&frozen_at) == frozen, "a release never changes");
    // What is missing is not gone.
    assert_eq!(
        restatements(today, &engines[..1], vec![1], folder.path()),
        Vec::<Cells>::new()
    );
}
