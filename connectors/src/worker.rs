//! A worker: one thread, one consumer, one loop, and one enum of what can wake it.

use crate::board::{Board, Part};
use crate::calendar::Calendar;
use crate::judge::{Judge, View};
use crate::kafka::client::Clients;
use crate::kafka::sink::{Batch, Order, Report, Round, Sink};
use crate::kafka::source::{Change, Place, Polled, Source};
use crate::letter::Position;
use crate::lookup::{Answer, Lookup};
use crate::partition::{Action, Event, Life, State};
use crate::publisher::RowsRequest;
use crate::registry::Registry;
use crate::schema_wait::SchemaWait;
use crate::shard::{Shard, Taken, Work, written};
use clockstop_pipeline::{AlertKey, Engine, Reference, Topic};
use clockstop_schemas::EventDecoder;
use rdkafka::error::KafkaResult;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Records taken in between two looks at everything else.
const POLLS: usize = 2_000;
const IDLE: Duration = Duration::from_millis(50);
const POSITIONS_EVERY: Duration = Duration::from_millis(20);
const SHOW_EVERY: Duration = Duration::from_millis(200);
const DRAIN_LIMIT: Duration = Duration::from_secs(20);
const AFTER_ABORT: Duration = Duration::from_millis(200);

/// Assignments of this process are numbered, so that what belongs to an earlier one is known.
static TENURES: AtomicU64 = AtomicU64::new(1);

/// How often things are sent and how long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two transactions of a partition.
    pub transactions: Duration,
    /// Between two transactions that carry offsets only.
    pub offsets: Duration,
    /// How long a schema id that the registry does not know is waited for.
    pub schema_patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            transactions: Duration::from_millis(100),
            offsets: Duration::from_secs(1),
            schema_patience: Duration::from_mins(5),
        }
    }
}

/// What all workers of a process share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) clients: Clients,
    pub(crate) registry_url: String,
    pub(crate) alert_schema: u32,
    pub(crate) alert_key: AlertKey,
    pub(crate) reference: Reference,
    pub(crate) partitions: i32,
    pub(crate) broker_time: crate::judge::BrokerTime,
    pub(crate) pace: Pace,
    pub(crate) calendar: Calendar,
    pub(crate) board: Arc<Board>,
}

/// What can wake a worker.
pub(crate) enum Wake {
    /// There is something to poll.
    Arrived,
    /// A sink has carried an order out.
    Reported {
        partition: i32,
        tenure: u64,
        round: Round,
        report: Report,
    },
    /// The registry was asked for a schema.
    Answered { id: u32, answer: Answer },
    /// Hand over the rows of the partitions that decide.
    Rows(RowsRequest),
    /// Commit what has been learned, leave the group and end.
    Drain,
}

/// Why a worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its consumer cannot be made.
    #[error(transparent)]
    Client(#[from] crate::kafka::client::Error),
    /// Its threads cannot be started.
    #[error("cannot start a thread")]
    Thread(#[from] std::io::Error),
}

/// The handle of a worker's thread.
#[derive(Debug)]
pub(crate) struct Handle {
    wakes: Sender<Wake>,
    thread: JoinHandle<()>,
}

impl Handle {
    /// Asks the worker to commit what it has learned, to leave the group and to end.
    pub(crate) fn drain(&self) {
        // A worker that has ended has nothing to drain.
        drop(self.wakes.send(Wake::Drain));
    }

    /// Where its rows are asked for.
    pub(crate) fn desk(&self) -> RowsDesk {
        RowsDesk(self.wakes.clone())
    }

    pub(crate) fn into_thread(self) -> JoinHandle<()> {
        self.thread
    }
}

/// Where the publisher asks a worker for its rows.
#[derive(Clone, Debug)]
pub(crate) struct RowsDesk(Sender<Wake>);

impl RowsDesk {
    pub(crate) fn ask(&self, request: RowsRequest) {
        // A worker that has ended has no rows, and its partitions are missing.
        drop(self.0.send(Wake::Rows(request)));
    }
}

/// Starts a worker, which joins the group.
pub(crate) fn start(shared: Shared, number: usize) -> Result<Handle, Error> {
    let (waker, woken) = channel();
    let arrived = waker.clone();
    let source = Source::join(&shared.clients, move || {
        // The worker has ended when nobody takes it.
        drop(arrived.send(Wake::Arrived));
    })?;
    let answered = waker.clone();
    let lookup = Lookup::start(Registry::new(&shared.registry_url), move |id, answer| {
        drop(answered.send(Wake::Answered { id, answer }));
    })?;
    let handle = waker.clone();
    let worker = Worker {
        number,
        source,
        lookup,
        judge: Judge {
            decoder: EventDecoder::default(),
            partitions: shared.partitions,
            broker_time: shared.broker_time,
        },
        schemas: SchemaWait::new(shared.pace.schema_patience),
        shared,
        waker,
        held: BTreeMap::new(),
        shards: BTreeMap::new(),
        leaving: Vec::new(),
        draining_until: None,
        positions_at: Instant::now(),
        show_at: Instant::now(),
    };
    let thread = std::thread::Builder::new()
        .name(format!("worker-{number}"))
        .spawn(move || worker.run(&woken))?;
    Ok(Handle {
        wakes: handle,
        thread,
    })
}

/// What one poll came to.
enum Read {
    Taken(i32, Taken),
    /// A record of a partition that is to start over, or is refused.
    Passed,
    OutsideLog,
    Nothing,
}

struct Worker {
    number: usize,
    shared: Shared,
    source: Source,
    lookup: Lookup,
    judge: Judge,
    schemas: SchemaWait,
    waker: Sender<Wake>,
    /// The inputs that the group gave; a partition runs when it has all three.
    held: BTreeMap<i32, BTreeSet<Topic>>,
    shards: BTreeMap<i32, Shard>,
    /// Threads of sinks whose partition has gone.
    leaving: Vec<JoinHandle<()>>,
    draining_until: Option<Instant>,
    positions_at: Instant,
    show_at: Instant,
}

impl Worker {
    fn run(mut self, wakes: &Receiver<Wake>) {
        loop {
            while let Ok(wake) = wakes.try_recv() {
                self.wake(wake);
            }
            let busy = self.draining_until.is_none() && self.read();
            self.ask_again();
            self.advance();
            self.tend();
            self.shared.board.beat(self.number);
            if self.is_drained() {
                break;
            }
            if !busy && let Ok(wake) = wakes.recv_timeout(self.idle()) {
                self.wake(wake);
            }
        }
        self.end();
    }

    fn idle(&self) -> Duration {
        let now = Instant::now();
        let speaks = self
            .shards
            .values()
            .map(|shard| shard.speaks_at.saturating_duration_since(now));
        let soonest = speaks.filter(|left| !left.is_zero()).min();
        soonest.map_or(IDLE, |left| left.min(IDLE))
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Arrived => {}
            Wake::Reported {
                partition,
                tenure,
                round,
                report,
            } => {
                let shard = self.shards.get(&partition);
                if shard.is_some_and(|shard| shard.tenure == tenure && shard.round == round) {
                    self.reported(partition, report);
                }
            }
            Wake::Answered { id, answer } => self.answered(id, &answer),
            Wake::Rows(request) => self.hand_over(&request),
            Wake::Drain => {
                self.draining_until
                    .get_or_insert_with(|| Instant::now() + DRAIN_LIMIT);
            }
        }
    }

    fn hand_over(&self, request: &RowsRequest) {
        let live = self
            .shards
            .iter()
            .filter(|(_, shard)| *shard.life.state() == State::Live);
        for (&partition, shard) in live {
            let today = self.shared.calendar.today();
            match shard.work.rows(partition, today, &request.planes) {
                // A publisher that waits no longer lists the partition as missing.
                Ok(rows) => drop(request.reply.send(rows)),
                Err(error) => tracing::error!(partition, %error, "cannot make rows"),
            }
        }
    }

    /// Takes records in; whether there may be more.
    fn read(&mut self) -> bool {
        for _ in 0..POLLS {
            let found = match self.source.poll() {
                Polled::Record(record) => {
                    let partition = record.partition();
                    let view = View {
                        position: Position {
                            topic: record.topic,
                            partition,
                            offset: record.offset(),
                        },
                        stamp: record.stamp(),
                        key: record.key(),
                        value: record.value(),
                    };
                    let taken = self
                        .shards
                        .get_mut(&partition)
                        .filter(|shard| shard.takes_records())
                        .map(|shard| shard.work.take(&view, &self.judge, &mut self.schemas));
                    taken.map_or(Read::Passed, |taken| Read::Taken(partition, taken))
                }
                Polled::OutsideLog => Read::OutsideLog,
                Polled::Nothing => Read::Nothing,
            };
            match found {
                Read::Taken(partition, taken) => self.taken(partition, taken),
                Read::Passed => {}
                Read::OutsideLog => self.outside_log(),
                Read::Nothing => {
                    self.changed();
                    return false;
                }
            }
        }
        self.changed();
        true
    }

    fn taken(&mut self, partition: i32, taken: Taken) {
        match taken {
            Taken::Done => {}
            Taken::Waits(id) => {
                if let Some(id) = id {
                    self.lookup.ask(id);
                }
                self.regulate(partition);
            }
            Taken::NotStamped(topic) => self.step(partition, Event::NotStamped(topic)),
        }
    }

    fn outside_log(&mut self) {
        tracing::error!("an input lies outside its log; the partitions of this worker start over");
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            self.step(number, Event::OutsideLog);
        }
    }

    /// Takes note of what the group gave and took.
    fn changed(&mut self) {
        for change in self.source.changes() {
            match change {
                Change::Given(places) => self.given(&places),
                Change::Taken(places) => self.took(&places),
            }
        }
    }

    fn given(&mut self, places: &[Place]) {
        for &(topic, partition) in places {
            let held = self.held.entry(partition).or_default();
            held.insert(topic);
            if held.len() == Topic::ALL.len() && !self.shards.contains_key(&partition) {
                match self.open(partition) {
                    Ok(shard) => {
                        self.shards.insert(partition, shard);
                        self.act(partition, Action::Fence);
                    }
                    Err(error) => tracing::error!(partition, %error, "cannot run the partition"),
                }
            }
        }
    }

    fn open(&self, number: i32) -> std::io::Result<Shard> {
        let tenure = TENURES.fetch_add(1, Ordering::Relaxed);
        let waker = self.waker.clone();
        let sink = Sink::start(
            self.shared.clients.clone(),
            Registry::new(&self.shared.registry_url),
            number,
            move |round, report| {
                // The worker has ended when nobody takes it.
                drop(waker.send(Wake::Reported {
                    partition: number,
                    tenure,
                    round,
                    report,
                }));
            },
        )?;
        let now = Instant::now();
        Ok(Shard {
            tenure,
            life: Life::begin(),
            round: 0,
            sink,
            again: None,
            starts_over: false,
            flows: false,
            speaks_at: now,
            offsets_at: now,
            work: self.blank(),
        })
    }

    fn blank(&self) -> Work {
        let software = env!("CARGO_PKG_VERSION");
        let engine = Engine::new(
            self.shared.alert_key,
            self.shared.reference.clone(),
            software,
        );
        Work::new(engine)
    }

    fn took(&mut self, places: &[Place]) {
        for &(topic, partition) in places {
            if let Some(held) = self.held.get_mut(&partition) {
                held.remove(&topic);
            }
            self.step(partition, Event::Taken);
        }
    }

    fn step(&mut self, partition: i32, event: Event) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        let before = shard.life.state().name();
        let action = shard.life.step(event, Instant::now());
        let after = shard.life.state().name();
        if before != after {
            tracing::info!(partition, from = before, to = after, "partition");
        }
        self.act(partition, action);
    }

    fn act(&mut self, partition: i32, action: Action) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        match action {
            Action::Wait => return,
            Action::Fence => shard.order(Order::Fence),
            Action::Find => shard.order(Order::Find),
            Action::Again(after) => shard.again = Some(Instant::now() + after),
            Action::Replay => {}
            Action::Examine => {
                let unknown = shard.work.unknown_alerts();
                return self.step(partition, Event::Replayed { unknown });
            }
            Action::Speak => shard.speaks_at = Instant::now(),
            Action::StartOver => {
                shard.round += 1;
                shard.starts_over = true;
            }
            Action::Refuse => {
                if let State::Refused(reason) = shard.life.state() {
                    tracing::error!(partition, %reason, "the partition is refused: nothing is said for it");
                }
            }
            Action::Leave => return self.close(partition),
        }
        self.regulate(partition);
        self.show(partition);
    }

    fn close(&mut self, partition: i32) {
        if let Some(shard) = self.shards.remove(&partition) {
            self.shared.board.remove(partition, shard.tenure);
            self.leaving.push(shard.sink.close());
        }
    }

    /// Lets the consumer read the partition exactly while its records are wanted.
    fn regulate(&mut self, partition: i32) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        let wants = shard.wants_records() && self.draining_until.is_none();
        if wants == shard.flows {
            return;
        }
        let done = if wants {
            self.source.resume(partition)
        } else {
            self.source.pause(partition)
        };
        match done {
            Ok(()) => shard.flows = wants,
            Err(error) => tracing::warn!(partition, %error, "cannot pause or resume; tried again"),
        }
    }

    fn show(&self, partition: i32) {
        if let Some(shard) = self.shards.get(&partition) {
            self.shared.board.show(partition, shard.shown());
        }
    }

    fn reported(&mut self, partition: i32, report: Report) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        match report {
            Report::Fenced(cursor) => {
                shard.work.begin_at(cursor);
                self.step(partition, Event::Fenced);
            }
            Report::Found(found) => {
                shard.work.remember(&found);
                self.step(partition, Event::Found(found.inputs));
            }
            Report::Failed(reason) => {
                tracing::warn!(partition, %reason, "cannot recover yet; tried again");
                self.step(partition, Event::Failed);
            }
            Report::Committed => {
                let recent = shard.work.settle();
                let pause = self.shared.pace.transactions;
                let more = shard.work.outbox.has_notices();
                shard.speaks_at = Instant::now() + if more { Duration::ZERO } else { pause };
                self.shared.board.spoke(recent.into_iter());
                self.regulate(partition);
                self.show(partition);
            }
            Report::Aborted(reason) => {
                tracing::warn!(partition, %reason, "a transaction was aborted; it is sent again");
                shard.work.outbox.abort();
                shard.speaks_at = Instant::now() + AFTER_ABORT;
            }
            Report::Unknown(loss) => {
                tracing::warn!(
                    partition,
                    ?loss,
                    "it is not known whether a transaction was committed"
                );
                self.step(partition, Event::Unsettled(loss));
            }
        }
    }

    fn answered(&mut self, id: u32, answer: &Answer) {
        let now = Instant::now();
        match answer {
            Answer::Schema(schema) => {
                if let Err(error) = self.judge.decoder.add_schema(id, schema) {
                    tracing::error!(id, %error, "events of this schema are refused");
                }
                self.schemas.known(id);
                self.shared.board.report(Part::Registry, None);
                self.unblock(id);
            }
            Answer::Unknown => {
                self.shared.board.report(Part::Registry, None);
                if self.schemas.unknown(id, now) {
                    tracing::error!(
                        id,
                        "the registry does not know this schema; its records are refused"
                    );
                    self.unblock(id);
                }
            }
            Answer::Nothing(reason) => {
                self.schemas.unanswered(id, now);
                self.shared
                    .board
                    .report(Part::Registry, Some(reason.clone()));
            }
        }
    }

    fn unblock(&mut self, id: u32) {
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            if let Some(shard) = self.shards.get_mut(&number) {
                let taken = shard.work.unblock(id, &self.judge, &mut self.schemas);
                self.taken(number, taken);
                self.regulate(number);
            }
        }
    }

    fn ask_again(&mut self) {
        for id in self.schemas.due(Instant::now()) {
            self.lookup.ask(id);
        }
    }

    /// Sees how far the inputs have been read, which ends a replay.
    fn advance(&mut self) {
        let now = Instant::now();
        if now < self.positions_at {
            return;
        }
        self.positions_at = now + POSITIONS_EVERY;
        let positions = match self.source.positions() {
            Ok(positions) => positions,
            Err(error) => {
                tracing::debug!(%error, "the positions cannot be read");
                return;
            }
        };
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            let at = Topic::ALL.map(|topic| positions.get(&(topic, number)).copied());
            if let Some(shard) = self.shards.get_mut(&number).filter(|shard| shard.flows) {
                let reached = shard.reached(at);
                self.step(number, reached);
            }
        }
    }

    /// Does what is due on every partition that is still held after the last poll.
    fn tend(&mut self) {
        let now = Instant::now();
        let show = now >= self.show_at;
        if show {
            self.show_at = now + SHOW_EVERY;
        }
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            if let Err(error) = self.start_over(number) {
                tracing::warn!(partition = number, %error, "cannot go back to the beginning; tried again");
            }
            let urgency = match self.draining_until {
                Some(_) => Urgency::Drains,
                None => Urgency::Ordinary,
            };
            if let Some(shard) = self.shards.get_mut(&number) {
                if shard.again.is_some_and(|at| at <= now) {
                    shard.order_again();
                }
                speak(shard, &self.shared, &self.source, urgency);
            }
            self.regulate(number);
            if show {
                self.show(number);
            }
        }
        self.leaving.retain(|thread| !thread.is_finished());
    }

    fn start_over(&mut self, number: i32) -> KafkaResult<()> {
        let blank = self.blank();
        let Some(shard) = self
            .shards
            .get_mut(&number)
            .filter(|shard| shard.starts_over)
        else {
            return Ok(());
        };
        self.source.rewind(number)?;
        shard.flows = false;
        shard.starts_over = false;
        shard.work = blank;
        shard.order(Order::Fence);
        Ok(())
    }

    fn is_drained(&self) -> bool {
        let Some(until) = self.draining_until else {
            return false;
        };
        self.shards.values().all(Shard::is_drained) || Instant::now() >= until
    }

    /// Ends the sinks, leaves the group, and waits for every thread it started.
    fn end(mut self) {
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            self.close(number);
        }
        drop(self.source);
        let threads = core::mem::take(&mut self.leaving);
        for thread in threads.into_iter().chain([self.lookup.close()]) {
            if thread.join().is_err() {
                tracing::error!("a thread of the worker panicked");
            }
        }
    }
}

/// Whether offsets alone may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Ordinary,
    Drains,
}

/// Decides what is due and sends a transaction, if there is anything to send and none is under way.
fn speak(shard: &mut Shard, common: &Shared, source: &Source, urgency: Urgency) {
    let now = Instant::now();
    let speaks = matches!(shard.life.state(), State::Replaying | State::Live);
    if !speaks || shard.starts_over || shard.work.outbox.in_flight() || now < shard.speaks_at {
        return;
    }
    let live = *shard.life.state() == State::Live;
    if live {
        shard.work.decide(common.calendar.today());
    }
    let urgent = urgency == Urgency::Drains || now >= shard.offsets_at;
    let offsets_due = live && urgent && shard.work.has_offsets();
    if !shard.work.has_something() && !offsets_due {
        shard.speaks_at = now + common.pace.transactions;
        return;
    }
    let Some(group) = source.group_metadata() else {
        return;
    };
    let load = shard.work.load();
    let batch = Batch {
        alerts: written(load.notices, common.alert_schema),
        letters: load.letters,
        offsets: load.offsets,
        group,
    };
    shard.offsets_at = now + common.pace.offsets;
    shard.order(Order::Commit(batch));
}
