//! The feed folded in this process, by the decoder, the engine and the statistics that the service has.

use super::event::Event;
use super::records::{Record, SchemaIds};
use clockstop_pipeline::statistics::{Counted, Performance, Tables, Tally};
use clockstop_pipeline::{AlertKey, Day, Engine, Reference, Texts, Topic};
use clockstop_schemas::{EventDecoder, event_schema_json};

const IDS: SchemaIds = SchemaIds([1, 2, 3]);
/// So many pathways are known at once where each comes whole.
const TOGETHER: usize = 4_096;

/// The built-in schemas cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the built-in schemas cannot be used")]
pub struct FoldError(#[from] clockstop_schemas::SchemaRefusal);

/// From events to England's figures.
pub struct Fold {
    decoder: EventDecoder,
    engine: Engine,
    tables: Tables,
    tally: Tally,
    as_of: Day,
    learned: u64,
    refused: u64,
    pathways: u64,
}

impl Fold {
    /// Nothing yet; pathways will be counted as they stand on this day.
    ///
    /// # Errors
    /// When the built-in schemas cannot be used.
    pub fn new(as_of: Day) -> Result<Self, FoldError> {
        let mut decoder = EventDecoder::default();
        for (id, topic) in (1..).zip(Topic::ALL) {
            decoder.add_schema(id, event_schema_json(topic))?;
        }
        Ok(Self {
            decoder,
            engine: engine(),
            tables: Tables::default(),
            tally: Tally::default(),
            as_of,
            learned: 0,
            refused: 0,
            pathways: 0,
        })
    }

    /// Learns an event, from the bytes in which it would be sent.
    pub fn learn(&mut self, event: &Event, texts: &Texts) {
        let record = Record::of(event, texts, IDS);
        let key = Some(record.key.as_bytes());
        let known = self.engine.texts_mut();
        match self
            .decoder
            .decode(event.topic(), key, Some(&record.value), known)
        {
            Ok(decoded) => {
                self.engine.learn(&record.key, &decoded.report);
                self.learned += 1;
            }
            Err(_) => self.refused += 1,
        }
    }

    /// Says that nothing more comes of the pathways known so far: now and then they are counted and
    /// forgotten, so that memory does not grow.
    pub fn whole(&mut self) {
        if self.engine.slots() >= TOGETHER {
            self.count();
        }
    }

    fn count(&mut self) {
        for row in self.engine.rows(self.as_of) {
            self.pathways += 1;
            for wait in &Counted::of(&row, &self.tables).waits {
                self.tally.add(wait);
            }
        }
        self.engine = engine();
    }

    /// Events learned, and records refused.
    #[must_use]
    pub const fn events(&self) -> (u64, u64) {
        (self.learned, self.refused)
    }

    /// How many pathways there were, and every published cell they come to.
    #[must_use]
    pub fn finish(mut self) -> (u64, Vec<Performance>) {
        self.count();
        (self.pathways, self.tally.performance(&self.tables))
    }
}

fn engine() -> Engine {
    Engine::new(AlertKey([0; 32]), Reference::default(), "")
}
