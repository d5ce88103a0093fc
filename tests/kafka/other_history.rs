//! Inputs that are not the ones that were read before, where only a checkpoint or the control record can tell.

use crate::LIMIT;
use crate::fleet::Fleet;
use crate::fold::fold;
use crate::lost_history::{
    await_refusal, grow_all, names, of_partition, run_to_the_end, stop, words_of,
};
use crate::service::{Place, Service};
use crate::support::kafka::shared_broker;
use crate::support::{topics, wait};
use clockstop_pipeline::Topic;
use std::path::Path;

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

/// What a checkpoint covers may be deleted: nothing of it is needed any more.
#[test]
fn records_below_a_checkpoint_may_be_deleted() {
    let place = Place::new(shared_broker(), "covered");
    place.create_topics();
    place.refer(names(0..40));
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.settle_and_compare().expect_clean();
    let before = place.alerts("alert");
    let end = fold(&place).ends[&(Topic::Referral, 0)].behind_last_record;
    await_checkpoint(&place, 0, end);
    fleet.leave(0);
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, end - 1);
    fleet.start();
    fleet.await_whole("the service from its checkpoint");
    fleet.leave(0);
    assert_eq!(place.alerts("alert"), before);
}

/// Waits until a whole checkpoint covers so many records of the inputs together.
fn await_checkpoint(place: &Place, partition: i32, records: i64) {
    let folder = Path::new(&place.config().checkpoints.url).join(partition.to_string());
    wait::until("a checkpoint", LIMIT, || {
        let entries = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names: Vec<_> = names.collect();
        let covers = |name: &&String| {
            let sum = name.split('-').next().unwrap_or_default();
            let whole = folder.join(name).join("manifest.json").exists();
            whole && sum.parse::<i64>().is_ok_and(|sum| sum >= records)
        };
        names
            .iter()
            .find(covers)
            .map(|_| ())
            .ok_or(format!("{names:?}"))
    });
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
    // What a checkpoint knows is not lost.
    let checkpoints = place.config().checkpoints.url;
    if Path::new(&checkpoints).exists() {
        std::fs::remove_dir_all(checkpoints).unwrap();
    }
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
