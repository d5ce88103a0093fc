//! The direction connectors -> schemas -> pipeline, and what the two pure crates may never link.

use std::collections::BTreeSet;
use std::process::Command;

use crate::repository;

/// Anything that opens a file or a socket, tells the time, draws randomness or runs tasks.
const WORLD: [&str; 14] = [
    "async-std",
    "axum",
    "getrandom",
    "hyper",
    "mio",
    "object_store",
    "parquet",
    "rdkafka",
    "rdkafka-sys",
    "reqwest",
    "signal-hook",
    "smol",
    "tokio",
    "ureq",
];

/// Beyond that, the rules know neither a wire format nor a calendar with a clock in it.
const FORMATS: [&str; 9] = [
    "apache-avro",
    "arrow",
    "chrono",
    "jiff",
    "serde",
    "serde_core",
    "serde_json",
    "time",
    "toml",
];

#[test]
fn the_rules_stand_alone() {
    let linked = linked_by("clockstop-pipeline");
    assert_eq!(ours(&linked), Vec::<&str>::new());
    assert_absent(&linked, "pipeline", &WORLD);
    assert_absent(&linked, "pipeline", &FORMATS);
}

#[test]
fn the_formats_know_the_rules_and_no_connection() {
    let linked = linked_by("clockstop-schemas");
    assert_eq!(ours(&linked), ["clockstop-pipeline"]);
    // apache-avro brings it along; nothing here draws from it.
    let world: Vec<&str> = WORLD
        .into_iter()
        .filter(|name| *name != "getrandom")
        .collect();
    assert_absent(&linked, "schemas", &world);
}

#[test]
fn the_program_links_both() {
    assert_eq!(
        ours(&linked_by("clockstop")),
        ["clockstop-pipeline", "clockstop-schemas"]
    );
}

/// The names of all crates that end up in the package's library, with the features it asks for itself.
fn linked_by(package: &str) -> BTreeSet<String> {
    let listed = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(repository::root())
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--package", package])
        .output()
        .unwrap();
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let text = String::from_utf8(listed.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| *name != package)
        .map(str::to_owned)
        .collect()
}

fn ours(linked: &BTreeSet<String>) -> Vec<&str> {
    linked
        .iter()
        .map(String::as_str)
        .filter(|name| name.starts_with("clockstop"))
        .collect()
}

fn assert_absent(linked: &BTreeSet<String>, room: &str, banned: &[&str]) {
    let found: Vec<_> = banned
        .iter()
        .filter(|name| linked.contains(**name))
        .collect();
    assert!(
        found.is_empty(),
        "{room}/ must not link {found:?}: I/O and formats belong in the crates around it"
    );
}
