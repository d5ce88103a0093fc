//! The built binary as a person uses it: help, errors, exit codes, `assess` and `explain` on files.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a surprise fails the test, as it should"
)]

mod compare;
mod export;
mod suppress;
mod year;

#[path = "../support/mod.rs"]
mod support;

mod publish;
mod reference;
mod validate;

use serde_json::Value;
use std::io::Write;
use std::process::Command;
use support::process::{Finished, clockstop};

const SUBCOMMANDS: [&str; 16] = [
    "run",
    "demo",
    "generate",
    "assess",
    "explain",
    "publish",
    "validate",
    "topics",
    "redrive",
    "dictionary",
    "reference",
    "diff",
    "approve",
    "export",
    "compare",
    "check-config",
];

/// A referral of pathway `RXX:<identifier>`, received on a day.
fn referral(identifier: &str, received: &str) -> String {
    format!(
        r#"{{"topic":"referral","event_type":"referral_received","event_id":"00000000-0000-4000-8000-{:012}","recorded_at":"2026-01-05T09:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"{identifier}","organisation_identifier_issuer":"RXX","cancer_referral_to_treatment_period_start_date":"{received}","priority_type_code":"3","source_of_referral_for_out_patients":"03"}}"#,
        identifier.len()
    )
}

fn file_of(lines: &[&str]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    file
}

fn assess(file: &str, format: &str) -> Finished {
    clockstop(["assess", file, "--as-of", "2026-02-03", "--format", format]).run()
}

#[test]
fn help_names_every_subcommand_and_each_shows_an_example() {
    let help = clockstop(["--help"]).run().expect_code(0).stdout;
    for subcommand in SUBCOMMANDS {
        assert!(help.contains(subcommand), "{subcommand} in\n{help}");
        let its = clockstop([subcommand, "--help"])
            .run()
            .expect_code(0)
            .stdout;
        let example = its
            .lines()
            .any(|line| line.trim_start().starts_with("clockstop "));
        assert!(its.contains("Example") && example, "{its}");
    }
}

#[test]
fn a_usage_error_is_exit_code_2_and_says_what_is_missing() {
    let finished = clockstop(["assess"]).run().expect_code(2);
    assert!(
        finished.stderr.contains("FILE.jsonl"),
        "{}",
        finished.stderr
    );
    let finished = clockstop(["assess", "x", "--as-of", "yesterday"])
        .run()
        .expect_code(2);
    assert!(
        finished.stderr.contains("such as 2026-06-30"),
        "{}",
        finished.stderr
    );
}

#[test]
fn redrive_sends_nothing_that_was_not_chosen() {
    let told = clockstop(["redrive"]).run().expect_code(1).stderr;
    assert!(told.contains("choose letters by --reason"), "{told}");
    let words = ["redrive", "--reason", "unknown_schema"];
    let told = clockstop(words).run().expect_code(2).stderr;
    assert!(told.contains("unknown_schema_id"), "{told}");
}

#[test]
fn a_missing_file_is_exit_code_1_and_named() {
    let finished = assess("no-such-file.jsonl", "json").expect_code(1);
    assert!(
        finished.stderr.contains("no-such-file.jsonl"),
        "{}",
        finished.stderr
    );
}

#[test]
fn bad_lines_are_told_by_number_and_reason_the_rest_is_judged_and_the_code_is_3() {
    let wrong_date = referral("2", "2026-13-05");
    let too_long = referral(&"9".repeat(21), "2026-01-05");
    let good = [referral("1", "2026-01-05"), referral("333", "2026-01-06")];
    let file = file_of(&[&good[0], "{oops", &wrong_date, "", &too_long, &good[1]]);
    let finished = assess(file.path().to_str().unwrap(), "json").expect_code(3);
    let told: Vec<_> = finished.stderr.lines().collect();
    assert!(told[0].starts_with("line 2: not_json"), "{told:?}");
    assert!(told[1].starts_with("line 3: does_not_decode"), "{told:?}");
    assert!(told[2].starts_with("line 5: text_too_long"), "{told:?}");
    assert!(told[3].starts_with("3 of 5 lines"), "{told:?}");
    assert!(
        !finished.stderr.contains("999999"),
        "no value is shown: {told:?}"
    );
    let judged: Vec<Value> = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(judged.len(), 2);
    assert_eq!(judged[0]["pathway"], "RXX:1");
    assert_eq!(judged[0]["alerts"][0]["level"], "breached");
    assert_eq!(judged[1]["pathway"], "RXX:333");
    assert_eq!(judged[1]["alerts"][0]["level"], "at_risk_3");
}

#[test]
fn a_dash_reads_standard_input_and_text_is_for_people() {
    let finished = clockstop(["assess", "-", "--as-of", "2026-02-03", "--format", "text"])
        .stdin(referral("1", "2026-01-05"))
        .run()
        .expect_code(0);
    let text = finished.stdout;
    assert!(text.contains("RXX:1  USC  as of 2026-02-03"), "{text}");
    assert!(
        text.contains("breached since 2026-02-03, 1 day over"),
        "{text}"
    );
    assert!(text.contains("due by 2026-03-08, 33 days left"), "{text}");
}

#[test]
fn explain_gives_the_rules_in_words_and_the_reports() {
    let file = file_of(&[&referral("1", "2026-01-05")]);
    let path = file.path().to_str().unwrap();
    let finished = clockstop(["explain", "RXX:1", "--file", path, "--as-of", "2026-02-03"])
        .run()
        .expect_code(0);
    assert!(
        finished.stdout.contains("days are calendar days"),
        "{}",
        finished.stdout
    );
    assert!(
        finished
            .stdout
            .contains("referral_received from RXX/epic, recorded 2026-01-05T09:00:00Z"),
        "{}",
        finished.stdout
    );
    let finished = clockstop(["explain", "RXX:2", "--file", path])
        .run()
        .expect_code(1);
    let told = finished.stderr;
    assert!(told.contains("no event of this pathway"), "{told}");
    assert!(!told.contains("RXX:2"), "{told}");
    let told = clockstop(["explain", "RXX:1"]).run().expect_code(2).stderr;
    assert!(told.contains("--file <FILE.jsonl>|--from-kafka"), "{told}");
}

#[test]
fn of_a_file_without_events_nothing_is_judged() {
    for lines in [&[][..], &["", "{oops"]] {
        let file = file_of(lines);
        let finished = assess(file.path().to_str().unwrap(), "json").expect_code(1);
        let told = finished.stderr;
        assert!(told.contains("holds no event"), "{told}");
        assert!(!told.contains("the rest was judged"), "{told}");
    }
}

#[test]
fn generate_writes_the_same_bytes_for_the_same_seed_and_assess_takes_them() {
    let generate = |seed| {
        clockstop(["generate", "--pathways", "50", "--seed", seed])
            .argument("--from=2026-01-01")
            .argument("--to=2026-03-31")
            .argument("--out=-")
            .run()
            .expect_code(0)
            .stdout
    };
    let feed = generate("7");
    assert_eq!(feed, generate("7"));
    assert_ne!(feed, generate("8"));
    let finished = clockstop(["assess", "-", "--as-of", "2026-03-31", "--format", "json"])
        .stdin(feed)
        .run()
        .expect_code(0);
    assert!(finished.stdout.lines().count() >= 50);
}

#[test]
fn a_year_fits_in_either_order_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (lines, fit) = (
        folder.path().join("year.jsonl"),
        folder.path().join("fit.csv"),
    );
    let (lines, fit) = (lines.to_str().unwrap(), fit.to_str().unwrap());
    let year = [
        "generate", "--year", "2024-25", "--scale", "0.0005", "--fit",
    ];
    let mut first = None;
    for order in ["arrival", "pathway"] {
        let output = ["--order", order, "--out", lines, "--fit-out", fit];
        let finished = clockstop(year.iter().chain(&output).copied())
            .run()
            .expect_code(0);
        assert!(
            finished.stderr.contains("Not calibrated"),
            "{}",
            finished.stderr
        );
        let written = std::fs::read_to_string(fit).unwrap();
        assert!(
            written.contains("2025-03,62D,by_modality,ENGLAND"),
            "{written}"
        );
        let mut events: Vec<String> = std::fs::read_to_string(lines)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        events.sort_unstable();
        assert!(events.len() > 10_000);
        let first = first.get_or_insert_with(|| (written.clone(), events.clone()));
        assert!(*first == (written, events), "the orders differ");
    }
}

#[test]
fn a_fit_that_cannot_be_written_is_told_before_anything_is_generated() {
    let year = ["generate", "--year", "2024-25", "--scale", "0.0001"];
    let output = [
        "--out",
        "-",
        "--fit",
        "--fit-out",
        "/no-such-folder/fit.csv",
    ];
    let finished = clockstop(year.iter().chain(&output).copied())
        .run()
        .expect_code(1);
    let told = finished.stderr;
    assert!(
        told.contains("cannot write /no-such-folder/fit.csv"),
        "{told}"
    );
    assert!(finished.stdout.is_empty(), "something was generated");
}

#[test]
fn whoever_reads_may_leave_early() {
    let file = file_of(&[&referral("1", "2026-01-05")]);
    let file = file.path().to_str().unwrap();
    let day = ["--as-of", "2026-02-03"];
    for words in [
        &["dictionary"][..],
        &["explain", "RXX:1", "--file", file, day[0], day[1]],
        &["assess", file, day[0], day[1]],
        &["validate", file, day[0], day[1]],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_clockstop"));
        let finished = command.args(words).stdout(writer).output().unwrap();
        let told = String::from_utf8(finished.stderr).unwrap();
        assert_eq!((finished.status.code(), &*told), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_year_has_no_days_of_its_own_and_no_more_than_its_patients() {
    for wrong in [
        ["--scale", "1.5", "--fit"],
        ["--scale", "0", "--fit"],
        ["--from", "2024-04-01", "--fit"],
    ] {
        let year = ["generate", "--year", "2024-25"];
        clockstop(year.iter().chain(&wrong).copied())
            .run()
            .expect_code(2);
    }
}
