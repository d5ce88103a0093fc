//! How soon an alert is out: from the broker's append of the event that causes it to the moment a reader who waits for
//! commits has it, at a given rate of events.

use crate::metrics::Metrics;
use crate::service::{Place, Service, today};
use crate::support::wait;
use crate::usage::Usage;
use clockstop_pipeline::{
    DiagnosisRecorded, EventId, Fact, FirstSeen, Instant as At, ONLY_ITEM, ReferralReceived,
    Report, Text, Texts, Topic, Version,
};
use clockstop_schemas::{ALERT_SCHEMA, AlertDecoder, encode_event, frame};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const LIMIT: Duration = Duration::from_mins(2);
/// The feed sends what is due every so often.
const STEP: Duration = Duration::from_millis(5);
const POLL: Duration = Duration::from_millis(20);
/// Of so many pathways one is late already and raises alerts; a provider's ordinary day has fewer.
const ONE_LATE_OF: u64 = 50;
/// So many seconds are told.
const SLOWEST: usize = 5;
const LATE: &str = "RXX:LATE-";

/// Sends events at a rate until it is dropped: for every pathway a referral, a first appointment and a diagnosis.
pub(crate) struct Feed {
    ends: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    began: Instant,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    pub(crate) fn start(place: &Place, rate: u32) -> Self {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "5")
            .create()
            .unwrap();
        let sender = Sender {
            producer,
            topics: crate::inputs(place),
            schemas: Topic::ALL.map(|topic| place.schema(topic)),
            texts: Texts::default(),
            run: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs()
                % 0x0100_0000,
        };
        let (ends, sent) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let began = Instant::now();
        let (ended, counted) = (Arc::clone(&ends), Arc::clone(&sent));
        let thread = std::thread::spawn(move || {
            let mut next = 0;
            while !ended.load(Ordering::Relaxed) {
                let micros = u64::try_from(began.elapsed().as_micros()).unwrap();
                let due = micros * u64::from(rate) / 1_000_000;
                while next < due {
                    sender.send(next);
                    next += 1;
                }
                counted.store(next, Ordering::Relaxed);
                sender.serve();
                // Not in `poll`, whose last millisecond spins.
                std::thread::sleep(STEP);
            }
            sender.producer.flush(LIMIT).unwrap();
        });
        let thread = Some(thread);
        Self {
            ends,
            sent,
            began,
            thread,
        }
    }

    /// Ends; how many events were sent, in how many seconds.
    fn end(self) -> (u64, f64) {
        let sent = Arc::clone(&self.sent);
        let began = self.began;
        drop(self);
        (sent.load(Ordering::Relaxed), began.elapsed().as_secs_f64())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

struct Sender {
    producer: BaseProducer,
    topics: [String; 3],
    schemas: [u32; 3],
    texts: Texts,
    /// Tells the pathways of this feed from those of others; an identifier has 20 characters at most.
    run: u64,
}

impl Sender {
    /// Takes in what the broker has acknowledged.
    fn serve(&self) {
        let mut before = None;
        while before != Some(self.producer.in_flight_count()) {
            before = Some(self.producer.in_flight_count());
            self.producer.poll(Duration::ZERO);
        }
    }

    fn send(&self, number: u64) {
        let (pathway, step) = (number / 3, number % 3);
        let late = pathway.is_multiple_of(ONE_LATE_OF);
        let begin = if late { LATE } else { "RXX:" };
        let key = format!("{begin}{:x}-{pathway}", self.run);
        let received = today().plus(if late { -40 } else { -2 });
        let fact = match step {
            0 => Fact::ReferralReceived(ReferralReceived {
                cancer_referral_to_treatment_period_start_date: Some(received),
                priority_type_code: Some(Text::code("3")),
                two_week_wait_cancer_or_symptomatic_breast_referral_type: Some(Text::code("01")),
                source_of_referral_for_out_patients: Some(Text::code("03")),
                organisation_site_identifier: Some(Text::code("RXX")),
                ..ReferralReceived::default()
            }),
            1 => Fact::FirstSeen(FirstSeen {
                date_first_seen: Some(received.plus(1)),
                ..FirstSeen::default()
            }),
            _ => Fact::DiagnosisRecorded(DiagnosisRecorded {
                date_of_diagnosis: Some(received.plus(2)),
                ..DiagnosisRecorded::default()
            }),
        };
        let topic = fact.event_type().topic();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let report = Report {
            fact,
            ..blank(i64::try_from(now.as_micros()).unwrap(), number)
        };
        let at = Topic::ALL.iter().position(|&of| of == topic).unwrap();
        let mut value = Vec::with_capacity(256);
        frame(self.schemas[at], &mut value);
        encode_event(&key, &report, &self.texts, &mut value);
        let mut record = BaseRecord::to(&self.topics[at]).key(&key).payload(&value);
        while let Err((_, unsent)) = self.producer.send(record) {
            record = unsent;
            self.producer.poll(STEP);
        }
    }
}

/// The head of a report, whose fact is to be put in.
fn blank(recorded_at: i64, number: u64) -> Report {
    let mut event_id = [0; 16];
    event_id[..8].copy_from_slice(&number.to_le_bytes());
    event_id[8..].copy_from_slice(&recorded_at.to_le_bytes());
    Report {
        version: Version {
            recorded_at: At(recorded_at),
            entered_in_error: false,
            event_id: EventId(event_id),
        },
        source: Text::code("RXX"),
        item: ONLY_ITEM,
        nhs_number: None,
        local_patient_identifier: None,
        fact: Fact::FirstSeen(FirstSeen::default()),
    }
}

/// When something was seen, in milliseconds since 1970, by pathway.
type Seen = Arc<Mutex<BTreeMap<String, i64>>>;

/// How a topic is followed.
#[derive(Clone, Copy)]
enum Eagerness {
    /// Every commit is waited for.
    Waits,
    /// Only what stands in the records counts, so that they are fetched seldom and burden the broker little.
    NotesAfterwards,
}

/// Follows a topic from its end on in a thread of its own, until it is dropped.
struct Follower {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    fn start(
        place: &Place,
        topic: &str,
        eagerness: Eagerness,
        mut each: impl FnMut(&rdkafka::message::BorrowedMessage<'_>) + Send + 'static,
    ) -> Self {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &place.bootstrap)
            .set("group.id", "unused")
            .set("enable.auto.commit", "false");
        match eagerness {
            Eagerness::Waits => config
                .set("isolation.level", "read_committed")
                .set("fetch.wait.max.ms", "10"),
            Eagerness::NotesAfterwards => config
                .set("isolation.level", "read_uncommitted")
                .set("fetch.wait.max.ms", "500")
                .set("fetch.min.bytes", "1000000"),
        };
        let consumer: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..place.partitions {
            let (_, end) = consumer.fetch_watermarks(topic, partition, LIMIT).unwrap();
            list.add_partition_offset(topic, partition, Offset::Offset(end))
                .unwrap();
        }
        consumer.assign(&list).unwrap();
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if let Some(Ok(record)) = consumer.poll(POLL) {
                    each(&record);
                }
            }
        });
        let thread = Some(thread);
        Self { ends, thread }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Feeds for so long and prints how long the first alert of every late pathway took.
pub(crate) fn measure(place: &Place, service: &Service, rate: u32, long: Duration) {
    let appended = Seen::default();
    let noted = Arc::clone(&appended);
    let inputs = Follower::start(
        place,
        &place.topic("referral"),
        Eagerness::NotesAfterwards,
        move |record| {
            let key = core::str::from_utf8(record.key().unwrap()).unwrap();
            if key.starts_with(LATE) {
                let at = record.timestamp().to_millis().unwrap();
                noted.lock().unwrap().entry(key.to_owned()).or_insert(at);
            }
        },
    );
    let said = Seen::default();
    let alerts = follow_alerts(place, &said);
    let before = Metrics::of(service);
    let used = || Usage::now(service.process.pid());
    let used_before = used();
    let feed = Feed::start(place, rate);
    std::thread::sleep(long);
    let (sent, took) = feed.end();
    let used = used().since(&used_before);
    let missing = || {
        let said = said.lock().unwrap();
        let appended = appended.lock().unwrap();
        appended
            .keys()
            .filter(|key| !said.contains_key(*key))
            .count()
    };
    wait::until("the last alerts", LIMIT, || match missing() {
        0 => Ok(()),
        some => Err(format!("{some} are missing")),
    });
    drop((inputs, alerts));
    let then = Metrics::of(service);
    let said = said.lock().unwrap();
    let appended = appended.lock().unwrap();
    let mut latencies: Vec<i64> = appended.iter().map(|(key, at)| said[key] - at).collect();
    latencies.sort_unstable();
    let share = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    println!(
        "alert latency at {:.0} events/s (asked for {rate}) over {took:.0} s: p50 {} ms, p99 {} ms, greatest {} ms of {} pathways, as a reader has them",
        sent as f64 / took,
        share(50),
        share(99),
        share(100),
        latencies.len(),
    );
    println!("  slowest seconds: {}", slowest_seconds(&appended, &said));
    for (what, name) in [
        ("to the known commit", "clockstop_alert_latency_seconds"),
        ("commits", "clockstop_commit_duration_seconds"),
        ("turns of the loops", "clockstop_turn_duration_seconds"),
    ] {
        println!("  {what}: {}", then.since(&before, name));
    }
    println!("  processors: {used}");
}

/// The seconds since the first append in which the slowest alerts began, with the greatest latency of each: a stall of
/// everything lies in one or two of them, a system at its limit in all.
fn slowest_seconds(appended: &BTreeMap<String, i64>, said: &BTreeMap<String, i64>) -> String {
    let first = appended.values().min().copied().unwrap_or_default();
    let mut worst: BTreeMap<i64, i64> = BTreeMap::new();
    for (key, at) in appended {
        let greatest = worst.entry((at - first) / 1_000).or_default();
        *greatest = (*greatest).max(said[key] - at);
    }
    let mut worst: Vec<_> = worst.into_iter().collect();
    worst.sort_by_key(|&(_, greatest)| core::cmp::Reverse(greatest));
    let told = worst.iter().take(SLOWEST);
    let told = told.map(|(second, greatest)| format!("{greatest} ms in second {second}"));
    told.collect::<Vec<_>>().join(", ")
}

fn follow_alerts(place: &Place, said: &Seen) -> Follower {
    let id = clockstop::registry::Registry::new(place.registry.url())
        .register(&place.topic("alert"), ALERT_SCHEMA)
        .unwrap();
    let mut decoder = AlertDecoder::default();
    decoder.add_schema(id, ALERT_SCHEMA).unwrap();
    let said = Arc::clone(said);
    Follower::start(
        place,
        &place.topic("alert"),
        Eagerness::Waits,
        move |record| {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_millis();
            let alert = decoder.decode(record.payload().unwrap()).unwrap();
            let mut said = said.lock().unwrap();
            said.entry(alert.pathway)
                .or_insert(i64::try_from(now).unwrap());
        },
    )
}
