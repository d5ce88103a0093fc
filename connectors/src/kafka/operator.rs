//! What an operator writes by hand: approvals to the control topic, and tombstones of alerts to be forgotten.

use super::client::{self, Clients, Context, Isolation, partitions};
use super::history;
use super::logs::{Error as RecoveryError, Logs, Next};
use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::{Alert, AlertId, Engine};
use clockstop_schemas::{AlertDecoder, AlertRefusal, Approval, ControlKey, encode_approval};
use rdkafka::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);
const DELIVERY_LIMIT: &str = "30000";
const SERVE: Duration = Duration::from_millis(20);

/// Why something is not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be used.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// A topic is missing.
    #[error("topic {0} does not exist; clockstop topics create makes it")]
    NoTopic(String),
    /// There is no such partition.
    #[error("{topic} has no partition {partition}; it has {partitions}")]
    NoPartition {
        /// Of which topic.
        topic: String,
        /// The partition that was named.
        partition: i32,
        /// How many there are.
        partitions: i32,
    },
    /// The alerts cannot be read to their end.
    #[error("cannot read the alerts: {0}")]
    Log(String),
    /// The inputs cannot be read.
    #[error(transparent)]
    Inputs(#[from] history::Error),
    /// A schema cannot be had.
    #[error("registry.url: {0}")]
    Registry(#[from] RegistryError),
    /// The broker did not take what was written.
    #[error("the broker did not take it: {0}; nothing is known to be written, try again")]
    NotTaken(KafkaError),
    /// Nobody has said such an alert.
    #[error(
        "there is no alert {0} on the alert topic: the ids are in the log and in /readyz of the process that refuses its partition"
    )]
    NoAlert(AlertId),
    /// It was forgotten, or its pathway was erased.
    #[error("alert {0} is gone already: its last record is a tombstone")]
    Gone(AlertId),
    /// Its pathway is in the inputs, so that the service answers for it.
    #[error(
        "the inputs know the pathway of alert {0}: it is no alert to be forgotten, for it would be said again"
    )]
    Known(AlertId),
}

impl From<RecoveryError> for Error {
    fn from(error: RecoveryError) -> Self {
        Self::Log(error.to_string())
    }
}

/// The partitions of a topic.
fn partitions_of(clients: &Clients, topic: &str) -> Result<Range<i32>, Error> {
    let reader = clients.reader(Isolation::Committed)?;
    let metadata = clients.metadata(&reader, LIMIT)?;
    let count = partitions(&metadata, topic);
    Ok(0..count.ok_or_else(|| Error::NoTopic(topic.to_owned()))?)
}

/// For which partitions something is approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All there are.
    All,
    /// These.
    Some(Vec<i32>),
}

/// Writes an approval for each of the partitions and returns them, once the broker has taken all.
///
/// # Errors
/// When the broker cannot be used, or a partition does not exist; nothing is written then.
pub fn approve(clients: &Clients, chosen: &Chosen, approval: &Approval) -> Result<Vec<i32>, Error> {
    let topic = &clients.settings().topics.control;
    let all = partitions_of(clients, topic)?;
    let chosen = match chosen {
        Chosen::All => all.clone().collect(),
        Chosen::Some(partitions) => partitions.clone(),
    };
    if let Some(&partition) = chosen.iter().find(|partition| !all.contains(partition)) {
        return Err(Error::NoPartition {
            topic: topic.clone(),
            partition,
            partitions: all.end,
        });
    }
    let value = encode_approval(approval);
    let pen = Pen::new(clients)?;
    for &partition in &chosen {
        let key = ControlKey::Approve(partition).to_string();
        pen.write(topic, partition, &key, Some(&value))?;
    }
    pen.settle()?;
    Ok(chosen)
}

/// An alert whose pathway the inputs do not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgettable {
    /// The partition of the alert topic it is on.
    pub partition: i32,
    /// Its last word.
    pub alert: Alert,
}

/// Finds an alert that can be forgotten; `engine` knows nothing yet.
///
/// # Errors
/// When there is none, it is gone, or the inputs know its pathway.
pub fn forgettable(
    clients: &Clients,
    registry: &mut Registry,
    id: AlertId,
    engine: &mut Engine,
) -> Result<Forgettable, Error> {
    let (partition, value) = last_word(clients, id)?.ok_or(Error::NoAlert(id))?;
    let value = value.ok_or(Error::Gone(id))?;
    let alert = decode(registry, &value)?;
    let read = history::fold_pathway(clients, registry, &alert.pathway, engine)?;
    if read.learned > 0 {
        return Err(Error::Known(id));
    }
    Ok(Forgettable { partition, alert })
}

/// A partition and a record's value; without one it is a tombstone.
type Word = (i32, Option<Vec<u8>>);

/// The last record of an alert that is committed.
fn last_word(clients: &Clients, id: AlertId) -> Result<Option<Word>, Error> {
    let topic = &clients.settings().topics.alert;
    let key = id.to_string();
    let mut last = None;
    for partition in partitions_of(clients, topic)? {
        let logs = Logs::open(clients, partition)?;
        let span = logs.span(topic)?;
        logs.read(topic, span, |record| {
            if record.key() == Some(key.as_bytes()) {
                last = Some((partition, record.payload().map(<[u8]>::to_vec)));
            }
            Ok(Next::GoOn)
        })?;
    }
    Ok(last)
}

fn decode(registry: &mut Registry, value: &[u8]) -> Result<Alert, Error> {
    let unreadable = |refusal: AlertRefusal| Error::Log(refusal.to_string());
    let mut decoder = AlertDecoder::default();
    match decoder.decode(value) {
        Err(AlertRefusal::UnknownSchema { id }) => {
            let schema = registry.schema(id)?;
            decoder.add_schema(id, &schema).map_err(unreadable)?;
            decoder.decode(value).map_err(unreadable)
        }
        alert => alert.map_err(unreadable),
    }
}

/// Writes the tombstone of an alert, on its own partition.
///
/// # Errors
/// When the broker does not take it.
pub fn forget(clients: &Clients, found: &Forgettable) -> Result<(), Error> {
    let pen = Pen::new(clients)?;
    let key = found.alert.alert_id.to_string();
    pen.write(
        &clients.settings().topics.alert,
        found.partition,
        &key,
        None,
    )?;
    pen.settle()
}

/// An idempotent producer that keeps the first failure.
struct Pen(BaseProducer<FirstFailure>);

impl Pen {
    fn new(clients: &Clients) -> Result<Self, Error> {
        let mut config = clients.providing();
        config
            .set("acks", "all")
            .set("message.timeout.ms", DELIVERY_LIMIT);
        let context = FirstFailure {
            context: clients.context(),
            first: Mutex::default(),
        };
        let producer = BaseProducer::from_config_and_context(&config, context);
        Ok(Self(producer.map_err(client::Error::Settings)?))
    }

    fn write(
        &self,
        topic: &str,
        partition: i32,
        key: &str,
        value: Option<&[u8]>,
    ) -> Result<(), Error> {
        let record: BaseRecord<'_, str, [u8]> = BaseRecord {
            topic,
            partition: Some(partition),
            payload: value,
            key: Some(key),
            timestamp: None,
            headers: None,
            delivery_opaque: (),
        };
        let sent = self.0.send(record);
        sent.map_err(|(error, _)| Error::NotTaken(error))
    }

    /// Waits until the fate of everything is known.
    fn settle(self) -> Result<(), Error> {
        while self.0.in_flight_count() > 0 {
            self.0.poll(SERVE);
        }
        let context = self.0.context();
        let mut first = context.first.lock().unwrap_or_else(PoisonError::into_inner);
        first
            .take()
            .map_or(Ok(()), |error| Err(Error::NotTaken(error)))
    }
}

struct FirstFailure {
    context: Context,
    first: Mutex<Option<KafkaError>>,
}

impl ClientContext for FirstFailure {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.context.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.context.error(error, reason);
    }
}

impl ProducerContext for FirstFailure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| error.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, history};

    #[test]
    fn what_is_wrong_with_the_inputs_is_told_once() {
        let told = |error: history::Error| Error::from(error).to_string();
        assert_eq!(
            told(history::Error::NoTopic("cancer.referral".to_owned())),
            "topic cancer.referral does not exist; clockstop topics create makes it"
        );
        assert_eq!(
            told(history::Error::Log("it is silent".to_owned())),
            "cannot read the inputs: it is silent"
        );
    }
}
