//! The feed's way into Kafka: an ordinary idempotent producer, as a provider would run one.

use super::event::Event;
use super::records::{Record, SchemaIds};
use crate::config::Topics;
use crate::kafka::client::{self, Clients, Isolation};
use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::{Texts, Topic};
use clockstop_schemas::event_schema_json;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientContext, Message};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Why events cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client cannot be made or refuses a record.
    #[error("the producer refuses")]
    Client(#[from] KafkaError),
    /// The broker cannot be used.
    #[error(transparent)]
    Broker(#[from] client::Error),
    /// A topic does not exist.
    #[error("there is no topic {topic}; make it with `clockstop topics create`")]
    NoTopic {
        /// Its name.
        topic: String,
    },
    /// Records were lost on the way.
    #[error("{failed} events were not delivered, the first because: {first}")]
    Undelivered {
        /// How many.
        failed: u64,
        /// Why the first was not.
        first: KafkaError,
    },
}

/// How long a broker may take to answer at all.
const ANSWER: Duration = Duration::from_secs(10);
/// How long to serve delivery reports before looking again.
const SERVE: Duration = Duration::from_millis(20);

/// Counts what arrives and keeps why something did not.
#[derive(Default)]
struct Deliveries(Mutex<Delivered>);

#[derive(Clone, Default)]
struct Delivered {
    ends: Ends,
    failed: u64,
    first: Option<KafkaError>,
}

/// For each topic and partition, the offset behind the last record that was delivered.
pub type Ends = BTreeMap<(String, i32), i64>;

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let mut delivered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(message) => {
                let place = (message.topic().to_owned(), message.partition());
                let end = delivered.ends.entry(place).or_default();
                *end = (*end).max(message.offset() + 1);
            }
            Err((error, _)) => {
                delivered.failed += 1;
                delivered.first.get_or_insert_with(|| error.clone());
            }
        }
    }
}

impl SchemaIds {
    /// Registers the schemas of the inputs.
    ///
    /// # Errors
    /// When the registry does not take them.
    pub fn register(registry: &mut Registry, topics: &Topics) -> Result<Self, RegistryError> {
        let mut id = |name: &str, topic| registry.register(name, event_schema_json(topic));
        Ok(Self([
            id(&topics.referral, Topic::Referral)?,
            id(&topics.diagnosis, Topic::Diagnosis)?,
            id(&topics.treatment, Topic::Treatment)?,
        ]))
    }
}

/// A producer for the three topics.
pub struct FeedProducer {
    producer: BaseProducer<Deliveries>,
    topics: [String; 3],
    ids: SchemaIds,
}

impl FeedProducer {
    /// A producer for the inputs that the settings name; they must exist.
    ///
    /// # Errors
    /// When no broker answers, or a topic is missing.
    pub fn open(clients: &Clients, ids: SchemaIds) -> Result<Self, Error> {
        let config = clients.providing();
        let kafka = clients.settings();
        let opened = Self {
            producer: config.create_with_context(Deliveries::default())?,
            topics: kafka.topics.inputs().map(str::to_owned),
            ids,
        };
        opened.check(clients)?;
        Ok(opened)
    }

    /// Asks for all topics: asking for one by name may make it, with the broker's defaults.
    fn check(&self, clients: &Clients) -> Result<(), Error> {
        // A reading client hears why there is no broker.
        let metadata = clients.metadata(&clients.reader(Isolation::Committed)?, ANSWER)?;
        let known = |name: &str| metadata.topics().iter().any(|topic| topic.name() == name);
        match self.topics.iter().find(|topic| !known(topic)) {
            None => Ok(()),
            Some(topic) => Err(Error::NoTopic {
                topic: topic.clone(),
            }),
        }
    }

    /// Sends an event, waiting while the producer has too much in hand.
    ///
    /// # Errors
    /// When the producer refuses it.
    pub fn send(&self, event: &Event, texts: &Texts) -> Result<(), Error> {
        let sent = Record::of(event, texts, self.ids);
        let [referral, diagnosis, treatment] = &self.topics;
        let topic = match event.topic() {
            Topic::Referral => referral,
            Topic::Diagnosis => diagnosis,
            Topic::Treatment => treatment,
        };
        let mut record = BaseRecord::to(topic).key(&sent.key).payload(&sent.value);
        while let Err((error, unsent)) = self.producer.send(record) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(Error::Client(error));
            }
            record = unsent;
            self.producer.poll(SERVE);
        }
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// Waits until everything is delivered; returns how far each partition has been filled.
    ///
    /// # Errors
    /// When something was not delivered, ever since the producer was opened.
    pub fn settle(&self) -> Result<Ends, Error> {
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(SERVE);
        }
        let context = self.producer.client().context();
        let delivered = context
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match delivered.first {
            None => Ok(delivered.ends),
            Some(first) => Err(Error::Undelivered {
                failed: delivered.failed,
                first,
            }),
        }
    }
}
