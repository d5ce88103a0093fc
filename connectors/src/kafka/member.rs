//! The process as one member of the group: it is given its partitions paused, and hands each to one of its workers.

use super::client::{self, Clients, Context, Error};
use super::edges::{Edge, edges};
use super::source::{Input, Source};
use clockstop_pipeline::Topic;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, OnceLock, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// A broker that is away for longer is joined later.
const GREET_LIMIT: Duration = Duration::from_secs(1);
/// The group waits for its members, so the beginning of a log is asked for briefly.
const BEGIN_LIMIT: Duration = Duration::from_secs(1);
/// How long a poll waits; the member sees at its end that the workers have gone.
const POLL: Duration = Duration::from_millis(20);

/// One input of one partition.
pub(crate) type Place = (Topic, i32);

/// The consumer that all workers share.
pub(super) type GroupConsumer = BaseConsumer<Membership>;

/// What a worker hears of its partitions.
pub(crate) enum Told {
    /// The group gave them.
    Given(Vec<Input>),
    /// The group takes them, once this has been dropped.
    Taken(Vec<Place>, Release),
    /// There may be something to poll.
    Arrived(Place),
    /// A record of this partition came past its worker, so that what was read of it is not whole.
    Astray(i32),
}

/// Whoever holds it still works on what is taken: the group goes on, and another member may begin, when it is dropped.
pub(crate) struct Release {
    _holds: Sender<()>,
}

/// Tells a worker, from the member's thread or from one of librdkafka's; it must not wait.
pub(crate) type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// Hands what the group gives and takes to the workers; it runs inside the member's poll.
pub(super) struct Membership {
    context: Context,
    topics: [String; 3],
    tells: Vec<Tell>,
    /// Set before the group is joined.
    consumer: OnceLock<Weak<GroupConsumer>>,
    /// How many polls have come to their end.
    polls: AtomicU64,
}

impl Membership {
    pub(super) fn polls(&self) -> u64 {
        self.polls.load(Ordering::Acquire)
    }

    /// An error that came out of a poll.
    pub(super) fn polled(&self, error: &KafkaError) {
        self.context.polled(error);
    }

    /// The names of the inputs, in the order of `Topic::ALL`.
    pub(super) fn topics(&self) -> &[String; 3] {
        &self.topics
    }

    pub(super) fn place(&self, topic: &str, partition: i32) -> Option<Place> {
        let mut names = self.topics.iter().zip(Topic::ALL);
        let (_, topic) = names.find(|(name, _)| *name == topic)?;
        Some((topic, partition))
    }

    /// A partition of all three inputs has the same worker for as long as the process lives.
    fn worker(&self, partition: i32) -> usize {
        let number = usize::try_from(partition).unwrap_or(0);
        number.checked_rem(self.tells.len()).unwrap_or(0)
    }

    fn tell(&self, partition: i32) -> Option<&Tell> {
        self.tells.get(self.worker(partition))
    }

    fn give(&self, consumer: &GroupConsumer, list: &mut TopicPartitionList) -> KafkaResult<()> {
        // Before anything is read: what was read before would come out of the member's poll.
        let inputs = self.split(list);
        // Where reading begins is not known yet: a partition is paused and sought before it is read. Until
        // then it stands where its log begins, for an offset that is no longer there would stop it for good,
        // and a logical one is looked up later, over whatever was sought in the meantime.
        let places = listed(list);
        let logs: Vec<_> = places
            .iter()
            .map(|(topic, partition)| (topic.as_str(), *partition))
            .collect();
        let told = edges(consumer, &logs, Edge::Begin, BEGIN_LIMIT);
        let told = told
            .inspect_err(|error| tracing::debug!(%error, "the begins of the logs are not told"));
        let mut begins = told.unwrap_or_default().into_iter();
        for (topic, partition) in logs {
            let begin = begins.next().and_then(Result::ok).unwrap_or(0);
            list.set_partition_offset(topic, partition, Offset::Offset(begin))?;
        }
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(list)?,
            RebalanceProtocol::Eager | RebalanceProtocol::None => consumer.assign(list)?,
        }
        consumer.pause(list)?;
        let mut shares: Vec<Vec<Input>> = self.tells.iter().map(|_| Vec::new()).collect();
        for input in inputs {
            if let Some(share) = shares.get_mut(self.worker(input.place.1)) {
                share.push(input);
            }
        }
        for (tell, share) in self.tells.iter().zip(shares) {
            tell(Told::Given(share));
        }
        Ok(())
    }

    /// Gives every input of the list a queue of its own, which wakes its worker.
    fn split(&self, list: &TopicPartitionList) -> Vec<Input> {
        let Some(consumer) = self.consumer.get().and_then(Weak::upgrade) else {
            // It is closed; nothing is given any more.
            return Vec::new();
        };
        let inputs = listed(list).into_iter().filter_map(|(topic, partition)| {
            let place = self.place(&topic, partition)?;
            let tell = Arc::clone(self.tell(partition)?);
            let mut queue = consumer.split_partition_queue(&topic, partition)?;
            queue.set_nonempty_callback(move || tell(Told::Arrived(place)));
            Some(Input { place, queue })
        });
        inputs.collect()
    }

    /// The group hears of it only after every worker has let go, so that no transaction of theirs can carry group
    /// metadata of the time after.
    fn take(&self, consumer: &GroupConsumer, list: &TopicPartitionList) -> KafkaResult<()> {
        let places: Vec<Place> = listed(list)
            .into_iter()
            .filter_map(|(topic, partition)| self.place(&topic, partition))
            .collect();
        let (holds, released) = channel();
        for (number, tell) in self.tells.iter().enumerate() {
            let its = |place: &&Place| self.worker(place.1) == number;
            let share = places.iter().filter(its).copied().collect();
            let release = Release {
                _holds: holds.clone(),
            };
            tell(Told::Taken(share, release));
        }
        drop(holds);
        // Nothing is ever sent: this ends when the last release has been dropped.
        for () in released {}
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(list),
            RebalanceProtocol::Eager | RebalanceProtocol::None => consumer.unassign(),
        }
    }
}

fn listed(list: &TopicPartitionList) -> Vec<(String, i32)> {
    let elements = list.elements();
    let named = elements.iter();
    named
        .map(|element| (element.topic().to_owned(), element.partition()))
        .collect()
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
        consumer: &GroupConsumer,
        event: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let done = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.give(consumer, list)
        } else {
            self.take(consumer, list)
        };
        if let Err(error) = done {
            tracing::error!(%error, "the partitions that the group gave or took cannot be applied");
        }
    }
}

/// A member of the group that has not joined yet.
pub(crate) struct Member {
    clients: Clients,
    consumer: Arc<GroupConsumer>,
    /// Every source holds one; the member leaves when none is left.
    presence: Sender<()>,
    present: Receiver<()>,
}

impl Member {
    /// A member for so many workers as there are tells; there are so many partitions of each input.
    pub(crate) fn new(clients: &Clients, partitions: i32, tells: Vec<Tell>) -> Result<Self, Error> {
        let membership = Membership {
            context: clients.context(),
            topics: clients.settings().topics.inputs().map(str::to_owned),
            tells,
            consumer: OnceLock::new(),
            polls: AtomicU64::new(0),
        };
        let consumer = Arc::new(clients.member(membership, partitions)?);
        let itself = Arc::downgrade(&consumer);
        consumer.context().consumer.get_or_init(|| itself);
        let (presence, present) = channel();
        Ok(Self {
            clients: clients.clone(),
            consumer,
            presence,
            present,
        })
    }

    /// What one worker reads from. Every worker needs its own before the group is joined.
    pub(crate) fn source(&self) -> Source {
        Source::new(Arc::clone(&self.consumer), self.presence.clone())
    }

    /// Joins the group, from a thread that leaves it and ends when all sources have been dropped.
    pub(crate) fn join(self) -> std::io::Result<JoinHandle<()>> {
        let Self {
            clients,
            consumer,
            presence,
            present,
        } = self;
        drop(presence);
        std::thread::Builder::new()
            .name("member".to_owned())
            .spawn(move || {
                let names = clients.settings().topics.inputs();
                let [first, ..] = names;
                if let Err(error) = client::greet(consumer.client(), first, GREET_LIMIT) {
                    tracing::debug!(%error, "the group is joined as soon as a broker answers");
                }
                if let Err(error) = consumer.subscribe(&names) {
                    tracing::error!(%error, "the group cannot be joined");
                }
                while present.try_recv() != Err(TryRecvError::Disconnected) {
                    poll(&consumer);
                }
                // The last handle of the consumer: dropping it leaves the group.
                drop(consumer);
            })
    }
}

/// Rebalances happen in here and nowhere else.
fn poll(consumer: &GroupConsumer) {
    match consumer.poll(POLL) {
        Some(Ok(message)) => {
            let partition = message.partition();
            tracing::error!(partition, "a record came past its worker");
            if let Some(tell) = consumer.context().tell(partition) {
                tell(Told::Astray(partition));
            }
        }
        Some(Err(error)) => consumer.context().polled(&error),
        None => {}
    }
    consumer.context().polls.fetch_add(1, Ordering::Release);
}

#[cfg(test)]
#[path = "member_tests.rs"]
mod tests;
