//! A batch fold of everything the inputs of a place hold.

use crate::LIMIT;
use crate::service::{KEY, Place};
use crate::support::topics;
use clockstop_pipeline::{AlertKey, Engine, Instant, Reference, Topic};
use clockstop_schemas::{
    EventDecoder, Refusal, check_partition, check_recorded, event_schema_json,
};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Message, OwnedMessage, Timestamp};
use std::collections::BTreeMap;

/// A record that must be refused.
pub(crate) struct Bad {
    pub(crate) reason: String,
    pub(crate) value: Option<Vec<u8>>,
}

/// Where one input of one partition ends.
#[derive(Clone, Copy)]
pub(crate) struct End {
    /// The offset behind the last record that can be read.
    pub(crate) behind_last_record: i64,
    /// The end of the log, transaction markers included.
    pub(crate) end: i64,
}

/// Everything the inputs say.
pub(crate) struct Fold {
    pub(crate) engine: Engine,
    pub(crate) records: usize,
    /// By `topic/partition/offset`.
    pub(crate) bad: BTreeMap<String, Bad>,
    pub(crate) ends: BTreeMap<(Topic, i32), End>,
}

/// Reads and learns every record of the inputs up to their ends of now.
pub(crate) fn fold(place: &Place) -> Fold {
    let mut decoder = EventDecoder::default();
    for topic in Topic::ALL {
        let id = place.schema(topic);
        decoder.add_schema(id, event_schema_json(topic)).unwrap();
    }
    let mut fold = Fold {
        engine: Engine::new(AlertKey(KEY), Reference::default(), "oracle"),
        records: 0,
        bad: BTreeMap::new(),
        ends: ends(place),
    };
    for topic in Topic::ALL {
        let name = place.topic(topic.name());
        for record in topics::read_committed(&place.bootstrap, &name) {
            fold.learn(topic, &record, &decoder, place.partitions);
        }
    }
    fold
}

impl Fold {
    fn learn(
        &mut self,
        topic: Topic,
        record: &OwnedMessage,
        decoder: &EventDecoder,
        partitions: i32,
    ) {
        self.records += 1;
        let (partition, offset) = (record.partition(), record.offset());
        let end = self.ends.get_mut(&(topic, partition)).unwrap();
        end.behind_last_record = end.behind_last_record.max(offset + 1);
        let learned = learn(&mut self.engine, topic, record, decoder, partitions);
        if let Err(refusal) = learned {
            let bad = Bad {
                reason: refusal.reason().to_owned(),
                value: record.payload().map(<[u8]>::to_vec),
            };
            let place = format!("{}/{partition}/{offset}", record.topic());
            self.bad.insert(place, bad);
        }
    }
}

fn learn(
    engine: &mut Engine,
    topic: Topic,
    record: &OwnedMessage,
    decoder: &EventDecoder,
    partitions: i32,
) -> Result<(), Refusal> {
    let Timestamp::LogAppendTime(millis) = record.timestamp() else {
        panic!("{} does not carry the broker's time", record.topic());
    };
    let (key, value) = (record.key(), record.payload());
    let event = decoder.decode(topic, key, value, engine.texts_mut())?;
    check_partition(event.pathway.as_bytes(), record.partition(), partitions)?;
    check_recorded(event.report.version.recorded_at, Instant(millis * 1_000))?;
    engine.learn(&event.pathway, &event.report);
    Ok(())
}

fn ends(place: &Place) -> BTreeMap<(Topic, i32), End> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .set("isolation.level", "read_uncommitted")
        .create()
        .unwrap();
    let mut ends = BTreeMap::new();
    for topic in Topic::ALL {
        for partition in 0..place.partitions {
            let name = place.topic(topic.name());
            let (_, end) = consumer.fetch_watermarks(&name, partition, LIMIT).unwrap();
            let behind_last_record = 0;
            ends.insert(
                (topic, partition),
                End {
                    behind_last_record,
                    end,
                },
            );
        }
    }
    ends
}
