//! When completeness cannot be established, nothing is said, loudly.

use crate::LIMIT;
use crate::service::Place;
use crate::support::java::group_settings;
use crate::support::kafka::shared_broker;
use crate::support::process::Signal;
use crate::support::topics;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

fn refused(readiness: &Value) -> bool {
    let partitions = readiness["partitions"].as_array();
    partitions.is_some_and(|all| all.iter().any(|partition| partition["state"] == "refused"))
}

fn reasons(readiness: &Value) -> String {
    let partitions = readiness["partitions"].as_array().unwrap();
    let reasons = partitions
        .iter()
        .flat_map(|partition| [&partition["reason"], &partition["way_out"]])
        .filter_map(Value::as_str);
    reasons.collect()
}

#[test]
fn an_input_that_does_not_begin_at_its_first_record() {
    let place = Place::new(shared_broker(), "truncated");
    place.create_topics();
    place.refer((0..40).map(|n| format!("P{n}")));
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .create()
        .unwrap();
    let mut until = TopicPartitionList::new();
    until
        .add_partition_offset(&place.topic("referral"), 0, Offset::Offset(5))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(admin.delete_records(&until, &AdminOptions::new()))
        .unwrap();

    let service = place.run();
    let readiness = service.await_readiness("refused", refused);
    assert_eq!(readiness["ready"], false);
    assert!(
        reasons(&readiness).contains("begins at offset 5 and is needed from 0"),
        "{readiness}"
    );
    service.process.signal(Signal::Term);
    service.process.wait(LIMIT).expect_code(0);
    let alerts = topics::read_committed(&place.bootstrap, &place.topic("alert"));
    assert!(alerts.iter().all(|alert| alert.partition() == 1));
}

#[test]
fn an_input_that_is_another_topic_than_before() {
    let mut place = Place::new(shared_broker(), "another");
    place.create_topics();
    place.refer((0..20).map(|n| format!("P{n}")));
    let service = place.run();
    service.await_committed(20);
    service.process.signal(Signal::Term);
    service.process.wait(LIMIT).expect_code(0);
    let before = place.alerts("alert");
    assert!(!before.is_empty());

    let other = place.topic("other-referral");
    place.set("kafka.topics.referral", &other);
    place.create_topics();
    let service = place.run();
    let readiness = service.await_readiness("refused", refused);
    assert!(
        reasons(&readiness).contains("the referral input was created again"),
        "{readiness}"
    );
    service.process.signal(Signal::Term);
    service.process.wait(LIMIT).expect_code(0);
    assert_eq!(place.alerts("alert"), before);
}

#[test]
fn missing_topics_and_unequal_partition_counts() {
    let place = Place::new(shared_broker(), "layout");
    let told = place.command(&["run"]).run().expect_code(1).stderr;
    assert!(told.contains("kafka.topics.referral: topic"), "{told}");
    assert!(told.contains("clockstop topics create"), "{told}");
    topics::create(&place.bootstrap, &[&place.topic("treatment")], 3);
    place.create_topics();
    let told = place.command(&["check-config"]).run().expect_code(1).stdout;
    assert!(told.contains("must be equal"), "{told}");
    assert!(
        told.contains(&format!("{} has 3", place.topic("treatment"))),
        "{told}"
    );
}

#[test]
fn topics_are_created_right_and_differences_are_told() {
    let place = Place::new(shared_broker(), "topics");
    topics::create(
        &place.bootstrap,
        &[&place.topic("referral")],
        crate::service::PARTITIONS,
    );
    place.create_topics();
    let told = place
        .command(&["topics", "check"])
        .run()
        .expect_code(1)
        .stdout;
    let lines: Vec<_> = told.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.contains(&place.topic("referral"))),
        "{told}"
    );
    assert!(
        told.contains("message.timestamp.type is CreateTime and must be LogAppendTime"),
        "{told}"
    );
    let told = place.command(&["run"]).run().expect_code(1).stderr;
    assert!(told.contains("message.timestamp.type"), "{told}");

    let place = Place::new(shared_broker(), "topics");
    place.create_topics();
    place.command(&["topics", "check"]).run().expect_code(0);
    place.command(&["check-config"]).run().expect_code(0);
    let told = group_settings(&place.bootstrap, &place.prefix);
    for setting in [
        "consumer.session.timeout.ms=6000",
        "consumer.heartbeat.interval.ms=200",
        "consumer.assignment.interval.ms=0",
    ] {
        assert!(told.contains(&format!(" {setting} ")), "{told}");
    }
}

#[test]
fn a_broker_and_a_registry_that_are_not_there() {
    let mut place = Place::new("127.0.0.1:1", "nobody");
    place.set("registry.url", "http://127.0.0.1:1");
    let told = place.command(&["check-config"]).run().expect_code(1).stdout;
    assert!(
        told.contains("kafka.bootstrap: no broker answers at 127.0.0.1:1"),
        "{told}"
    );
    assert!(told.contains("Connection refused"), "{told}");
    assert!(told.contains("registry.url: "), "{told}");
    place
        .command(&["check-config", "--offline"])
        .run()
        .expect_code(0);
}
