//! What one worker reads from: the queues of its partitions' inputs, and the member's consumer that fills them.

use super::member::{GroupConsumer, Membership, Place};
use clockstop_pipeline::Topic;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message, Timestamp};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

const SEEK_LIMIT: Duration = Duration::from_secs(10);

/// An input that the group gave, with the queue of its records.
pub(crate) struct Input {
    pub(crate) place: Place,
    pub(super) queue: PartitionQueue<Membership>,
}

/// What one poll brought.
#[derive(Debug)]
pub(crate) enum Polled<'a> {
    Record(Record<'a>),
    /// The input lies outside its log, and is silent from then on.
    OutsideLog,
    Nothing,
}

/// One record with its position and append time; it borrows from the consumer.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    message: BorrowedMessage<'a>,
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

/// The reading side of one worker.
pub(crate) struct Source {
    consumer: Arc<GroupConsumer>,
    inputs: BTreeMap<Place, PartitionQueue<Membership>>,
    /// Where there may be something to poll, each place once; every other queue is empty.
    ready: VecDeque<Place>,
    _presence: Sender<()>,
}

impl Source {
    pub(super) fn new(consumer: Arc<GroupConsumer>, presence: Sender<()>) -> Self {
        Self {
            consumer,
            inputs: BTreeMap::new(),
            ready: VecDeque::new(),
            _presence: presence,
        }
    }

    pub(crate) fn take_on(&mut self, inputs: Vec<Input>) {
        for Input { place, queue } in inputs {
            self.inputs.insert(place, queue);
            // What came before was told when nobody knew of the place, and an arrival is told of empty queues only.
            self.arrived(place);
        }
    }

    pub(crate) fn let_go(&mut self, places: &[Place]) {
        for place in places {
            self.inputs.remove(place);
        }
        self.ready.retain(|place| self.inputs.contains_key(place));
    }

    /// There may be something to poll at this place; it comes after those that are ready.
    pub(crate) fn arrived(&mut self, place: Place) {
        if self.inputs.contains_key(&place) && !self.ready.contains(&place) {
            self.ready.push_back(place);
        }
    }

    /// The next place to poll; whoever leaves off before there is nothing says that it has arrived again.
    pub(crate) fn next_ready(&mut self) -> Option<Place> {
        self.ready.pop_front()
    }

    /// The next record of this place.
    pub(crate) fn poll(&self, place: Place) -> Polled<'_> {
        let Some(queue) = self.inputs.get(&place) else {
            return Polled::Nothing;
        };
        loop {
            match queue.poll(Duration::ZERO) {
                Some(Ok(message)) => return Polled::Record(Record { message }),
                Some(Err(error)) => {
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) {
                        return Polled::OutsideLog;
                    }
                    self.consumer.context().polled(&error);
                }
                None => return Polled::Nothing,
            }
        }
    }

    /// How often the group has been polled.
    pub(crate) fn polls(&self) -> u64 {
        self.consumer.context().polls()
    }

    fn input(&self, (topic, partition): Place) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        let mut names = self.consumer.context().topics().iter().zip(Topic::ALL);
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
        for (topic, offset) in self.consumer.context().topics().iter().zip(offsets) {
            list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
        }
        self.consumer.pause(&list)?;
        let sought = self.consumer.seek_partitions(list, SEEK_LIMIT)?;
        sought
            .elements()
            .iter()
            .try_for_each(rdkafka::topic_partition_list::TopicPartitionListElem::error)
    }

    /// The next offset of every input that was read from, transaction markers passed over, be it of this worker or not.
    pub(crate) fn positions(&self) -> KafkaResult<BTreeMap<Place, i64>> {
        let list = self.consumer.position()?;
        let elements = list.elements();
        let read = elements.iter().filter_map(|element| {
            let place = self
                .consumer
                .context()
                .place(element.topic(), element.partition())?;
            match element.offset() {
                Offset::Offset(offset) => Some((place, offset)),
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

impl Drop for Source {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // What this worker ran is run by another process then, and so is what the other workers run.
            self.consumer.unsubscribe();
        }
    }
}
