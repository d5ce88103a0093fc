//! Topics of a test: create them, read them to their last committed record.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::{Message, OwnedMessage};
use rdkafka::metadata::MetadataTopic;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::wait;

const LIMIT: Duration = Duration::from_secs(30);

/// Creates topics with as many partitions each, and waits until they can be written to.
pub(crate) fn create(bootstrap: &str, topics: &[&str], partitions: i32) {
    let wanted: Vec<NewTopic<'_>> = topics
        .iter()
        .map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(1)))
        .collect();
    let created = administer(admin(bootstrap).create_topics(&wanted, &options()));
    for topic in created {
        topic.expect("create the topic");
    }
}

/// Deletes topics with all they hold.
pub(crate) fn delete(bootstrap: &str, topics: &[&str]) {
    let deleted = administer(admin(bootstrap).delete_topics(topics, &options()));
    for topic in deleted {
        topic.expect("delete the topic");
    }
}

/// Deletes every topic whose name begins so.
pub(crate) fn delete_all_of(bootstrap: &str, prefix: &str) {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .expect("create the client");
    let metadata = client
        .fetch_metadata(None, LIMIT)
        .expect("fetch the topics");
    let names = metadata.topics().iter().map(MetadataTopic::name);
    let names: Vec<_> = names.filter(|name| name.starts_with(prefix)).collect();
    delete(bootstrap, &names);
}

/// Deletes the records of a partition before this offset.
pub(crate) fn delete_records(bootstrap: &str, topic: &str, partition: i32, before: i64) {
    let mut until = TopicPartitionList::new();
    until
        .add_partition_offset(topic, partition, Offset::Offset(before))
        .expect("a valid offset");
    administer(admin(bootstrap).delete_records(&until, &options()));
}

/// Gives topics more partitions, so that each has this many.
pub(crate) fn grow(bootstrap: &str, topics: &[&str], partitions: usize) {
    let wanted: Vec<_> = topics
        .iter()
        .map(|topic| NewPartitions::new(topic, partitions))
        .collect();
    let grown = administer(admin(bootstrap).create_partitions(&wanted, &options()));
    for topic in grown {
        topic.expect("add the partitions");
    }
}

/// Sets how soon a group misses a lost member.
pub(crate) fn set_session(bootstrap: &str, group: &str, session: Duration, heartbeat: Duration) {
    let [session, heartbeat] = [session, heartbeat].map(|time| time.as_millis().to_string());
    let change = AlterConfig::new(ResourceSpecifier::Group(group))
        .set("consumer.session.timeout.ms", &session)
        .set("consumer.heartbeat.interval.ms", &heartbeat);
    let changed = administer(admin(bootstrap).alter_configs(&[change], &options()));
    for group in changed {
        group.expect("set the group's session");
    }
}

fn admin(bootstrap: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .expect("create the admin client")
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .operation_timeout(Some(LIMIT))
        .request_timeout(Some(LIMIT))
}

fn administer<T>(asked: impl Future<Output = KafkaResult<T>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("build a runtime");
    runtime.block_on(asked).expect("the broker answers")
}

/// The ends of all partitions of these topics, whatever is committed of them.
pub(crate) fn ends(bootstrap: &str, topics: &[String]) -> Vec<i64> {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "unused")
        .create()
        .expect("create the client");
    let end_of = |topic: &String| {
        let metadata = client
            .fetch_metadata(Some(topic), LIMIT)
            .expect("fetch the topic's metadata");
        let described = metadata.topics().first().expect("the topic was asked for");
        let partitions = described.partitions().iter();
        let ends = partitions.map(|partition| {
            let ends = client.fetch_watermarks(topic, partition.id(), LIMIT);
            ends.expect("fetch the end of the log").1
        });
        ends.collect::<Vec<_>>()
    };
    topics.iter().flat_map(end_of).collect()
}

/// Every committed record of a topic, partition by partition in offset order.
pub(crate) fn read_committed(bootstrap: &str, topic: &str) -> Vec<OwnedMessage> {
    let [consumer, uncommitted] = ["read_committed", "read_uncommitted"].map(|isolation| {
        let client: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "unused")
            .set("enable.auto.commit", "false")
            .set("isolation.level", isolation)
            .set("fetch.wait.max.ms", "20")
            .create()
            .expect("create the reading client");
        client
    });
    let metadata = consumer
        .fetch_metadata(Some(topic), LIMIT)
        .expect("fetch the topic's metadata");
    let described = metadata.topics().first().expect("the topic was asked for");
    described
        .partitions()
        .iter()
        .flat_map(|partition| {
            settle(&consumer, &uncommitted, topic, partition.id());
            read_partition(&consumer, topic, partition.id())
        })
        .collect()
}

/// Waits until no transaction is under way: a commit returns before its marker is written.
fn settle(committed: &BaseConsumer, uncommitted: &BaseConsumer, topic: &str, partition: i32) {
    let end = |client: &BaseConsumer| {
        let ends = client.fetch_watermarks(topic, partition, LIMIT);
        ends.map(|(_, end)| end).map_err(|error| error.to_string())
    };
    wait::until("the end of open transactions", LIMIT, || {
        match (end(committed)?, end(uncommitted)?) {
            (stable, last) if stable >= last => Ok(()),
            (stable, last) => Err(format!("stable up to {stable} of {last}")),
        }
    });
}

fn read_partition(consumer: &BaseConsumer, topic: &str, partition: i32) -> Vec<OwnedMessage> {
    let (low, end) = consumer
        .fetch_watermarks(topic, partition, LIMIT)
        .expect("fetch the end of the log");
    let mut records = Vec::new();
    if low == end {
        return records;
    }
    let mut start = TopicPartitionList::new();
    start
        .add_partition_offset(topic, partition, Offset::Offset(low))
        .expect("a valid offset");
    consumer.assign(&start).expect("assign the partition");
    wait::until(&format!("{topic}/{partition} up to {end}"), LIMIT, || {
        while let Some(record) = consumer.poll(Duration::from_millis(20)) {
            records.push(record.map_err(|error| error.to_string())?.detach());
        }
        // Not "last offset + 1": the log may end with transaction markers, over which only the position advances.
        let position = consumer
            .position()
            .expect("the position of an assigned partition");
        let position = position
            .find_partition(topic, partition)
            .map(|found| found.offset());
        let reached = position == Some(Offset::Offset(end))
            || records
                .last()
                .is_some_and(|record| record.offset() + 1 >= end);
        if reached {
            Ok(())
        } else {
            Err(format!("at {position:?}"))
        }
    });
    records
}
