//! An event as an Avro datum of its topic's published schema.

use crate::datum::Datum;
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
        put(shown, &mut Datum(&mut bytes));
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

fn put(shown: Shown<'_>, datum: &mut Datum<'_>) {
    match shown {
        Shown::Text(text) => datum.text(text),
        Shown::EventType(event_type) => datum.symbol(EventType::ALL, &event_type),
        Shown::Instant(instant) => datum.long(instant.0),
        Shown::Day(day) => datum.day(day),
        Shown::Number(number) => datum.long(i64::from(number)),
        Shown::Flag(flag) => datum.flag(flag),
    }
}
