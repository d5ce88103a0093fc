//! Hears what operators approve: it reads the end of the control topic.

use super::client::{Clients, Context, Error, Isolation};
use clockstop_schemas::{Approval, ControlKey, decode_approval};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::Duration;

/// A reader at the end of the control topic.
pub(crate) struct Approvals(BaseConsumer<Context>);

impl Approvals {
    /// Begins to listen; what was approved before is read back by each partition.
    pub(crate) fn listen(clients: &Clients, partitions: i32) -> Result<Self, Error> {
        let reader = clients.listener(Isolation::Committed)?;
        let assign = || -> KafkaResult<()> {
            let mut list = TopicPartitionList::new();
            for partition in 0..partitions {
                let topic = &clients.settings().topics.control;
                list.add_partition_offset(topic, partition, Offset::End)?;
            }
            reader.assign(&list)
        };
        assign().map_err(Error::Settings)?;
        Ok(Self(reader))
    }

    /// Waits so long and tells what was approved in the meantime.
    pub(crate) fn hear(&self, limit: Duration, mut tell: impl FnMut(i32, Approval)) {
        let mut wait = limit;
        while let Some(polled) = self.0.poll(wait) {
            wait = Duration::ZERO;
            let record = match polled {
                Ok(record) => record,
                Err(KafkaError::PartitionEOF(_)) => continue,
                Err(error) => {
                    tracing::warn!(%error, "approvals may not be heard; a partition that starts over reads them");
                    continue;
                }
            };
            let key = record.key().and_then(ControlKey::parse);
            if let (Some(ControlKey::Approve(partition)), Some(value)) = (key, record.payload()) {
                match decode_approval(value) {
                    Ok(approval) => tell(partition, approval),
                    Err(refusal) => {
                        tracing::error!(partition, %refusal, "an approval is not taken");
                    }
                }
            }
        }
    }
}
