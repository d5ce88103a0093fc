//! A partition's way out: one thread with the one producer that may write for this partition.

use super::client::{self, Clients, TRANSACTION_LIMIT};
use super::delivery::WriterContext;
use super::logs::Logs;
use super::readers::Readers;
use super::recovery::{self, Finding};
use crate::letter::Letter;
use crate::partition::{Found, Loss, Receipt};
use crate::registry::Registry;
use clockstop_schemas::ControlKey;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, PurgeConfig};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const INIT_LIMIT: Duration = Duration::from_secs(15);
const STEP_LIMIT: Duration = Duration::from_secs(5);
const ABORT_LIMIT: Duration = Duration::from_secs(10);
const SERVE_EVERY: Duration = Duration::from_millis(500);
const ACK_PAUSE: Duration = Duration::from_millis(1);

/// Counts how often a partition started over; what is reported of an earlier round is void.
pub(crate) type Round = u64;

/// What the worker asks for.
pub(crate) enum Order {
    /// Shut out every earlier writer, then find the cursor.
    Fence,
    /// Read back what was said and take the ends of the inputs.
    Find(Finding),
    /// Write all of it or nothing.
    Commit(Batch),
}

/// What came of an order.
#[derive(Debug)]
pub(crate) enum Report {
    /// Shut out; the group's offsets, where they can be read.
    Fenced(Option<[i64; 3]>),
    Found(Box<Found>),
    /// `Fence` or `Find` did not come to an end; nothing is changed.
    Failed(String),
    Committed(Receipt),
    /// Nothing of the batch is visible.
    Aborted(String),
    /// The batch may or may not be visible; only fencing again settles it.
    Unknown(Loss),
}

/// One alert to be written, on the alert topic and on its history.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) key: String,
    /// `None` is a tombstone, which the history does not carry.
    pub(crate) value: Option<Vec<u8>>,
}

/// Everything of one transaction.
pub(crate) struct Batch {
    pub(crate) alerts: Vec<Said>,
    pub(crate) letters: Vec<Arc<Letter>>,
    /// The value of the control record.
    pub(crate) control: Vec<u8>,
    /// The next offset of each input, in the order of `Topic::ALL`; explicit, changed or not.
    pub(crate) offsets: [i64; 3],
    /// Captured when the batch was taken, so that the group refuses it if the partition has moved on.
    pub(crate) group: ConsumerGroupMetadata,
}

/// The handle by which a worker gives orders; dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Sink {
    orders: Sender<(Round, Order)>,
    thread: JoinHandle<()>,
}

impl Sink {
    /// Starts the thread; `tell` takes its reports.
    pub(crate) fn start(
        clients: Clients,
        readers: Readers,
        registry: Registry,
        partition: i32,
        tell: impl Fn(Round, Report) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, taken) = channel();
        let mut writer = Writer {
            clients,
            readers,
            registry,
            partition,
            producer: None,
        };
        let thread = std::thread::Builder::new()
            .name(format!("sink-{partition}"))
            .spawn(move || writer.serve(&taken, tell))?;
        Ok(Self { orders, thread })
    }

    pub(crate) fn order(&self, round: Round, order: Order) {
        if self.orders.send((round, order)).is_err() {
            tracing::error!("a sink ended before its worker; its partition stands still");
        }
    }

    /// Ends the thread after its last order; the handle is joined by whoever may wait.
    pub(crate) fn close(self) -> JoinHandle<()> {
        self.thread
    }
}

struct Writer {
    clients: Clients,
    readers: Readers,
    registry: Registry,
    partition: i32,
    producer: Option<BaseProducer<WriterContext>>,
}

impl Writer {
    fn serve(&mut self, orders: &Receiver<(Round, Order)>, tell: impl Fn(Round, Report)) {
        loop {
            match orders.recv_timeout(SERVE_EVERY) {
                Ok((round, order)) => tell(round, self.carry_out(order)),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(producer) = &self.producer {
                        producer.poll(Duration::ZERO);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&mut self, order: Order) -> Report {
        match order {
            Order::Fence => match self.fence() {
                Ok(cursor) => Report::Fenced(cursor),
                Err(reason) => Report::Failed(reason),
            },
            Order::Find(finding) => {
                let (topics, registry) = (&self.clients.settings().topics, &mut self.registry);
                let find = |logs: &mut Logs| recovery::find(logs, topics, registry, finding);
                match self.readers.with(self.partition, find) {
                    Ok(found) => Report::Found(Box::new(found)),
                    Err(error) => Report::Failed(error.to_string()),
                }
            }
            Order::Commit(batch) => self.commit(&batch),
        }
    }

    fn fence(&mut self) -> Result<Option<[i64; 3]>, String> {
        self.producer = None;
        let topic = &self.clients.settings().topics.alert;
        let id = format!("{topic}-{}", self.partition);
        let producer = self.clients.transactional(&id).map_err(|e| e.to_string())?;
        let greeted = client::greet(producer.client(), topic, INIT_LIMIT);
        if let Err(error) = greeted.and_then(|()| producer.init_transactions(INIT_LIMIT)) {
            producer.poll(Duration::ZERO);
            return Err(format!("transactional id {id}: {error}"));
        }
        self.producer = Some(producer);
        // A broker that died in mid-transaction may keep the group's offsets back for good (docs/kafka.md).
        // The control record of the same transactions says the same.
        let topics = &self.clients.settings().topics;
        let cursor = |logs: &mut Logs| recovery::cursor(logs, topics);
        let cursor = self.readers.with(self.partition, cursor);
        if let Err(error) = &cursor {
            let partition = self.partition;
            tracing::warn!(partition, %error, "the group's offsets cannot be read; the control record must do");
        }
        Ok(cursor.ok())
    }

    fn commit(&mut self, batch: &Batch) -> Report {
        let Some(producer) = &self.producer else {
            return Report::Aborted("nothing is fenced yet".to_owned());
        };
        let transaction = Transaction {
            producer,
            clients: &self.clients,
            partition: self.partition,
            deadline: Instant::now() + TRANSACTION_LIMIT,
        };
        let report = transaction
            .write(batch)
            .unwrap_or_else(|error| transaction.settle(&error));
        if matches!(report, Report::Unknown(_)) {
            self.producer = None;
        }
        report
    }
}

struct Transaction<'a> {
    producer: &'a BaseProducer<WriterContext>,
    clients: &'a Clients,
    partition: i32,
    deadline: Instant,
}

impl Transaction<'_> {
    fn write(&self, batch: &Batch) -> Result<Report, KafkaError> {
        let topics = &self.clients.settings().topics;
        self.producer.context().begin(topics);
        self.producer.begin_transaction()?;
        for said in &batch.alerts {
            self.say(said)?;
        }
        for letter in &batch.letters {
            self.bury(letter)?;
        }
        self.record(&batch.control)?;
        self.await_acks();
        let offsets = self.offsets(batch.offsets)?;
        self.until_deadline(|| {
            self.producer
                .send_offsets_to_transaction(&offsets, &batch.group, STEP_LIMIT)
        })?;
        self.until_deadline(|| self.producer.commit_transaction(STEP_LIMIT))?;
        Ok(Report::Committed(self.producer.context().receipt()))
    }

    fn say(&self, said: &Said) -> Result<(), KafkaError> {
        let topics = &self.clients.settings().topics;
        let value = said.value.as_deref();
        let topics = [Some(&topics.alert), value.map(|_| &topics.alert_history)];
        for topic in topics.into_iter().flatten() {
            self.send(|| BaseRecord {
                topic,
                partition: Some(self.partition),
                payload: value,
                key: Some(said.key.as_str()),
                timestamp: None,
                headers: None,
                delivery_opaque: (),
            })?;
        }
        Ok(())
    }

    fn bury(&self, letter: &Letter) -> Result<(), KafkaError> {
        let topics = &self.clients.settings().topics;
        let key = letter.key(topics);
        self.send(|| BaseRecord {
            topic: &topics.dead_letter,
            partition: None,
            payload: letter.body(),
            key: Some(key.as_str()),
            timestamp: None,
            headers: Some(letter.headers(topics)),
            delivery_opaque: (),
        })
    }

    fn record(&self, control: &[u8]) -> Result<(), KafkaError> {
        let key = ControlKey::State(self.partition).to_string();
        self.send(|| BaseRecord {
            topic: &self.clients.settings().topics.control,
            partition: Some(self.partition),
            payload: Some(control),
            key: Some(key.as_str()),
            timestamp: None,
            headers: None,
            delivery_opaque: (),
        })
    }

    fn send<'r>(&self, record: impl Fn() -> BaseRecord<'r, str, [u8]>) -> Result<(), KafkaError> {
        loop {
            match self.producer.send(record()) {
                Ok(()) => return Ok(()),
                Err((error, _))
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) =>
                {
                    self.serve();
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Takes in what the broker has answered, and waits a moment where it has answered nothing.
    ///
    /// A `poll` with a limit of its own would spin: what is left of its last millisecond is rounded down to no wait at
    /// all (rdkafka 0.39), and while a dozen partitions wait for their acknowledgements that is half a core.
    fn serve(&self) {
        let before = self.producer.in_flight_count();
        self.producer.poll(Duration::ZERO);
        if self.producer.in_flight_count() == before {
            std::thread::sleep(ACK_PAUSE);
        }
    }

    /// Not `flush`, which waits in steps of 100 ms. Records that are not delivered fail the commit.
    fn await_acks(&self) {
        while self.producer.in_flight_count() > 0 && Instant::now() < self.deadline {
            self.serve();
        }
    }

    fn offsets(&self, offsets: [i64; 3]) -> Result<TopicPartitionList, KafkaError> {
        let mut list = TopicPartitionList::new();
        for (topic, offset) in self
            .clients
            .settings()
            .topics
            .inputs()
            .into_iter()
            .zip(offsets)
        {
            list.add_partition_offset(topic, self.partition, Offset::Offset(offset))?;
        }
        Ok(list)
    }

    fn until_deadline(
        &self,
        mut step: impl FnMut() -> Result<(), KafkaError>,
    ) -> Result<(), KafkaError> {
        loop {
            match step() {
                Err(error) if retriable(&error) && Instant::now() < self.deadline => {
                    self.serve();
                }
                done => return done,
            }
        }
    }

    /// What an error leaves behind: an aborted transaction where that can be had, else the unknown.
    fn settle(&self, error: &KafkaError) -> Report {
        if let KafkaError::Transaction(cause) = error
            && !cause.txn_requires_abort()
        {
            return Report::Unknown(loss(error));
        }
        self.producer
            .purge(PurgeConfig::default().queue().inflight());
        let limit = Instant::now() + ABORT_LIMIT;
        while self.producer.in_flight_count() > 0 && Instant::now() < limit {
            self.serve();
        }
        loop {
            match self.producer.abort_transaction(STEP_LIMIT) {
                Ok(()) => return Report::Aborted(error.to_string()),
                Err(next) if retriable(&next) && Instant::now() < limit => {
                    self.serve();
                }
                Err(next) => return Report::Unknown(loss(&next)),
            }
        }
    }
}

fn retriable(error: &KafkaError) -> bool {
    if let KafkaError::Transaction(cause) = error {
        return cause.is_retriable();
    }
    matches!(
        error,
        KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut)
    )
}

fn loss(error: &KafkaError) -> Loss {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Fenced | RDKafkaErrorCode::InvalidProducerEpoch) => Loss::FencedOff,
        _ => Loss::Interrupted(error.to_string()),
    }
}
