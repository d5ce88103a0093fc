//! `export cwt --suppress`: what leaves the building, and what never does.

use clockstop_pipeline::statistics::{Halves, RouteOrStage};
use serde_json::Value;
use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use crate::support::process::{Finished, clockstop};
use crate::year::{self, MARCH, PUBLISHED, ROOT, text};

fn suppress(from: &Path, words: &[&str], out: &Path) -> Finished {
    let from = ["export", "cwt", "--suppress", "--from", text(from)];
    let words = [&from[..], words, &["--out-root", text(out)]].concat();
    clockstop(words).run()
}

const RELEASE: [&str; 2] = ["--release", "2025-03/final"];

#[test]
fn a_released_month_leaves_with_small_counts_hidden_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("outgoing");
    let told = suppress(&ROOT, &RELEASE, &out).expect_code(0);
    let csv = fs::read_to_string(out.join("2025-03/final/cwt.csv")).unwrap();
    let (columns, rows) = csv.split_once('\n').unwrap();
    assert!(
        columns.ends_with(",In_22_to_28_days,After_28_days,Suppressed"),
        "{columns}"
    );
    let march = PUBLISHED.iter().filter(|cell| cell.key.month == MARCH);
    // Rows of nobody, to hide others among, are known by nothing: they stand in their order too.
    let places = rows.lines().map(|row| {
        let place: Vec<&str> = row.splitn(4, ',').collect();
        let england = if place[2] == "Total" {
            "ENGLAND"
        } else {
            place[2]
        };
        (Reverse(place[1]), england)
    });
    assert!(places.is_sorted());
    assert!(rows.lines().count() > march.clone().count());
    let (mut shown, mut hidden_rows) = (0, 0);
    for row in rows.lines() {
        // Names have commas, figures have none: Suppressed, the bands, and of four columns all but Performance.
        let figures: Vec<&str> = row.rsplit(',').take(22).collect();
        let england = row.split(',').nth(2) == Some("Total");
        let counts = figures[1..18].iter().chain(&figures[19..]);
        for count in counts.filter(|count| !count.is_empty()) {
            let count: f64 = count.parse().unwrap();
            shown += 1;
            assert!(
                england || count == 0.0 || (count >= 10.0 && count % 5.0 == 0.0),
                "{row}"
            );
        }
        hidden_rows += usize::from(figures[0] == "true");
        assert!(!england || figures[0] == "false", "{row}");
    }
    assert!(shown > 0 && hidden_rows > 0);
    let statement = fs::read(out.join("2025-03/final/_suppression.json")).unwrap();
    let statement: Value = serde_json::from_slice(&statement).unwrap();
    assert_eq!(statement["release"], "2025-03/final");
    assert_eq!(
        (
            &statement["rule"]["threshold"],
            &statement["rule"]["rounding"]
        ),
        (&7.into(), &5.into())
    );
    assert_eq!(statement["rows_suppressed"], hidden_rows);
    let small = |count: &Halves| Halves::ZERO < *count && *count < Halves::whole(8);
    let figures = march
        .filter(|cell| !cell.key.is_england())
        .flat_map(|cell| cell.counts.figures())
        .map(|(_, count)| count);
    let small = figures.filter(small).count();
    let hidden = usize::try_from(statement["counts"]["hidden"].as_u64().unwrap()).unwrap();
    assert!(
        (small..small + small / 50).contains(&hidden),
        "{small} {hidden}"
    );
    assert!(told.stderr.contains("counts hidden"), "{}", told.stderr);
    assert!(
        told.stderr.contains("from release 2025-03/final"),
        "{}",
        told.stderr
    );

    let again = suppress(&ROOT, &[&RELEASE[..], &["--threshold", "5"]].concat(), &out);
    let told = again.expect_code(1).stderr;
    assert!(told.contains("is there already"), "{told}");
}

#[test]
fn nothing_leaves_that_is_not_released_or_not_apart() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("outgoing");
    let refused = |from: &Path, words: &[&str], out: &Path, expected: &str| {
        let told = suppress(from, words, out).expect_code(1).stderr;
        assert!(told.contains(expected), "{expected}: {told}");
    };
    refused(
        &ROOT,
        &[],
        &out,
        "only a released month leaves the building",
    );
    let running = folder.path().join("running");
    let cells = year::counted(&PUBLISHED[..50]);
    let frozen = year::release(&running, "2024-04/provisional", &cells);
    let manifest = fs::read(frozen.join("_snapshot.json")).unwrap();
    let unreleased = tempfile::tempdir().unwrap();
    let snapshot = year::publish(unreleased.path(), &cells, "running");
    fs::copy(
        snapshot.join("performance/part-0000.parquet"),
        frozen.join("performance/part-0000.parquet"),
    )
    .unwrap();
    let april = ["--release", "2024-04/provisional"];
    refused(&running, &april, &out, "2024-04 is still running");
    fs::write(frozen.join("_snapshot.json"), manifest).unwrap();
    for inside in [
        ROOT.clone(),
        ROOT.join("outgoing"),
        ROOT.parent().unwrap().to_owned(),
    ] {
        refused(&ROOT, &RELEASE, &inside, "is not apart from");
    }
    assert!(!ROOT.join("outgoing").exists() && !out.exists());
    fs::create_dir(&out).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    refused(&ROOT, &RELEASE, &out, "holds notes.txt");
    for words in [["--month", "2025-03"], ["--out", "x.csv"]] {
        let told = suppress(&ROOT, &[&RELEASE[..], &words].concat(), &out);
        assert!(told.expect_code(2).stderr.contains("cannot be used with"));
    }
    let alone = ["export", "cwt", "--suppress", "--from", text(&ROOT)];
    let told = clockstop(alone).run().expect_code(2).stderr;
    assert!(told.contains("--out-root"), "{told}");
}

/// One provider and England: the one is the other.
#[test]
fn what_no_hiding_can_protect_stays_in() {
    let of = |wanted: fn(&RouteOrStage) -> bool| {
        let root = tempfile::tempdir().unwrap();
        let mut cells = PUBLISHED.clone();
        cells.retain(|cell| {
            let key = &cell.key;
            let ours = key.month == MARCH && key.organisation == "RCF" && wanted(&key.part);
            ours && key.activity.name() == "FDS"
        });
        let england = cells.clone().into_iter().map(|mut cell| {
            cell.key = cell.key.of_england();
            cell
        });
        let cells: Vec<_> = england.chain(cells).collect();
        year::release(root.path(), "2025-03/final", &year::counted(&cells));
        let out = tempfile::tempdir().unwrap();
        (suppress(root.path(), &RELEASE, out.path()), out)
    };
    let (told, out) = of(|_| true);
    let cut = "FDS by route and cancer type";
    let told = told.expect_code(0).stderr;
    assert!(told.contains(&format!("worked out: {cut}")), "{told}");
    let left = out.path().join("2025-03/final");
    let statement = fs::read(left.join("_suppression.json")).unwrap();
    let statement: Value = serde_json::from_slice(&statement).unwrap();
    assert_eq!(statement["left_out"], serde_json::json!([cut]));
    let csv = fs::read_to_string(left.join("cwt.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(
        rows.len(),
        3,
        "the provider, and England on both bases: {csv}"
    );
    assert!(rows.iter().all(|row| row.contains("ALL ROUTES")), "{csv}");

    let (told, out) = of(|part| *part != RouteOrStage::All);
    let told = told.expect_code(1).stderr;
    assert!(
        told.contains("nothing of 2025-03/final can leave"),
        "{told}"
    );
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}
