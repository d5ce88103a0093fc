//! An event as a provider's producer sends it: key and framed Avro value, broken where that is asked.

use super::event::{Damage, Event};
use clockstop_pipeline::{Texts, Topic};
use clockstop_schemas::{encode_event, frame};

/// The ids under which the registry holds the schemas of the three topics, in their order.
#[derive(Clone, Copy, Debug)]
pub struct SchemaIds(pub [u32; 3]);

/// The Kafka key of an event and its framed value.
#[derive(Clone, Debug)]
pub struct Record {
    /// The pathway, or another one where that is the damage.
    pub key: String,
    /// In the Confluent wire format, unless that is the damage.
    pub value: Vec<u8>,
}

const FRAME_BYTES: usize = 5;
const ANOTHER_KEY: &str = "X09:00000000000000000000";

impl SchemaIds {
    const fn of(self, topic: Topic) -> u32 {
        let [referral, diagnosis, treatment] = self.0;
        match topic {
            Topic::Referral => referral,
            Topic::Diagnosis => diagnosis,
            Topic::Treatment => treatment,
        }
    }
}

impl Record {
    /// The record of an event whose texts are these.
    #[must_use]
    pub fn of(event: &Event, texts: &Texts, ids: SchemaIds) -> Self {
        let mut value = Vec::with_capacity(256);
        frame(ids.of(event.topic()), &mut value);
        encode_event(&event.pathway, &event.report, texts, &mut value);
        let mut key = event.pathway.to_string();
        match event.damage {
            None | Some(Damage::Content) => {}
            Some(Damage::Truncated) => value.truncate(value.len() / 2),
            Some(Damage::Unframed) => drop(value.drain(..FRAME_BYTES)),
            Some(Damage::OtherKey) => ANOTHER_KEY.clone_into(&mut key),
        }
        Self { key, value }
    }
}
