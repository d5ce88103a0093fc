//! The built service on a real Apache Kafka: replay, checkpoints, restarts, takeovers, and how soon alerts are out.
//!
//! `cargo bench -p clockstop --bench service -- [--pathways 1000000] [--seconds 60] [--rates 1000,20000] [--workers 2] [--restarts 3] [--takeovers 3] [--log]`
//!
//! `--log` shows what the service logs of its restarts and takeovers.
//!
//! The broker, the feed, the readers and the service share the machine. Needs Java and Maven, as the tests do.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its figures and stops at its first surprise"
)]

#[path = "../machine.rs"]
#[expect(dead_code, reason = "its peak is not told here")]
mod machine;
#[path = "../../tests/kafka/service.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod service;
#[path = "../../tests/support/mod.rs"]
mod support;

mod latency;
mod metrics;
mod usage;

use clockstop_pipeline::{Day, Topic};
use metrics::Metrics;
use service::{Place, Service, today};
use std::time::{Duration, Instant};
use support::kafka::Broker;
use support::process::Signal;
use support::{topics, wait};

/// How long a service may take to start, and to answer.
const LIMIT: Duration = Duration::from_mins(2);
const REPLAY_LIMIT: Duration = Duration::from_mins(20);
const PARTITIONS: i32 = 12;
/// Days over which the referrals of the history are spread.
const HISTORY: i32 = 424;

struct Options {
    pathways: u64,
    seconds: u64,
    rates: Vec<u32>,
    workers: u64,
    restarts: u64,
    takeovers: u64,
}

impl Options {
    fn read() -> Self {
        let words: Vec<String> = std::env::args().collect();
        let after = |name: &str| {
            let at = words.iter().position(|word| word == name)?;
            words.get(at + 1).cloned()
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let cores = u64::try_from(cores).unwrap();
        let number = |name, default| after(name).map_or(default, |text| text.parse().unwrap());
        let rates = after("--rates").unwrap_or_else(|| "1000,20000".to_owned());
        let rates = rates.split(',').filter(|rate| !rate.is_empty());
        Self {
            pathways: number("--pathways", 1_000_000),
            seconds: number("--seconds", 60),
            rates: rates.map(|rate| rate.parse().unwrap()).collect(),
            workers: number("--workers", cores),
            restarts: number("--restarts", 3),
            takeovers: number("--takeovers", 3),
        }
    }
}

fn main() {
    let options = Options::read();
    println!("{}", machine::machine());
    let broker = Broker::start();
    let mut place = Place::new(broker.bootstrap(), "bench");
    place.partitions = PARTITIONS;
    place.set("checkpoints.interval_seconds", "20");
    place.set("service.workers", &options.workers.to_string());
    place.create_topics();
    let events = history(&place, options.pathways);
    let service = replay(&place, events);
    let mut service = checkpoints(&place, service, options.pathways);
    for _ in 0..options.restarts {
        service = restart(&place, service);
    }
    for _ in 0..options.takeovers {
        service = takeover(&place, service);
    }
    if options.takeovers > 0 {
        service = takeover_of_a_killed(&place, service);
    }
    for &rate in &options.rates {
        latency::measure(&place, &service, rate, Duration::from_secs(options.seconds));
    }
}

/// The names of the input topics.
fn inputs(place: &Place) -> [String; 3] {
    Topic::ALL.map(|topic| place.topic(topic.name()))
}

fn history(place: &Place, pathways: u64) -> u64 {
    let day = |day: Day| day.to_string();
    let (from, to) = (today().plus(-HISTORY), today().plus(-1));
    let [pathways, from, to] = [pathways.to_string(), day(from), day(to)];
    let words = [
        "generate",
        "--to-kafka",
        "--seed",
        "1",
        "--pathways",
        &pathways,
        "--from",
        &from,
        "--to",
        &to,
    ];
    let began = Instant::now();
    place
        .command(&words)
        .limit(REPLAY_LIMIT)
        .run()
        .expect_code(0);
    let took = began.elapsed().as_secs_f64();
    let events = topics::ends(&place.bootstrap, &inputs(place))
        .into_iter()
        .sum::<i64>();
    let events = u64::try_from(events).unwrap();
    println!(
        "history: {events} events of {pathways} pathways generated and sent in {took:.0} s, {:.0} k/s",
        events as f64 / took / 1e3
    );
    events
}

/// From the start of a process until all of its partitions are live and nothing is behind.
fn started(place: &Place, limit: Duration) -> (Service, Duration) {
    let began = Instant::now();
    let service = place.run();
    await_live(place, &[&service], limit);
    (service, began.elapsed())
}

/// Waits until every partition is live in one of these processes and each of them is ready.
fn await_live(place: &Place, services: &[&Service], limit: Duration) {
    wait::until("every partition to be live", limit, || {
        let mut live = 0;
        for service in services {
            let readiness = service.readiness()?;
            if readiness["ready"] != true {
                return Err(readiness.to_string());
            }
            let partitions = readiness["partitions"].as_array();
            live += partitions.map_or(0, Vec::len);
        }
        if live == usize::try_from(place.partitions).unwrap() {
            Ok(())
        } else {
            Err(format!("{live} are live"))
        }
    });
}

fn replay(place: &Place, events: u64) -> Service {
    let (service, took) = started(place, REPLAY_LIMIT);
    let seconds = took.as_secs_f64();
    println!(
        "replay: {events} events from start to live in {seconds:.1} s, {:.0} k/s; {} transitions wait to be said for the first time",
        events as f64 / seconds / 1e3,
        Metrics::of(&service).sum("clockstop_standing_alerts"),
    );
    let began = Instant::now();
    wait::until("the first alerts to be out", REPLAY_LIMIT, || {
        let metrics = Metrics::of(&service);
        let [learned, committed] = ["clockstop_learned_offset", "clockstop_committed_offset"]
            .map(|name| metrics.sum(name));
        if learned <= committed {
            Ok(())
        } else {
            Err(format!("{learned} {committed}"))
        }
    });
    let said = Metrics::of(&service).sum("clockstop_transitions_total");
    println!(
        "baseline: {said} alerts said in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    service
}

/// One checkpoint of every partition, and what the loops do meanwhile.
fn checkpoints(place: &Place, service: Service, pathways: u64) -> Service {
    let before = Metrics::of(&service);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let after = now.as_secs_f64();
    // A checkpoint is written when something was learned since the last one.
    let feed = latency::Feed::start(place, 1_000);
    wait::until("a checkpoint of every partition", REPLAY_LIMIT, || {
        let written = Metrics::of(&service).all("clockstop_checkpoint_written_timestamp_seconds");
        let since = written.iter().filter(|&&at| at > after).count();
        if since == usize::try_from(place.partitions).unwrap() {
            Ok(())
        } else {
            Err(format!("{since} partitions have one"))
        }
    });
    drop(feed);
    let then = Metrics::of(&service);
    let bytes = then.sum("clockstop_checkpoint_size_bytes");
    let held = then.sum("clockstop_checkpoint_pathways");
    let resident = machine::resident(&service.process.pid().to_string());
    println!(
        "checkpoint: {held} pathways in {PARTITIONS} partitions, {:.0} MB, {:.0} bytes each; a partition takes {:.2} s at most",
        bytes / 1e6,
        bytes / held,
        then.greatest("clockstop_checkpoint_duration_seconds"),
    );
    println!(
        "ingest stall meanwhile: {}",
        then.since(&before, "clockstop_turn_duration_seconds")
    );
    println!(
        "memory: {:.0} MB resident, {:.0} bytes a pathway, everything included",
        resident as f64 / 1e6,
        resident as f64 / pathways as f64
    );
    service
}

fn restart(place: &Place, service: Service) -> Service {
    let began = Instant::now();
    service.process.signal(Signal::Term);
    service.process.wait(LIMIT).expect_code(0);
    let ended = began.elapsed();
    let (service, took) = started(place, LIMIT);
    let metrics = Metrics::of(&service);
    println!(
        "restart: ended in {:.2} s; live {:.2} s after its start ({})",
        ended.as_secs_f64(),
        took.as_secs_f64(),
        metrics.phases(),
    );
    log(&service);
    service
}

/// What a service logged, where that is asked for.
fn log(service: &Service) {
    if std::env::args().any(|word| word == "--log") {
        println!("{}", service.process.stderr().text());
    }
}

/// Another process joins, and the first one leaves; the other one is given back.
fn takeover(place: &Place, first: Service) -> Service {
    let (second, joined) = joined(place, &first);
    let began = Instant::now();
    first.process.signal(Signal::Term);
    await_live(place, &[&second], LIMIT);
    println!(
        "takeover after SIGTERM: all live elsewhere after {:.2} s ({}); when the other joined, all were live again after {:.2} s",
        began.elapsed().as_secs_f64(),
        Metrics::of(&second).phases(),
        joined.as_secs_f64()
    );
    first.process.wait(LIMIT).expect_code(0);
    log(&second);
    second
}

/// Another process joins and dies.
fn takeover_of_a_killed(place: &Place, service: Service) -> Service {
    let (mut second, _) = joined(place, &service);
    second.process.kill();
    let began = Instant::now();
    await_live(place, &[&service], LIMIT);
    println!(
        "takeover after kill -9: all live elsewhere after {:.2} s, the group's session timeout of 6 s included ({})",
        began.elapsed().as_secs_f64(),
        Metrics::of(&service).phases()
    );
    log(&service);
    service
}

fn joined(place: &Place, other: &Service) -> (Service, Duration) {
    let service = place.run();
    let began = Instant::now();
    wait::until("both processes to run partitions", LIMIT, || {
        for service in [other, &service] {
            let readiness = service.readiness()?;
            if readiness["partitions"].as_array().is_none_or(Vec::is_empty) {
                return Err(readiness.to_string());
            }
        }
        Ok(())
    });
    await_live(place, &[other, &service], LIMIT);
    (service, began.elapsed())
}
