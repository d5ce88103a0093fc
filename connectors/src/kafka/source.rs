//! The consumer of a worker: a member of the group that is given its partitions paused, and seeks where they begin.

use super::client::{self, Clients, Context, Error};
use clockstop_pipeline::Topic;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{
    BaseConsumer, Consumer, ConsumerContext, ConsumerGroupMetadata, RebalanceProtocol,
};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message, Timestamp};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const SEEK_LIMIT: Duration = Duration::from_secs(10);
/// A broker that is away for longer is joined later.
const GREET_LIMIT: Duration = Duration::from_secs(1);
/// The group waits for its members, so the beginning of a log is asked for briefly.
const BEGIN_LIMIT: Duration = Duration::from_secs(1);

/// One input of one partition.
pub(crate) type Place = (Topic, i32);

/// What the group gave or took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Given(Vec<Place>),
    Taken(Vec<Place>),
}

/// What one poll brought.
#[derive(Debug)]
pub(crate) enum Polled<'a> {
    Record(Record<'a>),
    /// An input lies outside its log; which one is not told, and it is silent from then on.
    OutsideLog,
    Nothing,
}

/// One record with its position and append time; it borrows from the consumer.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    message: BorrowedMessage<'a>,
    pub(crate) topic: Topic,
}

/// When a record was appended to its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// By the broker's clock, in milliseconds since 1970.
    Appended(i64),
    /// The topic does not stamp with the broker's clock.
    NotByBroker,
}

impl Record<'_> {
    pub(crate) fn partition(&self) -> i32 {
        self.message.partition()
    }

    pub(crate) fn offset(&self) -> i64 {
        self.message.offset()
    }

    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.message.key()
    }

    pub(crate) fn value(&self) -> Option<&[u8]> {
        self.message.payload()
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::of(self.message.timestamp())
    }
}

impl Stamp {
    pub(super) const fn of(timestamp: Timestamp) -> Self {
        match timestamp {
            Timestamp::LogAppendTime(at) => Self::Appended(at),
            Timestamp::CreateTime(_) | Timestamp::NotAvailable => Self::NotByBroker,
        }
    }
}

/// Keeps what the group gave and took until the worker looks; it runs inside the worker's own poll.
#[derive(Debug)]
struct Membership {
    context: Context,
    topics: [String; 3],
    changes: Mutex<Vec<Change>>,
}

impl Membership {
    fn places(&self, list: &TopicPartitionList) -> Vec<Place> {
        let elements = list.elements();
        let place = |topic: &str, partition| {
            let mut names = self.topics.iter().zip(Topic::ALL);
            let (_, topic) = names.find(|(name, _)| *name == topic)?;
            Some((topic, partition))
        };
        elements
            .iter()
            .filter_map(|element| place(element.topic(), element.partition()))
            .collect()
    }

    fn keep(&self, change: Change) {
        self.changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(change);
    }

    fn give(consumer: &BaseConsumer<Self>, list: &mut TopicPartitionList) -> KafkaResult<()> {
        // Where reading begins is not known yet: a partition is paused and sought before it is read. Until
        // then it stands where its log begins, for an offset that is no longer there would stop it for good,
        // and a logical one is looked up later, over whatever was sought in the meantime.
        for (topic, partition) in Self::listed(list) {
            let begin = consumer
                .fetch_watermarks(&topic, partition, BEGIN_LIMIT)
                .map_or(0, |(begin, _)| begin);
            list.set_partition_offset(&topic, partition, Offset::Offset(begin))?;
        }
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(list)?,
            RebalanceProtocol::Eager | RebalanceProtocol::None => consumer.assign(list)?,
        }
        consumer.pause(list)
    }

    fn listed(list: &TopicPartitionList) -> Vec<(String, i32)> {
        let elements = list.elements();
        let named = elements.iter();
        named
            .map(|element| (element.topic().to_owned(), element.partition()))
            .collect()
    }

    fn take(consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> KafkaResult<()> {
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(list),
            RebalanceProtocol::Eager | RebalanceProtocol::None => consumer.unassign(),
        }
    }
}

impl ClientContext for Membership {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.context.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.context.error(error, reason);
    }
}

impl ConsumerContext for Membership {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let places = self.places(list);
        let done = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.keep(Change::Given(places));
            Self::give(consumer, list)
        } else {
            self.keep(Change::Taken(places));
            Self::take(consumer, list)
        };
        if let Err(error) = done {
            tracing::error!(%error, "the partitions that the group gave or took cannot be applied");
        }
    }
}

/// A member of the group.
pub(crate) struct Source {
    consumer: BaseConsumer<Membership>,
}

impl Source {
    /// Joins the group; `arrived` is called from another thread when there is something to poll again.
    pub(crate) fn join(
        clients: &Clients,
        arrived: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let topics = clients.settings().topics.inputs().map(str::to_owned);
        let membership = Membership {
            context: clients.context(),
            topics,
            changes: Mutex::default(),
        };
        let mut consumer = clients.member(membership)?;
        consumer.set_nonempty_callback(arrived);
        let names = clients.settings().topics.inputs();
        let [first, ..] = names;
        if let Err(error) = client::greet(consumer.client(), first, GREET_LIMIT) {
            tracing::debug!(%error, "the group is joined as soon as a broker answers");
        }
        consumer.subscribe(&names).map_err(Error::Settings)?;
        Ok(Self { consumer })
    }

    /// The next record; rebalances happen in here and nowhere else.
    pub(crate) fn poll(&self) -> Polled<'_> {
        match self.consumer.poll(Duration::ZERO) {
            Some(Ok(message)) => {
                let mut names = self.consumer.context().topics.iter().zip(Topic::ALL);
                match names.find(|(name, _)| *name == message.topic()) {
                    Some((_, topic)) => Polled::Record(Record { message, topic }),
                    None => Polled::Nothing,
                }
            }
            Some(Err(error)) => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) {
                    return Polled::OutsideLog;
                }
                self.consumer.context().context.polled(&error);
                Polled::Nothing
            }
            None => Polled::Nothing,
        }
    }

    /// What the group gave and took since the last call.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let changes = &self.consumer.context().changes;
        core::mem::take(&mut changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn input(&self, (topic, partition): Place) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        let mut names = self.consumer.context().topics.iter().zip(Topic::ALL);
        if let Some((name, _)) = names.find(|(_, of)| *of == topic) {
            list.add_partition_offset(name, partition, Offset::Invalid)?;
        }
        Ok(list)
    }

    pub(crate) fn pause(&self, place: Place) -> KafkaResult<()> {
        self.consumer.pause(&self.input(place)?)
    }

    pub(crate) fn resume(&self, place: Place) -> KafkaResult<()> {
        self.consumer.resume(&self.input(place)?)
    }

    /// Goes to these offsets of the three inputs, paused.
    pub(crate) fn seek(&self, partition: i32, offsets: [i64; 3]) -> KafkaResult<()> {
        let mut list = TopicPartitionList::new();
        for (topic, offset) in self.consumer.context().topics.iter().zip(offsets) {
            list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
        }
        self.consumer.pause(&list)?;
        let sought = self.consumer.seek_partitions(list, SEEK_LIMIT)?;
        sought
            .elements()
            .iter()
            .try_for_each(rdkafka::topic_partition_list::TopicPartitionListElem::error)
    }

    /// The next offset of every input that was read from, transaction markers passed over.
    pub(crate) fn positions(&self) -> KafkaResult<BTreeMap<Place, i64>> {
        let list = self.consumer.position()?;
        let context = self.consumer.context();
        let elements = list.elements();
        let read = elements.iter().filter_map(|element| {
            let mut names = context.topics.iter().zip(Topic::ALL);
            let (_, topic) = names.find(|(name, _)| *name == element.topic())?;
            match element.offset() {
                Offset::Offset(offset) => Some(((topic, element.partition()), offset)),
                Offset::Beginning
                | Offset::End
                | Offset::Stored
                | Offset::Invalid
                | Offset::OffsetTail(_) => None,
            }
        });
        Ok(read.collect())
    }

    /// Who this member is in the group; to be captured when a batch is taken.
    pub(crate) fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        self.consumer.group_metadata()
    }
}
