//! What is promised across kills, outages and restarts.

use crate::LIMIT;
use crate::service::{KEY, PARTITIONS, Place, today};
use crate::support::events::{Draft, Provider};
use crate::support::kafka::{Broker, shared_broker};
use crate::support::process::Signal;
use crate::support::{topics, wait};
use clockstop_pipeline::{Alert, AlertId, AlertKey, Content, Engine, Notice, Reference, Topic};
use clockstop_schemas::{EventDecoder, event_schema_json};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;

/// What a batch fold of the events says of every alert that stands.
fn oracle(drafts: &[Draft]) -> BTreeMap<AlertId, Content> {
    let mut engine = Engine::new(AlertKey(KEY), Reference::default(), "oracle");
    let mut decoder = EventDecoder::default();
    decoder
        .add_schema(1, event_schema_json(Topic::Referral))
        .unwrap();
    for draft in drafts {
        let (key, value) = (draft.key(), draft.framed(1));
        let (key, value) = (Some(key.as_bytes()), Some(&*value));
        let event = decoder
            .decode(draft.topic, key, value, engine.texts_mut())
            .unwrap();
        engine.learn(&event.pathway, &event.report);
    }
    let said = engine
        .reconcile(today())
        .into_iter()
        .map(|notice| match notice {
            Notice::Alert(alert) => (alert.alert_id, alert.content),
            Notice::Erasure { .. } => panic!("nothing is erased"),
        });
    said.collect()
}

fn last_words(alerts: Vec<Alert>) -> BTreeMap<AlertId, Content> {
    alerts
        .into_iter()
        .map(|alert| (alert.alert_id, alert.content))
        .collect()
}

/// Revisions of every alert are consecutive from 1, and neighbours differ in content.
fn assert_walk(history: &[Alert]) {
    let mut last: BTreeMap<AlertId, &Alert> = BTreeMap::new();
    for alert in history {
        let before = last.insert(alert.alert_id, alert);
        assert_eq!(
            alert.revision,
            before.map_or(1, |before| before.revision + 1)
        );
        assert!(before.is_none_or(|before| before.content != alert.content));
    }
}

fn names(from: u32, to: u32) -> impl Iterator<Item = String> {
    (from..to).map(|n| format!("P{n}"))
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_repeats_nothing() {
    let place = Place::new(shared_broker(), "kill-service");
    place.create_topics();
    let mut drafts = place.refer(names(0, 3_000));
    let first = place.run();
    wait::until("the first alerts", 2 * LIMIT, || {
        let transitions = first.metric("clockstop_transitions_total");
        if transitions > 0.0 {
            Ok(())
        } else {
            Err("none".to_owned())
        }
    });
    first.process.signal(Signal::Kill);
    drop(first);
    drafts.extend(place.refer(names(2_900, 3_500)));
    let second = place.run();
    second.await_ready();
    second.await_committed(u32::try_from(drafts.len()).unwrap());
    assert!(second.metric("clockstop_recovery_seconds") > 0.0);
    assert_eq!(last_words(place.alerts("alert")), oracle(&drafts));
    let history = place.alerts("alert_history");
    assert_walk(&history);
    assert_eq!(last_words(history), oracle(&drafts));
}

#[test]
fn a_broker_that_goes_and_comes_back_is_waited_for() {
    let mut broker = Broker::start();
    let place = Place::new(broker.bootstrap(), "outage");
    place.create_topics();
    let mut drafts = place.refer(names(0, 20));
    let service = place.run();
    service.await_ready();
    broker.kill();
    let readiness = service.await_readiness("not ready", |readiness| readiness["ready"] == false);
    assert!(readiness["troubles"]["broker"].is_string(), "{readiness}");
    broker.restart();
    service.await_ready();
    drafts.extend(place.refer(names(20, 40)));
    service.await_committed(40);
    assert_eq!(last_words(place.alerts("alert")), oracle(&drafts));
    assert_walk(&place.alerts("alert_history"));
}

#[test]
fn a_signal_drains_what_was_learned() {
    for signal in [Signal::Term, Signal::Int] {
        let place = Place::new(shared_broker(), "drain");
        place.create_topics();
        let drafts = place.refer(names(0, 200));
        let service = place.run();
        service.await_ready();
        let counted = || service.metric("clockstop_records_total");
        wait::until("all records", LIMIT, || {
            if counted() >= 200.0 {
                Ok(())
            } else {
                Err(String::new())
            }
        });
        service.process.signal(signal);
        service.process.wait(LIMIT).expect_code(0);
        assert_eq!(committed(&place), 200);
        assert_eq!(last_words(place.alerts("alert")), oracle(&drafts));
    }
}

/// The sum of the group's offsets on the referral topic.
fn committed(place: &Place) -> i64 {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .set("group.id", &place.prefix)
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_range(&place.topic("referral"), 0, PARTITIONS - 1);
    let offsets = consumer.committed_offsets(list, LIMIT).unwrap();
    let offsets = offsets.elements();
    let known = offsets.iter().map(|element| {
        let Offset::Offset(offset) = element.offset() else {
            panic!("nothing is committed of {element:?}");
        };
        offset
    });
    known.sum()
}

#[test]
fn a_bad_record_is_dead_lettered_once_across_a_restart() {
    let place = Place::new(shared_broker(), "letters");
    place.create_topics();
    let id = place.schema(Topic::Referral);
    let provider = Provider::connect(&place.bootstrap);
    let future = Draft::referral(
        "F1",
        crate::support::events::date(2026, 3, 2),
        4_000_000_000,
    );
    let topic = place.topic("referral");
    provider.send(&topic, None, Some(&future.key()), Some(&future.framed(id)));
    provider.send(&topic, None, Some("RXX:F2"), Some(b"garbage"));
    provider.settle();
    let service = place.run();
    service.await_committed(2);
    service.process.signal(Signal::Kill);
    drop(service);
    let service = place.run();
    service.await_committed(2);
    let letters = topics::read_committed(&place.bootstrap, &place.topic("dead_letter"));
    let mut reasons: Vec<_> = letters
        .iter()
        .map(|letter| {
            let mut headers = letter.headers().unwrap().iter();
            let reason = headers.find(|header| header.key == "reason").unwrap();
            String::from_utf8(reason.value.unwrap().to_vec()).unwrap()
        })
        .collect();
    reasons.sort();
    assert_eq!(reasons, ["not_framed", "recorded_in_future"]);
}

#[test]
fn workers_share_the_partitions_under_either_protocol() {
    for protocol in ["consumer", "classic"] {
        let mut place = Place::new(shared_broker(), "workers");
        place.set("kafka.group_protocol", protocol);
        place.set("service.workers", "2");
        place.create_topics();
        let mut drafts = place.refer(names(0, 300));
        let service = place.run();
        service.await_ready();
        drafts.extend(place.refer(names(250, 400)));
        service.await_committed(450);
        service.process.signal(Signal::Term);
        service.process.wait(LIMIT).expect_code(0);
        assert_eq!(last_words(place.alerts("alert")), oracle(&drafts));
        assert_walk(&place.alerts("alert_history"));
    }
}

#[test]
fn a_second_process_takes_over_what_it_is_given() {
    let place = Place::new(shared_broker(), "second");
    place.create_topics();
    let mut drafts = place.refer(names(0, 300));
    let first = place.run();
    first.await_ready();
    let second = place.run();
    second.await_readiness("a partition", |readiness| {
        readiness["ready"] == true
            && readiness["partitions"]
                .as_array()
                .is_some_and(|all| all.len() == 1)
    });
    drafts.extend(place.refer(names(300, 400)));
    first.process.signal(Signal::Kill);
    drop(first);
    second.await_ready();
    second.await_committed(400);
    assert_eq!(last_words(place.alerts("alert")), oracle(&drafts));
    assert_walk(&place.alerts("alert_history"));
}

#[test]
fn what_may_lie_behind_an_open_transaction_is_waited_for() {
    let place = Place::new(shared_broker(), "open-transaction");
    place.create_topics();
    let other: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .set("transactional.id", format!("{}.other", place.prefix))
        .create()
        .unwrap();
    other.init_transactions(LIMIT).unwrap();
    other.begin_transaction().unwrap();
    let topic = place.topic("alert");
    let record = BaseRecord::to(&topic).partition(0).key("none of ours");
    other.send(record.payload("open")).unwrap();
    other.flush(LIMIT).unwrap();
    let service = place.run();
    service.process.stderr().wait_for_line(LIMIT, |line| {
        line.contains("has an open transaction before")
    });
    let readiness = service.readiness().unwrap();
    assert_eq!(readiness["ready"], false, "{readiness}");
    other.abort_transaction(LIMIT).unwrap();
    service.await_ready();
}
