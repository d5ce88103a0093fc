//! Inputs that are not the ones that were read before, where only a checkpoint or the control record can tell.

use crate::LIMIT;
use crate::fold::fold;
use crate::lost_history::{
    await_refusal, grow_all, names, of_partition, run_to_the_end, stop, words_of,
};
use crate::service::{Place, Service};
use crate::support::kafka::shared_broker;
use crate::support::{topics, wait};
use clockstop_pipeline::Topic;

/// The pathways are all there again, so that no alert is of an unknown one; but the log is another.
#[test]
fn an_input_that_was_made_anew_and_filled_again_refuses_its_partitions() {
    let place = Place::new(shared_broker(), "refilled");
    place.create_topics();
    place.refer(names(0..40));
    let before = run_to_the_end(&place);
    topics::delete(&place.bootstrap, &[&place.topic("referral")]);
    place.create_topics();
    place.refer(names(0..60));
    let service = place.run();
    for partition in [0, 1] {
        await_refusal(
            &service,
            partition,
            &["referral", "created again", "--accept-history-from"],
        );
    }
    stop(service);
    assert_eq!(place.alerts("alert"), before);
}

/// Looked at every 30 seconds; nothing is said after it was seen.
#[test]
fn an_input_made_anew_under_a_running_service_refuses_its_partitions() {
    let place = Place::new(shared_broker(), "swapped");
    place.create_topics();
    place.refer(names(0..40));
    let service = place.run();
    service.await_committed(40);
    topics::delete(&place.bootstrap, &[&place.topic("referral")]);
    place.create_topics();
    for partition in [0, 1] {
        await_refusal(&service, partition, &["referral", "created again"]);
    }
    let before = [0, 1].map(|partition| words_of(&place, partition));
    place.refer(names(40..80));
    stop(service);
    assert_eq!([0, 1].map(|partition| words_of(&place, partition)), before);
}

/// Keys lie on other partitions now: what was learned on one would go on on another.
#[test]
fn partitions_added_to_all_topics_under_a_stopped_service_refuse_every_partition() {
    let mut place = Place::new(shared_broker(), "divided");
    place.create_topics();
    place.refer(names(0..40));
    let before = run_to_the_end(&place);
    grow_all(&place, 3);
    place.partitions = 3;
    place.refer(names(40..60));
    let service = place.run();
    for partition in [0, 1, 2] {
        await_refusal(&service, partition, &["partition", "2", "3"]);
    }
    stop(service);
    assert_eq!(place.alerts("alert"), before);
    let letters = topics::read_committed(&place.bootstrap, &place.topic("dead_letter"));
    assert!(letters.is_empty(), "{} dead letters", letters.len());
}

/// Where the operator says so, a shortened history is accepted: its alerts stand, and nothing is withdrawn. It is
/// remembered, so that the next start need not be told.
#[test]
fn a_shortened_history_is_run_where_the_operator_accepts_it() {
    let place = Place::new(shared_broker(), "accepted");
    place.create_topics();
    place.refer(names(0..40));
    run_to_the_end(&place);
    place.refer(names(40..80));
    let begin = fold(&place).ends[&(Topic::Referral, 0)].end - 1;
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, begin);
    let before = words_of(&place, 0);
    let flag = format!("referral/0/{begin}");
    let service = place.run_with(&["--accept-history-from", &flag]);
    await_live(&service);
    let readiness = service.readiness().unwrap();
    let of_first = &readiness["partitions"][0];
    assert!(
        of_first["left_standing"].as_u64().unwrap() > 0,
        "{readiness}"
    );
    assert_eq!(readiness["partitions"][1]["left_standing"], 0);
    wait::until("the last referral's alerts", LIMIT, || {
        if words_of(&place, 0) > before {
            Ok(())
        } else {
            Err(format!("{before} words"))
        }
    });
    stop(service);
    let said = place.alerts("alert");
    assert!(said.iter().all(|alert| alert.content.level.is_some()));

    let service = place.run();
    await_live(&service);
    stop(service);
    assert_eq!(place.alerts("alert"), said);
}

#[test]
fn what_is_accepted_must_be_of_a_partition_that_there_is() {
    let place = Place::new(shared_broker(), "mistaken");
    place.create_topics();
    let words = ["run", "--accept-history-from", "diagnosis/2/5"];
    let told = place.command(&words).run().expect_code(1).stderr;
    assert!(
        told.contains("the diagnosis input has no partition 2"),
        "{told}"
    );
    let words = ["run", "--accept-history-from", "alert/0/5"];
    let told = place.command(&words).run().expect_code(1).stderr;
    assert!(told.contains("alert is no input"), "{told}");
}

fn await_live(service: &Service) {
    service.await_readiness("both partitions live", |readiness| {
        let live = |&partition: &i32| of_partition(readiness, partition, "state") == "live";
        [0, 1].iter().all(live)
    });
}
