//! Alerts as the alert topic and its history carry them: framed Avro of `avro/alert.avsc`.

use crate::assemble::parse_event_id;
use crate::datum::Datum;
use crate::framing::unframe;
use crate::subjects::alert_schema;
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema_compatibility::SchemaCompatibility;
use apache_avro::types::Value;
use clockstop_pipeline::{
    Alert, AlertId, Because, Cause, Content, Day, Instant, Level, Reason, Route, RuleSet, Standard,
    Transition, Version,
};
use std::collections::BTreeMap;
use std::io::Read;

/// Why a record of the alert topic cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AlertRefusal {
    /// The value is not in the Confluent wire format.
    #[error("not in the Confluent wire format")]
    NotFramed,
    /// No schema of this id is held; the registry may know it.
    #[error("schema id {id} is not known")]
    UnknownSchema {
        /// The id in the frame.
        id: u32,
    },
    /// The schema is not one that alerts can be read with.
    #[error("not a schema of alerts")]
    NotAnAlert,
    /// The bytes are not what their schema says.
    #[error("does not decode")]
    DoesNotDecode,
    /// A field holds what no version of this software writes.
    #[error("field {field} is malformed")]
    Malformed {
        /// Which.
        field: &'static str,
    },
}

/// Appends the alert, as a datum of [`crate::ALERT_SCHEMA`], to `out`; a frame comes before it.
pub fn encode_alert(alert: &Alert, out: &mut Vec<u8>) {
    let content = &alert.content;
    let mut datum = Datum(out);
    datum.text(&alert.alert_id.to_string());
    datum.text(&alert.pathway);
    datum.text(alert.standard.name());
    datum.nullable(alert.primary_id.as_deref(), Datum::text);
    datum.nullable(alert.treatment_id.as_deref(), Datum::text);
    datum.symbol(&Transition::ALL, &alert.transition);
    datum.long(i64::from(alert.revision));
    datum.nullable(content.level, |datum, level| {
        datum.symbol(&Level::ALL, &level);
    });
    datum.nullable(content.start, Datum::day);
    datum.nullable(content.last_compliant, Datum::day);
    datum.nullable(content.breach_from(), Datum::day);
    datum.nullable(alert.days, |datum, days| datum.long(i64::from(days)));
    datum.nullable(content.stop, Datum::day);
    datum.nullable(content.within, Datum::flag);
    datum.nullable(content.reason, |datum, reason| {
        datum.symbol(&Reason::ALL, &reason);
    });
    datum.nullable(content.organisation.as_deref(), Datum::text);
    datum.symbol(&Route::ALL, &alert.route);
    datum.nullable(alert.suspected_type.as_deref(), Datum::text);
    let rules: Vec<String> = alert.rules.names().collect();
    datum.array(&rules, |datum, rule| datum.text(rule));
    datum.array(&alert.causes, put_cause);
    datum.symbol(&Because::ALL, &alert.because);
    datum.text(&alert.reference_version);
    datum.text(&alert.software_version);
    datum.day(alert.decided_on);
}

fn put_cause(datum: &mut Datum<'_>, cause: &Cause) {
    let id = uuid::Uuid::from_bytes(cause.version.event_id.0);
    datum.text(&cause.source);
    datum.long(cause.version.recorded_at.0);
    datum.flag(cause.version.entered_in_error);
    datum.text(&id.to_string());
}

/// The writer schemas of alerts that have been met.
#[derive(Debug, Default)]
pub struct AlertDecoder {
    schemas: BTreeMap<u32, Schema>,
}

impl AlertDecoder {
    /// Holds the schema of this id from now on.
    ///
    /// # Errors
    /// When alerts written with it can never be read.
    pub fn add_schema(&mut self, id: u32, schema: &str) -> Result<(), AlertRefusal> {
        let schema = Schema::parse_str(schema).map_err(|_| AlertRefusal::NotAnAlert)?;
        SchemaCompatibility::can_read(&schema, alert_schema())
            .map_err(|_| AlertRefusal::NotAnAlert)?;
        self.schemas.insert(id, schema);
        Ok(())
    }

    /// Reads the value of a record; a tombstone has none and is the caller's to see.
    ///
    /// # Errors
    /// Why it cannot be read; for [`AlertRefusal::UnknownSchema`] ask the registry, add the schema and
    /// decode again.
    pub fn decode(&self, value: &[u8]) -> Result<Alert, AlertRefusal> {
        let (id, datum) = unframe(value).ok_or(AlertRefusal::NotFramed)?;
        let schema = self
            .schemas
            .get(&id)
            .ok_or(AlertRefusal::UnknownSchema { id })?;
        let mut bytes = Whole {
            rest: datum,
            ended_early: false,
        };
        let record = GenericDatumReader::builder(schema)
            .reader_schema(alert_schema())
            .build()
            .and_then(|reader| reader.read_value(&mut bytes));
        match record {
            Ok(Value::Record(fields)) if bytes.is_read() => Fields(&fields).alert(),
            _ => Err(AlertRefusal::DoesNotDecode),
        }
    }
}

/// Bytes that know whether they were read to the end and not beyond: Apache's decoder takes a datum that
/// ends early for one with nulls.
pub(crate) struct Whole<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) ended_early: bool,
}

impl Whole<'_> {
    pub(crate) const fn is_read(&self) -> bool {
        self.rest.is_empty() && !self.ended_early
    }
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.rest.read(buffer)?;
        self.ended_early |= count < buffer.len();
        Ok(count)
    }
}

/// The fields of a record, read by name.
struct Fields<'a>(&'a [(String, Value)]);

impl<'a> Fields<'a> {
    fn alert(&self) -> Result<Alert, AlertRefusal> {
        Ok(Alert {
            alert_id: self.parsed("alert_id", AlertId::parse)?,
            pathway: self.text("pathway")?,
            standard: self.parsed("standard", Standard::from_name)?,
            primary_id: self.optional_text("primary_id")?,
            treatment_id: self.optional_text("treatment_id")?,
            transition: self.parsed("transition", Transition::from_name)?,
            revision: self.whole("revision")?,
            content: self.content()?,
            days: self.optional("days", whole)?,
            route: self.parsed("route", Route::from_name)?,
            suspected_type: self.optional_text("suspected_type")?,
            rules: self.rules()?,
            causes: self.causes()?,
            because: self.parsed("because", Because::from_name)?,
            reference_version: self.text("reference_version")?,
            software_version: self.text("software_version")?,
            decided_on: self.required("decided_on", day)?,
        })
    }

    fn content(&self) -> Result<Content, AlertRefusal> {
        Ok(Content {
            level: self.optional("level", |value| Level::from_name(text(value)?))?,
            start: self.optional("start", day)?,
            last_compliant: self.optional("last_compliant", day)?,
            stop: self.optional("stop", day)?,
            within: self.optional("within", flag)?,
            reason: self.optional("reason", |value| Reason::from_name(text(value)?))?,
            organisation: self.optional_text("organisation")?,
        })
    }

    fn rules(&self) -> Result<RuleSet, AlertRefusal> {
        let names = |value: &'a Value| array(value)?.iter().map(text).collect::<Option<Vec<_>>>();
        Ok(RuleSet::from_names(self.required("rules", names)?))
    }

    fn causes(&self) -> Result<Vec<Cause>, AlertRefusal> {
        let causes = self.required("causes", array)?;
        causes.iter().map(cause).collect()
    }

    fn optional<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, AlertRefusal> {
        let mut fields = self.0.iter();
        let (_, value) = fields
            .find(|(name, _)| name == field)
            .ok_or(AlertRefusal::Malformed { field })?;
        let value = if let Value::Union(_, inner) = value {
            inner
        } else {
            value
        };
        if *value == Value::Null {
            return Ok(None);
        }
        read(value)
            .map(Some)
            .ok_or(AlertRefusal::Malformed { field })
    }

    fn required<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, AlertRefusal> {
        self.optional(field, read)?
            .ok_or(AlertRefusal::Malformed { field })
    }

    fn parsed<T>(
        &self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, AlertRefusal> {
        self.required(field, |value| parse(text(value)?))
    }

    fn text(&self, field: &'static str) -> Result<String, AlertRefusal> {
        self.required(field, text).map(String::from)
    }

    fn optional_text(&self, field: &'static str) -> Result<Option<String>, AlertRefusal> {
        Ok(self.optional(field, text)?.map(String::from))
    }

    fn whole<T: TryFrom<i32>>(&self, field: &'static str) -> Result<T, AlertRefusal> {
        self.required(field, |value| T::try_from(whole(value)?).ok())
    }
}

fn cause(value: &Value) -> Result<Cause, AlertRefusal> {
    let Value::Record(fields) = value else {
        return Err(AlertRefusal::Malformed { field: "causes" });
    };
    let fields = Fields(fields);
    Ok(Cause {
        source: fields.text("source_system")?,
        version: Version {
            recorded_at: fields.required("recorded_at", instant)?,
            entered_in_error: fields.required("entered_in_error", flag)?,
            event_id: fields.parsed("event_id", parse_event_id)?,
        },
    })
}

fn text(value: &Value) -> Option<&str> {
    if let Value::String(text) | Value::Enum(_, text) = value {
        Some(text)
    } else {
        None
    }
}

fn whole(value: &Value) -> Option<i32> {
    if let Value::Int(number) = value {
        Some(*number)
    } else {
        None
    }
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Boolean(flag) = value {
        Some(*flag)
    } else {
        None
    }
}

fn day(value: &Value) -> Option<Day> {
    if let Value::Date(days) = value {
        Some(Day::from_epoch_days(*days))
    } else {
        None
    }
}

fn instant(value: &Value) -> Option<Instant> {
    if let Value::TimestampMicros(micros) = value {
        Some(Instant(*micros))
    } else {
        None
    }
}

fn array(value: &Value) -> Option<&[Value]> {
    if let Value::Array(items) = value {
        Some(items)
    } else {
        None
    }
}
