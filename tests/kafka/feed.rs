//! A seeded feed under load: bursts of plausible events with corrections, duplicates, disorder and bad records.

use crate::service::{Place, today};
use crate::support::events::{Draft, Provider};
use apache_avro::types::Value;
use clockstop::generate::{Feed, Plan, Rates, Record, SchemaIds, Share};
use clockstop_pipeline::{EventType, Topic};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Pathways of one generated feed; the next one follows it. With so many, the events of one pathway lie seconds apart.
const PATHWAYS: u64 = 1_500;
/// The first referrals are so old that all clocks of theirs are over or breached.
const DAYS: i32 = 150;
/// Records that may be sent once more.
const REMEMBERED: usize = 300;
const LONGEST_PAUSE: u64 = 250;

/// Chance that the seed decides.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit.max(1)
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let count = u64::try_from(items.len()).unwrap();
        &items[usize::try_from(self.below(count)).unwrap()]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = self.below(u64::try_from(place).unwrap() + 1);
            list.swap(place, usize::try_from(other).unwrap());
        }
    }
}

/// A record on its way to an input.
#[derive(Clone)]
struct Sending {
    topic: Topic,
    partition: Option<i32>,
    key: Option<String>,
    value: Option<Vec<u8>>,
}

/// The records, burst by burst.
struct Bursts {
    chance: Chance,
    seed: u64,
    ids: SchemaIds,
    partitions: i32,
    feed: Feed,
    ready: VecDeque<Sending>,
    remembered: VecDeque<Sending>,
}

impl Bursts {
    fn new(place: &Place, seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            seed,
            ids: SchemaIds(Topic::ALL.map(|topic| place.schema(topic))),
            partitions: place.partitions,
            feed: feed(seed),
            ready: VecDeque::new(),
            remembered: VecDeque::new(),
        }
    }

    fn next(&mut self) -> Vec<Sending> {
        let size = if self.chance.percent(4) { 400 } else { 50 };
        let size = 1 + usize::try_from(self.chance.below(size)).unwrap();
        while self.ready.len() < size {
            self.pull();
        }
        let mut burst: Vec<_> = self.ready.drain(..size).collect();
        for sending in &burst {
            self.remembered.push_back(sending.clone());
        }
        let forgotten = self.remembered.len().saturating_sub(REMEMBERED);
        self.remembered.drain(..forgotten);
        for _ in 0..size {
            if self.chance.percent(5) {
                let again = self.remember();
                burst.push(again);
            }
            if self.chance.percent(2) {
                let bad = self.bad();
                burst.push(bad);
            }
        }
        if self.chance.percent(15) {
            burst.extend(self.erase());
        }
        if self.chance.percent(40) {
            self.chance.shuffle(&mut burst);
        }
        burst
    }

    fn pull(&mut self) {
        let Some((_, events)) = self.feed.next() else {
            self.seed += 1;
            self.feed = feed(self.seed);
            return;
        };
        for event in &events {
            let record = Record::of(event, self.feed.texts(), self.ids);
            self.ready.push_back(Sending {
                topic: event.topic(),
                partition: None,
                key: Some(record.key),
                value: Some(record.value),
            });
        }
    }

    fn remember(&mut self) -> Sending {
        self.chance
            .one_of(self.remembered.make_contiguous())
            .clone()
    }

    /// An earlier record, broken; sometimes only by where it is sent.
    fn bad(&mut self) -> Sending {
        let mut bad = self.remember();
        match self.chance.below(6) {
            0 => bad.value = None,
            1 => bad.value = Some(b"garbage".to_vec()),
            2 => bad.key = None,
            3 => bad.key = Some("RXX:another".to_owned()),
            4 => bad.value = bad.value.map(|value| value[..value.len() / 2].to_vec()),
            _ => {
                let partition = self.chance.below(u64::try_from(self.partitions).unwrap());
                bad.partition = Some(i32::try_from(partition).unwrap());
            }
        }
        bad
    }

    /// The erasure of an earlier record's pathway.
    fn erase(&mut self) -> Option<Sending> {
        let key = self.remember().key?;
        let (issuer, identifier) = key.split_once(':')?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        let draft = Draft::new(EventType::PathwayErased, identifier, now).with(
            "organisation_identifier_issuer",
            Value::String(issuer.to_owned()),
        );
        Some(Sending {
            topic: draft.topic,
            partition: None,
            value: Some(draft.framed(self.ids.0[0])),
            key: Some(key),
        })
    }
}

fn feed(seed: u64) -> Feed {
    let share = |share| Share::new(share).unwrap();
    let rates = Rates {
        duplicates: share(0.05),
        late: share(0.02),
        reordered: share(0.08),
        corrections: share(0.08),
        retractions: share(0.03),
        bad_records: share(0.01),
    };
    let plan = Plan {
        pathways: PATHWAYS,
        seed,
        from: today().plus(-DAYS),
        to: today(),
        rates,
    };
    Feed::new(plan).unwrap()
}

/// What the feeding thread is asked for.
enum Order {
    /// Deliver what is under way, send nothing more, and say so.
    Rest(Sender<u64>),
    Resume,
}

/// A thread that sends burst after burst; it ends when this is dropped.
pub(crate) struct Feeder {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Feeder {
    /// Starts to send.
    pub(crate) fn start(place: &Place, seed: u64) -> Self {
        let (orders, taken) = channel();
        let mut sender = Outlet::new(place);
        let mut bursts = Bursts::new(place, seed);
        let thread = std::thread::spawn(move || send(&mut bursts, &mut sender, &taken));
        Self {
            orders: Some(orders),
            thread: Some(thread),
        }
    }

    /// Stops sending; returns how many records were sent since the start, when all are delivered.
    pub(crate) fn rest(&self) -> u64 {
        let (done, rests) = channel();
        self.order(Order::Rest(done));
        rests.recv().unwrap()
    }

    /// Sends again.
    pub(crate) fn resume(&self) {
        self.order(Order::Resume);
    }

    fn order(&self, order: Order) {
        self.orders.as_ref().unwrap().send(order).unwrap();
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(
            std::thread::panicking() || matches!(ended, Some(Ok(()))),
            "the feed has ended early"
        );
    }
}

fn send(bursts: &mut Bursts, outlet: &mut Outlet, orders: &Receiver<Order>) {
    let mut sent = 0;
    loop {
        let burst = bursts.next();
        sent += u64::try_from(burst.len()).unwrap();
        outlet.send(&burst, &mut bursts.chance);
        let pause = Duration::from_millis(bursts.chance.below(LONGEST_PAUSE));
        match orders.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) | Ok(Order::Resume) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(Order::Rest(done)) => {
                outlet.settle();
                done.send(sent).unwrap();
            }
        }
        if orders.recv().is_err() {
            return;
        }
    }
}

/// A provider's two ways into the inputs.
struct Outlet {
    topics: [String; 3],
    plain: Provider,
    transactional: Transactional,
}

impl Outlet {
    fn new(place: &Place) -> Self {
        Self {
            topics: Topic::ALL.map(|topic| place.topic(topic.name())),
            plain: Provider::connect(&place.bootstrap),
            transactional: Transactional::new(place),
        }
    }

    fn send(&mut self, burst: &[Sending], chance: &mut Chance) {
        if !chance.percent(20) {
            return self.put(burst, &self.plain);
        }
        let commits = chance.percent(75);
        let written = self.transactional.write(commits, |provider| {
            put(&self.topics, burst, provider);
        });
        // What was aborted, or may have been, is sent again; whatever comes twice is a duplicate.
        if written != Written::Committed {
            self.put(burst, &self.plain);
        }
    }

    fn put(&self, burst: &[Sending], provider: &Provider) {
        put(&self.topics, burst, provider);
    }

    fn settle(&self) {
        self.plain.settle();
    }
}

fn put(topics: &[String; 3], burst: &[Sending], provider: &Provider) {
    for sending in burst {
        let mut named = topics.iter().zip(Topic::ALL);
        let (name, _) = named.find(|(_, topic)| *topic == sending.topic).unwrap();
        let (key, value) = (sending.key.as_deref(), sending.value.as_deref());
        provider.send(name, sending.partition, key, value);
    }
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Committed,
    NotKnown,
    Aborted,
}

/// A transactional producer, made anew after every failure.
struct Transactional {
    bootstrap: String,
    id: String,
    provider: Option<Provider>,
}

impl Transactional {
    fn new(place: &Place) -> Self {
        Self {
            bootstrap: place.bootstrap.clone(),
            id: format!("{}.provider", place.prefix),
            provider: None,
        }
    }

    fn write(&mut self, commits: bool, put: impl FnOnce(&Provider)) -> Written {
        let opened = match self.provider.take() {
            Some(provider) => Ok(provider),
            None => Provider::transactional(&self.bootstrap, &self.id),
        };
        let Ok(provider) = opened else {
            return Written::NotKnown;
        };
        let done = provider.in_transaction(commits, put);
        if done.is_err() {
            return Written::NotKnown;
        }
        self.provider = Some(provider);
        if commits {
            Written::Committed
        } else {
            Written::Aborted
        }
    }
}
