//! `export cwt`: the national file, whole or not at all.

use clockstop_pipeline::statistics::{Cell, Halves};
use clockstop_schemas::published::read_published;
use std::fs;

use crate::support::process::{Finished, clockstop};
use crate::year::{self, AS_OF, MARCH, PUBLISHED, ROOT, text};

fn export(arguments: &[&str]) -> Finished {
    clockstop(["export", "cwt"].iter().chain(arguments)).run()
}

/// Rows of nobody are not written (statistics 3).
fn sorted(cells: &[Cell], wanted: impl Fn(&&Cell) -> bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> = cells.iter().filter(wanted).cloned().collect();
    cells.retain(|cell| cell.counts.total > Halves::ZERO);
    for cell in &mut cells {
        (cell.name, cell.region) = ("".into(), None);
    }
    cells.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    cells
}

#[test]
fn the_year_comes_out_as_it_was_published_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("cwt.csv");
    let words = [
        "--from",
        text(&ROOT),
        "--year",
        "2024-25",
        "--out",
        text(&out),
    ];
    let told = export(&words).expect_code(0);
    assert_eq!(told.stdout, "");
    let rows = sorted(&PUBLISHED, |_| true);
    let summary = format!(
        "295,243 rows of 12 months, 2024-04 to 2025-03 (final), from snapshot, as of {AS_OF}\n"
    );
    assert_eq!((rows.len(), told.stderr), (295_243, summary));
    let written = fs::read(&out).unwrap();
    let found = read_published(&written).unwrap();
    assert!(found.is_sorted_by(|a, b| a.key < b.key));
    assert!(sorted(&found, |_| true) == rows);
    let airedale = found
        .iter()
        .find(|cell| cell.key.organisation == "RCF")
        .unwrap();
    assert_eq!(airedale.name, "AIREDALE NHS FOUNDATION TRUST");
    let there: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(there.len(), 1, "nothing unfinished is left: {there:?}");
}

#[test]
fn a_release_gives_its_month_and_a_snapshot_the_months_that_are_released() {
    let march = sorted(&PUBLISHED, |cell| cell.key.month == MARCH).len();
    let of = |words: &[&str]| {
        let words = [&["--from", text(&ROOT)], words].concat();
        export(&words).expect_code(0)
    };
    let release = of(&["--release", "2025-03/final"]);
    assert_eq!(release.stdout.lines().count(), march + 1);
    assert!(
        release
            .stderr
            .contains("(final), from release 2025-03/final"),
        "{}",
        release.stderr
    );
    assert_eq!(of(&["--month", "2025-03"]).stdout, release.stdout);
    let folder = ROOT.join("releases/2025-03/final");
    let direct = export(&["--from", text(&folder)]).expect_code(0);
    assert_eq!(direct.stdout, release.stdout);

    let running = tempfile::tempdir().unwrap();
    let cells = year::counted(&PUBLISHED[..100]);
    year::publish(running.path(), &cells, "running");
    let from = ["--from", text(running.path())];
    let told = export(&from).expect_code(1).stderr;
    assert!(told.contains("no month is released"), "{told}");
    assert!(told.contains("--month"), "{told}");
    let told = export(&[&from[..], &["--month", "2024-04"]].concat()).expect_code(0);
    assert!(told.stderr.contains("2024-04 (running)"), "{}", told.stderr);
    assert_eq!(told.stdout.lines().count(), cells.len() + 1);
    let told = export(&[&from[..], &["--month", "2024-05"]].concat()).expect_code(1);
    assert!(
        told.stderr.contains("no figures of 2024-05"),
        "{}",
        told.stderr
    );
}

#[test]
fn what_is_not_published_is_refused_with_what_to_name() {
    let root = tempfile::tempdir().unwrap();
    let refused = |words: &[&str], expected: &str| {
        let words = [&["--from", text(root.path())], words].concat();
        let told = export(&words).expect_code(1).stderr;
        assert!(told.contains(expected), "{expected}: {told}");
    };
    refused(&[], "is no published folder");
    let file = text(&ROOT.join("current/_snapshot.json")).to_owned();
    let told = export(&["--from", &file]).expect_code(1).stderr;
    assert!(
        told.contains("name the root that holds `current`"),
        "{told}"
    );
    refused(&["--release", "2025-03/final"], "it has none");
    fs::create_dir(root.path().join("snapshots")).unwrap();
    refused(&[], "nothing is published in");
    let snapshot = year::publish(root.path(), &year::counted(&PUBLISHED[..10]), "final");
    year::release(root.path(), "2024-04/provisional", &[]);
    refused(
        &["--release", "2025-03/final"],
        "it has 2024-04/provisional",
    );
    let rewrite = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut manifest = year::manifest();
        change(&mut manifest);
        fs::write(snapshot.join("_snapshot.json"), manifest.to_string()).unwrap();
    };
    rewrite(&|manifest| manifest["tables_version"] = "0".into());
    refused(
        &[],
        "holds tables of version 0, and this program reads version 1",
    );
    rewrite(&|manifest| manifest["tables"] = serde_json::json!({}));
    refused(&[], "has no table performance");
    rewrite(&|manifest| manifest["partitions_missing"] = serde_json::json!([3, 5]));
    let told = export(&["--from", text(root.path())]).expect_code(0).stderr;
    assert!(
        told.contains("too small: partitions 3, 5 are missing"),
        "{told}"
    );
    fs::write(
        snapshot.join("performance/part-0000.parquet"),
        "PAR1 no more PAR1",
    )
    .unwrap();
    refused(&[], "cannot read");
    let unfinished = root.path().join("snapshots/.unfinished-2025");
    fs::rename(&snapshot, &unfinished).unwrap();
    let told = export(&["--from", text(&unfinished)]).expect_code(1).stderr;
    assert!(told.contains("is not finished"), "{told}");
}

#[test]
fn nothing_is_left_where_writing_fails_and_a_reader_may_leave_early() {
    let none = ROOT.join("no-such-folder/cwt.csv");
    let words = ["--from", text(&ROOT), "--month", "2025-03", "--out"];
    let told = export(&[&words[..], &[text(&none)]].concat()).expect_code(1);
    assert!(told.stderr.contains("cannot write"), "{}", told.stderr);
    let binary = env!("CARGO_BIN_EXE_clockstop");
    let script = format!(
        "set -o pipefail; '{binary}' export cwt --from '{}' --month 2025-03 | head -n 1",
        text(&ROOT)
    );
    let early = crate::support::process::Invocation::of("bash", ["-c", &script]);
    let finished = early.run().expect_code(0);
    assert!(
        finished.stdout.starts_with("Period,Basis"),
        "{}",
        finished.stdout
    );
}

#[test]
fn a_file_in_no_folder_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("nowhere/cwt.csv");
    let words = ["--from", text(&ROOT), "--month", "2025-03", "--out"];
    let told = export(&[&words[..], &[text(&out)]].concat()).expect_code(1);
    let absent = folder.path().join("nowhere");
    let expected = format!(
        "cannot write {}: {} is no folder\n",
        out.display(),
        absent.display()
    );
    assert!(told.stderr.ends_with(&expected), "{}", told.stderr);
}
