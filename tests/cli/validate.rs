//! `validate` on files: what is refused, found and remarked, where it lies, and the exit code.

mod figures;
mod findings;

use crate::support::process::{Finished, Invocation, clockstop};
use clockstop_pipeline::EventType;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;

const NUMBER: &str = "9434765919";
const OTHER_NUMBER: &str = "9434765870";
const WRONG_NUMBER: &str = "9434765918";
const LOCAL: &str = "HOSP77341";
const RECEIPT: &str = "cancer_referral_to_treatment_period_start_date";
const TOLD: &str = "cancer_faster_diagnosis_pathway_end_date";
const REASON: &str = "cancer_faster_diagnosis_pathway_end_reason";
const DECIDED: &str = "cancer_treatment_period_start_date";
const STARTED: &str = "treatment_start_date_cancer";

/// The lines of a file. Every event names a patient in all the ways it can.
#[derive(Default)]
struct Lines {
    written: Vec<String>,
    pathway: String,
    source: String,
}

impl Lines {
    /// Further events are of this pathway and source.
    fn of(&mut self, pathway: &str, source: &str) {
        pathway.clone_into(&mut self.pathway);
        source.clone_into(&mut self.source);
    }

    fn event(&self, event_type: &str, fields: &Value) -> Map<String, Value> {
        let topic = EventType::from_name(event_type).unwrap().topic();
        let id = format!("00000000-0000-4000-8000-{:012}", self.written.len());
        let mut event = Map::new();
        for (name, value) in [
            ("topic", topic.name()),
            ("event_type", event_type),
            ("event_id", id.as_str()),
            ("recorded_at", "2026-05-01T09:00:00Z"),
            ("source_system", &self.source),
            ("patient_pathway_identifier", &self.pathway),
            ("organisation_identifier_issuer", "RXX"),
            ("local_patient_identifier", LOCAL),
        ] {
            event.insert(name.to_owned(), json!(value));
        }
        for (name, value) in fields.as_object().unwrap() {
            event.insert(name.clone(), value.clone());
        }
        event
    }

    fn add(&mut self, event_type: &str, fields: &Value) {
        let event = Value::Object(self.event(event_type, fields));
        self.written.push(event.to_string());
    }

    /// An urgent referral of suspected lung cancer, with what differs.
    fn refer(&mut self, received: &str, differs: &Value) {
        let mut fields = json!({RECEIPT: received, "priority_type_code": "3", "source_of_referral_for_out_patients": "03",
            "two_week_wait_cancer_or_symptomatic_breast_referral_type": "03", "organisation_site_identifier": "RXX01"});
        for (name, value) in differs.as_object().unwrap() {
            fields[name] = value.clone();
        }
        self.add("referral_received", &fields);
    }

    fn see(&mut self, on: &str) {
        let site = "organisation_site_identifier_of_provider_first_seen";
        self.add("first_seen", &json!({"date_first_seen": on, site: "RXX01"}));
    }

    fn tell(&mut self, on: &str, reason: &str) {
        self.add("outcome_communicated", &json!({TOLD: on, REASON: reason}));
    }

    fn diagnose(&mut self, icd: &str) {
        self.add("diagnosis_recorded", &json!({"primary_diagnosis_icd": icd}));
    }

    fn decide(&mut self, id: &str, on: &str, modality: &str) {
        let fields =
            json!({"treatment_id": id, DECIDED: on, "cancer_treatment_modality": modality});
        self.add("decision_to_treat", &fields);
    }

    fn start(&mut self, id: &str, on: &str, event_type: &str, differs: &Value) {
        let mut fields = json!({"treatment_id": id, STARTED: on, "cancer_treatment_event_type": event_type,
            "cancer_treatment_modality": "23",
            "organisation_site_identifier_of_provider_treatment_start_date_cancer": "RXX01"});
        for (name, value) in differs.as_object().unwrap() {
            fields[name] = value.clone();
        }
        self.add("treatment_started", &fields);
    }

    /// Referred on 1 May, seen, told of cancer on the 10th, diagnosed: four lines.
    fn diagnosed(&mut self) {
        self.refer("2026-05-01", &json!({}));
        self.see("2026-05-05");
        self.tell("2026-05-10", "01");
        self.diagnose("C34.1");
    }

    fn validate(&self, words: &[&str], code: i32) -> Finished {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(self.written.join("\n").as_bytes()).unwrap();
        let command = clockstop(["validate", file.path().to_str().unwrap()]);
        let command = command.argument("--as-of").argument("2026-06-01");
        let command = words.iter().fold(command, Invocation::argument);
        let finished = command.run().expect_code(code);
        for secret in [NUMBER, OTHER_NUMBER, WRONG_NUMBER, LOCAL, "PATHWAY"] {
            let told = [finished.stdout.as_str(), &finished.stderr].concat();
            assert!(!told.contains(secret), "{secret} in {told}");
        }
        finished
    }

    fn report(&self, words: &[&str], code: i32) -> Value {
        let words = [words, &["--format", "json"]].concat();
        serde_json::from_str(&self.validate(&words, code).stdout).unwrap()
    }
}

/// The line numbers of an example, or of all of them.
fn lines(places: &Value) -> Vec<u64> {
    let places = places.as_array().unwrap().iter();
    places
        .map(|place| place["line"].as_u64().unwrap())
        .collect()
}

/// What is changed in a good referral, and the field and reason for which it is refused then.
const REFUSED: [(&str, &str, &str); 13] = [
    (r#"{"topic": "cancer.referral"}"#, "topic", "topic_missing"),
    (r#"{"event_id": null}"#, "event_id", "head_missing"),
    (r#"{"event_id": ""}"#, "event_id", "head_missing"),
    (r#"{"event_id": "7"}"#, "event_id", "head_malformed"),
    (
        r#"{"recorded_at": "today"}"#,
        "recorded_at",
        "head_malformed",
    ),
    (
        r#"{"recorded_at": "2999-01-01T00:00:00Z"}"#,
        "recorded_at",
        "recorded_in_future",
    ),
    (
        r#"{"event_type": "referred"}"#,
        "event_type",
        "unknown_event_type",
    ),
    (
        r#"{"topic": "treatment"}"#,
        "event_type",
        "event_type_not_of_topic",
    ),
    (r#"{"icb": 7}"#, "icb", "does_not_decode"),
    (
        r#"{"patient_pathway_identifier": "123456789012345678901"}"#,
        "patient_pathway_identifier",
        "text_too_long",
    ),
    (
        r#"{"cancer_referral_to_treatment_period_start_date": "1066-01-01"}"#,
        RECEIPT,
        "date_out_of_range",
    ),
    (
        r#"{"event_type": "first_seen", "waiting_time_adjustment_first_seen": 1000}"#,
        "waiting_time_adjustment_first_seen",
        "adjustment_out_of_range",
    ),
    (
        r#"{"event_type": "decision_to_treat", "topic": "treatment"}"#,
        "treatment_id",
        "item_missing",
    ),
];

#[test]
fn every_reason_for_which_a_line_is_refused_is_told_by_source_field_and_place() {
    let mut file = Lines::default();
    file.of("PATHWAY1", "RXX/epic");
    let mut expected: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    let mut refuse = |file: &mut Lines, line: String, source, field, reason| {
        file.written.push(line);
        let number = u64::try_from(file.written.len()).unwrap();
        let key = (source, field, reason);
        expected.entry(key).or_default().push(number);
    };
    let changed = |file: &Lines, change: &str| {
        let change = serde_json::from_str(change).unwrap();
        Value::Object(file.event("referral_received", &change)).to_string()
    };
    for (change, field, reason) in REFUSED {
        let line = changed(&file, change);
        refuse(&mut file, line, Some("RXX/epic"), Some(field), reason);
    }
    let nobody = changed(&file, r#"{"source_system": null}"#);
    refuse(
        &mut file,
        nobody,
        None,
        Some("source_system"),
        "head_missing",
    );
    refuse(&mut file, "{\"topic\":".to_owned(), None, None, "not_json");
    refuse(&mut file, "[]".to_owned(), None, None, "not_json");
    let endless = "x".repeat((1 << 20) + 2);
    refuse(&mut file, endless, None, None, "line_too_long");
    file.refer("2026-05-20", &json!({}));

    let report = file.report(&[], 3);
    assert_eq!(report["verdict"], "not_fit");
    let records = json!({"read": 18, "changed": 1, "repeated": 0, "superseded": 0, "refused": 17});
    assert_eq!(report["records"], records);
    let mut found = BTreeMap::new();
    for row in report["refusals"].as_array().unwrap() {
        let examples = lines(&row["examples"]);
        assert_eq!(row["count"], examples.len());
        assert!(row["what_to_do"].as_str().unwrap().len() > 20, "{row}");
        let reason = row["reason"].as_str().unwrap();
        let key = (row["source"].as_str(), row["field"].as_str(), reason);
        assert!(found.insert(key, examples).is_none(), "{row}");
    }
    assert_eq!(found, expected);

    let text = file.validate(&[], 3).stdout;
    let first = "not fit to send: 17 of 18 records are refused, 0 of 1 pathways";
    assert!(text.starts_with(first), "{text}");
    let row = "2  RXX/epic  head_missing: field event_id is missing";
    assert!(
        text.contains(row) && text.contains("at lines 2, 3\n"),
        "{text}"
    );
}
