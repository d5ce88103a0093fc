//! `explain --from-kafka` finds a pathway's reports on the inputs, and is stopped by none that cannot be read.

use crate::service::Place;
use crate::support::events::{Draft, Provider, date};
use crate::support::kafka::shared_broker;
use clockstop_pipeline::EventType;
use serde_json::Value;

const RECEIVED_AT: i64 = 1_772_409_600;
/// No registry here ever gave it.
const UNKNOWN_SCHEMA: u32 = 4_000_000;

#[test]
fn a_pathway_is_explained_from_all_its_inputs_whatever_else_lies_there() {
    let place = Place::new(shared_broker(), "explain");
    place.create_topics();
    let referral = Draft::referral("P1", date(2026, 3, 2), RECEIVED_AT);
    let seen = Draft::new(EventType::FirstSeen, "P1", RECEIVED_AT + 1)
        .with("date_first_seen", date(2026, 3, 9))
        .with_text(
            "organisation_site_identifier_of_provider_first_seen",
            "RXX01",
        );
    let other = Draft::referral("P2", date(2026, 3, 2), RECEIVED_AT);
    let provider = Provider::connect(&place.bootstrap);
    let send = |draft: &Draft, id: Option<u32>| {
        let value = draft.framed(id.unwrap_or_else(|| place.schema(draft.topic)));
        let topic = place.topic(draft.topic.name());
        provider.send(&topic, None, Some(&draft.key()), Some(&value));
    };
    send(&seen, None);
    send(&other, Some(UNKNOWN_SCHEMA));
    send(&referral, None);
    provider.settle();
    let words = ["explain", "RXX:P1", "--from-kafka", "--as-of", "2026-04-01"];
    let told = place.command(&words).run().expect_code(0).stdout;
    assert!(told.contains("days are calendar days"), "{told}");

    send(&referral, Some(UNKNOWN_SCHEMA));
    provider.settle();
    let words = [&words[..], &["--format", "json"]].concat();
    let finished = place.command(&words).run().expect_code(3);
    assert!(
        finished.stderr.contains("1 of 3 records"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("P1"), "{}", finished.stderr);
    let assessment: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(assessment["pathway"], "RXX:P1", "{assessment}");
    assert_eq!(assessment["route"], "USC", "{assessment}");
    let clocks = assessment["clocks"].as_array().unwrap();
    let of = |standard: &str| clocks.iter().find(|clock| clock["standard"] == standard);
    assert_eq!(of("FDS").unwrap()["start"], "2026-03-02", "{assessment}");

    let words = ["explain", "RXX:P3", "--from-kafka"];
    let told = place.command(&words).run().expect_code(1).stderr;
    assert!(told.contains("no event of this pathway"), "{told}");
    assert!(!told.contains("P3"), "{told}");
}
