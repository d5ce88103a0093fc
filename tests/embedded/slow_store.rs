//! A store of checkpoints that is away, or too slow for one partition: it is waited for, and nothing else waits.

use crate::LIMIT;
use crate::service::Embedded;
use crate::support::events::{Draft, Provider, date};
use crate::support::latch::Latch;
use crate::support::wait;
use clockstop::board::{Part, Partition};
use clockstop::partition::State;
use clockstop_pipeline::Day;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

const RECORDED: i64 = 1_767_700_000;
/// Enough of them that each partition has some.
const PATHWAYS: u64 = 16;
const ONE_LOOP: &str = "service.workers=1";

fn start(options: &[&str], prepare: impl FnOnce(&Path)) -> Embedded {
    let today = Day::from_ymd(2026, 1, 20).unwrap();
    Embedded::start_with(today, Duration::from_secs(30), options, prepare)
}

/// Sends a referral of every pathway that is newer than those before.
fn send(service: &Embedded, version: i64) {
    let [referral, ..] = service.schemas();
    let provider = Provider::connect(&service.bootstrap);
    for number in 0..PATHWAYS {
        let draft = Draft::referral(&format!("P{number}"), date(2026, 1, 5), RECORDED + version);
        let value = draft.framed(referral);
        provider.send("cancer.referral", None, Some(&draft.key()), Some(&value));
    }
    provider.settle();
}

fn wait_for(what: &str, service: &Embedded, is_so: impl Fn(&BTreeMap<i32, Partition>) -> bool) {
    wait::until(what, LIMIT, || {
        let partitions = service.running.board().partitions();
        if is_so(&partitions) {
            Ok(())
        } else {
            Err(format!("{partitions:#?}"))
        }
    });
}

fn is_live(partition: &Partition) -> bool {
    partition.state == State::Live
}

fn wait_for_both(service: &Embedded) {
    wait_for("both partitions", service, |partitions| {
        partitions.len() == 2 && partitions.values().all(is_live)
    });
}

#[test]
fn a_store_that_is_away_at_the_start_is_waited_for() {
    let service = start(&[ONE_LOOP], |store| {
        fs::write(store.join("store.json"), "half").unwrap();
    });
    wait_for("the wait", &service, |partitions| {
        let waits = |p: &Partition| p.state == State::Loading && p.waits_for_store.is_some();
        partitions.len() == 2 && partitions.values().all(waits)
    });
    let board = service.running.board();
    assert!(board.troubles().contains_key(&Part::Store));
    assert!(!board.ready() && board.healthy());
    fs::remove_file(service.checkpoints.join("store.json")).unwrap();
    wait_for_both(&service);
    assert!(board.troubles().is_empty());
    let partitions = board.partitions();
    assert!(partitions.values().all(|p| p.waits_for_store.is_none()));
    service.running.drain();
}

#[test]
fn a_service_that_waits_for_its_store_can_be_drained() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!(
        "checkpoints.properties.endpoint=http://{}",
        nobody.local_addr().unwrap()
    );
    drop(nobody);
    let options = [
        "checkpoints.url=s3://bucket",
        &endpoint,
        "checkpoints.properties.allow_http=true",
        "checkpoints.properties.access_key_id=name",
        "checkpoints.properties.secret_access_key=not to be told",
    ];
    let service = start(&options, |_| ());
    wait_for("the wait", &service, |partitions| {
        partitions.values().any(|p| p.waits_for_store.is_some())
    });
    let troubles = service.running.board().troubles();
    let told = &troubles[&Part::Store];
    assert!(!told.contains("not to be told"), "{told}");
    service.running.drain();
}

#[test]
fn a_partition_that_loads_slowly_holds_up_no_other_and_no_drain() {
    let mut latch = None;
    let service = start(&[ONE_LOOP], |store| {
        latch = Some(Latch::in_checkpoint(store, 0, 9));
    });
    wait_for("the other", &service, |partitions| {
        partitions.get(&1).is_some_and(is_live)
    });
    send(&service, 0);
    wait_for("its records", &service, |partitions| {
        let other = &partitions[&1];
        other.counts.read() > 0 && other.learned == other.committed
    });
    let partitions = service.running.board().partitions();
    assert_eq!(partitions[&0].state, State::Loading);
    service.running.drain();
    drop(latch);
}

/// The checkpoints of a partition that were written to their end, by name.
fn whole(service: &Embedded, partition: i32) -> Vec<String> {
    let folder = service.checkpoints.join(partition.to_string());
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    let whole = folders.filter(|folder| folder.path().join("manifest.json").is_file());
    let mut names: Vec<_> = whole
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

/// Waits until the newest checkpoint of a partition is another one.
fn wait_for_another(service: &Embedded, partition: i32, than: &[String]) -> Vec<String> {
    wait::until("another checkpoint", LIMIT, || {
        let names = whole(service, partition);
        if names.last() == than.last() {
            Err(format!("{names:?}"))
        } else {
            Ok(names)
        }
    })
}

#[test]
fn a_partition_that_is_written_slowly_has_one_writer_and_stalls_nobody() {
    let service = start(&[ONE_LOOP, "checkpoints.interval_seconds=1"], |_| ());
    wait_for("their first checkpoints", &service, |partitions| {
        let is_written = |p: &Partition| p.checkpoint.written_at.is_some();
        partitions.len() == 2 && partitions.values().all(is_written)
    });
    // The next one hangs over this one when it is written and older ones are to be removed.
    let latch = Latch::in_checkpoint(&service.checkpoints, 0, 0);
    let [first, mut others] = [0, 1].map(|partition| whole(&service, partition));
    send(&service, 0);
    let hangs = wait_for_another(&service, 0, &first);
    for version in 1..=3 {
        send(&service, version);
        service.settle(PATHWAYS * u64::try_from(version + 1).unwrap());
        others = wait_for_another(&service, 1, &others);
    }
    assert_eq!(whole(&service, 0), hangs, "no second writer");
    drop(latch);
    wait_for_another(&service, 0, &hangs);
    service.running.drain();
}
