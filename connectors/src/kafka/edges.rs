//! Where logs begin and end, asked of many at once: a broker answers for all that it leads in one request.

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::Duration;

/// One partition of a topic.
pub(super) type Log<'t> = (&'t str, i32);

/// Which edge of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its first record.
    Begin,
    /// Behind its last one; for a client that reads what is committed, behind the last that no open transaction
    /// can take back.
    End,
}

/// An edge of every log, in their order. One that cannot be told does not keep the others from it.
pub(super) fn edges<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    logs: &[Log<'_>],
    edge: Edge,
    limit: Duration,
) -> KafkaResult<Vec<KafkaResult<i64>>> {
    if logs.is_empty() {
        return Ok(Vec::new());
    }
    // Among the times that can be asked for, two stand for the edges.
    let time = match edge {
        Edge::Begin => Offset::Beginning,
        Edge::End => Offset::End,
    };
    let mut asked = TopicPartitionList::with_capacity(logs.len());
    for (topic, partition) in logs {
        asked.add_partition_offset(topic, *partition, time)?;
    }
    let told = consumer.offsets_for_times(asked, limit)?;
    Ok(logs
        .iter()
        .map(|(topic, partition)| {
            let unknown = KafkaError::OffsetFetch(RDKafkaErrorCode::UnknownPartition);
            let element = told.find_partition(topic, *partition);
            let element = element.ok_or_else(|| unknown.clone())?;
            element.error()?;
            element
                .offset()
                .to_raw()
                .filter(|&offset| offset >= 0)
                .ok_or(unknown)
        })
        .collect())
}
