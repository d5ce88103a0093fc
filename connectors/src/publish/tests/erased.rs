//! What was known of an erased pathway is in no later file.

use super::{JANUARY, alerts, close, day, engine, files, lines, publish, references, roots};
use crate::kafka::transitions::Stretch;
use crate::publish::{History, Published};
use arrow::array::AsArray as _;
use clockstop_pipeline::statistics::release::provisional_on;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn erasure(name: &str) -> String {
    format!(
        r#"{{"topic":"referral","event_type":"pathway_erased","event_id":"00000000-0000-4000-8000-000000000009","recorded_at":"2026-01-25T09:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"{name}","organisation_identifier_issuer":"RXX"}}"#
    )
}

/// Every transition of three patients, as if the topic were read on from here.
fn say(folder: &Path, partition: i32, from: i64) {
    for root in roots(folder) {
        let stretch = Stretch {
            from,
            alerts: alerts(3),
            next: from + 10,
        };
        let history = History::of(&root);
        history.add(partition, &stretch).expect("written");
    }
}

/// The pathway of every row of a table, on either plane.
fn pathways(published: &[Published], table: &str) -> Vec<Vec<String>> {
    let of_plane = |published: &Published| {
        let found = files(&published.folder.join(table)).into_keys();
        found.flat_map(|file| column(&file)).collect()
    };
    published.iter().map(of_plane).collect()
}

fn column(file: &Path) -> Vec<String> {
    let file = fs::File::open(file).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let batches = reader.build().expect("columns").map(|batch| {
        let batch = batch.expect("rows");
        let column = batch.column_by_name("pathway").expect("a column");
        let names = column.as_string::<i32>().iter().flatten();
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    batches.flatten().collect()
}

fn distinct(pathways: &[String]) -> BTreeSet<&String> {
    pathways.iter().collect()
}

#[test]
fn an_erased_pathway_is_in_no_later_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut told: Vec<String> = (0..3)
        .flat_map(|number| lines(&format!("P{number}"), Some("2026-01-12"), 20))
        .collect();
    let released = provisional_on(JANUARY, &references().tables.holidays).expect("in the table");
    close(released, &[engine(&told)], folder);
    say(folder, 0, 0);
    let today = released.plus(5);
    let tables = ["pathways", "waits", "restatements", "alert_history"];
    let publish =
        |told: &[String]| publish(today, &[engine(told)], Vec::new(), folder).expect("published");
    let first = publish(&told);
    let before = tables.map(|table| pathways(&first, table));
    for on_planes in &before {
        for all in on_planes {
            assert_eq!(distinct(all).len(), 3, "{all:?}");
        }
    }
    let earlier = files(&first[0].folder);

    told.push(erasure("P1"));
    // Read late: said before the erasure, found after it.
    say(folder, 1, 0);
    for (again, from) in [(1, 10), (2, 20)] {
        let after = publish(&told);
        // It is kept beside the first that follows.
        assert!(again > 1 || files(&first[0].folder) == earlier);
        for (table, before) in tables.iter().zip(&before) {
            for (now, then) in pathways(&after, table).iter().zip(before) {
                assert_eq!(distinct(now).len(), 2, "{table}: {now:?}");
                assert!(distinct(now).is_subset(&distinct(then)), "{table}");
                assert!(!now.contains(&"RXX:P1".to_owned()), "{table}");
                if *table == "alert_history" {
                    let of_others = then.len() / 3 * 2;
                    assert_eq!(now.len(), of_others * (again + 1), "those stay");
                }
            }
        }
        // What comes after the files were cleared is looked at, too.
        say(folder, 0, from);
    }
}

#[test]
fn a_cleared_file_is_looked_at_again_when_another_pathway_is_erased() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    say(folder, 0, 0);
    let history = folder.join("analyst/alert_history");
    let uncleared = files(&history);
    let told: Vec<String> = (0..3)
        .flat_map(|number| lines(&format!("P{number}"), None, 4))
        .chain([erasure("P1")])
        .collect();
    let publish = |told: &[String]| {
        let published = publish(day(2, 3), &[engine(told)], Vec::new(), folder);
        let shown = pathways(&published.expect("published"), "alert_history");
        distinct(&shown[0]).len()
    };
    assert_eq!(publish(&told), 2);
    let cleared = fs::read_to_string(history.join(".cleared")).expect("written");
    assert!(!cleared.contains("P1"), "{cleared}");
    for (path, bytes) in uncleared {
        fs::write(path, bytes).expect("put back");
    }
    assert_eq!(publish(&told), 3, "known to be cleared, so not read");
    let told = [told, vec![erasure("P2")]].concat();
    assert_eq!(publish(&told), 1);
}
