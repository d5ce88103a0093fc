//! Refused records go back to their input after a mend, once.

use crate::LIMIT;
use crate::service::{PARTITIONS, Place};
use crate::support::events::{Draft, Provider, date};
use crate::support::kafka::shared_broker;
use crate::support::{topics, wait};
use clockstop::calendar::Calendar;
use clockstop::judge::BrokerTime;
use clockstop::registry::Registry;
use clockstop::service::{Running, Setup};
use clockstop::worker::Pace;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{Reference, Topic};
use clockstop_schemas::{ALERT_SCHEMA, event_schema_json};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::Duration;

/// The service in this process, where it gives an unknown schema up at once.
fn impatient(place: &Place) -> Running {
    clockstop::service::start(Setup {
        config: place.config(),
        reference: Reference::default(),
        tables: Tables::default(),
        calendar: Calendar::london().unwrap(),
        broker_time: BrokerTime::Checked,
        pace: Pace {
            schema_patience: Duration::from_millis(100),
            ..Pace::default()
        },
        accepted: Vec::new(),
    })
    .unwrap()
}

fn await_records(place: &Place, topic: &str, count: usize) {
    wait::until(&format!("{count} records on {topic}"), LIMIT, || {
        let found = topics::read_committed(&place.bootstrap, &place.topic(topic)).len();
        if found == count {
            Ok(())
        } else {
            Err(found.to_string())
        }
    });
}

fn redrive(place: &Place, words: &[&str], code: i32) -> String {
    let words = [&["redrive"], words].concat();
    let finished = place.command(&words).run().expect_code(code);
    let told = [finished.stdout, finished.stderr].concat();
    assert!(!told.contains("SECRET-1"), "{told}");
    told
}

fn delete_records(place: &Place, topic: &str, partition: i32) {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .create()
        .unwrap();
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(topic, partition, Offset::End)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(admin.delete_records(&all, &AdminOptions::new()))
        .unwrap();
}

#[test]
fn a_record_of_a_schema_that_came_late_is_sent_back_once_and_learned() {
    let place = Place::new(shared_broker(), "redrive");
    place.create_topics();
    let mut registry = Registry::new(place.registry.url());
    let alerts = registry.register(&place.topic("alert"), ALERT_SCHEMA);
    let late = alerts.unwrap() + 1;
    let service = impatient(&place);
    let draft = Draft::referral("SECRET-1", date(2026, 3, 2), 1_772_409_600);
    let input = place.topic("referral");
    let provider = Provider::connect(&place.bootstrap);
    provider.send(&input, None, Some(&draft.key()), Some(&draft.framed(late)));
    provider.send(&input, None, Some(&draft.key()), Some(b"no frame"));
    provider.settle();
    await_records(&place, "dead_letter", 2);

    let told = redrive(&place, &["--dry-run"], 0);
    assert!(told.contains("2 letters are meant; 0 were"), "{told}");
    let chosen = ["--reason", "unknown_schema_id", "--dry-run"];
    let told = redrive(&place, &chosen, 0);
    assert!(told.contains("1  referral   unknown_schema_id"), "{told}");
    assert!(told.contains("1 would be sent back"), "{told}");

    let schema = event_schema_json(Topic::Referral);
    let schema = schema.replacen("\"doc\": \"", "\"doc\": \"Later: ", 1);
    assert_eq!(registry.register(&input, &schema).unwrap(), late);
    let told = redrive(&place, &["--reason", "unknown_schema_id"], 0);
    assert!(
        told.contains("sent back 1, of these 0 from their letters; original gone 0"),
        "{told}"
    );
    await_records(&place, "alert", 2);
    assert_eq!(place.alerts("alert").len(), 2);

    let records = topics::read_committed(&place.bootstrap, &input);
    let (first, back) = (&records[0], records.last().unwrap());
    assert_eq!(records.len(), 3);
    assert_eq!((back.key(), back.payload()), (first.key(), first.payload()));
    assert_eq!(back.partition(), first.partition());
    let header = back.headers().unwrap().get(0);
    let from = format!("{input}/{}/{}", first.partition(), first.offset());
    assert_eq!(header.key, "redriven_from");
    assert_eq!(header.value, Some(from.as_bytes()));

    let told = redrive(&place, &["--reason", "unknown_schema_id"], 0);
    assert!(told.contains("1 were sent back before"), "{told}");
    assert!(
        told.contains("sent back 0, of these 0 from their letters; original gone 0"),
        "{told}"
    );
    await_records(&place, "dead_letter", 2);
    service.drain();
}

#[test]
fn an_original_that_is_gone_comes_from_its_letter_where_that_names_a_key() {
    let place = Place::new(shared_broker(), "gone");
    place.create_topics();
    let service = impatient(&place);
    let draft = Draft::referral("SECRET-1", date(2026, 3, 2), 1_772_409_600);
    let (input, key) = (place.topic("referral"), draft.key());
    let value = draft.framed(place.schema(Topic::Referral));
    let right = clockstop_schemas::partition_of(key.as_bytes(), PARTITIONS);
    let provider = Provider::connect(&place.bootstrap);
    provider.send(&input, Some(1 - right), Some(&key), Some(&value));
    provider.send(&input, Some(right), Some(&key), Some(b"no frame"));
    provider.settle();
    await_records(&place, "dead_letter", 2);
    service.drain();
    for partition in 0..PARTITIONS {
        delete_records(&place, &input, partition);
    }

    let told = redrive(&place, &["--topic", "referral"], 3);
    let sent = "sent back 1, of these 1 from their letters; original gone 1,";
    assert!(told.contains(sent), "{told}");
    let records = topics::read_committed(&place.bootstrap, &input);
    let [back] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert_eq!(back.key(), Some(key.as_bytes()));
    assert_eq!(back.payload(), Some(&*value));
    assert_eq!(back.partition(), right);
}
