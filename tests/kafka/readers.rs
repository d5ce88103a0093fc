//! What a reader that is not ours sees after kills.

use crate::feed::Feeder;
use crate::fleet::{Eye, Fleet};
use crate::fold::fold;
use crate::oracle;
use crate::oracle::due;
use crate::ownership::{await_transaction, place};
use crate::support::clients;
use crate::support::kafka::shared_broker;
use clockstop_pipeline::{Content, Level, Reason};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const KILLS: usize = 3;

/// The compared content as the alert schema spells it.
fn spelled(content: &Content) -> Value {
    let day = |day: Option<clockstop_pipeline::Day>| day.map(|day| day.to_string());
    json!({
        "level": content.level.map(Level::name),
        "start": day(content.start),
        "last_compliant": day(content.last_compliant),
        "breach_from": day(content.breach_from()),
        "organisation": content.organisation,
        "stop": day(content.stop),
        "within": content.within,
        "reason": content.reason.map(Reason::name),
    })
}

#[test]
fn a_python_consumer_sees_the_last_words_that_are_due() {
    let place = place(shared_broker(), "readers");
    let eye = Eye::open(&place);
    let feeder = Feeder::start(&place, 5);
    let mut fleet = Fleet::new(&place);
    for _ in 0..KILLS {
        fleet.start();
        await_transaction(&eye, &fleet);
        fleet.kill(0);
    }
    fleet.start();
    feeder.rest();
    fleet.settle_and_compare().expect_clean();

    let history = place.alerts("alert_history");
    let due = due(&mut fold(&place), history.iter());
    let due: BTreeMap<String, Value> = due
        .iter()
        .map(|(id, word)| (id.to_string(), json!(word.as_ref().map(spelled))))
        .collect();
    let [alert, history] = ["alert", "alert_history"].map(|topic| place.topic(topic));
    let arguments = [&place.bootstrap, place.registry.url(), &alert, &history];
    let read = clients::python("last_words.py", &arguments, &[]).expect_code(0);
    let seen: Vec<Value> = read
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &seen {
        let revisions = line["revisions"].as_array().unwrap();
        let consecutive = (1..).zip(revisions).all(|(due, found)| *found == due);
        assert!(consecutive, "{line}");
    }
    let seen: BTreeMap<String, Value> = seen
        .into_iter()
        .map(|line| {
            (
                line["alert_id"].as_str().unwrap().to_owned(),
                line["word"].clone(),
            )
        })
        .collect();
    assert!(!seen.is_empty());
    assert_eq!(seen, due);
    oracle::compare(&place).expect_clean();
}
