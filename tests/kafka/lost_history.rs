//! Inputs that lose records, begin anew or are divided anew: their partitions are refused, with the reason.

use crate::LIMIT;
use crate::fleet::Fleet;
use crate::fold::fold;
use crate::service::{Place, Service};
use crate::support::kafka::shared_broker;
use crate::support::process::Signal;
use crate::support::{topics, wait};
use clockstop_pipeline::{Alert, Topic};
use rdkafka::message::Message;
use serde_json::Value;
use std::ops::Range;

/// The topics whose partition counts are equal.
pub(crate) const DIVIDED_ALIKE: [&str; 6] = [
    "referral",
    "diagnosis",
    "treatment",
    "alert",
    "alert_history",
    "control",
];

pub(crate) fn names(numbers: Range<u32>) -> impl Iterator<Item = String> {
    numbers.map(|n| format!("P{n}"))
}

/// Runs until everything is said and committed, then leaves in good order.
pub(crate) fn run_to_the_end(place: &Place) -> Vec<Alert> {
    let mut fleet = Fleet::new(place);
    fleet.start();
    fleet.settle_and_compare().expect_clean();
    fleet.leave(0);
    let alerts = place.alerts("alert");
    assert!(!alerts.is_empty());
    alerts
}

/// What `/readyz` says of a partition.
pub(crate) fn of_partition(readiness: &Value, partition: i32, member: &str) -> String {
    let partitions = readiness["partitions"].as_array().unwrap();
    let found = partitions
        .iter()
        .find(|shown| shown["partition"] == partition);
    let member = found.and_then(|shown| shown[member].as_str());
    member.unwrap_or_default().to_owned()
}

/// Waits until a partition is refused; its reason and its way out say all of this.
#[track_caller]
pub(crate) fn await_refusal(service: &Service, partition: i32, words: &[&str]) {
    let readiness = service.await_readiness("refused", |readiness| {
        of_partition(readiness, partition, "state") == "refused"
    });
    assert_eq!(readiness["ready"], false);
    let reason = ["reason", "way_out"].map(|member| of_partition(&readiness, partition, member));
    let reason = reason.join("; ");
    for word in words {
        assert!(reason.contains(word), "{word} is not in: {reason}");
    }
}

pub(crate) fn stop(service: Service) {
    service.process.signal(Signal::Term);
    service.process.wait(LIMIT).expect_code(0);
}

/// How many records this partition of the alert topic holds.
pub(crate) fn words_of(place: &Place, partition: i32) -> usize {
    let records = topics::read_committed(&place.bootstrap, &place.topic("alert"));
    let of_partition = records.iter().filter(|word| word.partition() == partition);
    of_partition.count()
}

#[test]
fn records_deleted_under_a_stopped_service_refuse_their_partition_and_no_other() {
    let place = Place::new(shared_broker(), "deleted");
    place.create_topics();
    place.refer(names(0..40));
    run_to_the_end(&place);
    // Nobody has read what is deleted here, so that nothing kept from earlier can stand in for it.
    place.refer(names(40..120));
    let begin = fold(&place).ends[&(Topic::Referral, 0)].end - 1;
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, begin);
    let before = [0, 1].map(|partition| words_of(&place, partition));

    let service = place.run();
    await_refusal(
        &service,
        0,
        &["referral", &format!("begins at offset {begin}")],
    );
    wait::until("words of the other partition", LIMIT, || {
        if words_of(&place, 1) > before[1] {
            Ok(())
        } else {
            Err("none".to_owned())
        }
    });
    stop(service);
    assert_eq!(words_of(&place, 0), before[0]);
}

#[test]
fn an_input_that_was_made_anew_and_is_empty_refuses_its_partitions() {
    let place = Place::new(shared_broker(), "anew");
    place.create_topics();
    place.refer(names(0..40));
    let before = run_to_the_end(&place);
    topics::delete(&place.bootstrap, &[&place.topic("referral")]);
    place.create_topics();
    let service = place.run();
    await_refusal(&service, 0, &[]);
    await_refusal(&service, 1, &[]);
    stop(service);
    assert_eq!(place.alerts("alert"), before);
}

#[test]
fn one_topic_with_more_partitions_than_the_others_is_refused_at_the_start() {
    let place = Place::new(shared_broker(), "unequal");
    place.create_topics();
    place.refer(names(0..40));
    let before = run_to_the_end(&place);
    topics::grow(&place.bootstrap, &[&place.topic("diagnosis")], 3);
    let told = place.command(&["run"]).run().expect_code(1).stderr;
    assert!(told.contains("must be equal"), "{told}");
    assert_eq!(place.alerts("alert"), before);
}

#[test]
fn partitions_added_under_a_running_service_are_told() {
    let place = Place::new(shared_broker(), "growing");
    place.create_topics();
    place.refer(names(0..40));
    let service = place.run();
    service.await_committed(40);
    grow_all(&place, 3);
    let readiness = service.await_readiness("trouble", |readiness| {
        readiness["ready"] == false && readiness["troubles"]["topics"].is_string()
    });
    let trouble = readiness["troubles"]["topics"].as_str().unwrap();
    assert!(trouble.contains("partition"), "{trouble}");
    stop(service);
}

/// Gives all topics that are divided alike so many partitions.
pub(crate) fn grow_all(place: &Place, partitions: usize) {
    let names = DIVIDED_ALIKE.map(|topic| place.topic(topic));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    topics::grow(&place.bootstrap, &names, partitions);
}
