//! An event as an Avro datum of its topic's published schema.

use crate::fields::{FIELDS, IN_ERROR, Slot};
use crate::shown::{Shown, show};
use crate::subjects::event_schema;
use apache_avro::Schema;
use clockstop_pipeline::{EventType, Report, Texts, Topic};
use std::ops::Range;
use std::sync::LazyLock;

/// The fields of each topic's schema in order, and whether they are nullable.
static ORDER: LazyLock<[Vec<(Slot, bool)>; 3]> = LazyLock::new(|| Topic::ALL.map(order));

fn order(topic: Topic) -> Vec<(Slot, bool)> {
    let Schema::Record(record) = event_schema(topic) else {
        return Vec::new();
    };
    let fields = record.fields.iter();
    fields
        .filter_map(|field| {
            let nullable = matches!(field.schema, Schema::Union(_));
            FIELDS.find(&field.name).map(|slot| (slot, nullable))
        })
        .collect()
}

const fn order_of(order: &[Vec<(Slot, bool)>; 3], topic: Topic) -> &Vec<(Slot, bool)> {
    let [referral, diagnosis, treatment] = order;
    match topic {
        Topic::Referral => referral,
        Topic::Diagnosis => diagnosis,
        Topic::Treatment => treatment,
    }
}

/// Appends the event, as a datum of the schema of its fact's topic, to `out`; a frame comes before it.
/// The pathway is `<issuer>:<identifier>`. An NHS number that was sent and invalid is written as ten
/// zeros, which are as invalid.
pub fn encode_event(pathway: &str, report: &Report, texts: &Texts, out: &mut Vec<u8>) {
    const NULL: u8 = 0;
    const SET: u8 = 2;
    let mut bytes = Vec::new();
    let mut places: Vec<(Slot, Range<usize>)> = Vec::new();
    show(pathway, report, texts, &mut |slot, shown| {
        let start = bytes.len();
        put(shown, &mut bytes);
        places.push((slot, start..bytes.len()));
    });
    let place = |slot| places.iter().find(|(of, _)| *of == slot);
    for &(slot, nullable) in order_of(&ORDER, report.fact.event_type().topic()) {
        let set = place(slot).and_then(|(_, range)| bytes.get(range.clone()));
        match set {
            Some(value) => {
                out.extend(nullable.then_some(SET));
                out.extend_from_slice(value);
            }
            None if slot == IN_ERROR => out.push(u8::from(false)),
            None => out.push(NULL),
        }
    }
}

fn put(shown: Shown<'_>, out: &mut Vec<u8>) {
    match shown {
        Shown::Text(text) => put_text(text, out),
        Shown::EventType(event_type) => {
            let index = EventType::ALL.iter().position(|&of| of == event_type);
            put_long(index.and_then(|i| i64::try_from(i).ok()).unwrap_or(0), out);
        }
        Shown::Instant(instant) => put_long(instant.0, out),
        Shown::Day(day) => put_long(i64::from(day.epoch_days()), out),
        Shown::Number(number) => put_long(i64::from(number), out),
        Shown::Flag(flag) => out.push(u8::from(flag)),
    }
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_long(i64::try_from(text.len()).unwrap_or(i64::MAX), out);
    out.extend_from_slice(text.as_bytes());
}

fn put_long(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            out.push(low & 0x7F);
            return;
        }
        out.push(low | 0x80);
    }
}
