//! One Kafka record to one report: framing, the writer's schema, the key, then the fields.

use crate::assemble::{PathwayParts, event_type, pathway, report, source};
use crate::fields::Sent;
use crate::framing::unframe;
use crate::plan::{Plan, SchemaRefusal};
use crate::refusal::Refusal;
use crate::subjects;
use apache_avro::Schema;
use apache_avro::schema::Name;
use clockstop_pipeline::{Report, Texts, Topic};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One event, ready to be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// `<issuer>:<identifier>`; borrowed from the record's key where there is one.
    pub pathway: Cow<'a, str>,
    /// What it says.
    pub report: Report,
}

/// The writer schemas that have been met, and how to read what they wrote.
#[derive(Debug, Default)]
pub struct EventDecoder {
    /// `None` for a schema that cannot be read as an event, so that it is not asked for again.
    schemas: BTreeMap<u32, Option<(Topic, Plan)>>,
}

impl EventDecoder {
    /// Holds the schema of this id from now on, also one that is refused: its events are then refused
    /// as `does_not_decode` and not as of an unknown id.
    ///
    /// # Errors
    /// When events written with it can never be read.
    pub fn add_schema(&mut self, id: u32, schema: &str) -> Result<(), SchemaRefusal> {
        let (held, result) = match plan(schema) {
            Ok(plan) => (Some(plan), Ok(())),
            Err(refusal) => (None, Err(refusal)),
        };
        self.schemas.insert(id, held);
        result
    }

    /// Whether the schema of this id has been added.
    #[must_use]
    pub fn holds(&self, id: u32) -> bool {
        self.schemas.contains_key(&id)
    }

    /// Reads the record's value as an event of the topic and compares its pathway with the key. The
    /// report's texts are kept in `texts`.
    ///
    /// # Errors
    /// The reason why it is refused; for [`Refusal::UnknownSchema`] ask the registry, add the schema
    /// and decode again.
    pub fn decode<'a>(
        &self,
        topic: Topic,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
        texts: &mut Texts,
    ) -> Result<Decoded<'a>, Refusal> {
        let mut sent = Sent::nothing();
        let schema_topic = self.read(value, &mut sent)?;
        let of_type = event_type(&sent, topic)?;
        if schema_topic != topic {
            return Err(Refusal::DoesNotDecode { field: None });
        }
        let pathway = key_pathway(key, pathway(&sent)?)?;
        let report = report(&sent, of_type, texts)?;
        Ok(Decoded {
            pathway: Cow::Borrowed(pathway),
            report,
        })
    }

    /// The key that belongs to the value: the pathway it names.
    ///
    /// # Errors
    /// The reason why it names none; for [`Refusal::UnknownSchema`] as with [`EventDecoder::decode`].
    pub fn key(&self, value: Option<&[u8]>) -> Result<String, Refusal> {
        let mut sent = Sent::nothing();
        self.read(value, &mut sent)?;
        let PathwayParts { issuer, identifier } = pathway(&sent)?;
        Ok(format!("{issuer}:{identifier}"))
    }

    /// The source system of a record that was refused, where it can be read; it is no patient data.
    #[must_use]
    pub fn source<'a>(&self, value: Option<&'a [u8]>) -> Option<&'a str> {
        let mut sent = Sent::nothing();
        self.read(value, &mut sent).ok()?;
        source(&sent).ok()
    }

    /// Reads the value into `sent` and tells the topic of its schema.
    fn read<'a>(&self, value: Option<&'a [u8]>, sent: &mut Sent<'a>) -> Result<Topic, Refusal> {
        let (id, datum) = value.and_then(unframe).ok_or(Refusal::NotFramed)?;
        let held = self.schemas.get(&id).ok_or(Refusal::UnknownSchema { id })?;
        let unusable = Refusal::DoesNotDecode { field: None };
        let (topic, plan) = held.as_ref().ok_or(unusable)?;
        plan.read(datum, sent)
            .map_err(|field| Refusal::DoesNotDecode { field })?;
        Ok(*topic)
    }
}

fn plan(schema: &str) -> Result<(Topic, Plan), SchemaRefusal> {
    let writer =
        Schema::parse_str(schema).map_err(|error| SchemaRefusal::NotAvro(Box::new(error)))?;
    let topic = Topic::ALL
        .into_iter()
        .find(|&topic| {
            subjects::event_schema(topic).name().map(Name::name) == writer.name().map(Name::name)
        })
        .ok_or(SchemaRefusal::NotAnEvent)?;
    Plan::new(&writer, subjects::event_schema(topic)).map(|plan| (topic, plan))
}

fn key_pathway<'a>(key: Option<&'a [u8]>, parts: PathwayParts<'_>) -> Result<&'a str, Refusal> {
    let key = key.ok_or(Refusal::KeyMissing)?;
    let same = key
        .strip_prefix(parts.issuer.as_bytes())
        .and_then(|rest| rest.strip_prefix(b":"))
        .is_some_and(|rest| rest == parts.identifier.as_bytes());
    core::str::from_utf8(key)
        .ok()
        .filter(|_| same)
        .ok_or(Refusal::KeyMismatch)
}
