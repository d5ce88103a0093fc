//! `clockstop generate`: a synthetic feed, to a file or to Kafka.

use super::Outcome;
use super::progress::Progress;
use super::settings::Settings;
use super::year;
use anyhow::Context;
use clockstop::config::{GroupProtocol, Kafka, Topics};
use clockstop::generate::{Event, Feed, FeedProducer, Plan, Rates, SchemaIds, Share, write_line};
use clockstop::kafka::client::Clients;
use clockstop::registry::Registry;
use clockstop_pipeline::{Day, EventType, Texts};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Makes up plausible cancer pathways and writes or sends their events; the same seed, the same bytes
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop generate --pathways 1000 --seed 1 --from 2026-01-01 --to 2026-06-30 --out events.jsonl\n  clockstop generate --pathways 1000 --from 2026-01-01 --to 2026-06-30 --to-kafka --bootstrap localhost:9092 --registry http://localhost:8081\n  clockstop generate --year 2024-25 --scale 0.01 --out year.jsonl --fit\n  clockstop generate --year 2024-25 --fit --fit-out fit.csv"
)]
#[command(group(clap::ArgGroup::new("target").required(true).multiple(true).args(["out", "to_kafka", "fit"])))]
pub(crate) struct Arguments {
    /// Referrals from the first day to the last
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1_000,
        conflicts_with = "year"
    )]
    pathways: u64,
    /// Decides everything that is left to chance
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The first day of referrals
    #[arg(long, value_name = "DATE", value_parser = super::given::day, required_unless_present = "year", conflicts_with = "year")]
    from: Option<Day>,
    /// The last day of anything; what would happen later is left out, so pathways stay open
    #[arg(long, value_name = "DATE", value_parser = super::given::day, required_unless_present = "year", conflicts_with = "year")]
    to: Option<Day>,
    /// Writes JSON lines to this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sends them to the three topics of a broker
    #[arg(long, conflicts_with = "out")]
    to_kafka: bool,
    /// The broker, where no settings name one
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["out", "config", "set"], requires = "registry")]
    bootstrap: Option<String>,
    /// The schema registry, where no settings name one
    #[arg(
        long,
        value_name = "URL",
        conflicts_with = "out",
        requires = "bootstrap"
    )]
    registry: Option<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    year: year::Options,
    #[command(flatten)]
    mess: Mess,
}

/// How messy the feed is: fractions of events, from 0 to 1.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Mess, as fractions of events from 0 to 1")]
struct Mess {
    /// Sent again up to three days later
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = share)]
    duplicates: Share,
    /// Entered one to six weeks after it was known
    #[arg(long, value_name = "RATE", default_value = "0.02", value_parser = share)]
    late: Share,
    /// Delivered one to five days after it was recorded
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = share)]
    reordered: Share,
    /// First reported with a wrong date
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = share)]
    corrections: Share,
    /// Withdrawn as entered in error, then reported again
    #[arg(long, value_name = "RATE", default_value = "0.002", value_parser = share)]
    retractions: Share,
    /// Accompanied by a record that must be refused
    #[arg(long, value_name = "RATE", default_value = "0", value_parser = share)]
    bad_records: Share,
}

impl From<Mess> for Rates {
    fn from(mess: Mess) -> Self {
        Self {
            duplicates: mess.duplicates,
            late: mess.late,
            reordered: mess.reordered,
            corrections: mess.corrections,
            retractions: mess.retractions,
            bad_records: mess.bad_records,
        }
    }
}

fn share(text: &str) -> Result<Share, String> {
    let share = text.parse().ok().and_then(Share::new);
    share.ok_or_else(|| "expected a fraction from 0 to 1, such as 0.01".to_owned())
}

/// What is published and what is not.
pub(super) const INVENTED: &str = "Waits, routes, conversion and treatments follow NHS England's figures for 2024/25; missed \
appointments, transfers, closures and the rates of mess are not published and are invented.";

impl Arguments {
    const fn goes_out(&self) -> bool {
        self.out.is_some() || self.to_kafka
    }

    /// The broker and the registry: those of the options, or those of the settings.
    fn kafka(&self) -> anyhow::Result<(Kafka, Registry)> {
        if let (Some(bootstrap), Some(registry)) = (&self.bootstrap, &self.registry) {
            let kafka = Kafka {
                bootstrap: bootstrap.clone(),
                group_id: String::new(),
                group_protocol: GroupProtocol::Consumer,
                properties: BTreeMap::new(),
                topics: Topics::default(),
            };
            return Ok((kafka, Registry::new(registry)));
        }
        let config = self.settings.load()?;
        Ok((config.kafka, Registry::of(&config.registry)))
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (Some(from), Some(to)) = (arguments.from, arguments.to) else {
        let target = arguments.goes_out().then(|| Target::open(arguments));
        let rates = arguments.mess.into();
        return arguments
            .year
            .run(arguments.seed, rates, target.transpose()?);
    };
    let plan = Plan {
        pathways: arguments.pathways,
        seed: arguments.seed,
        from,
        to,
        rates: arguments.mess.into(),
    };
    let feed = Feed::new(plan)?;
    let mut stderr = io::stderr();
    writeln!(stderr, "{INVENTED}")?;
    let mut target = Target::open(arguments)?;
    let summary = send(feed, plan, &mut target)?;
    target.finish()?;
    writeln!(stderr, "{summary}")?;
    Ok(Outcome::Done)
}

fn send(mut feed: Feed, plan: Plan, target: &mut Target) -> anyhow::Result<Summary> {
    let days = u64::try_from(plan.to.since(plan.from)).unwrap_or(0) + 1;
    let mut progress = Progress::new(days, "days");
    let mut summary = Summary::default();
    while let Some((_, events)) = feed.next() {
        for event in &events {
            target.put(event, feed.texts())?;
            summary.count(event);
        }
        progress.step();
    }
    summary.pathways = feed.begun();
    Ok(summary)
}

/// Where the events go.
pub(super) enum Target {
    Lines(BufWriter<Box<dyn Write>>),
    Kafka(FeedProducer),
}

impl Target {
    fn open(arguments: &Arguments) -> anyhow::Result<Self> {
        if !arguments.to_kafka {
            let out = arguments.out.as_deref();
            return Self::file(out.unwrap_or_else(|| Path::new("-")));
        }
        let (kafka, mut registry) = arguments.kafka()?;
        let ids = SchemaIds::register(&mut registry, &kafka.topics)?;
        let producer = FeedProducer::open(&Clients::new(kafka), ids)?;
        Ok(Self::Kafka(producer))
    }

    fn file(out: &Path) -> anyhow::Result<Self> {
        let writer: Box<dyn Write> = if out == Path::new("-") {
            Box::new(io::stdout().lock())
        } else {
            let file = File::create(out);
            Box::new(file.with_context(|| format!("cannot write {}", out.display()))?)
        };
        Ok(Self::Lines(BufWriter::with_capacity(1 << 20, writer)))
    }

    pub(super) fn put(&mut self, event: &Event, texts: &Texts) -> anyhow::Result<()> {
        match self {
            Self::Lines(out) => write_line(event, texts, out).context("cannot write the events"),
            Self::Kafka(producer) => Ok(producer.send(event, texts)?),
        }
    }

    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Lines(mut out) => out.flush().context("cannot write the events"),
            Self::Kafka(producer) => Ok(producer.settle().map(drop)?),
        }
    }
}

/// What was made, for people.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) pathways: u64,
    by_type: BTreeMap<EventType, u64>,
    bad: u64,
}

impl Summary {
    pub(super) fn count(&mut self, event: &Event) {
        if event.damage.is_some() {
            self.bad += 1;
        } else {
            let of_type = self.by_type.entry(event.report.fact.event_type());
            *of_type.or_default() += 1;
        }
    }
}

impl core::fmt::Display for Summary {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let events: u64 = self.by_type.values().sum();
        write!(f, "{} pathways, {events} events:", self.pathways)?;
        for (number, (event_type, count)) in self.by_type.iter().enumerate() {
            let separator = if number == 0 { "" } else { "," };
            write!(f, "{separator} {count} {}", event_type.name())?;
        }
        match self.bad {
            0 => Ok(()),
            bad => write!(f, "; and {bad} bad records"),
        }
    }
}
