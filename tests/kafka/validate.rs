//! `validate --from-kafka` reads what a committed reader sees, and tells of it what it tells of a file.

use crate::LIMIT;
use crate::service::{PARTITIONS, Place, today};
use crate::support::events::{Draft, Provider, date};
use crate::support::kafka::shared_broker;
use crate::support::process::clockstop;
use crate::support::topics;
use clockstop::generate::{Event, Feed, Plan, Rates, Record, SchemaIds, Share, write_line};
use clockstop_pipeline::{Day, Fact, Text, Topic};
use clockstop_schemas::partition_of;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const EVERYTHING: [&str; 4] = ["--format", "json", "--examples", "1000"];

fn from_kafka(place: &Place, words: &[&str], code: i32) -> Value {
    let words = [&["validate", "--from-kafka"], &EVERYTHING[..], words].concat();
    let finished = place.command(&words).run().expect_code(code);
    assert!(!finished.stdout.contains("SECRET"), "{}", finished.stdout);
    serde_json::from_str(&finished.stdout).unwrap_or(Value::String(finished.stderr))
}

/// Some events become ones that are refused, carry a code of no list or have a finding.
fn spoil(number: usize, event: &mut Event) {
    if let Fact::ReferralReceived(fact) = &mut event.report.fact
        && number.is_multiple_of(3)
    {
        fact.priority_type_code = Some(Text::code("7"));
    }
    if let Fact::OutcomeCommunicated(fact) = &mut event.report.fact
        && number.is_multiple_of(2)
    {
        fact.cancer_faster_diagnosis_pathway_end_reason = None;
    }
    if let Fact::FirstSeen(fact) = &mut event.report.fact
        && number.is_multiple_of(5)
    {
        fact.date_first_seen = Day::from_ymd(1850, 1, 1);
    }
}

fn feed() -> Feed {
    let often = Share::new(0.1).unwrap();
    let rates = Rates {
        duplicates: often,
        corrections: often,
        retractions: often,
        reordered: often,
        ..Rates::default()
    };
    let plan = Plan {
        pathways: 60,
        seed: 5,
        from: today().plus(-120),
        to: today(),
        rates,
    };
    Feed::new(plan).unwrap()
}

/// Every example replaced by the first event of the same bytes, in order.
fn by_event(mut report: Value, event_of: impl Fn(&Value) -> usize) -> Value {
    let told = |places: &Value| -> Vec<usize> {
        let places = places.as_array().unwrap();
        places.iter().map(&event_of).collect()
    };
    for part in ["refusals", "unlisted_codes", "same_version", "findings"] {
        for row in report[part].as_array_mut().unwrap() {
            let examples = &row["examples"];
            let mut events: Vec<Vec<usize>> = if part == "findings" {
                examples.as_array().unwrap().iter().map(told).collect()
            } else {
                told(examples)
                    .into_iter()
                    .map(|event| vec![event])
                    .collect()
            };
            for places in &mut events {
                places.sort_unstable();
            }
            events.sort();
            row["examples"] = json!(events);
        }
    }
    report
}

#[test]
fn the_inputs_are_told_as_a_file_of_the_same_events_is() {
    let place = Place::new(shared_broker(), "validate");
    place.create_topics();
    let ids = SchemaIds(Topic::ALL.map(|topic| place.schema(topic)));
    let provider = Provider::connect(&place.bootstrap);
    let (mut feed, mut file) = (feed(), Vec::new());
    let mut values = Vec::new();
    while let Some((_, events)) = feed.next() {
        for mut event in events {
            spoil(values.len(), &mut event);
            let record = Record::of(&event, feed.texts(), ids);
            let topic = place.topic(event.topic().name());
            provider.send(&topic, None, Some(&record.key), Some(&record.value));
            write_line(&event, feed.texts(), &mut file).unwrap();
            values.push(record.value);
        }
    }
    provider.settle();
    let first_of = |value: &[u8]| values.iter().position(|other| other == value).unwrap();

    let as_of = today().to_string();
    let in_logs = from_kafka(&place, &["--as-of", &as_of], 3);
    let words = [&["validate", "-", "--as-of", &as_of], &EVERYTHING[..]].concat();
    let in_file = clockstop(words).stdin(file).run().expect_code(3).stdout;
    let in_file: Value = serde_json::from_str(&in_file).unwrap();
    assert_eq!(in_file["records"]["read"], values.len());
    for part in ["refusals", "unlisted_codes", "findings"] {
        assert!(!in_file[part].as_array().unwrap().is_empty(), "{part}");
    }

    let in_file = by_event(in_file, |place| {
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        first_of(&values[line - 1])
    });
    let mut sent = BTreeMap::new();
    for topic in Topic::ALL {
        for record in topics::read_committed(&place.bootstrap, &place.topic(topic.name())) {
            let at = json!({"topic": record.topic(), "partition": record.partition(), "offset": record.offset()});
            sent.insert(at.to_string(), first_of(record.payload().unwrap()));
        }
    }
    let in_logs = by_event(in_logs, |place| sent[&place.to_string()]);
    assert_eq!(in_logs, in_file);
}

#[test]
fn what_only_a_log_can_have_wrong_is_told_and_nothing_is_committed() {
    let place = Place::new(shared_broker(), "validate-log");
    place.create_topics();
    let (input, id) = (place.topic("referral"), place.schema(Topic::Referral));
    let draft = Draft::referral("SECRET-1", date(2026, 3, 2), 1_772_409_600);
    let (key, value) = (draft.key(), draft.framed(id));
    let right = partition_of(key.as_bytes(), PARTITIONS);
    let provider = Provider::connect(&place.bootstrap);
    let send = |partition, key: Option<&str>, value: &[u8]| {
        provider.send(&input, partition, key, Some(value));
    };
    send(None, Some(&key), &value);
    send(None, Some(&key), b"no frame");
    send(Some(right), None, &value);
    send(None, Some("RXX:SECRET-2"), &value);
    send(Some(1 - right), Some(&key), &value);
    send(None, Some(&key), &draft.framed(4_000_000));
    provider.settle();
    let writer = Provider::transactional(&place.bootstrap, &input).unwrap();
    for commits in [false, true] {
        let put = |writer: &Provider| writer.send(&input, None, Some(&key), Some(&value));
        writer.in_transaction(commits, put).unwrap();
    }
    let records = topics::read_committed(&place.bootstrap, &input);
    assert_eq!(records.len(), 7);

    let report = from_kafka(&place, &["--as-of", "2026-03-05"], 3);
    let counts = json!({"read": 7, "changed": 1, "repeated": 1, "superseded": 0, "refused": 5});
    assert_eq!(report["records"], counts);
    let refusals = report["refusals"].as_array().unwrap();
    let mut told: Vec<_> = refusals
        .iter()
        .map(|row| {
            (
                row["reason"].as_str().unwrap(),
                row["source"].as_str(),
                row["count"].as_u64(),
            )
        })
        .collect();
    told.sort_unstable();
    let source = Some("RXX/test");
    let expected = [
        ("key_mismatch", source, Some(1)),
        ("key_missing", source, Some(1)),
        ("not_framed", None, Some(1)),
        ("unknown_schema_id", None, Some(1)),
        ("wrong_partition", source, Some(1)),
    ];
    assert_eq!(told, expected);
    let unframed = refusals
        .iter()
        .find(|row| row["reason"] == "not_framed")
        .unwrap();
    let bad = records
        .iter()
        .find(|record| record.payload() == Some(b"no frame"))
        .unwrap();
    let at = json!([{"topic": input, "partition": bad.partition(), "offset": bad.offset()}]);
    assert_eq!(unframed["examples"], at);

    let from_start = from_kafka(&place, &["--as-of", "2026-03-05", "--since", "0"], 3);
    assert_eq!(from_start["read"]["since"], "0");
    assert_eq!(from_start["refusals"], report["refusals"]);
    let last = records.iter().map(Message::offset).max().unwrap();
    let the_last = from_kafka(
        &place,
        &["--as-of", "2026-03-05", "--since", &last.to_string()],
        0,
    );
    assert_eq!(the_last["records"]["read"], 1);
    for nothing in [
        ["--since", "1000"],
        ["--since", "2999-01-01"],
        ["--topic", "diagnosis"],
    ] {
        let told = from_kafka(&place, &nothing, 1);
        assert!(
            told.as_str().unwrap().contains("no record was read"),
            "{told}"
        );
    }

    let member: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .set("group.id", &place.prefix)
        .create()
        .unwrap();
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range(&input, 0, PARTITIONS - 1);
    let committed = member.committed_offsets(asked, LIMIT).unwrap();
    let mut offsets = committed.elements().into_iter();
    assert!(offsets.all(|element| element.offset() == Offset::Invalid));
}
