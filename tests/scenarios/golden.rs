//! How a row of `golden_examples.csv` becomes events, and what it expects.

use crate::day;
use clockstop_pipeline::Day;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The pathway of every example.
pub(crate) const PATHWAY: &str = "RXX:G";

/// A row by column.
pub(crate) type Row = BTreeMap<String, String>;

/// Reads a CSV file whose fields may be quoted.
pub(crate) fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines().map(fields);
    let header = lines.next().unwrap();
    lines
        .map(|values| header.iter().cloned().zip(values).collect())
        .collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(core::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

/// Events of one pathway, each with an id of its own.
#[derive(Default)]
pub(crate) struct Feed {
    pub(crate) events: Vec<Value>,
}

impl Feed {
    /// Adds an event unless all of its fields are empty.
    pub(crate) fn add(&mut self, topic: &str, event_type: &str, fields: &[(&str, &str)]) {
        let known: Map<String, Value> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|&(name, value)| (name.to_owned(), typed(name, value)))
            .collect();
        if known.keys().all(|name| name == "treatment_id") {
            return;
        }
        let mut event = json!({
            "topic": topic,
            "event_type": event_type,
            "event_id": format!("00000000-0000-4000-8000-{:012}", self.events.len()),
            "recorded_at": "2025-03-03T09:00:00Z",
            "source_system": "RXX/epic",
            "patient_pathway_identifier": "G",
            "organisation_identifier_issuer": "RXX",
        });
        event.as_object_mut().unwrap().extend(known);
        self.events.push(event);
    }
}

fn typed(name: &str, value: &str) -> Value {
    match name {
        "basal_cell_carcinoma" => Value::Bool(value == "Y"),
        "waiting_time_adjustment_first_seen" | "waiting_time_adjustment_treatment" => {
            value.parse::<u16>().unwrap().into()
        }
        _ => value.into(),
    }
}

/// The events of a row.
pub(crate) fn feed(row: &Row) -> Feed {
    let get = |name: &str| row[name].as_str();
    let (priority, source, suspected) = match get("route") {
        "USC" => ("3", "03", "07"),
        "BS" => ("3", "03", "16"),
        "SCR" => ("2", "17", "07"),
        "UPG" => ("1", "03", ""),
        "OTHER" => ("1", "04", ""),
        other => panic!("route {other}"),
    };
    let missed = |days: &str| if matches!(days, "" | "0") { "" } else { "3" }.to_owned();
    let mut feed = Feed::default();
    feed.add(
        "referral",
        "referral_received",
        &[
            (
                "cancer_referral_to_treatment_period_start_date",
                get("referral_date"),
            ),
            ("priority_type_code", priority),
            ("source_of_referral_for_out_patients", source),
            (
                "two_week_wait_cancer_or_symptomatic_breast_referral_type",
                suspected,
            ),
        ],
    );
    feed.add(
        "referral",
        "consultant_upgrade",
        &[("consultant_upgrade_date", get("upgrade_date"))],
    );
    feed.add(
        "referral",
        "first_seen",
        &[
            ("date_first_seen", get("first_seen_date")),
            (
                "organisation_site_identifier_of_provider_first_seen",
                get("first_seen_org"),
            ),
            ("waiting_time_adjustment_first_seen", get("wta_first_seen")),
            (
                "waiting_time_adjustment_reason_first_seen",
                &missed(get("wta_first_seen")),
            ),
        ],
    );
    feed.add(
        "referral",
        "transfer",
        &[
            ("date_of_transfer_to_treatment", get("transfer_date")),
            (
                "accountable_investigating_provider",
                get("accountable_investigating_org"),
            ),
        ],
    );
    feed.add(
        "referral",
        "pathway_closed",
        &[
            ("pathway_closed_date", get("closed_date")),
            ("pathway_closed_reason", get("closed_reason")),
        ],
    );
    feed.add(
        "diagnosis",
        "outcome_communicated",
        &[
            (
                "cancer_faster_diagnosis_pathway_end_date",
                get("fds_end_date"),
            ),
            (
                "cancer_faster_diagnosis_pathway_end_reason",
                get("fds_end_reason"),
            ),
            (
                "cancer_faster_diagnosis_pathway_exclusion_reason",
                get("fds_exclusion_reason"),
            ),
        ],
    );
    feed.add(
        "diagnosis",
        "diagnosis_recorded",
        &[
            ("primary_id", get("primary_id")),
            ("primary_diagnosis_icd", get("icd10")),
            ("basal_cell_carcinoma", get("bcc")),
        ],
    );
    treatment(&mut feed, row);
    feed
}

fn treatment(feed: &mut Feed, row: &Row) {
    let get = |name: &str| row[name].as_str();
    feed.add(
        "treatment",
        "decision_to_treat",
        &[
            ("treatment_id", "T1"),
            ("primary_id", get("primary_id")),
            ("cancer_treatment_period_start_date", get("dtt_or_ecad")),
            ("cancer_treatment_event_type", get("event_type")),
            ("cancer_treatment_modality", get("modality")),
        ],
    );
    if !get("treatment_start").is_empty() {
        feed.add(
            "treatment",
            "treatment_started",
            &[
                ("treatment_id", "T1"),
                ("primary_id", get("primary_id")),
                ("treatment_start_date_cancer", get("treatment_start")),
                ("cancer_treatment_event_type", get("event_type")),
                ("cancer_treatment_modality", get("modality")),
                ("cancer_care_setting_treatment", get("care_setting")),
                (
                    "organisation_site_identifier_of_provider_treatment_start_date_cancer",
                    get("treating_org"),
                ),
            ],
        );
    }
    if !matches!(get("wta_treatment"), "" | "0") {
        feed.add(
            "treatment",
            "treatment_adjustment",
            &[
                ("treatment_id", "T1"),
                ("waiting_time_adjustment_treatment", get("wta_treatment")),
            ],
        );
    }
}

/// The last date a row gives, on which it is judged.
pub(crate) fn last_date(row: &Row) -> Day {
    [
        "referral_date",
        "upgrade_date",
        "first_seen_date",
        "fds_end_date",
        "dtt_or_ecad",
        "treatment_start",
        "transfer_date",
        "closed_date",
    ]
    .iter()
    .filter_map(|&column| Some(row[column].as_str()).filter(|date| !date.is_empty()))
    .map(day)
    .max()
    .unwrap()
}

/// What an assessment has otherwise than its row expects.
pub(crate) fn differences(row: &Row, assessment: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut expect = |what: &str, expected: &str, found: String| {
        if !expected.is_empty() && expected != found {
            differences.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    for (prefix, standard) in [("fds", "FDS"), ("d62", "62D"), ("d31", "31D")] {
        let get = |column: &str| row[&format!("{prefix}_{column}")].as_str();
        let clocks = assessment["clocks"].as_array().unwrap();
        let clock = clocks.iter().find(|clock| clock["standard"] == standard);
        let member = |name: &str| shown(clock.map_or(&Value::Null, |clock| &clock[name]));
        expect(standard, get("outcome"), outcome(clock));
        expect("days", get("days"), member("days"));
        if clock.is_some_and(|clock| clock["state"] != "ended") {
            expect(
                "last compliant",
                get("last_compliant"),
                member("last_compliant"),
            );
            expect("breach date", get("breach_date"), member("breach_from"));
        }
        let month = if standard == "FDS" {
            "fds"
        } else {
            "treatment"
        };
        if matches!(get("outcome"), "WITHIN" | "BREACH") {
            expect(
                "month",
                &row[&format!("{month}_report_month")],
                member("report_month"),
            );
        }
    }
    let (method, shares) = allocation(&row["allocation"]);
    expect(
        "allocation",
        &method,
        shown(&assessment["allocation"][0]["method"]),
    );
    for (at, share) in shares.iter().enumerate() {
        let found = &assessment["allocation"][0]["shares"][at];
        let found = format!(
            "{} {} {}",
            shown(&found["organisation"]),
            found["patients"],
            found["breaches"]
        );
        expect("share", share, found);
    }
    differences
}

fn outcome(clock: Option<&Value>) -> String {
    let Some(clock) = clock else {
        return "n/a".to_owned();
    };
    match clock["state"].as_str().unwrap() {
        "not_started" => "n/a",
        "running" => "open",
        "stopped" if clock["counted"] == true && clock["within"] == true => "WITHIN",
        "stopped" if clock["counted"] == true => "BREACH",
        _ => "not counted",
    }
    .to_owned()
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `SCENARIO 2 (...); RXX: den 0.5 breach 0, RYY: den 0.5 breach 0` as a method and its shares.
fn allocation(text: &str) -> (String, Vec<String>) {
    let Some((method, shares)) = text.split_once("; ") else {
        return (text.to_owned(), Vec::new());
    };
    let method = method.split(" (").next().unwrap().replace("SCENARIO ", "S");
    let share = |share: &str| share.replace(": den", "").replace(" breach", "");
    (method, shares.split(", ").map(share).collect())
}
