//! librdkafka's mock cluster, for the demo and fast tests: the real protocol, without a broker's promises.

use crate::config::Topics;
use rdkafka::error::KafkaResult;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

/// A cluster in this process; it ends when this is dropped.
pub struct Mock {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Mock {
    /// Starts one broker on a loopback port and creates the topics, with so many partitions each.
    ///
    /// # Errors
    /// When librdkafka cannot open a port or refuses a topic's name.
    pub fn start(topics: &Topics, partitions: i32) -> KafkaResult<Self> {
        let cluster = MockCluster::new(1)?;
        for topic in topics.all() {
            cluster.create_topic(topic, partitions, 1)?;
        }
        Ok(Self { cluster })
    }

    /// Where it listens, `host:port`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
