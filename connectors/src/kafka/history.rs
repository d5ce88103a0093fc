//! Everything the inputs hold of one pathway, read again for whoever asks why.

use super::client::{Clients, Isolation};
use super::logs::{Error as RecoveryError, Logs, Next};
use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::{Engine, Topic};
use clockstop_schemas::{EventDecoder, Refusal, partition_of};
use rdkafka::message::Message;
use std::time::Duration;

const METADATA_LIMIT: Duration = Duration::from_secs(10);

/// Why a pathway cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be used.
    #[error(transparent)]
    Client(#[from] super::client::Error),
    /// An input is missing.
    #[error("topic {0} does not exist; clockstop topics create makes it")]
    NoTopic(String),
    /// An input cannot be read to its end.
    #[error("cannot read the inputs: {0}")]
    Log(String),
    /// A schema cannot be had.
    #[error("registry.url: {0}")]
    Registry(#[from] RegistryError),
}

impl From<RecoveryError> for Error {
    fn from(error: RecoveryError) -> Self {
        Self::Log(error.to_string())
    }
}

/// How many of a pathway's records were learned, and how many refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Records that are events of the pathway.
    pub learned: u64,
    /// Records under its key that are not.
    pub refused: u64,
}

/// Learns every record under the pathway's key, from the beginning of the inputs to their ends of now.
///
/// # Errors
/// When the broker or the registry cannot be used, or an input is missing.
pub fn fold_pathway(
    clients: &Clients,
    registry: &mut Registry,
    pathway: &str,
    engine: &mut Engine,
) -> Result<Read, Error> {
    let reader = clients.reader(Isolation::Committed)?;
    let metadata = clients.metadata(&reader, METADATA_LIMIT)?;
    let mut schemas = EventDecoder::default();
    let mut read = Read::default();
    for (topic, name) in Topic::ALL
        .into_iter()
        .zip(clients.settings().topics.inputs())
    {
        let partitions = super::client::partitions(&metadata, name)
            .ok_or_else(|| Error::NoTopic(name.to_owned()))?;
        let partition = partition_of(pathway.as_bytes(), partitions);
        for (key, value) in records(clients, name, partition, pathway)? {
            let mut decoded = schemas.decode(topic, Some(&key), Some(&value), engine.texts_mut());
            if let Err(Refusal::UnknownSchema { id }) = decoded {
                match registry.schema(id) {
                    // A schema that is none of ours leaves its records refused, as in the service.
                    Ok(schema) => drop(schemas.add_schema(id, &schema)),
                    // So does one that nobody has.
                    Err(RegistryError::UnknownId { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
                decoded = schemas.decode(topic, Some(&key), Some(&value), engine.texts_mut());
            }
            match decoded {
                Ok(decoded) => {
                    engine.learn(&decoded.pathway, &decoded.report);
                    read.learned += 1;
                }
                Err(_) => read.refused += 1,
            }
        }
    }
    Ok(read)
}

type Record = (Vec<u8>, Vec<u8>);

/// The records of a partition under one key.
fn records(
    clients: &Clients,
    topic: &str,
    partition: i32,
    pathway: &str,
) -> Result<Vec<Record>, RecoveryError> {
    let logs = Logs::open(clients, partition)?;
    let span = logs.span(topic)?;
    let mut found = Vec::new();
    logs.read(topic, span, |record| {
        if let (Some(key), Some(value)) = (record.key(), record.payload())
            && key == pathway.as_bytes()
        {
            found.push((key.to_vec(), value.to_vec()));
        }
        Ok(Next::GoOn)
    })?;
    Ok(found)
}
