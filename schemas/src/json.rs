//! Events as JSON lines (`domain/events.md`): the same names as in Avro, with `topic` beside them.
//!
//! A member of another name is ignored, as Avro would drop it; null is the same as left out. Values
//! stay borrowed from the line until the report keeps their texts.

use crate::assemble::{event_type, pathway, report, source};
use crate::event::Decoded;
use crate::fields::{FIELDS, Kind, Sent, Slot, Value};
use crate::instant::{Rfc3339, parse_day, parse_instant};
use crate::object::Object;
use crate::refusal::Refusal;
use crate::shown::{Shown, show};
use clockstop_pipeline::{Report, Texts, Topic};
use core::fmt;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;

const TOPIC: &str = "topic";

/// Reads one line; the report's texts are kept in `texts`.
///
/// # Errors
/// The reason why it is refused. `recorded_at` is not held against any clock: in a file it is a
/// version and nothing else.
pub fn decode_line(line: &[u8], texts: &mut Texts) -> Result<Decoded<'static>, Refusal> {
    let Line {
        topic,
        mut sent,
        escaped,
    } = read_line(line)?;
    put_escaped(&mut sent, &escaped);
    let topic = topic.ok_or(Refusal::TopicMissing)?;
    let of_type = event_type(&sent, topic)?;
    let parts = pathway(&sent)?;
    let report = report(&sent, of_type, texts)?;
    let pathway = [parts.issuer, ":", parts.identifier].concat();
    Ok(Decoded {
        pathway: Cow::Owned(pathway),
        report,
    })
}

/// The source system of a line that was refused, where it can be read; it is no patient data.
#[must_use]
pub fn line_source(line: &[u8]) -> Option<String> {
    let Line {
        mut sent, escaped, ..
    } = read_line(line).ok()?;
    put_escaped(&mut sent, &escaped);
    source(&sent).ok().map(str::to_owned)
}

fn put_escaped<'a>(sent: &mut Sent<'a>, escaped: &'a [(Slot, String)]) {
    for (slot, text) in escaped {
        sent.set(*slot, read_text(text, FIELDS.kind(*slot)));
    }
}

fn read_line(line: &[u8]) -> Result<Line<'_>, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let line = deserializer
        .deserialize_map(LineVisitor)
        .map_err(|_| Refusal::NotJson)?;
    deserializer.end().map_err(|_| Refusal::NotJson)?;
    Ok(line)
}

/// An event as one line, without the line's end. The pathway is `<issuer>:<identifier>`.
#[must_use]
pub fn event_json<'a>(
    pathway: &'a str,
    report: &'a Report,
    texts: &'a Texts,
) -> impl fmt::Display + 'a {
    EventJson {
        pathway,
        report,
        texts,
    }
}

struct EventJson<'a> {
    pathway: &'a str,
    report: &'a Report,
    texts: &'a Texts,
}

impl fmt::Display for EventJson<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Object::write(f, |object| {
            object.plain(TOPIC, self.report.fact.event_type().topic().name())?;
            let mut result = Ok(());
            show(self.pathway, self.report, self.texts, &mut |slot, shown| {
                if result.is_ok() {
                    result = member(object, FIELDS.name(slot), shown);
                }
            });
            result
        })
    }
}

fn member(object: &mut Object<'_, '_>, name: &str, shown: Shown<'_>) -> fmt::Result {
    match shown {
        Shown::Text(text) => object.text(name, text),
        Shown::EventType(event_type) => object.plain(name, event_type.name()),
        Shown::Instant(instant) => object.plain(name, Rfc3339(instant)),
        Shown::Day(day) => object.plain(name, day),
        Shown::Number(number) => object.bare(name, number),
        Shown::Flag(flag) => object.bare(name, flag),
    }
}

fn read_text(text: &str, kind: Kind) -> Value<'_> {
    if text.is_empty() {
        return Value::Unset;
    }
    let whole = |number: Option<i64>| number.map_or(Value::Malformed, Value::Whole);
    match kind {
        Kind::Text => Value::Text(text),
        Kind::Day => whole(parse_day(text.as_bytes()).map(|day| i64::from(day.epoch_days()))),
        Kind::Instant => whole(parse_instant(text).map(|instant| instant.0)),
        Kind::EventType => FIELDS
            .event_type(text)
            .map_or(Value::UnknownType, Value::EventType),
        Kind::Number | Kind::Flag => Value::Malformed,
    }
}

/// What one line holds.
struct Line<'a> {
    topic: Option<Topic>,
    sent: Sent<'a>,
    /// Texts with escapes, which cannot be borrowed from the line.
    escaped: Vec<(Slot, String)>,
}

impl<'a> Line<'a> {
    fn put(&mut self, slot: Slot, value: Scalar<'a>) {
        let kind = FIELDS.kind(slot);
        self.escaped.retain(|(other, _)| *other != slot);
        let value = match value {
            Scalar::Null => Value::Unset,
            Scalar::Text(Cow::Borrowed(text)) => read_text(text, kind),
            Scalar::Text(Cow::Owned(text)) => {
                self.escaped.push((slot, text));
                Value::Unset
            }
            Scalar::Whole(number) if kind == Kind::Number => Value::Whole(number),
            Scalar::Flag(flag) if kind == Kind::Flag => Value::Flag(flag),
            Scalar::Whole(_) | Scalar::Flag(_) | Scalar::Other => Value::Malformed,
        };
        self.sent.set(slot, value);
    }
}

enum Name {
    Topic,
    Field(Slot),
    Other,
}

/// A JSON value without its parts.
enum Scalar<'a> {
    Null,
    Text(Cow<'a, str>),
    Whole(i64),
    Flag(bool),
    Other,
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Line<'de>, A::Error> {
        let mut line = Line {
            topic: None,
            sent: Sent::nothing(),
            escaped: Vec::new(),
        };
        while let Some(name) = members.next_key_seed(NameVisitor)? {
            match name {
                Name::Field(slot) => line.put(slot, members.next_value_seed(ScalarVisitor)?),
                Name::Topic => line.topic = topic(&members.next_value_seed(ScalarVisitor)?),
                Name::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(line)
    }
}

fn topic(value: &Scalar<'_>) -> Option<Topic> {
    let Scalar::Text(name) = value else {
        return None;
    };
    Topic::ALL.into_iter().find(|topic| topic.name() == name)
}

struct NameVisitor;

impl<'de> DeserializeSeed<'de> for NameVisitor {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(match FIELDS.find(name) {
            Some(slot) => Name::Field(slot),
            None if name == TOPIC => Name::Topic,
            None => Name::Other,
        })
    }
}

struct ScalarVisitor;

impl<'de> DeserializeSeed<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}
