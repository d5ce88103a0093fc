//! The producer of records that go back to their input: what the broker acknowledged is counted.

use super::client::{Clients, Context, Error as ClientError};
use crate::letter::Position;
use rdkafka::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long to serve delivery reports before looking again.
const SERVE: Duration = Duration::from_millis(20);
/// The header of a record that was sent back: where it was refused.
pub(super) const REDRIVEN_FROM: &str = "redriven_from";

/// Sends records to the inputs again.
pub(super) struct Returning<'c> {
    clients: &'c Clients,
    producer: BaseProducer<Acknowledgements>,
}

impl<'c> Returning<'c> {
    pub(super) fn open(clients: &'c Clients) -> Result<Self, ClientError> {
        let acknowledgements = Acknowledgements {
            context: clients.context(),
            counted: Mutex::default(),
        };
        let config = clients.providing();
        let producer = BaseProducer::from_config_and_context(&config, acknowledgements);
        Ok(Self {
            clients,
            producer: producer.map_err(ClientError::Settings)?,
        })
    }

    /// Sends what was refused at this position, on the partition that its key belongs to.
    pub(super) fn send(
        &self,
        position: Position,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: OwnedHeaders,
    ) {
        let topics = &self.clients.settings().topics;
        let mut back: BaseRecord<'_, [u8], [u8]> = BaseRecord {
            topic: topics.input(position.topic),
            partition: None,
            payload: value,
            key,
            timestamp: None,
            headers: Some(headers.insert(Header {
                key: REDRIVEN_FROM,
                value: Some(&position.key(topics)),
            })),
            delivery_opaque: (),
        };
        while let Err((error, unsent)) = self.producer.send(back) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                self.producer.context().failed(&error);
                return;
            }
            back = unsent;
            self.producer.poll(SERVE);
        }
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until the fate of every record is known.
    pub(super) fn settle(self) -> Counted {
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(SERVE);
        }
        self.producer.context().lock().clone()
    }
}

/// Counts what the broker acknowledged.
struct Acknowledgements {
    context: Context,
    counted: Mutex<Counted>,
}

#[derive(Clone, Default)]
pub(super) struct Counted {
    pub(super) delivered: u64,
    pub(super) failed: u64,
    /// Why the first was not.
    pub(super) first: Option<String>,
}

impl Acknowledgements {
    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &KafkaError) {
        let mut counted = self.lock();
        counted.failed += 1;
        counted.first.get_or_insert_with(|| error.to_string());
    }
}

impl ClientContext for Acknowledgements {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.context.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.context.error(error, reason);
    }
}

impl ProducerContext for Acknowledgements {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => self.lock().delivered += 1,
            Err((error, _)) => self.failed(error),
        }
    }
}
