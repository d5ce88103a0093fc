//! `clockstop redrive`: sends dead letters back to their inputs after a mend.

use super::Outcome;
use super::given;
use super::progress::Progress;
use super::settings::Settings;
use clap::builder::PossibleValuesParser;
use clockstop::kafka::client::Clients;
use clockstop::kafka::redrive::{Redrive, Sent};
use clockstop::registry::Registry;
use clockstop::selection::{Selection, Tally};
use clockstop_pipeline::Topic;
use clockstop_schemas::Refusal;
use std::io::{self, Write};

/// Sends refused records back to their inputs, once what was wrong has been mended
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop redrive --config clockstop.toml --dry-run\n  clockstop redrive --config clockstop.toml --reason unknown_schema_id --since 2026-06-01\n\nA letter is sent back once: what an earlier run has sent back is counted as repeated and left alone. A record that is\nrefused again is a new letter. Exit code 3: some letters could not be sent back."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Refused for this reason; may be repeated
    #[arg(long, value_name = "REASON", value_parser = PossibleValuesParser::new(Refusal::REASONS), hide_possible_values = true)]
    reason: Vec<String>,
    /// Sent by this source system
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Refused on this input: referral, diagnosis or treatment
    #[arg(long, value_name = "TOPIC", value_parser = given::topic)]
    topic: Option<Topic>,
    /// Arrived on this London date or at this instant, or later
    #[arg(long, value_name = "TIME", value_parser = given::since)]
    since: Option<i64>,
    /// Arrived before this instant, or on this London date at the latest
    #[arg(long, value_name = "TIME", value_parser = given::until)]
    until: Option<i64>,
    /// Sends so many at most, in the order of the letters
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Counts the letters and says what would be sent
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    fn selection(&self) -> Selection {
        Selection {
            reasons: self.reason.clone(),
            source: self.source.clone(),
            topic: self.topic,
            since: self.since,
            until: self.until,
        }
    }

    fn chooses_nothing(&self) -> bool {
        self.reason.is_empty()
            && self.source.is_none()
            && self.topic.is_none()
            && self.since.is_none()
            && self.until.is_none()
            && self.limit.is_none()
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.chooses_nothing() && !arguments.dry_run {
        anyhow::bail!(
            "choose letters by --reason, --source, --topic, --since, --until or --limit; --dry-run alone counts all there are"
        );
    }
    let config = arguments.settings.load()?;
    let clients = Clients::new(config.kafka);
    let redrive = Redrive::open(&clients)?;
    let mut letters = redrive.letters(&arguments.selection())?;
    let mut out = io::stdout().lock();
    let found = letters.len();
    write!(out, "{}", Tally::of(&letters))?;
    let repeated = redrive.without_repeated(&mut letters)?;
    if let Some(limit) = arguments.limit {
        letters.truncate(usize::try_from(limit)?);
    }
    writeln!(
        out,
        "{found} letters are meant; {repeated} were sent back before and are left alone; {} {} sent back",
        letters.len(),
        if arguments.dry_run {
            "would be"
        } else {
            "are to be"
        }
    )?;
    if arguments.dry_run {
        return Ok(Outcome::Done);
    }
    let mut progress = Progress::new(Redrive::places(&letters), "partitions");
    let mut registry = Registry::of(&config.registry);
    let sent = redrive.send(&mut registry, &letters, || progress.step())?;
    tell(&mut out, &sent)?;
    Ok(if sent.all() {
        Outcome::Done
    } else {
        Outcome::Partial
    })
}

fn tell(out: &mut impl Write, sent: &Sent) -> io::Result<()> {
    writeln!(
        out,
        "sent back {}, of these {} from their letters; original gone {}, not readable {}, not acknowledged {}",
        sent.sent, sent.from_letters, sent.gone, sent.unread, sent.failed
    )?;
    if let Some(first) = &sent.first {
        writeln!(io::stderr(), "the first that failed: {first}")?;
    }
    Ok(())
}
