//! The logs of one partition, read to an end that is known before.

use super::client::{Clients, Context, Error as ClientError, Isolation};
use super::edges::{Edge, Log, edges};
use crate::partition::Span;
use crate::registry::RegistryError;
use clockstop_schemas::AlertRefusal;
use rdkafka::client::Client;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::{Duration, Instant};

pub(super) const ASK_LIMIT: Duration = Duration::from_secs(10);
const STABLE_LIMIT: Duration = Duration::from_secs(5);
const STABLE_PAUSE: Duration = Duration::from_millis(50);
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// Why a log cannot be read at this moment; asked again later.
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
    #[error("the ids of the input topics cannot be read: {0}")]
    Identities(String),
    #[error("the schema of an alert: {0}")]
    Registry(#[from] RegistryError),
}

pub(super) fn failed(topic: &str, partition: i32, source: KafkaError) -> Error {
    Error::Kafka {
        topic: topic.to_owned(),
        partition,
        source,
    }
}

/// The logs of one partition, as those see them who wait for commits and those who do not.
pub(crate) struct Logs {
    pub(super) committed: BaseConsumer<Context>,
    uncommitted: BaseConsumer<Context>,
    pub(super) partition: i32,
}

impl Logs {
    pub(super) fn open(clients: &Clients, partition: i32) -> Result<Self, Error> {
        let mut logs = Self::to_any(clients)?;
        logs.turn_to(partition);
        Ok(logs)
    }

    /// The logs of any partition, once it is [turned to](Self::turn_to) one.
    pub(super) fn to_any(clients: &Clients) -> Result<Self, ClientError> {
        Ok(Self {
            committed: clients.log_reader(Isolation::Committed)?,
            uncommitted: clients.log_reader(Isolation::Uncommitted)?,
            partition: 0,
        })
    }

    /// Those who read.
    pub(super) fn clients(&self) -> [&Client<Context>; 2] {
        [self.committed.client(), self.uncommitted.client()]
    }

    /// The logs of another partition from here on.
    pub(super) fn turn_to(&mut self, partition: i32) {
        self.partition = partition;
    }

    /// Whether any record is to be read from `from` on, open transactions included.
    pub(super) fn unread(&self, topic: &str, from: i64) -> Result<Unread, Error> {
        let [end] = self.edges(&self.uncommitted, [topic], Edge::End)?;
        let committed = self.committed_span(topic)?;
        if committed.end < end {
            return Ok(Unread::Some);
        }
        let mut unread = Unread::None;
        let span = Span {
            begin: committed.begin.max(from),
            end,
            high: end,
        };
        self.read(topic, span, |_| {
            unread = Unread::Some;
            Ok(Next::Stop)
        })?;
        Ok(unread)
    }

    /// The ends of logs, whatever is committed of them, in their order.
    pub(super) fn ends(&self, logs: &[Log<'_>]) -> KafkaResult<Vec<KafkaResult<i64>>> {
        edges(&self.uncommitted, logs, Edge::End, ASK_LIMIT)
    }

    /// The first offset that arrived at this time or later, in milliseconds since 1970.
    pub(super) fn first_since(&self, topic: &str, since: i64) -> Result<Option<i64>, Error> {
        let failed = |source| failed(topic, self.partition, source);
        let mut asked = TopicPartitionList::new();
        asked
            .add_partition_offset(topic, self.partition, Offset::Offset(since))
            .map_err(failed)?;
        let told = self.committed.offsets_for_times(asked, ASK_LIMIT);
        let told = told.map_err(failed)?;
        let offset = told.find_partition(topic, self.partition);
        Ok(offset
            .and_then(|element| element.offset().to_raw())
            .filter(|&offset| offset >= 0))
    }

    /// The log up to its end of now, once no transaction is open before it.
    pub(super) fn span(&self, topic: &str) -> Result<Span, Error> {
        let [span] = self.spans([topic])?;
        Ok(span)
    }

    /// Several logs up to their ends of now, once no transaction is open before one of them.
    pub(super) fn spans<const N: usize>(&self, topics: [&str; N]) -> Result<[Span; N], Error> {
        let ends = self.edges(&self.uncommitted, topics, Edge::End)?;
        let deadline = Instant::now() + STABLE_LIMIT;
        loop {
            let stable = self.edges(&self.committed, topics, Edge::End)?;
            let mut open = topics.iter().zip(ends).zip(stable);
            let Some(((topic, end), _)) = open.find(|((_, end), stable)| stable < end) else {
                break;
            };
            if Instant::now() > deadline {
                return Err(Error::OpenTransaction {
                    topic: (*topic).to_owned(),
                    partition: self.partition,
                    end,
                });
            }
            std::thread::sleep(STABLE_PAUSE);
        }
        let begins = self.edges(&self.uncommitted, topics, Edge::Begin)?;
        let mut spans = [Span::default(); N];
        for ((span, begin), end) in spans.iter_mut().zip(begins).zip(ends) {
            *span = Span {
                begin,
                end,
                high: end,
            };
        }
        Ok(spans)
    }

    fn edges<const N: usize>(
        &self,
        client: &BaseConsumer<Context>,
        topics: [&str; N],
        edge: Edge,
    ) -> Result<[i64; N], Error> {
        let asked = topics.map(|topic| (topic, self.partition));
        let told = edges(client, &asked, edge, ASK_LIMIT);
        let told = told.map_err(|source| failed(&topics.join(", "), self.partition, source))?;
        let mut offsets = [0; N];
        for ((place, topic), offset) in offsets.iter_mut().zip(topics).zip(told) {
            *place = offset.map_err(|source| failed(topic, self.partition, source))?;
        }
        Ok(offsets)
    }

    /// The log up to where everything is committed or aborted now.
    pub(super) fn committed_span(&self, topic: &str) -> Result<Span, Error> {
        let [begin] = self.edges(&self.committed, [topic], Edge::Begin)?;
        let [end] = self.edges(&self.committed, [topic], Edge::End)?;
        Ok(Span {
            begin,
            end,
            high: end,
        })
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

/// Whether records lie unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Some,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    Stop,
}
