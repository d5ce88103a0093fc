//! `compare`: what differs, why, and by how much to the patient.

use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::{Basis, CategoryName, Cell, Halves, RouteOrStage};
use clockstop_schemas::published::write_national;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::process::{Finished, clockstop};
use crate::year::{FILES, PUBLISHED, ROOT, text};

fn compare(files: &[&Path], words: &[&str]) -> Finished {
    let mut run = clockstop(["compare"]);
    for file in files {
        run = run.argument(file);
    }
    for word in ["--from", text(&ROOT)].iter().chain(words) {
        run = run.argument(word);
    }
    run.run()
}

fn as_json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap()
}

#[test]
fn the_year_is_what_was_published() {
    let files: Vec<&Path> = FILES.iter().map(PathBuf::as_path).collect();
    let told = as_json(&compare(&files, &["--format", "json"]).expect_code(0));
    let cells = json!({"same": 295_243, "different": 0, "only_ours": 0, "only_theirs": 0});
    assert_eq!(told["cells"], cells);
    assert_eq!(
        told["not_compared"],
        json!({"unknown_commissioner": 0, "other_cuts": 0})
    );
    assert_eq!(
        (&told["causes"], &told["differences"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(told["months"].as_array().map(Vec::len), Some(12));
}

/// Treatments of April and May by all providers and commissioners.
fn spring() -> Vec<Cell> {
    let mut cells = PUBLISHED.clone();
    cells.retain(|cell| cell.key.month.month < 6 && cell.key.month.month > 3);
    cells.retain(|cell| cell.key.activity.name() == "62D");
    cells
}

fn file(cells: &[Cell]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), write_national(cells)).unwrap();
    file
}

/// The cells of a provider in a month by route, over all cancers.
fn by_route<'a>(cells: &'a mut [Cell], organisation: &str, month: i32) -> Vec<&'a mut Cell> {
    let wanted = Month { year: 2024, month };
    let cells = cells.iter_mut().filter(|cell| {
        let key = &cell.key;
        (key.month, key.basis) == (wanted, Basis::Provider)
            && key.organisation == organisation
            && key.part != RouteOrStage::All
            && key.cancer_type.is_all()
            && key.modality.is_all()
    });
    cells.collect()
}

/// More patients of the first band, or fewer.
fn add(cell: &mut Cell, patients: i64) {
    let patients = Halves::whole(patients);
    cell.counts.total += patients;
    *cell.counts.within.as_mut().unwrap() += patients;
    cell.counts.bands[0] += patients;
}

#[test]
fn each_difference_has_its_cause_and_its_size() {
    let mut theirs = spring();
    let missing = |cell: &Cell| cell.key.organisation == "RCF";
    let lost: Vec<Cell> = theirs
        .iter()
        .filter(|cell| missing(cell))
        .cloned()
        .collect();
    let lost: Halves = lost.iter().map(|cell| cell.counts.total).sum();
    let rows = theirs.iter().filter(|cell| missing(cell)).count();
    theirs.retain(|cell| !missing(cell));
    // Five patients of the first route in May rather than April.
    add(by_route(&mut theirs, "RAL", 4)[0], -5);
    add(by_route(&mut theirs, "RAL", 5)[0], 5);
    // Three on another route of the same month.
    add(by_route(&mut theirs, "RXP", 4)[0], -3);
    add(by_route(&mut theirs, "RXP", 4)[1], 3);
    // Two who waited longer, still within.
    let bands = &mut by_route(&mut theirs, "RWE", 5)[0].counts.bands;
    bands[0] += Halves::whole(-2);
    bands[1] += Halves::whole(2);
    // Names are never compared.
    theirs[0].name = "ANOTHER NAME".into();
    theirs[0].region = Some("ANOTHER REGION".into());
    let file = file(&theirs);
    let finished = compare(&[file.path()], &["--format", "json"]).expect_code(3);
    let told = as_json(&finished);
    let lost: Value = lost.to_string().parse().unwrap();
    let cause = |cause: &str, cells: usize, size: Value, net: Value| json!({"cause": cause, "cells": cells, "size": size, "net": net});
    let causes = json!([
        cause("organisation_missing", rows, lost.clone(), lost),
        cause("month_moved", 2, 10.into(), 0.into()),
        cause("route", 2, 6.into(), 0.into()),
        cause("band", 1, 2.into(), 0.into()),
    ]);
    assert_eq!(told["causes"], causes);
    let same = spring().len() - rows - 5;
    let cells = json!({"same": same, "different": 5, "only_ours": rows, "only_theirs": 0});
    assert_eq!(told["cells"], cells);
    let band = told["differences"].as_array().unwrap().iter();
    let band: Vec<&Value> = band.filter(|each| each["cause"] == "band").collect();
    assert_eq!((band.len(), &band[0]["organisation"]), (1, &json!("RWE")));
    let figures: Vec<&String> = band[0]["figures"].as_object().unwrap().keys().collect();
    assert_eq!(figures, ["in_32_to_38_days", "within_31_days"]);

    let text = compare(&[file.path()], &["--top", "3"])
        .expect_code(3)
        .stdout;
    let place = |what: &str| {
        text.find(what)
            .unwrap_or_else(|| panic!("{what} in\n{text}"))
    };
    assert!(place("are the same") < place("organisation_missing"));
    assert!(place("month_moved") < place("largest differences"));
    let largest = text
        .lines()
        .skip_while(|line| !line.contains("largest differences"));
    assert_eq!(largest.count(), 4, "{text}");

    let csv = compare(&[file.path()], &["--format", "csv"])
        .expect_code(3)
        .stdout;
    let of_band: Vec<&str> = csv.lines().filter(|line| line.contains(",band,")).collect();
    assert_eq!(of_band.len(), 2, "{csv}");
    assert!(
        of_band[0].ends_with(",2") && of_band[1].ends_with(",-2"),
        "{of_band:?}"
    );
}

#[test]
fn what_a_file_does_not_hold_is_not_held_against_us() {
    let of = |keep: fn(&Cell) -> bool| {
        let mut cells = spring();
        cells.retain(keep);
        let file = file(&cells);
        let told = as_json(&compare(&[file.path()], &["--format", "json"]).expect_code(0));
        (
            told["cells"]["same"].clone(),
            cells.len(),
            told["not_compared"].clone(),
        )
    };
    let (same, held, rest) = of(|cell| cell.key.organisation != "UNKNOWN");
    let unknown = spring().len() - held;
    assert!(unknown > 0);
    assert_eq!(same, held);
    assert_eq!(
        rest,
        json!({"unknown_commissioner": unknown, "other_cuts": 0})
    );
    let (same, held, rest) = of(|cell| cell.key.modality == CategoryName::All);
    assert_eq!(same, held);
    assert_eq!(
        rest,
        json!({"unknown_commissioner": 0, "other_cuts": spring().len() - held})
    );
}

#[test]
fn a_month_may_be_named_and_a_file_read_from_standard_input() {
    let april = |cell: &Cell| cell.key.month.month == 4;
    let mut cells = spring();
    let wanted = cells.iter().filter(|cell| april(cell)).count();
    let may = cells.iter_mut().find(|cell| !april(cell)).unwrap();
    add(may, 1);
    let words = ["compare", "-", "--from", text(&ROOT), "--format", "json"];
    let run = |words: &[&str]| clockstop(words).stdin(write_national(&cells)).run();
    run(&words).expect_code(3);
    let told = run(&[&words[..], &["--month", "2024-04"]].concat()).expect_code(0);
    assert_eq!(as_json(&told)["cells"]["same"], wanted);
    let told = run(&[&words[..], &["--month", "2024-09"]].concat()).expect_code(1);
    assert!(
        told.stderr.contains("nothing to compare"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_file_that_is_none_is_refused_and_one_given_twice_is_told() {
    let none = tempfile::NamedTempFile::new().unwrap();
    fs::write(none.path(), "a,b\n1,2\n").unwrap();
    let told = compare(&[none.path()], &[]).expect_code(1).stderr;
    assert!(told.contains("is no published file"), "{told}");
    let one = file(&spring()[..10]);
    let told = compare(&[one.path(), one.path()], &["--month", "2024-04"]);
    assert!(
        told.stderr
            .contains("10 rows of the files stand there more than once"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_month_that_the_files_lack_is_named() {
    let file = file(&spring());
    let words = [
        "--month", "2024-04", "--month", "2024-09", "--format", "json",
    ];
    let finished = compare(&[file.path()], &words).expect_code(0);
    assert_eq!(
        finished.stderr,
        "the files hold no row of 2024-09: it is not compared\n"
    );
    assert_eq!(as_json(&finished)["months"], json!(["2024-04"]));
}
