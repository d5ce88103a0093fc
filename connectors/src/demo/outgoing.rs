//! What the demo sends: to the broker, and, but for the bad records, to a file that can be asked later.

use crate::generate::{Ends, Feed, FeedProducer, ProducerError, write_line};
use clockstop_pipeline::Day;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why a day's events are not on their way.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The producer.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The file.
    #[error("cannot write {}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The name of the file in the demo's folder.
const EVENTS: &str = "events.jsonl";

pub(super) struct Outgoing {
    producer: FeedProducer,
    file: PathBuf,
    lines: BufWriter<File>,
    sent: u64,
}

impl Outgoing {
    pub(super) fn open(producer: FeedProducer, folder: &Path) -> Result<Self, Error> {
        let file = folder.join(EVENTS);
        match File::create(&file) {
            Ok(created) => Ok(Self {
                producer,
                file,
                lines: BufWriter::new(created),
                sent: 0,
            }),
            Err(source) => Err(Error::File { file, source }),
        }
    }

    /// How many records were sent.
    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// The events as JSON lines.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Sends what arrives up to this day and waits until all of it is delivered; returns how far each
    /// partition has been filled.
    pub(super) fn send_until(&mut self, day: Day, feed: &mut Feed) -> Result<Ends, Error> {
        while feed.today() <= day
            && let Some((_, events)) = feed.next()
        {
            for event in &events {
                self.producer.send(event, feed.texts())?;
                self.sent += 1;
                if event.damage.is_none() {
                    let written = write_line(event, feed.texts(), &mut self.lines);
                    written.map_err(|source| self.unwritten(source))?;
                }
            }
        }
        let flushed = self.lines.flush();
        flushed.map_err(|source| self.unwritten(source))?;
        Ok(self.producer.settle()?)
    }

    fn unwritten(&self, source: io::Error) -> Error {
        Error::File {
            file: self.file.clone(),
            source,
        }
    }
}
