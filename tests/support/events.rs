//! Events as a provider's producer would send them, good and bad, put together by Apache's own encoder.

use apache_avro::Schema;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use clockstop_pipeline::{EventType, Topic};
use clockstop_schemas::event_schema_json;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::collections::BTreeMap;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
const MICROS: i64 = 1_000_000;

/// The fields of an event, to be changed before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) topic: Topic,
    pub(crate) fields: BTreeMap<&'static str, Value>,
}

/// Days since 1970 of a date.
pub(crate) fn date(year: i32, month: i32, day: i32) -> Value {
    let day = clockstop_pipeline::Day::from_ymd(year, month, day).expect("a date");
    Value::Date(day.epoch_days())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

impl Draft {
    /// An event of the pathway `RXX:<identifier>`, recorded at this second; its id is made from its fields.
    pub(crate) fn new(event_type: EventType, identifier: &str, recorded_at: i64) -> Self {
        let seed = format!("{} {identifier} {recorded_at}", event_type.name());
        let digest = *blake3::hash(seed.as_bytes()).as_bytes();
        let id = uuid::Uuid::from_slice(&digest[..16])
            .expect("16 bytes")
            .to_string();
        let place = EventType::ALL
            .iter()
            .position(|&of| of == event_type)
            .expect("listed");
        let symbol = Value::Enum(
            u32::try_from(place).expect("small"),
            event_type.name().to_owned(),
        );
        let fields = BTreeMap::from([
            ("event_id", text(&id)),
            ("event_type", symbol),
            ("recorded_at", Value::TimestampMicros(recorded_at * MICROS)),
            ("source_system", text("RXX/test")),
            ("patient_pathway_identifier", text(identifier)),
            ("organisation_identifier_issuer", text("RXX")),
            ("entered_in_error", Value::Boolean(false)),
        ]);
        let topic = event_type.topic();
        Self { topic, fields }
    }

    /// An urgent referral that was received on this day.
    pub(crate) fn referral(identifier: &str, received: Value, recorded_at: i64) -> Self {
        Self::new(EventType::ReferralReceived, identifier, recorded_at)
            .with("cancer_referral_to_treatment_period_start_date", received)
            .with_text("priority_type_code", "3")
            .with_text(
                "two_week_wait_cancer_or_symptomatic_breast_referral_type",
                "01",
            )
            .with_text("source_of_referral_for_out_patients", "03")
            .with_text("organisation_site_identifier", "RXX01")
    }

    pub(crate) fn with(mut self, field: &'static str, value: Value) -> Self {
        self.fields.insert(field, value);
        self
    }

    pub(crate) fn with_text(self, field: &'static str, value: &str) -> Self {
        self.with(field, text(value))
    }

    /// The Kafka key that belongs to it.
    pub(crate) fn key(&self) -> String {
        let part = |field| {
            let Value::String(text) = self.fields.get(field).expect("a field of the head") else {
                panic!("{field} is no text");
            };
            text.clone()
        };
        let issuer = part("organisation_identifier_issuer");
        format!("{issuer}:{}", part("patient_pathway_identifier"))
    }

    /// In the Confluent wire format under this schema id.
    pub(crate) fn framed(&self, id: u32) -> Vec<u8> {
        let schema = Schema::parse_str(event_schema_json(self.topic)).expect("our schema");
        let Schema::Record(record) = &schema else {
            panic!("an event is a record");
        };
        let fields = record.fields.iter().map(|field| {
            let given = self.fields.get(field.name.as_str()).cloned();
            let value = match (&field.schema, given) {
                (Schema::Union(_), None) => Value::Union(0, Box::new(Value::Null)),
                (Schema::Union(_), Some(value)) => Value::Union(1, Box::new(value)),
                (_, given) => given.unwrap_or_else(|| panic!("{} is not given", field.name)),
            };
            (field.name.clone(), value)
        });
        let value = Value::Record(fields.collect());
        let mut framed = vec![0];
        framed.extend(id.to_be_bytes());
        let datum = GenericDatumWriter::builder(&schema)
            .build()
            .expect("a writer");
        framed.extend(datum.write_value_to_vec(value).expect("it fits its schema"));
        framed
    }
}

/// A provider's producer, with the partitioner that it must have.
pub(crate) struct Provider {
    producer: BaseProducer,
}

impl Provider {
    pub(crate) fn connect(bootstrap: &str) -> Self {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("partitioner", "murmur2_random")
            .create()
            .expect("create the producer");
        Self { producer }
    }

    /// One that writes in transactions; fails when no broker lets it.
    pub(crate) fn transactional(bootstrap: &str, id: &str) -> KafkaResult<Self> {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("partitioner", "murmur2_random")
            .set("transactional.id", id)
            .create()
            .expect("create the producer");
        producer.init_transactions(LIMIT)?;
        Ok(Self { producer })
    }

    /// Writes in one transaction; after a failure it may or may not have been committed.
    pub(crate) fn in_transaction(&self, commits: bool, put: impl FnOnce(&Self)) -> KafkaResult<()> {
        self.producer.begin_transaction()?;
        put(self);
        self.producer.flush(LIMIT)?;
        if commits {
            self.producer.commit_transaction(LIMIT)
        } else {
            self.producer.abort_transaction(LIMIT)
        }
    }

    /// Sends a record; without a partition, its key decides.
    pub(crate) fn send(
        &self,
        topic: &str,
        partition: Option<i32>,
        key: Option<&str>,
        value: Option<&[u8]>,
    ) {
        let record = BaseRecord {
            topic,
            partition,
            payload: value,
            key,
            timestamp: None,
            headers: None,
            delivery_opaque: (),
        };
        self.producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("enqueue");
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until everything is delivered.
    pub(crate) fn settle(&self) {
        self.producer.flush(LIMIT).expect("deliver");
    }
}
