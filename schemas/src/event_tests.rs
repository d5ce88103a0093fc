//! The Avro form of events: what is written reads back, and Apache's own decoder agrees on every byte.

use crate::alert::Whole;
use crate::assemble::{event_type, report};
use crate::fields::{EVENT_TYPE, FIELDS, Kind, Sent, Value};
use crate::sample::{PATHWAY, Sample, sample};
use crate::subjects::{event_schema, event_schema_json};
use crate::{Decoded, EventDecoder, Refusal, encode_event, frame};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as Avro;
use clockstop_pipeline::{Report, Texts, Topic};
use proptest::prelude::*;

fn decoder() -> EventDecoder {
    let mut decoder = EventDecoder::default();
    for (id, topic) in (1..).zip(Topic::ALL) {
        decoder
            .add_schema(id, event_schema_json(topic))
            .expect("ours");
    }
    decoder
}

fn id_of(topic: Topic) -> u32 {
    (1..)
        .zip(Topic::ALL)
        .find(|(_, of)| *of == topic)
        .map_or(0, |(id, _)| id)
}

fn framed(sample: &Sample) -> (Topic, Vec<u8>) {
    let topic = sample.report.fact.event_type().topic();
    let mut value = Vec::new();
    frame(id_of(topic), &mut value);
    encode_event(PATHWAY, &sample.report, &sample.texts, &mut value);
    (topic, value)
}

/// What Apache's decoder makes of the datum, judged by the same rules.
fn oracle(
    writer: &Schema,
    topic: Topic,
    datum: &[u8],
    texts: &mut Texts,
) -> Result<Report, Refusal> {
    let failed = Refusal::DoesNotDecode { field: None };
    let mut bytes = Whole {
        rest: datum,
        ended_early: false,
    };
    let record = GenericDatumReader::builder(writer)
        .reader_schema(event_schema(topic))
        .build()
        .expect("resolvable")
        .read_value(&mut bytes)
        .map_err(|_| failed)?;
    if !bytes.is_read() {
        return Err(failed);
    }
    let Avro::Record(fields) = record else {
        return Err(failed);
    };
    let mut sent = Sent::nothing();
    for (name, value) in &fields {
        let slot = FIELDS.find(name).expect("a field of ours");
        let value = match value {
            Avro::Union(_, inner) => &**inner,
            value => value,
        };
        sent.set(slot, slot_value(value));
        assert_eq!(slot == EVENT_TYPE, FIELDS.kind(slot) == Kind::EventType);
    }
    let of_type = event_type(&sent, topic)?;
    crate::assemble::pathway(&sent)?;
    report(&sent, of_type, texts)
}

fn slot_value(value: &Avro) -> Value<'_> {
    match value {
        Avro::String(text) => Value::Text(text),
        Avro::Date(days) | Avro::Int(days) => Value::Whole(i64::from(*days)),
        Avro::TimestampMicros(micros) => Value::Whole(*micros),
        Avro::Boolean(flag) => Value::Flag(*flag),
        Avro::Enum(_, name) => FIELDS
            .event_type(name)
            .map_or(Value::UnknownType, Value::EventType),
        _ => Value::Unset,
    }
}

fn without_field(result: Result<Report, Refusal>) -> Result<Report, Refusal> {
    result.map_err(|refusal| match refusal {
        Refusal::DoesNotDecode { .. } => Refusal::DoesNotDecode { field: None },
        other => other,
    })
}

fn agree(topic: Topic, value: &[u8]) -> Result<(), TestCaseError> {
    let datum = value.get(5..).unwrap_or_default();
    let (mut texts, mut their_texts) = (Texts::default(), Texts::default());
    let ours = decoder().decode(topic, Some(PATHWAY.as_bytes()), Some(value), &mut texts);
    let ours = without_field(ours.map(|decoded| decoded.report));
    let theirs = oracle(event_schema(topic), topic, datum, &mut their_texts);
    if ours != Err(Refusal::KeyMismatch) {
        prop_assert_eq!(ours, theirs);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_event_reads_back(sample in sample()) {
        let (topic, value) = framed(&sample);
        let mut texts = sample.texts;
        let decoded = decoder().decode(topic, Some(PATHWAY.as_bytes()), Some(&value), &mut texts);
        prop_assert_eq!(decoded, Ok(Decoded { pathway: PATHWAY.into(), report: sample.report }));
    }

    #[test]
    fn apache_reads_the_same(sample in sample()) {
        let (topic, value) = framed(&sample);
        agree(topic, &value)?;
    }

    #[test]
    fn apache_refuses_the_same(
        sample in sample(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let (topic, mut value) = framed(&sample);
        for (at, byte) in changes {
            let at = 5 + at.index(value.len() - 5);
            if let Some(place) = value.get_mut(at) {
                *place = byte;
            }
        }
        if cut {
            value.truncate(5 + length.index(value.len() - 5));
        }
        agree(topic, &value)?;
    }

    #[test]
    fn no_bytes_are_a_danger(bytes in proptest::collection::vec(any::<u8>(), 0..200), id in 1_u32..4) {
        let mut value = Vec::new();
        frame(id, &mut value);
        value.extend_from_slice(&bytes);
        let decoder = decoder();
        for topic in Topic::ALL {
            let read = decoder.decode(topic, Some(b"key"), Some(&value), &mut Texts::default());
            prop_assert!(read.is_err());
            decoder.decode(topic, None, Some(&bytes), &mut Texts::default()).expect_err("noise");
        }
    }
}
