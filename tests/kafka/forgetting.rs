//! An alert of a pathway that the inputs do not know refuses its partition, until an operator forgets it.

use crate::LIMIT;
use crate::lost_history::{await_refusal, names, of_partition, run_to_the_end, stop};
use crate::service::{KEY, Place};
use crate::support::events::Provider;
use crate::support::kafka::shared_broker;
use clockstop::registry::Registry;
use clockstop_pipeline::{Alert, AlertId, AlertKey};
use clockstop_schemas::{ALERT_SCHEMA, encode_alert, frame, partition_of};

const GONE: &str = "RXX:GONE";

/// An alert like this one, said of a pathway of which nothing was ever reported.
fn of_nobody(place: &Place, alert: &Alert) -> Alert {
    let alert_id = AlertId::new(&AlertKey(KEY), GONE, alert.standard, alert.item());
    let unknown = Alert {
        alert_id,
        pathway: GONE.to_owned(),
        ..alert.clone()
    };
    let id = Registry::new(place.registry.url())
        .register(&place.topic("alert"), ALERT_SCHEMA)
        .unwrap();
    let mut value = Vec::new();
    frame(id, &mut value);
    encode_alert(&unknown, &mut value);
    let provider = Provider::connect(&place.bootstrap);
    let (topic, key) = (place.topic("alert"), alert_id.to_string());
    let partition = partition_of(GONE.as_bytes(), place.partitions);
    provider.send(&topic, Some(partition), Some(&key), Some(&value));
    provider.settle();
    unknown
}

fn forget(place: &Place, id: &str, words: &[&str], code: i32) -> String {
    let command = ["topics", "forget", id, "--who", "A. Lee", "--why", "a test"];
    let command = place.command(&[&command, words].concat());
    let finished = command.limit(LIMIT).run().expect_code(code);
    finished.stdout + &finished.stderr
}

#[test]
fn an_unknown_alert_refuses_its_partition_until_it_is_forgotten() {
    let place = Place::new(shared_broker(), "unknown");
    place.create_topics();
    place.refer(names(0..20));
    let before = run_to_the_end(&place);
    let unknown = of_nobody(&place, &before[0]);
    let partition = partition_of(GONE.as_bytes(), place.partitions);
    let id = unknown.alert_id.to_string();

    let service = place.run();
    let words = [
        "1 alerts were said of pathways",
        "clockstop topics forget",
        &id,
    ];
    await_refusal(&service, partition, &words);
    service
        .process
        .stderr()
        .wait_for_line(LIMIT, |line| line.contains(&id));

    let told = forget(&place, &id, &[], 0);
    for word in ["level", "organisation RXX", "nothing is written"] {
        assert!(told.contains(word), "{told}");
    }
    assert!(!told.contains("GONE"), "{told}");
    assert_eq!(place.alerts("alert").len(), before.len() + 1);
    let told = forget(&place, &id, &["--yes"], 0);
    assert!(told.contains("is forgotten, by A. Lee: a test"), "{told}");
    service.await_readiness("the partition is tried again", |readiness| {
        of_partition(readiness, partition, "state") == "live"
    });
    stop(service);

    assert!(forget(&place, &id, &["--yes"], 1).contains("gone already"));
    let known = before[0].alert_id.to_string();
    let told = forget(&place, &known, &["--yes"], 1);
    assert!(told.contains("the inputs know the pathway"), "{told}");
    let never = AlertId([9; 16]).to_string();
    assert!(forget(&place, &never, &["--yes"], 1).contains("there is no alert"));
    forget(&place, "not-an-id", &["--yes"], 2);
}
