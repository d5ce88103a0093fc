//! Events of other versions of a schema, and every reason why a record is refused.

use crate::{EventDecoder, Refusal, SchemaRefusal, event_schema_json, frame};
use apache_avro::Schema;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use clockstop_pipeline::{EventType, Fact, Report, Texts, Topic};

const KEY: &[u8] = b"RRV:P1";
const ID: u32 = 7;

fn schema() -> &'static str {
    event_schema_json(Topic::Treatment)
}

/// A treatment event with these fields besides, written with this schema by Apache's encoder.
fn event(writer: &str, fields: &[(&str, Value)]) -> Vec<u8> {
    let head = [
        (
            "event_id",
            Value::String("00000001-0000-4000-8000-00000000000A".into()),
        ),
        ("event_type", Value::Enum(10, "treatment_started".into())),
        ("recorded_at", Value::TimestampMicros(1)),
        ("source_system", Value::String("RRV/epic".into())),
        ("patient_pathway_identifier", Value::String("P1".into())),
        (
            "organisation_identifier_issuer",
            Value::String("RRV".into()),
        ),
        ("treatment_id", some(Value::String("1".into()))),
    ];
    let writer = Schema::parse_str(writer).expect("a schema");
    let Schema::Record(record) = &writer else {
        panic!("no record");
    };
    let value = |name: &str| {
        let mut given = fields.iter().chain(&head);
        given
            .find(|(field, _)| *field == name)
            .map_or_else(|| default(name), |(_, value)| value.clone())
    };
    let fields = record.fields.iter();
    let fields = fields.map(|field| (field.name.clone(), value(&field.name)));
    let record = Value::Record(fields.collect());
    let mut bytes = Vec::new();
    frame(ID, &mut bytes);
    GenericDatumWriter::builder(&writer)
        .validate(false)
        .build()
        .expect("a writer")
        .write_value(&mut bytes, record)
        .expect("written");
    bytes
}

fn default(name: &str) -> Value {
    if name == "entered_in_error" {
        Value::Boolean(false)
    } else {
        Value::Union(0, Box::new(Value::Null))
    }
}

fn some(value: Value) -> Value {
    Value::Union(1, Box::new(value))
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

fn read(writer: &str, key: Option<&[u8]>, value: &[u8]) -> Result<Report, Refusal> {
    let mut decoder = EventDecoder::default();
    decoder.add_schema(ID, writer).expect("compatible");
    let read = decoder.decode(Topic::Treatment, key, Some(value), &mut Texts::default());
    read.map(|event| event.report)
}

#[test]
fn fields_that_a_later_version_adds_are_read_over() {
    let added = [
        (
            r#"{"type":"array","items":{"type":"map","values":["null","long"]}}"#,
            Value::Array(vec![Value::Map(
                [("a".into(), some(Value::Long(-70_000)))].into(),
            )]),
        ),
        (
            r#"{"type":"record","name":"R","fields":[{"name":"f","type":"float"},{"name":"b","type":"bytes"}]}"#,
            Value::Record(vec![
                ("f".into(), Value::Float(1.5)),
                ("b".into(), Value::Bytes(vec![1, 2])),
            ]),
        ),
        (
            r#"{"type":"fixed","name":"F","size":3}"#,
            Value::Fixed(3, vec![1, 2, 3]),
        ),
        (
            r#"["null","string",{"type":"enum","name":"E","symbols":["A","B"]}]"#,
            Value::Union(2, Box::new(Value::Enum(1, "B".into()))),
        ),
        (r#""EventType""#, Value::Enum(3, "transfer".into())),
        (
            r#"{"type":"long","logicalType":"timestamp-millis"}"#,
            Value::TimestampMillis(5),
        ),
    ];
    let plain = read(schema(), Some(KEY), &event(schema(), &[]));
    assert!(plain.is_ok(), "{plain:?}");
    for (of, value) in added {
        let writer = schema().replacen(
            r#"{"name": "nhs_number""#,
            &format!(r#"{{"name": "later", "type": {of}}}, {{"name": "nhs_number""#),
            1,
        );
        let bytes = event(&writer, &[("later", value)]);
        assert_eq!(read(&writer, Some(KEY), &bytes), plain, "{of}");
        for length in 5..bytes.len() {
            let part = bytes.get(..length).expect("a part");
            assert!(
                read(&writer, Some(KEY), part).is_err(),
                "{of} cut to {length}"
            );
        }
    }
}

#[test]
fn fields_that_an_earlier_version_lacks_are_not_known() {
    let lines = schema().lines();
    let without = ["entered_in_error", "primary_id", "nhs_number"];
    let kept = lines.filter(|line| {
        !without
            .iter()
            .any(|name| line.contains(&format!("\"{name}\"")))
    });
    let writer = kept.collect::<Vec<_>>().join("\n");
    let report = read(&writer, Some(KEY), &event(&writer, &[])).expect("an event");
    assert!(!report.version.entered_in_error);
    assert_eq!(report.nhs_number, None);
}

#[test]
fn a_type_that_a_later_version_adds_is_unknown() {
    let writer = schema().replacen(
        "\"referral_received\", ",
        "\"operation\", \"referral_received\", ",
        1,
    );
    let later = [("event_type", Value::Enum(0, "operation".into()))];
    assert_eq!(
        read(&writer, Some(KEY), &event(&writer, &later)),
        Err(Refusal::UnknownEventType)
    );
    let moved = [("event_type", Value::Enum(11, "treatment_started".into()))];
    let report = read(&writer, Some(KEY), &event(&writer, &moved)).expect("an event");
    assert_eq!(report.fact.event_type(), EventType::TreatmentStarted);
}

#[test]
fn a_field_that_may_hold_more_is_read_where_it_holds_ours() {
    let writer = schema()
        .replacen(
            r#""treatment_id", "type": ["null", "string"]"#,
            r#""treatment_id", "type": ["long", "string", "null"]"#,
            1,
        )
        .replacen(
            r#""default": null, "doc": "Which treatment"#,
            r#""default": 0, "doc": "Which treatment"#,
            1,
        );
    let bytes = event(&writer, &[("treatment_id", some(text("9")))]);
    assert!(read(&writer, Some(KEY), &bytes).is_ok());
    let bytes = event(
        &writer,
        &[("treatment_id", Value::Union(0, Box::new(Value::Long(9))))],
    );
    let refusal = Refusal::DoesNotDecode {
        field: Some("treatment_id"),
    };
    assert_eq!(read(&writer, Some(KEY), &bytes), Err(refusal));
}

#[test]
fn a_schema_that_is_no_event_is_refused_and_remembered() {
    let mut decoder = EventDecoder::default();
    let other = r#"{"type":"record","name":"Other","fields":[]}"#;
    let renamed = schema().replace("\"event_id\"", "\"id\"");
    assert!(matches!(
        decoder.add_schema(1, "{"),
        Err(SchemaRefusal::NotAvro(_))
    ));
    assert!(matches!(
        decoder.add_schema(2, other),
        Err(SchemaRefusal::NotAnEvent)
    ));
    assert!(matches!(
        decoder.add_schema(3, &renamed),
        Err(SchemaRefusal::NotAnEvent)
    ));
    for id in 1..4 {
        let value = [0, 0, 0, 0, id];
        let read = decoder.decode(
            Topic::Referral,
            Some(KEY),
            Some(&value),
            &mut Texts::default(),
        );
        assert_eq!(read, Err(Refusal::DoesNotDecode { field: None }));
        assert!(decoder.holds(u32::from(id)));
    }
}

#[test]
fn a_schema_that_contains_itself_is_refused() {
    let endless = r#"{"name": "later", "type": ["null", {"type": "record", "name": "L", "fields": [{"name": "l", "type": ["null", "L"]}]}]}, {"name": "nhs_number""#;
    let writer = schema().replacen(r#"{"name": "nhs_number""#, endless, 1);
    let added = EventDecoder::default().add_schema(1, &writer);
    assert!(matches!(added, Err(SchemaRefusal::TooDeep)), "{added:?}");
}

#[test]
fn items_without_bytes_are_not_counted_without_end() {
    let nothings =
        r#"{"name": "later", "type": {"type": "array", "items": "null"}}, {"name": "nhs_number""#;
    let writer = schema().replacen(r#"{"name": "nhs_number""#, nothings, 1);
    let bytes = event(&writer, &[("later", Value::Array(vec![]))]);
    let at = bytes
        .iter()
        .rposition(|&byte| byte == b'V')
        .expect("the issuer")
        + 1;
    let (before, after) = bytes.split_at(at);
    let count = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
    let hostile = [before, &count[..], after].concat();
    let field = None;
    assert_eq!(
        read(&writer, Some(KEY), &hostile),
        Err(Refusal::DoesNotDecode { field })
    );
}

#[test]
fn the_frame_and_the_key_are_checked() {
    let mut decoder = EventDecoder::default();
    decoder.add_schema(ID, schema()).expect("ours");
    let good = event(schema(), &[]);
    let mut unknown = good.clone();
    unknown.splice(1..5, [0, 0, 1, 0]);
    let mut longer = good.clone();
    longer.push(0);
    for (key, value, refusal) in [
        (Some(KEY), None, Refusal::NotFramed),
        (Some(KEY), Some(&b"{}"[..]), Refusal::NotFramed),
        (
            Some(KEY),
            Some(&unknown),
            Refusal::UnknownSchema { id: 256 },
        ),
        (
            Some(KEY),
            Some(&longer),
            Refusal::DoesNotDecode { field: None },
        ),
        (None, Some(&good), Refusal::KeyMissing),
        (Some(b"RRV:P2"), Some(&good), Refusal::KeyMismatch),
        (Some(b"RRV:P1 "), Some(&good), Refusal::KeyMismatch),
        (Some(b""), Some(&good), Refusal::KeyMismatch),
    ] {
        let read = decoder.decode(Topic::Treatment, key, value, &mut Texts::default());
        assert_eq!(read, Err(refusal), "{}", refusal.reason());
    }
    assert_eq!(decoder.source(Some(&good)), Some("RRV/epic"));
    assert_eq!(decoder.source(Some(&unknown)), None);
    let elsewhere = decoder.decode(
        Topic::Referral,
        Some(KEY),
        Some(&good),
        &mut Texts::default(),
    );
    assert_eq!(elsewhere, Err(Refusal::EventTypeNotOfTopic));
    let transfer = event(
        schema(),
        &[("event_type", Value::Enum(3, "transfer".into()))],
    );
    let smuggled = decoder.decode(
        Topic::Referral,
        Some(KEY),
        Some(&transfer),
        &mut Texts::default(),
    );
    assert_eq!(smuggled, Err(Refusal::DoesNotDecode { field: None }));
}

#[test]
fn every_field_is_held_to_its_limit() {
    let long = text(&"x".repeat(65));
    let decision = Value::Enum(9, "decision_to_treat".into());
    for (fields, refusal) in [
        (
            vec![("event_id", text(""))],
            Refusal::HeadMissing { field: "event_id" },
        ),
        (
            vec![("event_id", text("1"))],
            Refusal::HeadMalformed { field: "event_id" },
        ),
        (
            vec![("source_system", long.clone())],
            Refusal::TextTooLong {
                field: "source_system",
                limit: 64,
            },
        ),
        (
            vec![("patient_pathway_identifier", text(&"x".repeat(21)))],
            Refusal::TextTooLong {
                field: "patient_pathway_identifier",
                limit: 20,
            },
        ),
        (
            vec![("primary_id", some(long.clone()))],
            Refusal::TextTooLong {
                field: "primary_id",
                limit: 64,
            },
        ),
        (
            vec![("treatment_id", some(text("")))],
            Refusal::ItemMissing {
                field: "treatment_id",
            },
        ),
        (
            vec![("treatment_start_date_cancer", some(Value::Date(-25_568)))],
            Refusal::DateOutOfRange {
                field: "treatment_start_date_cancer",
            },
        ),
        (
            vec![("treatment_start_date_cancer", some(Value::Date(47_847)))],
            Refusal::DateOutOfRange {
                field: "treatment_start_date_cancer",
            },
        ),
        (
            vec![("event_type", Value::Enum(12, "unknown".into()))],
            Refusal::UnknownEventType,
        ),
    ] {
        assert_eq!(
            read(schema(), Some(KEY), &event(schema(), &fields)),
            Err(refusal),
            "{fields:?}"
        );
    }
    let other = vec![
        ("event_type", decision),
        ("treatment_start_date_cancer", some(Value::Date(i32::MAX))),
        ("delay_reason_referral_to_treatment", some(long)),
    ];
    let report = read(schema(), Some(KEY), &event(schema(), &other))
        .expect("fields of other types are not looked at");
    assert!(matches!(report.fact, Fact::DecisionToTreat(_)));
}
