//! Reads the alert topic as anybody outside would.

use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::Alert;
use clockstop_schemas::{AlertDecoder, AlertRefusal};
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Why alerts cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker or the client.
    #[error("the alert topic cannot be read")]
    Kafka(#[from] KafkaError),
    /// The registry does not give the schema of an alert.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What was read is no alert.
    #[error("a record of the alert topic is not an alert")]
    Alert(#[from] AlertRefusal),
    /// Records that must be there do not come.
    #[error("partition {partition} of the alert topic brings nothing up to offset {end}")]
    Silent {
        /// Which.
        partition: i32,
        /// The end that was awaited.
        end: i64,
    },
}

const ASK: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
const LOOK_EVERY: Duration = Duration::from_millis(2);
const SILENCE: Duration = Duration::from_secs(30);

/// A reader of all partitions of the alert topic, from their beginning.
pub struct Listener {
    consumer: BaseConsumer,
    /// Sees what is written and not yet committed.
    uncommitted: BaseConsumer,
    topic: String,
    /// For each partition, the offset up to which everything has been read.
    read_to: BTreeMap<i32, i64>,
    decoder: AlertDecoder,
    registry: Registry,
}

impl Listener {
    /// A reader that has read nothing yet.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn open(
        bootstrap: &str,
        topic: &str,
        partitions: i32,
        registry: Registry,
    ) -> Result<Self, Error> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap);
        config.set("group.id", "clockstop-demo-listener");
        config.set("enable.auto.commit", "false");
        config.set("isolation.level", "read_committed");
        config.set("enable.partition.eof", "true");
        config.set("fetch.wait.max.ms", "20");
        config.set("fetch.queue.backoff.ms", "10");
        let consumer: BaseConsumer = config.create()?;
        config.set("isolation.level", "read_uncommitted");
        let uncommitted = config.create()?;
        let mut all = TopicPartitionList::new();
        for partition in 0..partitions {
            all.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
        consumer.assign(&all)?;
        Ok(Self {
            consumer,
            uncommitted,
            topic: topic.to_owned(),
            read_to: (0..partitions).map(|partition| (partition, 0)).collect(),
            decoder: AlertDecoder::default(),
            registry,
        })
    }

    /// The first offset that a partition of any topic still has.
    ///
    /// # Errors
    /// When the broker does not say.
    pub fn beginning(&self, topic: &str, partition: i32) -> Result<i64, Error> {
        let (begin, _) = self.consumer.fetch_watermarks(topic, partition, ASK)?;
        Ok(begin)
    }

    /// Reads to the ends of now; alerts of one partition come in their order. Tombstones are left out.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn catch_up(&mut self, mut hear: impl FnMut(Alert)) -> Result<(), Error> {
        let mut behind = BTreeMap::new();
        for (&partition, &read_to) in &self.read_to {
            let end = self.end(partition)?;
            if end > read_to {
                behind.insert(partition, end);
            }
        }
        let mut heard = Instant::now();
        while let Some((&partition, &end)) = behind.first_key_value() {
            match self.consumer.poll(POLL) {
                Some(Ok(record)) => {
                    heard = Instant::now();
                    let value = record.payload().map(<[u8]>::to_vec);
                    let (partition, next) = (record.partition(), record.offset() + 1);
                    drop(record);
                    if let Some(value) = value {
                        hear(self.decode(&value)?);
                    }
                    self.reached(&mut behind, partition, next);
                }
                // Behind the last record of a transaction lies its marker, which is never delivered;
                // but the end that was met may be an earlier one.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    if let Some(position) = self.position(partition)? {
                        self.reached(&mut behind, partition, position);
                    }
                }
                Some(Err(error)) => tracing::debug!(%error, "while following the alerts"),
                None if heard.elapsed() > SILENCE => return Err(Error::Silent { partition, end }),
                None => {}
            }
        }
        Ok(())
    }

    /// The end of a partition, once it can be read up to there: a producer learns of its commit before
    /// the broker has marked it in the log.
    fn end(&self, partition: i32) -> Result<i64, Error> {
        let begun = Instant::now();
        let ask = |client: &BaseConsumer| client.fetch_watermarks(&self.topic, partition, ASK);
        loop {
            let (_, end) = ask(&self.uncommitted)?;
            if ask(&self.consumer)?.1 >= end {
                return Ok(end);
            }
            if begun.elapsed() > SILENCE {
                return Err(Error::Silent { partition, end });
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn position(&self, partition: i32) -> Result<Option<i64>, Error> {
        let all = self.consumer.position()?;
        let found = all.find_partition(&self.topic, partition);
        Ok(found.and_then(|place| match place.offset() {
            Offset::Offset(offset) => Some(offset),
            Offset::Beginning
            | Offset::End
            | Offset::Stored
            | Offset::Invalid
            | Offset::OffsetTail(_) => None,
        }))
    }

    fn reached(&mut self, behind: &mut BTreeMap<i32, i64>, partition: i32, offset: i64) {
        self.read_to.insert(partition, offset);
        if behind.get(&partition).is_some_and(|&end| offset >= end) {
            behind.remove(&partition);
        }
    }

    fn decode(&mut self, value: &[u8]) -> Result<Alert, Error> {
        match self.decoder.decode(value) {
            Err(AlertRefusal::UnknownSchema { id }) => {
                let schema = self.registry.schema(id)?;
                self.decoder.add_schema(id, &schema)?;
                Ok(self.decoder.decode(value)?)
            }
            read => Ok(read?),
        }
    }
}
