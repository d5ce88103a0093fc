//! Records whose schema is not there yet: they wait, in order, and nothing is lost.

use crate::LIMIT;
use crate::service::Embedded;
use crate::support::events::{Draft, Provider, date};
use crate::support::wait;
use clockstop::board::Part;
use clockstop::registry::Registry;
use clockstop::registry_server::RegistryServer;
use clockstop_pipeline::{Day, Topic};
use clockstop_schemas::{ALERT_SCHEMA, event_schema_json};
use std::time::{Duration, Instant};

const RECORDED: i64 = 1_767_700_000;

fn today() -> Day {
    Day::from_ymd(2026, 1, 20).unwrap()
}

fn send(service: &Embedded, draft: &Draft, schema: u32) {
    let provider = Provider::connect(&service.bootstrap);
    provider.send(
        "cancer.referral",
        None,
        Some(&draft.key()),
        Some(&draft.framed(schema)),
    );
    provider.settle();
}

#[test]
fn a_schema_that_comes_late_is_waited_for() {
    let service = Embedded::start(today(), Duration::from_secs(30));
    let [referral, _, treatment] = service.schemas();
    let next = treatment + 1;
    let draft = |day| Draft::referral("P1", date(2026, 1, day), RECORDED + i64::from(day));
    send(&service, &draft(5), next);
    send(&service, &draft(6), referral);
    wait::until("the wait", LIMIT, || {
        let partitions = service.running.board().partitions();
        if partitions
            .values()
            .any(|p| p.waits_for_schema == Some(next))
        {
            Ok(())
        } else {
            Err(format!("{partitions:?}"))
        }
    });
    assert!(!service.running.board().ready());
    let later = event_schema_json(Topic::Referral).replacen("\"doc\": \"", "\"doc\": \"Later: ", 1);
    let mut registry = Registry::new(service.registry.as_ref().unwrap().url());
    assert_eq!(registry.register("cancer.referral", &later).unwrap(), next);
    service.settle(2);
    let partitions = service.running.board().partitions();
    assert_eq!(
        partitions.values().map(|p| p.counts.changed).sum::<u64>(),
        2
    );
    service.running.drain();
}

#[test]
fn a_registry_that_is_down_is_waited_for() {
    // Shorter than the outage: being down is not being unknown. Longer than a registry that is back is without the
    // schemas, on a machine that is busy.
    let patience = Duration::from_secs(2);
    let mut service = Embedded::start(today(), patience);
    let [referral, ..] = service.schemas();
    let server = service.registry.take().unwrap();
    let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(server);
    let down = Instant::now();
    send(
        &service,
        &Draft::referral("P1", date(2026, 1, 5), RECORDED),
        referral,
    );
    wait::until("the trouble, for longer than that", LIMIT, || {
        let troubles = service.running.board().troubles();
        if troubles.contains_key(&Part::Registry) && down.elapsed() > 2 * patience {
            Ok(())
        } else {
            Err(format!("{troubles:?}"))
        }
    });
    assert!(!service.running.board().ready());
    let server = wait::until("the port", LIMIT, || {
        RegistryServer::start(port).map_err(|e| e.to_string())
    });
    let url = server.url().to_owned();
    Registry::new(&url)
        .register("cancer.alert", ALERT_SCHEMA)
        .unwrap();
    service.registry = Some(server);
    assert_eq!(service.schemas()[0], referral);
    service.settle(1);
    assert!(service.running.board().ready());
    let partitions = service.running.board().partitions();
    assert_eq!(
        partitions.values().map(|p| p.counts.changed).sum::<u64>(),
        1
    );
    service.running.drain();
}
