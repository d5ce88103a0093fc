//! The worked cases of the rules, driven through decoding, `learn` and `assess`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a case that cannot be read fails the test, as it should"
)]

mod golden;
mod parking;
mod tables;

use clockstop_pipeline::{AlertKey, Day, Engine, NhsNumber, Reference, complete_patient_findings};
use clockstop_schemas::{assessment_json, decode_line};
use serde_json::Value;
use std::collections::BTreeMap;

/// Judges events (JSON lines) on a day: one assessment per pathway, by pathway.
fn assess(events: &[Value], as_of: Day) -> BTreeMap<String, Value> {
    let mut engine = Engine::new(AlertKey([0; 32]), Reference::default(), "test");
    for event in events {
        let decoded = decode_line(event.to_string().as_bytes(), engine.texts_mut());
        let decoded = decoded.unwrap_or_else(|refusal| panic!("{refusal}: {event}"));
        engine.learn(&decoded.pathway, &decoded.report);
    }
    let rows: Vec<_> = engine.rows(as_of).collect();
    let parts: Vec<_> = rows.iter().map(|row| row.patient.clone()).collect();
    let mut findings: Vec<_> = rows.iter().map(|row| row.assessment.findings).collect();
    complete_patient_findings(&parts, &mut findings);
    rows.iter()
        .zip(findings)
        .map(|(row, findings)| {
            let mut assessment = row.assessment.clone();
            assessment.findings = findings;
            let json = assessment_json(row.pathway, &assessment, row.texts(), None).to_string();
            (row.pathway.to_owned(), serde_json::from_str(&json).unwrap())
        })
        .collect()
}

/// Without what no comparison looks at: `rules` and `alert_id`.
fn compared(assessment: &Value) -> Value {
    let mut assessment = assessment.clone();
    for list in ["clocks", "alerts"] {
        for entry in assessment[list].as_array_mut().into_iter().flatten() {
            let entry = entry.as_object_mut().unwrap();
            entry.remove("rules");
            entry.remove("alert_id");
        }
    }
    for allocation in assessment["allocation"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        for share in allocation["shares"].as_array_mut().into_iter().flatten() {
            for part in ["patients", "breaches"] {
                share[part] = share[part].as_f64().into();
            }
        }
    }
    assessment
}

fn day(text: &str) -> Day {
    let mut parts = text.split('-').map(|part| part.parse().unwrap());
    let mut next = || parts.next().unwrap();
    Day::from_ymd(next(), next(), next()).unwrap()
}

#[test]
fn every_decision_case_is_judged_as_worked_by_hand() {
    let given = include_str!("../data/decision_cases.jsonl").lines();
    let own = include_str!("../data/own_cases.jsonl").lines();
    assert_eq!((given.clone().count(), own.clone().count()), (123, 31));
    let mut failed = Vec::new();
    for line in given.chain(own) {
        let case: Value = serde_json::from_str(line).unwrap();
        let as_of = case["as_of"].as_str().unwrap();
        let assessed = assess(case["events"].as_array().unwrap(), day(as_of));
        let expected: Vec<_> = case["expected"]
            .as_array()
            .unwrap()
            .iter()
            .map(compared)
            .collect();
        let found: Vec<_> = assessed.values().map(compared).collect();
        if expected != found {
            failed.push(format!(
                "{} {} on {as_of}\n  expected {}\n  found    {}\n  trace    {}",
                case["id"],
                case["title"],
                Value::from(expected),
                Value::from(found),
                assessed.into_values().collect::<Value>(),
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} cases\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn every_route_vector_gives_its_route() {
    let ours = |theirs: &str| match theirs {
        "BREAST SYMPTOMATIC" => "BREAST_SYMPTOMATIC".to_owned(),
        "CONSULTANT UPGRADE" => "UPGRADE".to_owned(),
        other => other.to_owned(),
    };
    let vectors = golden::rows(include_str!("../data/route_vectors.csv"));
    for vector in &vectors {
        let mut feed = golden::Feed::default();
        feed.add(
            "referral",
            "referral_received",
            &[
                (
                    "cancer_referral_to_treatment_period_start_date",
                    "2026-02-01",
                ),
                ("priority_type_code", &vector["priority_type"]),
                (
                    "source_of_referral_for_out_patients",
                    &vector["source_of_referral"],
                ),
                (
                    "two_week_wait_cancer_or_symptomatic_breast_referral_type",
                    &vector["referral_type"],
                ),
            ],
        );
        feed.add(
            "referral",
            "consultant_upgrade",
            &[(
                "consultant_upgrade_date",
                &vector["consultant_upgrade_date"],
            )],
        );
        let assessed = assess(&feed.events, day("2026-02-03"));
        let route = &assessed[golden::PATHWAY]["route"];
        assert_eq!(*route, ours(&vector["expected_route"]), "{vector:?}");
    }
    assert_eq!(vectors.len(), 12);
}

#[test]
fn every_nhs_number_vector_is_told_valid_or_not() {
    let vectors = golden::rows(include_str!("../data/nhs_number_vectors.csv"));
    for vector in &vectors {
        let valid = NhsNumber::parse(&vector["candidate"]).is_some();
        assert_eq!(valid, vector["valid"] == "True", "{vector:?}");
    }
    assert_eq!(vectors.len(), 9);
}

#[test]
fn every_golden_example_comes_out_as_worked() {
    let rows = golden::rows(include_str!("../data/golden_examples.csv"));
    assert_eq!(rows.len(), 58);
    let failed: Vec<_> = rows
        .iter()
        .flat_map(|row| {
            let feed = golden::feed(row);
            let assessed = assess(&feed.events, golden::last_date(row));
            let assessment = assessed[golden::PATHWAY].clone();
            golden::differences(row, &assessment)
                .into_iter()
                .map(move |difference| format!("{}: {difference}\n  {assessment}", row["id"]))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
