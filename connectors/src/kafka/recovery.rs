//! What a partition must know before it replays: the ends of its inputs, what was said, how far was judged.

use super::client::{Clients, Context, Error as ClientError, Isolation};
use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::Alert;
use clockstop_schemas::{AlertDecoder, AlertRefusal};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const ASK_LIMIT: Duration = Duration::from_secs(10);
const STABLE_LIMIT: Duration = Duration::from_secs(5);
const STABLE_PAUSE: Duration = Duration::from_millis(50);
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// Why a partition cannot recover at this moment; asked again later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{topic}/{partition}: {source}")]
    Kafka {
        topic: String,
        partition: i32,
        source: KafkaError,
    },
    #[error("{topic}/{partition} has an open transaction before offset {end}")]
    OpenTransaction {
        topic: String,
        partition: i32,
        end: i64,
    },
    #[error("{topic}/{partition} brought nothing for {} s", SILENCE_LIMIT.as_secs())]
    Silent { topic: String, partition: i32 },
    #[error("an alert at {topic}/{partition} cannot be read: {source}")]
    Alert {
        topic: String,
        partition: i32,
        source: AlertRefusal,
    },
    #[error("the schema of an alert: {0}")]
    Registry(#[from] RegistryError),
}

/// Where an input's log begins and where replaying ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) begin: i64,
    pub(crate) end: i64,
}

/// What was found of one partition.
#[derive(Debug)]
pub(crate) struct Found {
    /// The last word on every alert, by its key.
    pub(crate) said: Vec<Alert>,
    /// Whether nothing was ever said here.
    pub(crate) silent: bool,
    /// The inputs, in the order of `Topic::ALL`.
    pub(crate) inputs: [Span; 3],
}

/// The group's committed offsets of the inputs, 0 where there is none; decides which bad records are new.
pub(crate) fn cursor(clients: &Clients, partition: i32) -> Result<[i64; 3], Error> {
    let reader = clients.reader(Isolation::Committed)?;
    let topics = clients.settings().topics.inputs();
    let mut list = TopicPartitionList::new();
    for topic in topics {
        list.add_partition(topic, partition);
    }
    let committed = reader
        .committed_offsets(list, ASK_LIMIT)
        .map_err(|source| failed(topics.concat().as_str(), partition, source))?;
    Ok(topics.map(|topic| {
        let offset = committed.find_partition(topic, partition);
        match offset.map(|element| element.offset()) {
            Some(Offset::Offset(offset)) => offset,
            None
            | Some(
                Offset::Beginning
                | Offset::End
                | Offset::Stored
                | Offset::Invalid
                | Offset::OffsetTail(_),
            ) => 0,
        }
    }))
}

fn failed(topic: &str, partition: i32, source: KafkaError) -> Error {
    Error::Kafka {
        topic: topic.to_owned(),
        partition,
        source,
    }
}

/// Reads the partition's own alerts back and takes the ends of its inputs; only after fencing, for
/// otherwise an open transaction of a predecessor hides the last alerts.
pub(crate) fn find(
    clients: &Clients,
    registry: &mut Registry,
    partition: i32,
) -> Result<Found, Error> {
    let logs = Logs::open(clients, partition)?;
    let topics = &clients.settings().topics;
    let span = logs.span(&topics.alert)?;
    let said = logs.read_back(&topics.alert, span, registry)?;
    let mut inputs = [Span::default(); 3];
    for (place, topic) in inputs.iter_mut().zip(topics.inputs()) {
        *place = logs.input(topic)?;
    }
    Ok(Found {
        said,
        silent: span.end == 0,
        inputs,
    })
}

/// The logs of one partition, as those see them who wait for commits and those who do not.
pub(super) struct Logs {
    committed: BaseConsumer<Context>,
    uncommitted: BaseConsumer<Context>,
    partition: i32,
}

impl Logs {
    pub(super) fn open(clients: &Clients, partition: i32) -> Result<Self, Error> {
        Ok(Self {
            committed: clients.reader(Isolation::Committed)?,
            uncommitted: clients.reader(Isolation::Uncommitted)?,
            partition,
        })
    }

    /// The log up to its end of now, once no transaction is open before it.
    pub(super) fn span(&self, topic: &str) -> Result<Span, Error> {
        let failed = |source| failed(topic, self.partition, source);
        let ask = |client: &BaseConsumer<Context>| {
            client.fetch_watermarks(topic, self.partition, ASK_LIMIT)
        };
        let (begin, end) = ask(&self.uncommitted).map_err(failed)?;
        let deadline = Instant::now() + STABLE_LIMIT;
        while ask(&self.committed).map_err(failed)?.1 < end {
            if Instant::now() > deadline {
                return Err(Error::OpenTransaction {
                    topic: topic.to_owned(),
                    partition: self.partition,
                    end,
                });
            }
            std::thread::sleep(STABLE_PAUSE);
        }
        Ok(Span { begin, end })
    }

    /// An input's span; its end is 0 where no record is to be read before it, for then the position of
    /// a consumer never moves.
    fn input(&self, topic: &str) -> Result<Span, Error> {
        let span = self.span(topic)?;
        let mut any = false;
        self.read(topic, span, |_| {
            any = true;
            Ok(Next::Stop)
        })?;
        let end = if any { span.end } else { 0 };
        Ok(Span { end, ..span })
    }

    fn read_back(
        &self,
        topic: &str,
        span: Span,
        registry: &mut Registry,
    ) -> Result<Vec<Alert>, Error> {
        let mut last: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        self.read(topic, span, |record| {
            let key = record.key().unwrap_or_default().to_vec();
            match record.payload() {
                Some(value) => last.insert(key, value.to_vec()),
                None => last.remove(&key),
            };
            Ok(Next::GoOn)
        })?;
        let mut decoder = AlertDecoder::default();
        last.values()
            .map(|value| decode(&mut decoder, value, registry, (topic, self.partition)))
            .collect()
    }

    /// Shows every committed record of the span in order.
    pub(super) fn read(
        &self,
        topic: &str,
        span: Span,
        mut each: impl FnMut(&rdkafka::message::BorrowedMessage<'_>) -> Result<Next, Error>,
    ) -> Result<(), Error> {
        if span.begin >= span.end {
            return Ok(());
        }
        let failed = |source| failed(topic, self.partition, source);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, self.partition, Offset::Offset(span.begin))
            .map_err(failed)?;
        self.committed.assign(&list).map_err(failed)?;
        let mut heard = Instant::now();
        loop {
            match self.committed.poll(POLL) {
                Some(Ok(record)) => {
                    heard = Instant::now();
                    if each(&record)? == Next::Stop || record.offset() >= span.end - 1 {
                        break;
                    }
                }
                // The only partition that is assigned, and its end is not before the one awaited.
                Some(Err(KafkaError::PartitionEOF(_))) => break,
                Some(Err(error)) => tracing::debug!(%error, topic, "while reading back"),
                None if heard.elapsed() > SILENCE_LIMIT => {
                    let topic = topic.to_owned();
                    let partition = self.partition;
                    return Err(Error::Silent { topic, partition });
                }
                None => {}
            }
        }
        self.committed.unassign().map_err(failed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    Stop,
}

fn decode(
    decoder: &mut AlertDecoder,
    value: &[u8],
    registry: &mut Registry,
    (topic, partition): (&str, i32),
) -> Result<Alert, Error> {
    let unreadable = |source| Error::Alert {
        topic: topic.to_owned(),
        partition,
        source,
    };
    match decoder.decode(value) {
        Err(AlertRefusal::UnknownSchema { id }) => {
            let schema = registry.schema(id)?;
            decoder.add_schema(id, &schema).map_err(unreadable)?;
            decoder.decode(value).map_err(unreadable)
        }
        alert => alert.map_err(unreadable),
    }
}
