//! Sends refused records back to their inputs: read from the inputs themselves, where they still lie.

use super::client::{self, Clients, Isolation, partitions};
use super::logs::{Error as RecoveryError, Logs, Next};
use super::returning::{REDRIVEN_FROM, Returning};
use crate::letter::{Filed, Position};
use crate::partition::Span;
use crate::registry::{Registry, RegistryError};
use crate::selection::Selection;
use clockstop_pipeline::Topic;
use clockstop_schemas::{EventDecoder, Refusal};
use rdkafka::message::{BorrowedHeaders, Headers, Message, OwnedHeaders};
use rdkafka::metadata::Metadata;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

/// Why letters cannot be read or sent back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be used.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// A topic is missing.
    #[error("topic {0} does not exist; clockstop topics create makes it")]
    NoTopic(String),
    /// A log cannot be read to its end.
    #[error("cannot read the letters or the inputs: {0}")]
    Log(String),
}

impl From<RecoveryError> for Error {
    fn from(error: RecoveryError) -> Self {
        Self::Log(error.to_string())
    }
}

/// What became of the letters that were to be sent back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Acknowledged by the broker.
    pub sent: u64,
    /// Of these, taken from the letter, because the original was no longer in its input.
    pub from_letters: u64,
    /// No longer in its input, and not to be made from its letter.
    pub gone: u64,
    /// Its input or its letter could not be read.
    pub unread: u64,
    /// Not acknowledged.
    pub failed: u64,
    /// Why the first was not read or not acknowledged.
    pub first: Option<String>,
}

impl Sent {
    /// Whether every letter was sent back.
    #[must_use]
    pub fn all(&self) -> bool {
        self.gone + self.unread + self.failed == 0
    }
}

/// The dead-letter topic and the inputs.
pub struct Redrive<'c> {
    clients: &'c Clients,
    metadata: Metadata,
}

impl<'c> Redrive<'c> {
    /// Looks for the topics.
    ///
    /// # Errors
    /// When no broker answers.
    pub fn open(clients: &'c Clients) -> Result<Self, Error> {
        let reader = clients.reader(Isolation::Committed)?;
        let metadata = clients.metadata(&reader, LIMIT)?;
        Ok(Self { clients, metadata })
    }

    fn partitions(&self, topic: &str) -> Result<std::ops::Range<i32>, Error> {
        let count = partitions(&self.metadata, topic);
        Ok(0..count.ok_or_else(|| Error::NoTopic(topic.to_owned()))?)
    }

    /// The letters that are meant, from the beginning of the dead-letter topic to its end of now.
    ///
    /// # Errors
    /// When the topic cannot be read.
    pub fn letters(&self, selection: &Selection) -> Result<Vec<Filed>, Error> {
        let topics = &self.clients.settings().topics;
        let mut chosen = Vec::new();
        for partition in self.partitions(&topics.dead_letter)? {
            let logs = Logs::open(self.clients, partition)?;
            let span = logs.span(&topics.dead_letter)?;
            logs.read(&topics.dead_letter, span, |record| {
                let letter = Filed::read(record, topics);
                chosen.extend(letter.filter(|letter| selection.takes(letter)));
                Ok(Next::GoOn)
            })?;
        }
        Ok(chosen)
    }

    /// Takes out the letters that an earlier run has sent back, as the inputs show, and counts them.
    ///
    /// # Errors
    /// When an input cannot be read.
    pub fn without_repeated(&self, letters: &mut Vec<Filed>) -> Result<u64, Error> {
        let topics: BTreeSet<Topic> = letters.iter().map(|l| l.position.topic).collect();
        let arrivals = letters.iter().map(|letter| letter.appended_at);
        // None sorts before every time: then the whole log is looked through.
        let earliest = arrivals.min().flatten();
        let mut repeated = BTreeSet::new();
        for topic in topics {
            self.redriven(topic, earliest, &mut repeated)?;
        }
        let before = letters.len();
        letters.retain(|letter| !repeated.contains(&letter.position));
        Ok(count(before - letters.len()))
    }

    /// The positions from which records of this input were sent back since then.
    fn redriven(
        &self,
        topic: Topic,
        since: Option<i64>,
        found: &mut BTreeSet<Position>,
    ) -> Result<(), Error> {
        let topics = &self.clients.settings().topics;
        let name = topics.input(topic);
        for partition in self.partitions(name)? {
            let logs = Logs::open(self.clients, partition)?;
            let mut span = logs.span(name)?;
            if let Some(since) = since {
                let first = logs.first_since(name, since)?;
                span.begin = first.unwrap_or(span.end);
            }
            logs.read(name, span, |record| {
                let headers = record.headers().into_iter().flat_map(Headers::iter);
                let from = headers.filter(|header| header.key == REDRIVEN_FROM);
                let from = from.filter_map(|header| core::str::from_utf8(header.value?).ok());
                found.extend(from.filter_map(|key| Position::parse(key, topics)));
                Ok(Next::GoOn)
            })?;
        }
        Ok(())
    }

    /// How many partitions of the inputs these letters are of.
    #[must_use]
    pub fn places(letters: &[Filed]) -> u64 {
        count(by_place(letters).len())
    }

    /// Sends the letters' records again, with their keys, values and headers, and waits for every
    /// acknowledgement; `step` is called once per partition of an input.
    ///
    /// # Errors
    /// When no producer can be made; what becomes of single letters is counted.
    pub fn send(
        &self,
        registry: &mut Registry,
        letters: &[Filed],
        mut step: impl FnMut(),
    ) -> Result<Sent, Error> {
        let returning = Returning::open(self.clients)?;
        let mut sent = Sent::default();
        let mut gone = BTreeSet::new();
        for (place, mut offsets) in by_place(letters) {
            match self.send_originals(&returning, place, &mut offsets) {
                Ok(()) => gone.extend(positions(place, &offsets)),
                Err(error) => sent.unread(offsets.len(), &error),
            }
            step();
        }
        let missing = gone.len();
        if let Err(error) = self.send_letters(&returning, registry, &mut gone) {
            sent.unread(core::mem::take(&mut gone).len(), &error);
        } else {
            sent.from_letters = count(missing - gone.len());
        }
        sent.gone = count(gone.len());
        let counted = returning.settle();
        sent.sent = counted.delivered;
        sent.failed = counted.failed;
        sent.first = sent.first.or(counted.first);
        Ok(sent)
    }

    /// Sends the records at these offsets of one partition; those that are no longer there remain.
    fn send_originals(
        &self,
        returning: &Returning<'_>,
        (topic, partition): (Topic, i32),
        wanted: &mut BTreeSet<i64>,
    ) -> Result<(), Error> {
        let name = self.clients.settings().topics.input(topic);
        let logs = Logs::open(self.clients, partition)?;
        let whole = logs.span(name)?;
        let first = wanted.first().copied().unwrap_or(whole.end);
        let last = wanted.last().copied().unwrap_or(whole.begin);
        let span = Span {
            begin: first.max(whole.begin),
            end: whole.end.min(last + 1),
            ..whole
        };
        logs.read(name, span, |record| {
            let offset = record.offset();
            if wanted.remove(&offset) {
                let headers = record.headers();
                let headers = headers.map_or_else(OwnedHeaders::new, BorrowedHeaders::detach);
                let position = Position {
                    topic,
                    partition,
                    offset,
                };
                returning.send(position, record.key(), record.payload(), headers);
            }
            Ok(Next::GoOn)
        })?;
        Ok(())
    }

    /// Sends what letters hold of records that are gone, under the key that their values name; those of
    /// which no key can be read remain.
    fn send_letters(
        &self,
        returning: &Returning<'_>,
        registry: &mut Registry,
        gone: &mut BTreeSet<Position>,
    ) -> Result<(), Error> {
        if gone.is_empty() {
            return Ok(());
        }
        let topics = &self.clients.settings().topics;
        let mut decoder = EventDecoder::default();
        for partition in self.partitions(&topics.dead_letter)? {
            let logs = Logs::open(self.clients, partition)?;
            let span = logs.span(&topics.dead_letter)?;
            logs.read(&topics.dead_letter, span, |record| {
                let letter = Filed::read(record, topics).map(|letter| letter.position);
                let Some(position) = letter.filter(|position| gone.contains(position)) else {
                    return Ok(Next::GoOn);
                };
                if let Some(key) = recovered_key(&mut decoder, registry, record.payload())? {
                    let key = Some(key.as_bytes());
                    returning.send(position, key, record.payload(), OwnedHeaders::new());
                    gone.remove(&position);
                }
                Ok(Next::GoOn)
            })?;
        }
        Ok(())
    }
}

/// The key that the value itself names.
fn recovered_key(
    decoder: &mut EventDecoder,
    registry: &mut Registry,
    value: Option<&[u8]>,
) -> Result<Option<String>, RegistryError> {
    match decoder.key(value) {
        Err(Refusal::UnknownSchema { id }) => match registry.schema(id) {
            Ok(schema) => {
                // A schema that is none of ours names no key.
                drop(decoder.add_schema(id, &schema));
                Ok(decoder.key(value).ok())
            }
            Err(RegistryError::UnknownId { .. }) => Ok(None),
            Err(error) => Err(error),
        },
        key => Ok(key.ok()),
    }
}

impl Sent {
    fn unread(&mut self, letters: usize, error: &Error) {
        self.unread += count(letters);
        self.first.get_or_insert_with(|| error.to_string());
    }
}

fn count(letters: usize) -> u64 {
    u64::try_from(letters).unwrap_or(u64::MAX)
}

fn positions(
    (topic, partition): (Topic, i32),
    offsets: &BTreeSet<i64>,
) -> impl Iterator<Item = Position> {
    offsets.iter().map(move |&offset| Position {
        topic,
        partition,
        offset,
    })
}

fn by_place(letters: &[Filed]) -> BTreeMap<(Topic, i32), BTreeSet<i64>> {
    let mut places: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for Filed { position, .. } in letters {
        let place = (position.topic, position.partition);
        places.entry(place).or_default().insert(position.offset);
    }
    places
}
