//! The play: a stock of pathways, then one day after another, each ended before the next begins.

use super::figures::{EventFigures, Figures};
use super::listener::{self, Listener};
use super::outgoing::{self, Outgoing};
use super::screen::{LATEST, transition_line};
use super::stage::{self, PARTITIONS, Stage};
use super::tally::{AlertFigures, Tally};
use crate::board::Partition;
use crate::calendar::Calendar;
use crate::generate::{
    self, Ends, Feed, FeedProducer, Plan, ProducerError, Rates, SchemaIds, Share,
};
use crate::kafka::client::Clients;
use crate::partition::{Refused, State};
use crate::publish::{PublishError, Published};
use crate::registry::{Registry, RegistryError};
use crate::service::{self, Running, Setup};
use crate::worker::Pace;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{Day, Level, Reference};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Referrals, those of the stock included.
    pub pathways: u64,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// The last day.
    pub until: Day,
    /// How many days are played.
    pub days: u32,
}

/// Referrals of the stock go back so far: long waits are among them.
const STOCK_DAYS: i32 = 150;
/// A day whose records are not dealt with by then will not end.
const DAY_LIMIT: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// The demo sends more often than the service does by default, for it waits for every day.
const PACE: Pace = Pace {
    transactions: Duration::from_millis(10),
    offsets: Duration::from_millis(20),
    schema_patience: Duration::from_secs(30),
};

/// Why the play stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Broker, registry or keys.
    #[error(transparent)]
    Stage(#[from] stage::Error),
    /// The feed.
    #[error(transparent)]
    Feed(#[from] generate::Error),
    /// The feed's producer.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The events on their way.
    #[error(transparent)]
    Outgoing(#[from] outgoing::Error),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The service.
    #[error(transparent)]
    Service(#[from] service::Error),
    /// The snapshot.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Nobody is left to write the snapshot.
    #[error("the publisher has ended before its last snapshot")]
    PublisherEnded,
    /// The alert topic.
    #[error(transparent)]
    Listener(#[from] listener::Error),
    /// A partition is not run.
    #[error("partition {partition} is refused: {reason}")]
    Refused {
        /// Which.
        partition: i32,
        /// Why.
        reason: Refused,
    },
    /// A day does not end.
    #[error("{day} does not end: {state}")]
    Stuck {
        /// Which.
        day: Day,
        /// Where the partitions stand.
        state: String,
    },
    /// The mock cluster dropped records; a smaller cohort fits.
    #[error(
        "{topic}/{partition} no longer begins at 0: the broker dropped records; play fewer pathways"
    )]
    Dropped {
        /// Of which topic.
        topic: String,
        /// Of which partition.
        partition: i32,
    },
    /// Records that were sent were not read.
    #[error("{sent} records were sent and {read} read")]
    Uncounted {
        /// By the demo's own producer.
        sent: u64,
        /// By the service.
        read: u64,
    },
}

/// A demo that runs.
pub struct Play {
    script: Script,
    stage: Stage,
    feed: Feed,
    outgoing: Outgoing,
    calendar: Calendar,
    running: Running,
    listener: Listener,
    tally: Tally,
    latest: VecDeque<String>,
    breached: Option<String>,
    figures: Figures,
}

impl Play {
    /// Sends the stock, starts the service and waits until it has dealt with it.
    ///
    /// # Errors
    /// When any of it does not come about.
    pub fn begin(script: Script, stage: Stage) -> Result<Self, Error> {
        let opening = script.until.plus(-i32::try_from(script.days).unwrap_or(0));
        let mut registry = Registry::of(&stage.config.registry);
        let kafka = &stage.config.kafka;
        let ids = SchemaIds::register(&mut registry, &kafka.topics)?;
        let producer = FeedProducer::open(&Clients::new(kafka.clone()), ids)?;
        let calendar = Calendar::simulated(opening);
        let mut feed = Feed::new(plan(script, opening))?;
        let mut outgoing = Outgoing::open(producer, &stage.folder)?;
        let ends = outgoing.send_until(opening, &mut feed)?;
        let listener = Listener::open(&kafka.bootstrap, &kafka.topics.alert, PARTITIONS, registry)?;
        let running = service::start(Setup {
            config: stage.config.clone(),
            reference: Reference::default(),
            tables: Tables::default(),
            calendar: calendar.clone(),
            broker_time: stage.broker_time,
            pace: PACE,
            accepted: Vec::new(),
        })?;
        let mut play = Self {
            script,
            figures: Figures::none(opening),
            stage,
            feed,
            outgoing,
            calendar,
            running,
            listener,
            tally: Tally::default(),
            latest: VecDeque::new(),
            breached: None,
        };
        play.end_day(&ends)?;
        Ok(play)
    }

    /// Where things stand at the end of the last day.
    #[must_use]
    pub const fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The latest transitions, the newest last.
    #[must_use]
    pub fn latest(&mut self) -> &[String] {
        self.latest.make_contiguous()
    }

    /// A pathway whose clock was breached when it was last heard of, to look at.
    #[must_use]
    pub fn breached(&self) -> Option<&str> {
        self.breached.as_deref()
    }

    /// All events as JSON lines, but for the bad records.
    #[must_use]
    pub fn events_file(&self) -> &Path {
        self.outgoing.file()
    }

    /// The broker, the registry and their topics.
    #[must_use]
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The service.
    #[must_use]
    pub const fn running(&self) -> &Running {
        &self.running
    }

    /// Plays one day to its end; `false` when the last has been played.
    ///
    /// # Errors
    /// When the day does not end.
    pub fn play_day(&mut self) -> Result<bool, Error> {
        let day = self.figures.day.plus(1);
        if day > self.script.until {
            return Ok(false);
        }
        self.calendar.advance_to(day);
        let ends = self.outgoing.send_until(day, &mut self.feed)?;
        self.figures.day = day;
        self.figures.days += 1;
        self.end_day(&ends)?;
        Ok(true)
    }

    /// Waits until all records of the day are folded, said and committed, then counts.
    fn end_day(&mut self, ends: &Ends) -> Result<(), Error> {
        let day = self.figures.day;
        let deadline = Instant::now() + DAY_LIMIT;
        let partitions = loop {
            let partitions = self.running.board().partitions();
            if self.has_ended(&partitions, ends)? {
                break partitions;
            }
            if Instant::now() > deadline {
                let state = format!("{partitions:?}");
                return Err(Error::Stuck { day, state });
            }
            std::thread::sleep(LOOK_EVERY);
        };
        let Self {
            tally,
            latest,
            breached,
            listener,
            ..
        } = self;
        listener.catch_up(|alert| {
            tally.hear(&alert);
            if alert.content.level >= Some(Level::Breached) {
                *breached = Some(alert.pathway.clone());
            }
            latest.push_back(transition_line(&alert));
            while latest.len() > LATEST {
                latest.pop_front();
            }
        })?;
        self.tally.close_day();
        self.figures.count(partitions.values());
        self.figures.alerts = self.tally.figures().clone();
        Ok(())
    }

    fn has_ended(&self, partitions: &BTreeMap<i32, Partition>, ends: &Ends) -> Result<bool, Error> {
        let day = Some(self.figures.day);
        let topics = self.stage.config.kafka.topics.inputs();
        for number in 0..PARTITIONS {
            let Some(partition) = partitions.get(&number) else {
                return Ok(false);
            };
            if let State::Refused(reason) = &partition.state {
                return Err(Error::Refused {
                    partition: number,
                    reason: reason.clone(),
                });
            }
            let mut inputs = topics.iter().zip(partition.committed);
            let all_said = inputs.all(|(topic, committed)| {
                let end = ends.get(&((*topic).to_owned(), number));
                end.is_none_or(|&end| committed >= end)
            });
            if !all_said || partition.decided != day || partition.waiting_letters > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Checks that the broker has kept everything and the service has read everything.
    ///
    /// # Errors
    /// When it has not: the figures are worth nothing then.
    pub fn audit(&self) -> Result<(), Error> {
        for topic in self.stage.config.kafka.topics.all() {
            for partition in 0..PARTITIONS {
                if self.listener.beginning(topic, partition)? > 0 {
                    let topic = topic.to_owned();
                    return Err(Error::Dropped { topic, partition });
                }
            }
        }
        let (sent, read) = (self.outgoing.sent(), self.figures.events.read());
        if read < sent {
            return Err(Error::Uncounted { sent, read });
        }
        Ok(())
    }

    /// Writes the last day as Parquet, for analysts and for direct care.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn publish(&self) -> Result<Vec<Published>, Error> {
        let published = self.running.publish().ok_or(Error::PublisherEnded)?;
        Ok(published?)
    }

    /// Drains the service and ends everything.
    pub fn end(self) {
        self.running.drain();
    }
}

impl Figures {
    fn none(day: Day) -> Self {
        Self {
            day,
            days: 0,
            events: EventFigures::default(),
            pathways: 0,
            open: 0,
            alerts: AlertFigures::default(),
        }
    }

    fn count<'p>(&mut self, partitions: impl Iterator<Item = &'p Partition>) {
        let size = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let mut events = EventFigures::default();
        (self.pathways, self.open) = (0, 0);
        for partition in partitions {
            events.changed += partition.counts.changed;
            events.repeated += partition.counts.repeated;
            events.superseded += partition.counts.superseded;
            events.dead_lettered += partition.counts.dead_lettered.values().sum::<u64>();
            self.pathways += size(partition.pathways);
            self.open += size(partition.open_pathways);
        }
        self.events = events;
    }
}

/// The feed of a script: the mess of real feeds, a few bad records among it.
#[must_use]
pub fn plan(script: Script, opening: Day) -> Plan {
    let share = |share| Share::new(share).unwrap_or_default();
    Plan {
        pathways: script.pathways,
        seed: script.seed,
        from: opening.plus(-STOCK_DAYS),
        to: script.until,
        rates: Rates {
            duplicates: share(0.01),
            late: share(0.02),
            reordered: share(0.01),
            corrections: share(0.01),
            retractions: share(0.002),
            bad_records: share(0.001),
        },
    }
}
