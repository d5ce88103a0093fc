//! The inputs read as a whole or from a place on, to their ends of the beginning, for whoever judges them. No
//! group is joined and nothing is committed.

use super::client::{Clients, partitions};
use super::history::Error;
use super::logs::{Logs, Next};
use super::source::Stamp;
use crate::judge::{BrokerTime, Judge, View};
use crate::letter::Position;
use crate::lines::BadLine;
use crate::partition::Span;
use crate::registry::{Registry, RegistryError};
use crate::validate::{Place, Validation};
use clockstop_pipeline::Topic;
use clockstop_schemas::{EventDecoder, Refusal};
use rdkafka::message::{BorrowedMessage, Message};
use std::collections::BTreeSet;
use std::time::Duration;

const METADATA_LIMIT: Duration = Duration::from_secs(10);

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// At this offset of every partition.
    Offset(i64),
    /// At the first record that arrived at this time or later, in milliseconds since 1970.
    Time(i64),
}

/// The inputs, with the spans of their logs that are meant.
pub struct Inputs {
    logs: Logs,
    parts: Vec<Part>,
}

/// One partition of an input.
struct Part {
    topic: Topic,
    name: String,
    partition: i32,
    /// Of how many.
    partitions: i32,
    span: Span,
}

impl Inputs {
    /// Notes where each of these inputs ends now.
    ///
    /// # Errors
    /// When no broker answers, or an input is missing or has a transaction that stays open.
    pub fn open(clients: &Clients, topics: &[Topic], since: Option<Since>) -> Result<Self, Error> {
        let mut logs = Logs::to_any(clients)?;
        let metadata = clients.metadata(&logs.committed, METADATA_LIMIT)?;
        let mut parts = Vec::new();
        for &topic in topics {
            let name = clients.settings().topics.input(topic);
            let count =
                partitions(&metadata, name).ok_or_else(|| Error::NoTopic(name.to_owned()))?;
            for partition in 0..count {
                logs.turn_to(partition);
                let mut span = logs.span(name)?;
                span.begin = match since {
                    None => span.begin,
                    Some(Since::Offset(offset)) => span.begin.max(offset),
                    Some(Since::Time(time)) => logs.first_since(name, time)?.unwrap_or(span.end),
                };
                parts.push(Part {
                    topic,
                    name: name.to_owned(),
                    partition,
                    partitions: count,
                    span,
                });
            }
        }
        Ok(Self { logs, parts })
    }

    /// How far there is to read, in offsets.
    #[must_use]
    pub fn length(&self) -> u64 {
        let lengths = self
            .parts
            .iter()
            .map(|part| part.span.end - part.span.begin);
        lengths
            .map(|length| u64::try_from(length).unwrap_or(0))
            .sum()
    }

    /// Lets a validation take every record; `step` is told how many offsets were passed. A schema that the
    /// registry does not know leaves its records refused.
    ///
    /// # Errors
    /// When a log cannot be read to its end, or the registry does not answer.
    pub fn read(
        mut self,
        registry: &mut Registry,
        validation: &mut Validation,
        mut step: impl FnMut(u64),
    ) -> Result<(), Error> {
        let mut reader = Reader {
            judge: Judge {
                decoder: EventDecoder::default(),
                partitions: 0,
                broker_time: BrokerTime::Checked,
            },
            registry,
            unknown: BTreeSet::new(),
        };
        for part in &self.parts {
            self.logs.turn_to(part.partition);
            reader.judge.partitions = part.partitions;
            let mut passed = part.span.begin;
            let mut no_schema = None;
            self.logs.read(&part.name, part.span, |record| {
                if let Err(error) = reader.take(part.topic, record, validation) {
                    no_schema = Some(error);
                    return Ok(Next::Stop);
                }
                let next = record.offset() + 1;
                step(u64::try_from(next - passed).unwrap_or(0));
                passed = next;
                Ok(Next::GoOn)
            })?;
            if let Some(error) = no_schema {
                return Err(error.into());
            }
        }
        Ok(())
    }
}

/// Judges records as the service does.
struct Reader<'r> {
    judge: Judge,
    registry: &'r mut Registry,
    /// Schema ids that the registry does not know.
    unknown: BTreeSet<u32>,
}

impl Reader<'_> {
    fn take(
        &mut self,
        topic: Topic,
        record: &BorrowedMessage<'_>,
        validation: &mut Validation,
    ) -> Result<(), RegistryError> {
        let position = Position {
            topic,
            partition: record.partition(),
            offset: record.offset(),
        };
        let view = View {
            position,
            stamp: Stamp::of(record.timestamp()),
            key: record.key(),
            value: record.payload(),
        };
        let mut judged = self.judge.judge(&view, validation.texts_mut());
        if let Err(Refusal::UnknownSchema { id }) = judged
            && self.learn_schema(id)?
        {
            judged = self.judge.judge(&view, validation.texts_mut());
        }
        let source = || self.judge.decoder.source(view.value).map(str::to_owned);
        validation.take(
            Place::Record(position),
            &judged.map_err(BadLine::Refused),
            source,
        );
        Ok(())
    }

    fn learn_schema(&mut self, id: u32) -> Result<bool, RegistryError> {
        if self.unknown.contains(&id) {
            return Ok(false);
        }
        match self.registry.schema(id) {
            Ok(schema) => {
                // A schema that is none of ours leaves its records refused, as in the service.
                drop(self.judge.decoder.add_schema(id, &schema));
                Ok(true)
            }
            Err(RegistryError::UnknownId { .. }) => {
                self.unknown.insert(id);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
