//! The Avro form of alerts: what is written reads back, and the lists of the schema are ours.

use crate::subjects::alert_schema;
use crate::{ALERT_SCHEMA, AlertDecoder, AlertRefusal, encode_alert, frame};
use apache_avro::Schema;
use clockstop_pipeline::{
    Alert, AlertId, Because, Cause, Content, Day, EventId, Instant, Level, Reason, Route, RuleSet,
    Standard, Transition, Version,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const ID: u32 = 9;

fn days() -> impl Strategy<Value = Day> {
    any::<i32>().prop_map(Day::from_epoch_days)
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,9}"
}

fn content() -> impl Strategy<Value = Content> {
    (
        option::of(select(Level::ALL.to_vec())),
        option::of(days()),
        option::of(days()),
        option::of(days()),
        option::of(any::<bool>()),
        option::of(select(Reason::ALL.to_vec())),
        option::of(text()),
    )
        .prop_map(
            |(level, start, last_compliant, stop, within, reason, organisation)| Content {
                level,
                start,
                last_compliant,
                stop,
                within,
                reason,
                organisation,
            },
        )
}

fn cause() -> impl Strategy<Value = Cause> {
    (text(), any::<i64>(), any::<bool>(), any::<[u8; 16]>()).prop_map(
        |(source, at, entered_in_error, id)| Cause {
            source,
            version: Version {
                recorded_at: Instant(at),
                entered_in_error,
                event_id: EventId(id),
            },
        },
    )
}

fn alert() -> impl Strategy<Value = Alert> {
    let names = (
        select(Standard::ALL.to_vec()),
        select(Transition::ALL.to_vec()),
        select(Route::ALL.to_vec()),
        select(Because::ALL.to_vec()),
    );
    let items = (option::of(text()), option::of(text()), option::of(text()));
    let rest = (
        any::<[u8; 16]>(),
        0..=i32::MAX.cast_unsigned(),
        option::of(any::<i32>()),
        proptest::collection::vec(cause(), 0..4),
        1_u8..=21,
        1_u8..=33,
        days(),
    );
    (names, items, content(), rest, text()).prop_map(|(names, items, content, rest, pathway)| {
        let (standard, transition, route, because) = names;
        let (primary_id, treatment_id, suspected_type) = items;
        let (id, revision, days, causes, r, q, decided_on) = rest;
        Alert {
            alert_id: AlertId(id),
            pathway,
            standard,
            primary_id,
            treatment_id,
            transition,
            revision,
            content,
            days,
            route,
            suspected_type,
            rules: RuleSet::r(r).and(RuleSet::q(q)),
            causes,
            because,
            reference_version: "r1".into(),
            software_version: "0.1.0".into(),
            decided_on,
        }
    })
}

fn decoder() -> AlertDecoder {
    let mut decoder = AlertDecoder::default();
    decoder.add_schema(ID, ALERT_SCHEMA).expect("ours");
    decoder
}

fn framed(alert: &Alert) -> Vec<u8> {
    let mut value = Vec::new();
    frame(ID, &mut value);
    encode_alert(alert, &mut value);
    value
}

proptest! {
    #[test]
    fn any_alert_reads_back(alert in alert()) {
        prop_assert_eq!(decoder().decode(&framed(&alert)).expect("an alert"), alert);
    }

    #[test]
    fn a_part_of_an_alert_is_none(alert in alert(), length in any::<prop::sample::Index>()) {
        let value = framed(&alert);
        let part = value.get(..length.index(value.len())).expect("a part");
        prop_assert!(decoder().decode(part).is_err());
    }
}

#[test]
fn an_unknown_schema_is_told_apart() {
    let read = decoder().decode(&[0, 0, 0, 0, 8, 1]);
    assert!(matches!(read, Err(AlertRefusal::UnknownSchema { id: 8 })));
    let event = crate::event_schema_json(clockstop_pipeline::Topic::Referral);
    let added = decoder().add_schema(8, event);
    assert!(matches!(added, Err(AlertRefusal::NotAnAlert)));
}

fn symbols(field: &str) -> Vec<String> {
    let Schema::Record(record) = alert_schema() else {
        panic!("no record");
    };
    let schema = record
        .fields
        .iter()
        .find(|of| of.name == field)
        .map(|of| &of.schema);
    match schema {
        Some(Schema::Enum(list)) => list.symbols.clone(),
        Some(Schema::Union(union)) => match union.variants() {
            [Schema::Null, Schema::Enum(list)] => list.symbols.clone(),
            other => panic!("{field}: {other:?}"),
        },
        other => panic!("{field}: {other:?}"),
    }
}

#[test]
fn the_schema_has_our_lists_in_our_order() {
    fn check<T: Copy>(field: &str, all: &[T], name: fn(T) -> &'static str) {
        let symbols = symbols(field);
        let listed = symbols.iter().filter(|symbol| *symbol != "unknown");
        assert!(
            listed.eq(all.iter().map(|&of| name(of))),
            "{field}: {symbols:?}"
        );
    }
    check("transition", &Transition::ALL, Transition::name);
    check("level", &Level::ALL, Level::name);
    check("reason", &Reason::ALL, Reason::name);
    check("route", &Route::ALL, Route::name);
    check("because", &Because::ALL, Because::name);
}
