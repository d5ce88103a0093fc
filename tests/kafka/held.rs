//! The guard against mass error, from end to end: too much is held, shown, approved, and then said.

use crate::LIMIT;
use crate::lost_history::{names, of_partition, run_to_the_end, stop};
use crate::oracle::compare;
use crate::service::{Place, Service};
use crate::support::events::{Draft, Provider, date};
use crate::support::kafka::shared_broker;
use crate::support::process::Finished;
use crate::support::{topics, wait};
use clockstop_pipeline::{Alert, Because, Standard, Topic};
use rdkafka::message::Message;
use serde_json::Value;
use std::ops::Range;

/// Corrects the day on which each of these referrals was received.
fn correct(place: &Place, numbers: Range<u32>) {
    let provider = Provider::connect(&place.bootstrap);
    let id = place.schema(Topic::Referral);
    for name in names(numbers) {
        let draft = Draft::referral(&name, date(2026, 3, 3), 1_772_500_000);
        let value = draft.framed(id);
        let (topic, key) = (place.topic("referral"), draft.key());
        provider.send(&topic, None, Some(&key), Some(&value));
    }
    provider.settle();
}

fn diff(place: &Place, service: &Service, words: &[&str]) -> Finished {
    let command = ["diff", "--url", &service.url];
    place.command(&[&command, words].concat()).run()
}

/// What is held on each partition, once it is held on all of them.
fn await_held(place: &Place, service: &Service) -> Vec<Value> {
    wait::until("something held on every partition", 2 * LIMIT, || {
        let told = diff(place, service, &["--format", "json"]).stdout;
        let told: Value = serde_json::from_str(&told).map_err(|error| error.to_string())?;
        let partitions = told["partitions"].as_array().cloned().unwrap_or_default();
        let held = |shown: &Value| shown["notices"].as_u64() > Some(0);
        if partitions.len() == 2 && partitions.iter().all(held) {
            Ok(partitions)
        } else {
            Err(format!("{told}\n{}", service.process.stderr().text()))
        }
    })
}

fn approve(place: &Place, words: &[&str]) -> String {
    let who = ["--who", "A. Lee", "--why", "a test"];
    let command = [&["approve"], words, &who].concat();
    place.command(&command).run().expect_code(0).stdout
}

fn await_nothing_held(place: &Place, service: &Service) {
    wait::until("nothing held", LIMIT, || {
        let finished = diff(place, service, &[]);
        match finished.code() {
            Some(0) => Ok(()),
            _ => Err(finished.stdout),
        }
    });
}

#[test]
fn too_many_corrections_are_held_until_somebody_approves_them() {
    let mut place = Place::new(shared_broker(), "held");
    place.set("guard.changes", "10");
    place.create_topics();
    place.refer(names(0..80));
    let service = place.run();
    service.await_committed(80);
    let before = place.alerts("alert").len();
    correct(&place, 0..80);
    service.await_committed(160);
    await_held(&place, &service);
    let readiness = service.readiness().unwrap();
    assert_eq!(readiness["ready"], true, "{readiness}");
    assert!(readiness["partitions"][0]["held"].as_u64() > Some(0));

    // Others are decided on as ever.
    place.refer(names(80..90));
    service.await_committed(170);
    wait::until("the alerts of new referrals", LIMIT, || {
        let new = |alert: &&Alert| alert.revision == 1;
        let count = place.alerts("alert").iter().filter(new).count();
        let due = before / 8 * 9;
        if count == due {
            Ok(())
        } else {
            Err(format!("{count} of {due}"))
        }
    });

    let told = diff(&place, &service, &[]).expect_code(3).stdout;
    for word in [
        "changes are held",
        "amended",
        "RXX",
        "clockstop approve --partition 1",
    ] {
        assert!(told.contains(word), "{told}");
    }
    assert!(!told.contains("RXX:"), "{told}");
    let held = await_held(&place, &service);
    let (first, second) = (
        held[0]["notices"].to_string(),
        held[1]["notices"].to_string(),
    );
    let told = approve(&place, &["--partition", "0", "--changes", &first]);
    assert!(
        told.starts_with(&format!("approve/0: up to {first} changes")),
        "{told}"
    );
    approve(&place, &["--partition", "1", "--changes", &second]);
    await_nothing_held(&place, &service);
    wait::until("what a batch fold says", LIMIT, || {
        let verdict = compare(&place);
        if verdict.is_clean() {
            Ok(())
        } else {
            Err(verdict.to_string())
        }
    });
    stop(service);
}

#[test]
fn other_reference_tables_say_nothing_until_their_version_is_approved() {
    let mut place = Place::new(shared_broker(), "tables");
    place.create_topics();
    place.refer(names(0..20));
    let before = run_to_the_end(&place);
    let file = tempfile::NamedTempFile::new().unwrap();
    let tables = "version = \"2026-12-local\"\n[fds]\nwithin = 30\nlead_times = [7, 3, 0]\n";
    std::fs::write(file.path(), tables).unwrap();
    place.set("reference.file", &file.path().display().to_string());

    let service = place.run();
    let held = await_held(&place, &service);
    assert!(
        held.iter()
            .all(|shown| shown["by_rules"] == "2026-12-local")
    );
    assert_eq!(place.alerts("alert"), before);
    approve(&place, &["--all", "--reference", "2026-12-local"]);
    await_nothing_held(&place, &service);
    let changed = wait::until("the changed alerts", LIMIT, || {
        let said = place.alerts("alert");
        let changed: Vec<_> = said
            .into_iter()
            .filter(|alert| alert.because == Because::Rules)
            .collect();
        if changed.len() == 20 {
            Ok(changed)
        } else {
            Err(format!("{} of 20", changed.len()))
        }
    });
    let is_right = |alert: &Alert| {
        alert.standard == Standard::Fds && alert.reference_version == "2026-12-local"
    };
    assert!(changed.iter().all(is_right));
    stop(service);

    let service = place.run();
    service.await_ready();
    diff(&place, &service, &[]).expect_code(0);
    stop(service);
}

#[test]
fn a_partition_that_is_sent_rubbish_pauses_until_that_is_approved() {
    const RUBBISH: usize = 1_500;
    let place = Place::new(shared_broker(), "rubbish");
    place.create_topics();
    place.refer(names(0..20));
    let service = place.run();
    service.await_committed(20);
    let provider = Provider::connect(&place.bootstrap);
    for _ in 0..RUBBISH {
        provider.send(
            &place.topic("referral"),
            Some(0),
            Some("RXX:P"),
            Some(b"rubbish"),
        );
    }
    provider.settle();
    let readiness = service.await_readiness("paused", |readiness| readiness["ready"] == false);
    let way_out = of_partition(&readiness, 0, "way_out");
    assert!(
        way_out.contains("clockstop approve --bad-records"),
        "{readiness}"
    );
    assert_eq!(of_partition(&readiness, 1, "reason"), "");
    diff(&place, &service, &[]).expect_code(3);

    approve(
        &place,
        &["--partition", "0", "--bad-records", "--for", "1h"],
    );
    service.await_ready();
    wait::until("a dead letter for each", LIMIT, || {
        let letters = topics::read_committed(&place.bootstrap, &place.topic("dead_letter"));
        let of_first = letters.iter().filter(|letter| letter.key().is_some());
        let count = of_first.count();
        if count == RUBBISH {
            Ok(())
        } else {
            Err(format!("{count} of {RUBBISH}"))
        }
    });
    stop(service);
}

#[test]
fn an_approval_names_its_partition_one_thing_who_and_why() {
    let place = Place::new(shared_broker(), "approve");
    place.create_topics();
    let who = ["--who", "A. Lee", "--why", "a test"];
    for (words, code, told) in [
        (&["--changes", "1"][..], 2, "--partition"),
        (&["--all"], 2, "--changes"),
        (
            &["--all", "--changes", "1", "--bad-records"],
            2,
            "--bad-records",
        ),
        (&["--all", "--partition", "0", "--changes", "1"], 2, "--all"),
        (
            &["--all", "--changes", "1", "--for", "8d"],
            2,
            "a week at most",
        ),
        (
            &["--partition", "2", "--changes", "1"],
            1,
            "has no partition 2",
        ),
    ] {
        let command = [&["approve"], words, &who].concat();
        let finished = place.command(&command).run().expect_code(code);
        assert!(finished.stderr.contains(told), "{}", finished.stderr);
    }
    let nobody = place.command(&["approve", "--all", "--changes", "1"]).run();
    assert!(nobody.expect_code(2).stderr.contains("--who"));
    let written = topics::read_committed(&place.bootstrap, &place.topic("control"));
    assert!(written.is_empty());
}
