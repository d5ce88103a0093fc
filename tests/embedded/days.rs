//! Days that turn under a running service.

use crate::service::Embedded;
use crate::support::events::{Draft, Provider, date};
use crate::support::topics;
use clockstop_pipeline::{Alert, Day, Level, Standard, Topic, Transition};
use clockstop_schemas::{ALERT_SCHEMA, AlertDecoder};
use rdkafka::message::Message;
use std::time::Duration;

const PATHWAYS: u32 = 1_200;

fn alerts(service: &Embedded, topic: &str) -> Vec<Alert> {
    let url = service.registry.as_ref().unwrap().url();
    let id = clockstop::registry::Registry::new(url)
        .register("cancer.alert", ALERT_SCHEMA)
        .unwrap();
    let mut decoder = AlertDecoder::default();
    decoder.add_schema(id, ALERT_SCHEMA).unwrap();
    topics::read_committed(&service.bootstrap, topic)
        .iter()
        .map(|record| decoder.decode(record.payload().unwrap()).unwrap())
        .collect()
}

#[test]
fn a_clock_that_nobody_stops_climbs_day_by_day() {
    let received = Day::from_ymd(2026, 1, 5).unwrap();
    let service = Embedded::start(received.plus(20), Duration::from_secs(30));
    let [referral, ..] = service.schemas();
    let provider = Provider::connect(&service.bootstrap);
    for n in 0..PATHWAYS {
        let draft = Draft::referral(&format!("P{n}"), date(2026, 1, 5), 1_767_700_000);
        provider.send(
            "cancer.referral",
            None,
            Some(&draft.key()),
            Some(&draft.framed(referral)),
        );
    }
    provider.settle();
    service.settle(PATHWAYS.into());
    assert!(alerts(&service, "cancer.alert").is_empty());

    // Several days at once are applied day by day.
    service.calendar.advance_to(received.plus(28));
    service.settle(PATHWAYS.into());
    service.calendar.advance_to(received.plus(29));
    service.settle(PATHWAYS.into());
    let partitions = service.running.board().partitions();
    let breached: u64 = partitions
        .values()
        .map(|p| p.standing.at(Standard::Fds, Level::Breached))
        .sum();
    assert_eq!(breached, u64::from(PATHWAYS));

    let history = alerts(&service, "cancer.alert-history");
    let key = |alert: &Alert| alert.pathway == "RXX:P7" && alert.standard == Standard::Fds;
    let walk: Vec<_> = history.iter().filter(|alert| key(alert)).collect();
    let steps: Vec<_> = walk
        .iter()
        .map(|a| (a.revision, a.transition, a.decided_on.since(received)))
        .collect();
    let expected = [
        (1, Transition::Raised, 21),
        (2, Transition::Escalated, 25),
        (3, Transition::Escalated, 28),
        (4, Transition::Escalated, 29),
    ];
    assert_eq!(steps, expected);

    let published = service.running.publish().unwrap().unwrap();
    let rows = &published[0].rows;
    assert_eq!(rows["pathways"], usize::try_from(PATHWAYS).unwrap());
    assert!(service.snapshots.join("current").exists());
    let offsets: i64 = service
        .running
        .board()
        .partitions()
        .values()
        .map(|p| {
            p.committed[Topic::ALL
                .iter()
                .position(|&t| t == Topic::Referral)
                .unwrap()]
        })
        .sum();
    assert_eq!(offsets, i64::from(PATHWAYS));
    service.running.drain();
}
