//! `publish`: the tables of a file, both planes, with and without a key.

use super::support::process::{Finished, Invocation, clockstop};
use super::{file_of, referral};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::Value;
use std::fs::File;
use std::path::Path;

fn publish(file: &str, to: &Path, more: &[&str]) -> Finished {
    let words = ["publish", file, "--as-of", "2026-02-03", "--to"];
    let invocation = clockstop(words).argument(to);
    let invocation = more.iter().fold(invocation, Invocation::argument);
    invocation.run()
}

/// The first column of a table of one file.
fn first_column(root: &Path, table: &str) -> Vec<String> {
    let file = root.join(format!("current/{table}/part-0000.parquet"));
    let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().get_string(0).unwrap().clone())
        .collect()
}

#[test]
fn a_file_becomes_tables_on_both_planes_and_a_key_keeps_the_pseudonyms() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name| folder.path().join(name);
    let good = [referral("1", "2026-01-05"), referral("333", "2026-01-06")];
    let file = file_of(&[&good[0], &good[1]]);
    let file = file.path().to_str().unwrap();
    std::fs::write(at("key"), [7; 32]).unwrap();
    let key = ["--pseudonym-key", at("key").to_str().unwrap()].map(ToOwned::to_owned);
    let key = key.each_ref().map(String::as_str);
    let care = at("care");
    let both = [key[0], key[1], "--identifiable", care.to_str().unwrap()];
    let told = publish(file, &at("analyst"), &both).expect_code(0);
    assert!(told.stdout.contains("analyst"), "{}", told.stdout);
    for (table, rows) in [("pathways", 2), ("clocks", 4), ("alerts", 2)] {
        let words = [table.to_owned(), rows.to_string(), "rows".to_owned()];
        let lines = told.stdout.lines();
        let telling = lines.filter(|line| line.split_whitespace().eq(words.iter()));
        assert_eq!(telling.count(), 2, "{table} in\n{}", told.stdout);
    }
    assert!(!told.stderr.contains("random"), "{}", told.stderr);
    assert_eq!(first_column(&care, "pathways"), ["RXX:1", "RXX:333"]);
    let pseudonyms = first_column(&at("analyst"), "pathways");
    assert_eq!(first_column(&at("analyst"), "alerts").len(), 2);
    // Into the same folder once more: the newer one is current.
    publish(file, &at("analyst"), &key).expect_code(0);
    assert_eq!(first_column(&at("analyst"), "pathways"), pseudonyms);
    let told = publish(file, &at("other"), &[]).expect_code(0);
    assert!(told.stderr.contains("random key"), "{}", told.stderr);
    assert_ne!(first_column(&at("other"), "pathways"), pseudonyms);
    let manifest = std::fs::read(at("other").join("current/_snapshot.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["today"], "2026-02-03");
    assert_eq!(manifest["partitions"][0]["from"], "file");
}

#[test]
fn bad_lines_are_told_and_the_rest_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let lines = ["{oops", &referral("1", "2026-01-05")].join("\n");
    let finished = clockstop(["publish", "-", "--as-of", "2026-02-03", "--to"])
        .argument(folder.path())
        .stdin(lines)
        .run()
        .expect_code(3);
    assert!(
        finished.stderr.contains("line 1: not_json"),
        "{}",
        finished.stderr
    );
    assert_eq!(first_column(folder.path(), "pathways").len(), 1);
    // A file that was named by mistake takes the place of no tables.
    let told = publish("/dev/null", folder.path(), &[])
        .expect_code(1)
        .stderr;
    assert!(told.contains("holds no event"), "{told}");
    assert_eq!(first_column(folder.path(), "pathways").len(), 1);
}

#[test]
fn planes_need_folders_of_their_own_and_a_key_has_32_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (other, link) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let link = link.path().join("link");
    std::os::unix::fs::symlink(path, &link).unwrap();
    let beneath = folder.path().join("new/../below");
    for identifiable in [folder.path(), &link, &beneath] {
        let given = ["--identifiable", identifiable.to_str().unwrap()];
        let told = publish("-", folder.path(), &given).expect_code(1);
        assert!(told.stderr.contains("not apart"), "{}", told.stderr);
    }
    let apart = ["--identifiable", other.path().to_str().unwrap()];
    let told = publish("-", folder.path(), &apart).expect_code(1);
    assert!(told.stderr.contains("holds no event"), "{}", told.stderr);
    let short = file_of(&["short"]);
    let short = short.path().to_str().unwrap();
    let told = publish("-", folder.path(), &["--pseudonym-key", short]).expect_code(1);
    assert!(told.stderr.contains("has 5 bytes"), "{}", told.stderr);
    assert!(told.stderr.contains("/dev/urandom"), "{}", told.stderr);
}
