//! The JSON form of events: what is written reads back, and every reason to refuse a line is met.

use crate::sample::{PATHWAY, sample};
use crate::{Decoded, Refusal, decode_line, event_json, line_source};
use clockstop_pipeline::{EventType, Fact, Text, Texts};
use proptest::prelude::*;

const HEAD: &str = r#""topic":"treatment","event_id":"00000001-0000-4000-8000-00000000000A","event_type":"treatment_started","recorded_at":"2026-03-01T09:00:00+01:00","source_system":"RRV/epic","patient_pathway_identifier":"P1","organisation_identifier_issuer":"RRV","treatment_id":"1""#;

fn refusal(line: &str) -> Refusal {
    decode_line(line.as_bytes(), &mut Texts::default()).expect_err(line)
}

fn with(members: &str) -> String {
    format!("{{{HEAD},{members}}}")
}

fn without(member: &str) -> String {
    format!("{{{HEAD}}}").replace(&format!("\"{member}\""), "\"other\"")
}

#[test]
fn a_line_is_an_event() {
    let mut texts = Texts::default();
    let line = with(
        r#""entered_in_error":null,"treatment_start_date_cancer":"2026-02-28","cancer_treatment_modality":"","unheard_of":{"a":[1,{}]},"milestone_date":"never","primary_id":"\u0032""#,
    );
    let decoded = decode_line(line.as_bytes(), &mut texts).expect("an event");
    assert_eq!(decoded.pathway, "RRV:P1");
    assert_eq!(decoded.report.version.recorded_at.0, 1_772_352_000_000_000);
    assert!(!decoded.report.version.entered_in_error);
    let Fact::TreatmentStarted(fact) = decoded.report.fact else {
        panic!("{:?}", decoded.report.fact);
    };
    assert_eq!(fact.primary_id, Some(Text::code("2")));
    assert_eq!(fact.cancer_treatment_modality, None);
    assert_eq!(
        fact.treatment_start_date_cancer
            .map(|day| day.to_string())
            .as_deref(),
        Some("2026-02-28")
    );
}

#[test]
fn a_refused_line_still_names_its_source() {
    let source = |line: &str| line_source(line.as_bytes());
    let refused = without("event_id");
    assert_eq!(source(&refused).as_deref(), Some("RRV/epic"));
    let escaped = refused.replace("RRV/epic", r"RRV\u002fepic");
    assert_eq!(source(&escaped).as_deref(), Some("RRV/epic"));
    assert_eq!(source(&without("source_system")), None);
    assert_eq!(source("{"), None);
}

#[test]
fn what_is_not_an_object_is_not_json() {
    for line in [
        "",
        "{",
        "[]",
        "1",
        "\"a\"",
        "{} x",
        "{\"a\":}",
        "{\"topic\":\"\\ud800\"}",
    ] {
        assert_eq!(refusal(line), Refusal::NotJson, "{line}");
    }
    let read = decode_line(b"{\"icb\":\"\xff\"}", &mut Texts::default());
    assert_eq!(read, Err(Refusal::NotJson));
}

#[test]
fn every_required_member_is_missed() {
    assert_eq!(refusal(&without("topic")), Refusal::TopicMissing);
    assert_eq!(
        refusal(&format!(
            "{{{}}}",
            HEAD.replace("\"treatment\"", "\"cancer.treatment\"")
        )),
        Refusal::TopicMissing
    );
    for field in [
        "event_id",
        "event_type",
        "recorded_at",
        "source_system",
        "patient_pathway_identifier",
        "organisation_identifier_issuer",
    ] {
        assert_eq!(refusal(&without(field)), Refusal::HeadMissing { field });
        for unset in ["null", "\"\""] {
            let line = with(&format!("\"{field}\":{unset}"));
            assert_eq!(refusal(&line), Refusal::HeadMissing { field }, "{unset}");
        }
        let line = with(&format!("\"{field}\":{{}}"));
        assert_eq!(refusal(&line), Refusal::HeadMalformed { field });
    }
    assert_eq!(
        refusal(&without("treatment_id")),
        Refusal::ItemMissing {
            field: "treatment_id"
        }
    );
}

#[test]
fn every_other_reason_is_met() {
    let long = "x".repeat(65);
    let head = |field| Refusal::HeadMalformed { field };
    let decode = |field| Refusal::DoesNotDecode { field: Some(field) };
    let date = Refusal::DateOutOfRange {
        field: "treatment_start_date_cancer",
    };
    for (members, expected) in [
        (r#""event_id":"1""#, head("event_id")),
        (
            r#""event_id":"000000010000400080000000000000aa""#,
            head("event_id"),
        ),
        (r#""recorded_at":"yesterday""#, head("recorded_at")),
        (r#""recorded_at":1772352000000000"#, head("recorded_at")),
        (r#""entered_in_error":"true""#, head("entered_in_error")),
        (
            r#""organisation_identifier_issuer":"R:V""#,
            head("organisation_identifier_issuer"),
        ),
        (r#""event_type":"unknown""#, Refusal::UnknownEventType),
        (r#""event_type":"operation""#, Refusal::UnknownEventType),
        (r#""event_type":"transfer""#, Refusal::EventTypeNotOfTopic),
        (r#""treatment_id":7"#, decode("treatment_id")),
        (
            r#""treatment_start_date_cancer":"2026-02-29""#,
            decode("treatment_start_date_cancer"),
        ),
        (
            r#""treatment_start_date_cancer":20000"#,
            decode("treatment_start_date_cancer"),
        ),
        (r#""treatment_start_date_cancer":"1899-12-31""#, date),
        (r#""treatment_start_date_cancer":"2101-01-01""#, date),
        (
            r#""cancer_treatment_modality":["02"]"#,
            decode("cancer_treatment_modality"),
        ),
    ] {
        assert_eq!(refusal(&with(members)), expected, "{members}");
    }
    for (field, limit, value) in [
        ("source_system", 64, &*long),
        ("primary_id", 64, &long),
        ("nhs_number", 64, &long),
        ("patient_pathway_identifier", 20, &"é".repeat(21)),
    ] {
        let line = with(&format!("\"{field}\":\"{value}\""));
        assert_eq!(refusal(&line), Refusal::TextTooLong { field, limit });
    }
}

#[test]
fn an_adjustment_has_bounds_and_an_age_has_a_meaning_or_none() {
    let adjustment = HEAD.replace("treatment_started", "treatment_adjustment");
    for (days, refused) in [
        ("0", false),
        ("999", false),
        ("1000", true),
        ("-1", true),
        ("1e3", true),
        ("99999999999999999999", true),
    ] {
        let line = format!("{{{adjustment},\"waiting_time_adjustment_treatment\":{days}}}");
        let read = decode_line(line.as_bytes(), &mut Texts::default());
        assert_eq!(read.is_err(), refused, "{days}");
    }
    let referral = HEAD
        .replace("treatment_started", "referral_received")
        .replace("\"treatment\"", "\"referral\"");
    for (age, known) in [("70", Some(70)), ("1000", None), ("-1", None)] {
        let line = format!("{{{referral},\"age_at_referral\":{age}}}");
        let decoded = decode_line(line.as_bytes(), &mut Texts::default()).expect("kept");
        let Fact::ReferralReceived(fact) = decoded.report.fact else {
            panic!("{:?}", decoded.report.fact);
        };
        assert_eq!(fact.age_at_referral, known, "{age}");
    }
}

proptest! {
    #[test]
    fn any_event_reads_back(sample in sample()) {
        let mut texts = sample.texts;
        let line = event_json(PATHWAY, &sample.report, &texts).to_string();
        let decoded = decode_line(line.as_bytes(), &mut texts);
        prop_assert_eq!(decoded, Ok(Decoded { pathway: PATHWAY.into(), report: sample.report }));
    }

    #[test]
    fn the_line_is_what_any_json_reader_reads(sample in sample()) {
        let line = event_json(PATHWAY, &sample.report, &sample.texts).to_string();
        let read: serde_json::Value = serde_json::from_str(&line).expect("json");
        let source = sample.texts.read(sample.report.source);
        prop_assert_eq!(read.get("source_system").and_then(|text| text.as_str()), Some(source.as_str()));
        let name = read.get("event_type").and_then(|name| name.as_str()).unwrap_or_default();
        prop_assert_eq!(EventType::from_name(name), Some(sample.report.fact.event_type()));
    }

    #[test]
    fn no_line_is_a_danger(line in "\\PC{0,60}", at in any::<prop::sample::Index>()) {
        let mut event = with("\"primary_id\":\"1\"");
        let at = (0..=at.index(event.len())).rev().find(|&at| event.is_char_boundary(at)).unwrap_or(0);
        event.insert_str(at, &line);
        for line in [&line, &event] {
            let mut texts = Texts::default();
            if let Err(refusal) = decode_line(line.as_bytes(), &mut texts) {
                prop_assert!(!refusal.reason().is_empty());
            }
        }
    }
}
