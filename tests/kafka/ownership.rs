//! Who runs a partition, while processes join, leave, die, freeze and lose their broker.

use crate::LIMIT;
use crate::feed::Feeder;
use crate::fleet::{Eye, Fleet, is_torn, samples, shown};
use crate::service::{Place, Service};
use crate::support::java::Java;
use crate::support::kafka::{Broker, shared_broker};
use crate::support::process::Signal;
use crate::support::{topics, wait};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const PARTITIONS: i32 = 3;
/// So many brokers in a row do not tear a transaction.
const TORN_BROKERS: usize = 3;
const SESSION: Duration = Duration::from_secs(1);
/// So long that no process is missed which only waits for its turn on a busy machine.
const PATIENT_SESSION: Duration = Duration::from_secs(4);
const HEARTBEAT: Duration = Duration::from_millis(200);

/// Three partitions, and a group that soon misses a lost member.
pub(crate) fn place(bootstrap: &str, test: &str) -> Place {
    let mut place = Place::new(bootstrap, test);
    place.partitions = PARTITIONS;
    place.create_topics();
    topics::set_session(bootstrap, &place.prefix, SESSION, HEARTBEAT);
    place
}

/// Waits until every process runs something, all of it is live, and nothing is live twice.
pub(crate) fn await_shared(fleet: &Fleet<'_>) {
    wait::until("every process to run a partition", 4 * LIMIT, || {
        assert_eq!(fleet.exclusive(), Ok(()), "{}", fleet.logs());
        fleet.is_whole()?;
        let idle = fleet
            .shown()
            .iter()
            .filter(|shown| shown.is_empty())
            .count();
        if idle == 0 {
            Ok(())
        } else {
            Err(format!("{idle} processes run nothing"))
        }
    });
}

/// Waits until the oldest process is in mid-transaction.
pub(crate) fn await_transaction(eye: &Eye, fleet: &Fleet<'_>) {
    wait::until("a transaction", 2 * LIMIT, || {
        if eye.sees_open(&fleet.services[0]) {
            Ok(())
        } else {
            Err(fleet.logs())
        }
    });
}

fn tell(what: &str, since: Instant) {
    println!("{what}: {:.2} s", since.elapsed().as_secs_f32());
}

#[test]
fn processes_that_join_leave_and_die_run_each_partition_once() {
    let place = place(shared_broker(), "sharing");
    topics::set_session(&place.bootstrap, &place.prefix, PATIENT_SESSION, HEARTBEAT);
    let feeder = Feeder::start(&place, 1);
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("one process");
    fleet.start();
    await_shared(&fleet);
    fleet.start();
    await_shared(&fleet);
    fleet.leave(0);
    await_shared(&fleet);
    fleet.start();
    await_shared(&fleet);
    fleet.kill(1);
    await_shared(&fleet);
    fleet.start();
    await_shared(&fleet);
    fleet.kill(2);
    fleet.kill(0);
    fleet.await_whole("the last process");
    feeder.rest();
    fleet.settle_and_compare().expect_clean();
}

#[test]
fn a_process_is_one_member_and_both_of_its_workers_run_partitions() {
    let mut place = Place::new(shared_broker(), "crew");
    place.partitions = 2 * PARTITIONS;
    place.set("service.workers", "2");
    place.set("log.format", "json");
    place.create_topics();
    topics::set_session(&place.bootstrap, &place.prefix, SESSION, HEARTBEAT);
    let feeder = Feeder::start(&place, 5);
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("the process");
    // All three inputs of every partition.
    assert_eq!(members(&place), [3 * place.partitions]);
    let runs = run_by(&fleet.services[0]);
    let share = |number: u64| -> Vec<i32> {
        let its = runs.iter().filter(|run| run.1 == number);
        its.map(|run| run.0).collect()
    };
    assert_eq!([share(0), share(1)], [[0, 2, 4], [1, 3, 5]]);
    feeder.rest();
    fleet.settle_and_compare().expect_clean();
}

/// How many inputs the group gave each of its members, as Kafka's own tool tells it.
fn members(place: &Place) -> Vec<i32> {
    let tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    let words = [
        "--bootstrap-server",
        &place.bootstrap,
        "--describe",
        "--members",
        "--group",
        &place.prefix,
    ];
    let told = Java::find().tool(tool, &words);
    let of_group = |line: &&str| line.starts_with(&place.prefix);
    let lines = told.lines().filter(of_group);
    // GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS
    let counts = lines.map(|line| line.split_whitespace().nth(4).unwrap().parse().unwrap());
    counts.collect()
}

/// Every partition that went live, once, with the number of the worker that runs it.
fn run_by(service: &Service) -> BTreeSet<(i32, u64)> {
    let log = service.process.stderr().text();
    let lines = log.lines().filter(|line| line.contains(r#""to":"live""#));
    let runs = lines.map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let partition = i32::try_from(line["partition"].as_i64().unwrap()).unwrap();
        (partition, line["worker"].as_u64().unwrap())
    });
    runs.collect()
}

/// The times are printed and nothing is asserted of them: they are this machine's.
#[test]
fn what_a_process_ran_is_handed_over_when_it_leaves_and_when_it_is_killed() {
    let place = place(shared_broker(), "handing");
    let feeder = Feeder::start(&place, 2);
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("the first process");
    fleet.start();
    await_shared(&fleet);
    let since = Instant::now();
    fleet.services[0].process.signal(Signal::Term);
    let left = fleet.services.remove(0);
    fleet.await_whole("the successor of a process that left");
    tell("from SIGTERM to live elsewhere", since);
    left.process.wait(LIMIT).expect_code(0);
    fleet.start();
    await_shared(&fleet);
    let since = Instant::now();
    fleet.kill(0);
    fleet.await_whole("the successor of a process that was killed");
    tell(
        &format!("from kill -9 to live elsewhere, session {SESSION:?}"),
        since,
    );
    feeder.rest();
    fleet.settle_and_compare().expect_clean();
}

#[test]
fn a_process_frozen_past_its_session_publishes_nothing_of_what_it_knew() {
    let place = place(shared_broker(), "frozen");
    let eye = Eye::open(&place);
    let feeder = Feeder::start(&place, 3);
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("the process that freezes");
    for _ in 0..3 {
        await_transaction(&eye, &fleet);
        let frozen = fleet.services.remove(0);
        frozen.process.signal(Signal::Stop);
        fleet.start();
        fleet.await_whole("the process that takes over");
        let spoken = samples(&fleet.services[0], "clockstop_transitions_total").unwrap();
        wait::until("words of the new owner", LIMIT, || {
            let now = samples(&fleet.services[0], "clockstop_transitions_total")?;
            if now > spoken {
                Ok(())
            } else {
                Err(fleet.logs())
            }
        });
        frozen.process.signal(Signal::Continue);
        // It answers again, and shows nothing that the new owner runs.
        wait::until("the frozen process to let go", 2 * LIMIT, || {
            let held = shown(&frozen)?;
            let others = fleet.shown().remove(0);
            let twice = held.iter().any(|(partition, state)| {
                state == "live" && others.get(partition).is_some_and(|state| state == "live")
            });
            if twice {
                Err(format!("{held:?}, {others:?}"))
            } else {
                Ok(())
            }
        });
        fleet.services.push(frozen);
        await_shared(&fleet);
        fleet.leave(0);
        fleet.await_whole("the process that was frozen");
    }
    feeder.rest();
    fleet.settle_and_compare().expect_clean();
}

#[test]
fn a_broker_killed_in_mid_transaction_under_load() {
    let survived = (0..TORN_BROKERS).any(|_| survives_an_outage());
    assert!(survived, "every broker came back with a torn transaction");
}

/// `false` when the broker itself breaks a transaction; nothing may be live then that it hides.
fn survives_an_outage() -> bool {
    let mut broker = Broker::start();
    let place = place(broker.bootstrap(), "outages");
    let eye = Eye::open(&place);
    let feeder = Feeder::start(&place, 4);
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("the process");
    await_transaction(&eye, &fleet);
    broker.kill();
    broker.restart();
    let whole = wait::within(2 * LIMIT, || fleet.is_whole());
    if is_torn(&place) {
        return false;
    }
    whole.unwrap_or_else(|refusal| panic!("{refusal}\n{}", fleet.logs()));
    feeder.rest();
    fleet.settle_and_compare().expect_clean();
    true
}
