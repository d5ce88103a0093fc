//! Topics of a test: create them, read them to their last committed record.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Message, OwnedMessage};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::wait;

const LIMIT: Duration = Duration::from_secs(30);

/// Creates topics with as many partitions each, and waits until they can be written to.
pub(crate) fn create(bootstrap: &str, topics: &[&str], partitions: i32) {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .expect("create the admin client");
    let wanted: Vec<NewTopic<'_>> = topics
        .iter()
        .map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(1)))
        .collect();
    let options = AdminOptions::new()
        .operation_timeout(Some(LIMIT))
        .request_timeout(Some(LIMIT));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("build a runtime");
    let created = runtime
        .block_on(admin.create_topics(&wanted, &options))
        .expect("ask for the topics");
    for topic in created {
        topic.expect("create the topic");
    }
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
