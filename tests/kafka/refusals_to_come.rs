//! Inputs that are not the ones that were read before, where only a checkpoint or the control record can tell.

use crate::LIMIT;
use crate::fleet::Fleet;
use crate::lost_history::{
    await_refusal, grow_all, names, of_partition, run_to_the_end, stop, words_of,
};
use crate::service::Place;
use crate::support::kafka::shared_broker;
use crate::support::{topics, wait};

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
    fleet.leave(0);
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, 1);
    fleet.start();
    fleet.await_whole("the service from its checkpoint");
    fleet.leave(0);
    assert_eq!(place.alerts("alert"), before);
}

/// Where the operator says so, a shortened history is accepted: its alerts stand, and nothing is withdrawn.
#[test]
fn a_shortened_history_is_run_where_the_operator_accepts_it() {
    let place = Place::new(shared_broker(), "accepted");
    place.create_topics();
    place.refer(names(0..40));
    run_to_the_end(&place);
    place.refer(names(40..80));
    let begin = crate::fold::fold(&place).ends[&(clockstop_pipeline::Topic::Referral, 0)].end - 1;
    topics::delete_records(&place.bootstrap, &place.topic("referral"), 0, begin);
    let before = place.alerts("alert").len();
    let process = place
        .command(&["run", "--accept-history-from", &begin.to_string()])
        .spawn();
    let line = process
        .stderr()
        .wait_for_line(LIMIT, |line| line.contains("started"));
    let service = crate::service::Service::at(process, &line);
    service.await_readiness("both partitions live", |readiness| {
        [0, 1]
            .iter()
            .all(|&partition| of_partition(readiness, partition, "state") == "live")
    });
    wait::until("the last referral's alert", LIMIT, || {
        let now = place.alerts("alert");
        let withdrawn = now
            .iter()
            .filter(|alert| alert.content.level.is_none())
            .count();
        assert_eq!(withdrawn, 0);
        if now.len() > before {
            Ok(())
        } else {
            Err(format!("{} alerts", now.len()))
        }
    });
    stop(service);
}
