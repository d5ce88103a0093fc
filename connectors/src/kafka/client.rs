//! How clients of librdkafka are set up.

pub use super::reasons::Reasons;

use super::delivery::WriterContext;
use crate::config::{GroupProtocol, Kafka};
use rdkafka::ClientConfig;
use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::metadata::Metadata;
use rdkafka::producer::{BaseProducer, DeliveryResult, ProducerContext};
use std::time::{Duration, Instant};

/// A transaction outlives an outage of this length.
pub(crate) const TRANSACTION_LIMIT: Duration = Duration::from_mins(1);
/// Events that are looked through for a reason; that all brokers are down comes thirty times a second.
const REASON_POLLS: usize = 1_000;
const SILENT_POLLS: usize = 5;
/// A refused password is not waited for, so reasons are listened to in between.
const METADATA_SLICE: Duration = Duration::from_secs(2);
/// Records that are read ahead, all inputs and partitions together.
const QUEUED_MESSAGES: i32 = 100_000;
const QUEUED_KILOBYTES: i32 = 65_536;
const REASON_POLL: Duration = Duration::from_millis(20);

/// Why a client cannot be made or cannot reach its broker.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// librdkafka refuses the settings.
    #[error("kafka.properties or kafka.bootstrap: librdkafka refuses the settings: {0}")]
    Settings(KafkaError),
    /// No broker answers.
    #[error("kafka.bootstrap: no broker answers at {bootstrap}: {reason}")]
    Unreachable {
        /// Where it was sought.
        bootstrap: String,
        /// What the client said last, with a hint.
        reason: String,
    },
}

/// The context of every client: it keeps reasons and passes log lines on.
#[derive(Clone, Debug, Default)]
pub struct Context {
    reasons: Reasons,
}

impl Context {
    /// An error that came out of a poll.
    pub(super) fn polled(&self, error: &KafkaError) {
        self.reasons.note_polled(error);
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(?level, facility, message, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.reasons.note(&error, reason);
    }
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    /// A record that is not delivered fails its transaction, which is where it is dealt with.
    fn delivery(&self, _: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {}
}

/// What a reading client sees of transactions that are still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    Committed,
    Uncommitted,
}

/// Makes clients, all with the same settings of the operator's and the same keeper of reasons.
#[derive(Clone, Debug)]
pub struct Clients {
    kafka: Kafka,
    reasons: Reasons,
}

impl Clients {
    /// Clients of these settings.
    #[must_use]
    pub fn new(kafka: Kafka) -> Self {
        Self {
            kafka,
            reasons: Reasons::default(),
        }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Kafka {
        &self.kafka
    }

    /// What the clients said last of why they have no broker.
    #[must_use]
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            reasons: self.reasons.clone(),
        }
    }

    fn base(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("client.id", "clockstop")
            .set("reconnect.backoff.ms", "100")
            .set("reconnect.backoff.max.ms", "5000");
        for (name, value) in &self.kafka.properties {
            config.set(name, value);
        }
        config.set("bootstrap.servers", &self.kafka.bootstrap);
        config
    }

    fn reading(&self) -> ClientConfig {
        let mut config = self.base();
        // A feed that is sent by address alone names no group.
        if !self.kafka.group_id.is_empty() {
            config.set("group.id", &self.kafka.group_id);
        }
        config
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("check.crcs", "true")
            .set("fetch.queue.backoff.ms", "10")
            .set("fetch.min.bytes", "1");
        config
    }

    /// A member of the group, which may be given all partitions of the three inputs.
    pub(crate) fn member<C: ConsumerContext>(
        &self,
        context: C,
        partitions: i32,
    ) -> Result<BaseConsumer<C>, Error> {
        // Every input of every partition has a queue of its own, to which these limits apply.
        let queues = partitions.saturating_mul(3).max(1);
        let messages = (QUEUED_MESSAGES / queues).max(1_000);
        let kilobytes = (QUEUED_KILOBYTES / queues).max(1_024);
        let mut config = self.reading();
        config
            .set("isolation.level", "read_committed")
            // An answer to every record costs the broker more than the records do. Nobody waits longer than this for
            // one, neither an alert nor a partition that is read from now on.
            .set("fetch.min.bytes", "65536")
            .set("fetch.wait.max.ms", "20")
            .set("queued.min.messages", messages.to_string())
            .set("queued.max.messages.kbytes", kilobytes.to_string())
            .set("topic.metadata.refresh.interval.ms", "30000");
        match self.kafka.group_protocol {
            GroupProtocol::Consumer => config
                .set("group.protocol", "consumer")
                .set("group.remote.assignor", "range"),
            GroupProtocol::Classic => config
                .set("group.protocol", "classic")
                .set("partition.assignment.strategy", "range")
                .set("session.timeout.ms", "6000")
                .set("heartbeat.interval.ms", "1500"),
        };
        BaseConsumer::from_config_and_context(&config, context).map_err(Error::Settings)
    }

    /// A client that asks; like those that read, it never joins the group.
    pub(crate) fn reader(&self, isolation: Isolation) -> Result<BaseConsumer<Context>, Error> {
        self.reader_with(isolation, &self.reading())
    }

    /// One that reads logs to ends that are known. What it fetches is there, so the broker is not let wait for more:
    /// whatever else is asked on the connection would wait with it.
    pub(crate) fn log_reader(&self, isolation: Isolation) -> Result<BaseConsumer<Context>, Error> {
        let mut config = self.reading();
        config.set("fetch.wait.max.ms", "2");
        self.reader_with(isolation, &config)
    }

    /// One that hears what is written from now on, some hundred milliseconds later. Every commit writes where it
    /// listens, and must not be answered one by one.
    pub(crate) fn listener(&self, isolation: Isolation) -> Result<BaseConsumer<Context>, Error> {
        let mut config = self.reading();
        config
            .set("fetch.min.bytes", "1000000")
            .set("fetch.wait.max.ms", "500");
        self.reader_with(isolation, &config)
    }

    fn reader_with(
        &self,
        isolation: Isolation,
        config: &ClientConfig,
    ) -> Result<BaseConsumer<Context>, Error> {
        let mut config = config.clone();
        let level = match isolation {
            Isolation::Committed => "read_committed",
            Isolation::Uncommitted => "read_uncommitted",
        };
        config
            .set("enable.partition.eof", "true")
            .set("isolation.level", level);
        BaseConsumer::from_config_and_context(&config, self.context()).map_err(Error::Settings)
    }

    pub(super) fn transactional(&self, id: &str) -> Result<BaseProducer<WriterContext>, Error> {
        let mut config = self.base();
        config
            .set("transactional.id", id)
            .set(
                "transaction.timeout.ms",
                TRANSACTION_LIMIT.as_millis().to_string(),
            )
            .set("compression.type", "lz4")
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "1");
        let context = WriterContext::new(self.context());
        BaseProducer::from_config_and_context(&config, context).map_err(Error::Settings)
    }

    /// Settings of a plain producer of events, as a provider would run one.
    pub(crate) fn providing(&self) -> ClientConfig {
        let mut config = self.base();
        config
            .set("partitioner", "murmur2_random")
            .set("enable.idempotence", "true")
            .set("compression.type", "lz4");
        config
    }

    /// Settings of an administrating client.
    pub(crate) fn administration(&self) -> ClientConfig {
        self.base()
    }

    /// What the broker says of itself and its topics.
    ///
    /// # Errors
    /// When none answers in time, with the reason the client gave.
    pub(crate) fn metadata<C: ConsumerContext>(
        &self,
        client: &BaseConsumer<C>,
        limit: Duration,
    ) -> Result<Metadata, Error> {
        let deadline = Instant::now() + limit;
        loop {
            let error = match client.fetch_metadata(None, limit.min(METADATA_SLICE)) {
                Ok(metadata) => {
                    self.reasons.forget();
                    return Ok(metadata);
                }
                Err(error) => error,
            };
            hear_reasons(client);
            if Instant::now() >= deadline || self.reasons.is_of_security() {
                return Err(Error::Unreachable {
                    bootstrap: self.kafka.bootstrap.clone(),
                    reason: self.reasons.last().unwrap_or_else(|| error.to_string()),
                });
            }
        }
    }
}

/// Waits until a new client has a connection that lasts, here to a broker that knows this topic. Without one it asks
/// for its coordinator, be it of transactions or of the group, half a second or a second later. The first answer may
/// come over the bootstrap connection, which is closed as soon as the brokers are known by their names.
pub(super) fn greet<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    limit: Duration,
) -> KafkaResult<()> {
    client.fetch_metadata(Some(topic), limit)?;
    client.fetch_metadata(Some(topic), limit)?;
    Ok(())
}

/// Reasons arrive as events, which only a poll delivers, one at a time.
fn hear_reasons<C: ConsumerContext>(client: &BaseConsumer<C>) {
    let mut silent = 0;
    for _ in 0..REASON_POLLS {
        silent = match client.poll(REASON_POLL) {
            Some(_) => 0,
            None => silent + 1,
        };
        if silent == SILENT_POLLS {
            return;
        }
    }
}

/// How many partitions the topic has; none where there is no such topic.
pub(super) fn partitions(metadata: &Metadata, name: &str) -> Option<i32> {
    let mut topics = metadata.topics().iter();
    let count = topics
        .find(|topic| topic.name() == name)?
        .partitions()
        .len();
    i32::try_from(count).ok().filter(|&count| count > 0)
}
