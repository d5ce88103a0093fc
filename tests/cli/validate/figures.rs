//! The report as a whole: its figures, codes that are on no list, a month, and the verdicts.

use super::{DECIDED, Lines, NUMBER, REASON, RECEIPT, STARTED, TOLD, lines};
use crate::support::cache;
use crate::support::process::clockstop;
use serde_json::{Value, json};

const WORDS: [&str; 3] = ["what_to_do", "meaning", "effect_meaning"];

/// Takes the words for people out; none is empty.
fn without_words(mut report: Value) -> Value {
    for part in ["refusals", "unlisted_codes", "same_version", "findings"] {
        for row in report[part].as_array_mut().unwrap() {
            for word in WORDS {
                if let Some(text) = row.as_object_mut().unwrap().remove(word) {
                    assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{word}");
                }
            }
        }
    }
    report
}

/// Two pathways treated before they were decided on, a code of no list, a refused line, a resend, a correction,
/// an older version and a contradiction.
fn mixed() -> Lines {
    let mut file = Lines::default();
    for pathway in ["PATHWAY1", "PATHWAY2"] {
        file.of(pathway, "RXX/epic");
        file.diagnosed();
        file.decide("T1", "2026-05-25", "23");
        file.start("T1", "2026-05-20", "01", &json!({}));
    }
    file.of("PATHWAY3", "RYY/pas");
    file.refer(
        "2026-05-20",
        &json!({"priority_type_code": "7", "ethnic_category": "??", "icb": "nowhere"}),
    );
    file.written.push(file.written[12].clone());
    let correction = json!({"recorded_at": "2026-05-02T09:00:00Z", "priority_type_code": NUMBER});
    file.refer("2026-05-20", &correction);
    file.refer(
        "2026-05-20",
        &json!({"recorded_at": "2026-04-30T09:00:00Z"}),
    );
    let same = json!({"recorded_at": "2026-05-02T09:00:00Z", "event_id": "00000000-0000-4000-8000-000000000014",
        "priority_type_code": "3"});
    file.refer("2026-05-20", &same);
    file.add("first_seen", &json!({"date_first_seen": "20260522"}));
    file
}

#[test]
fn the_figures_of_a_small_file_are_exact() {
    let report = without_words(mixed().report(&[], 3));
    let negative = ["RXX/epic", "V07"];
    let finding = |rule: &str, fields: &[&str], effect: &str| {
        json!({"organisation": null, "source": negative[0], "rule": rule, "fields": fields, "severity": "reject",
            "effect": effect, "count": 2, "examples": [[{"line": 5}, {"line": 6}], [{"line": 11}, {"line": 12}]]})
    };
    let expected = json!({
        "format": 1,
        "verdict": "not_fit",
        "as_of": "2026-06-01",
        "month": null,
        "read": {"since": null, "topics": ["referral", "diagnosis", "treatment"]},
        // Twelve of the first two pathways, the referral and its correction change what is known. Of the two of one
        // version the greater text of the first field that differs counts: NUMBER is above "3".
        "records": {"read": 18, "changed": 14, "repeated": 1, "superseded": 2, "refused": 1},
        "pathways": {"known": 3, "judged": 3, "with_findings": 2, "rejected": 2},
        "refusals": [{"source": "RYY/pas", "field": "date_first_seen", "reason": "does_not_decode", "count": 1,
            "examples": [{"line": 18}]}],
        "unlisted_codes": [
            {"source": "RYY/pas", "field": "priority_type_code", "code": null, "count": 1, "examples": [{"line": 15}]},
            {"source": "RYY/pas", "field": "priority_type_code", "code": "7", "count": 2,
                "examples": [{"line": 13}, {"line": 14}]},
        ],
        "same_version": [{"source": "RYY/pas", "event_type": "referral_received", "count": 1,
            "examples": [{"line": 17}]}],
        "findings": [
            finding("V05", &[DECIDED, STARTED], "31_day_not_counted"),
            finding("V07", &[DECIDED, STARTED], "not_counted"),
        ],
    });
    assert_eq!(report, expected);
    let fewer = mixed().report(&["--examples", "1"], 3);
    assert_eq!(fewer["findings"][0]["count"], 2);
    assert_eq!(
        fewer["findings"][0]["examples"],
        json!([[{"line": 5}, {"line": 6}]])
    );
    assert_eq!(
        fewer["unlisted_codes"][1]["examples"],
        json!([{"line": 13}])
    );
}

#[test]
fn a_code_of_no_list_is_a_remark_and_fields_without_a_list_are_left_alone() {
    let mut file = Lines::default();
    file.of("PATHWAY1", "RXX/epic");
    file.refer(
        "2026-05-20",
        &json!({"ethnic_category": "?", "person_stated_gender_code": "?"}),
    );
    let report = file.report(&[], 0);
    assert_eq!(report["verdict"], "fit");
    assert_eq!(report["unlisted_codes"], json!([]));
    file.add(
        "milestone_recorded",
        &json!({"milestone_type": "operation"}),
    );
    // What is taken back says nothing.
    file.add(
        "first_seen",
        &json!({"delay_reason_referral_to_first_seen": "77", "entered_in_error": true}),
    );
    let report = file.report(&[], 0);
    assert_eq!(report["verdict"], "fit_with_remarks");
    let codes = &report["unlisted_codes"];
    assert_eq!(codes.as_array().unwrap().len(), 1, "{codes}");
    assert_eq!(codes[0]["field"], "milestone_type");
    let text = file.validate(&[], 0).stdout;
    assert!(
        text.starts_with("fit with remarks: nothing is refused; 0 of 1 pathways"),
        "{text}"
    );
    assert!(text.contains("a remark, not a refusal"), "{text}");
}

#[test]
fn a_month_shows_what_is_reported_in_it_under_who_reports() {
    let mut file = Lines::default();
    file.of("PATHWAY1", "RXX/epic");
    file.refer("2026-03-20", &json!({}));
    // No end reason: FDS does not stop, and is still to be mended for April.
    file.add(
        "outcome_communicated",
        &json!({TOLD: "2026-04-10", REASON: null,
        "organisation_site_identifier_faster_diagnosis_pathway_end": "RZZ05"}),
    );
    file.of("PATHWAY2", "RXX/epic");
    file.refer("2026-04-20", &json!({}));
    file.tell("2026-05-01", "");
    let april = file.report(&["--month", "2026-04"], 3);
    assert_eq!(april["month"], "2026-04");
    let pathways = json!({"known": 2, "judged": 1, "with_findings": 1, "rejected": 1});
    assert_eq!(april["pathways"], pathways);
    let findings = april["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{april}");
    assert_eq!(findings[0]["organisation"], "RZZ");
    assert_eq!(findings[0]["rule"], "V11");
    assert_eq!(lines(&findings[0]["examples"][0]), [2]);
    let june = file.report(&["--month", "2026-06"], 0);
    assert_eq!(
        (&june["verdict"], &june["findings"]),
        (&json!("fit"), &json!([]))
    );
    let both = file.report(&[], 3);
    assert_eq!(both["findings"][0]["count"], 2);
    file.validate(&["--month", "2026-13"], 2);
}

#[test]
fn a_finding_is_told_by_the_report_that_counts_and_by_its_own_field() {
    let mut file = Lines::default();
    file.of("PATHWAY1", "RXX/epic");
    file.refer("2026-02-01", &json!({}));
    let told = |at: &str| json!({TOLD: "2026-05-10", REASON: "02", "recorded_at": at});
    for hour in ["09", "11", "10"] {
        let at = format!("2026-05-12T{hour}:00:00Z");
        file.add("outcome_communicated", &told(&at));
    }
    let report = file.report(&[], 0);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report}");
    assert_eq!(findings[0]["rule"], "V22");
    let owed = json!(["delay_reason_outcome_communication"]);
    assert_eq!(findings[0]["fields"], owed);
    assert_eq!(lines(&findings[0]["examples"][0]), [3]);
}

#[test]
fn nothing_to_judge_is_no_verdict() {
    let none = Lines::default();
    let told = none.validate(&[], 1).stderr;
    assert!(told.contains("holds no event"), "{told}");
    let told = clockstop(["validate", "no-such-file.jsonl"])
        .run()
        .expect_code(1);
    assert!(
        told.stderr.contains("no-such-file.jsonl"),
        "{}",
        told.stderr
    );
    let told = clockstop(["validate"]).run().expect_code(2).stderr;
    assert!(told.contains("FILE.jsonl|--from-kafka"), "{told}");
    let words = ["validate", "x", "--since", "12"];
    clockstop(words).run().expect_code(2);
}

#[test]
fn a_dash_reads_standard_input() {
    let mut file = Lines::default();
    file.of("PATHWAY1", "RXX/epic");
    file.refer("2026-05-20", &json!({RECEIPT: "2026-05-20"}));
    let command = clockstop(["validate", "-", "--as-of", "2026-06-01"]);
    let finished = command.stdin(file.written.join("\n")).run().expect_code(0);
    let first = "fit to send: nothing was found\njudged on 2026-06-01: 1 records";
    assert!(finished.stdout.starts_with(first), "{}", finished.stdout);
}

#[test]
fn the_readme_shows_what_is_printed() {
    let root = cache::workspace();
    let file = root.join("tests/data/not_fit.jsonl");
    let command = clockstop(["validate", file.to_str().unwrap()]);
    let finished = command.argument("--as-of").argument("2026-06-01").run();
    let printed = finished.expect_code(3).stdout;
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&printed), "{printed}");
}
