//! `clockstop redrive`: sends dead letters back to their inputs after a mend.

use super::Outcome;
use super::progress::Progress;
use super::settings::Settings;
use clap::builder::PossibleValuesParser;
use clockstop::kafka::client::Clients;
use clockstop::kafka::redrive::{Redrive, Sent};
use clockstop::registry::Registry;
use clockstop::selection::{Selection, Tally};
use clockstop_pipeline::Topic;
use clockstop_schemas::Refusal;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
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
    #[arg(long, value_name = "TOPIC", value_parser = topic)]
    topic: Option<Topic>,
    /// Arrived on this London date or at this instant, or later
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<i64>,
    /// Arrived before this instant, or on this London date at the latest
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<i64>,
    /// Sends so many at most, in the order of the letters
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Counts the letters and says what would be sent
    #[arg(long)]
    dry_run: bool,
}

fn topic(text: &str) -> Result<Topic, String> {
    let mut all = Topic::ALL.into_iter();
    all.find(|topic| topic.name() == text)
        .ok_or_else(|| "expected referral, diagnosis or treatment".to_owned())
}

fn since(text: &str) -> Result<i64, String> {
    instant(text, Ok)
}

fn until(text: &str) -> Result<i64, String> {
    instant(text, |date| date.checked_add(1.day()))
}

/// Milliseconds since 1970 of an instant, or of the midnight of a date or of one near it.
fn instant(
    text: &str,
    midnight_of: impl Fn(Date) -> Result<Date, jiff::Error>,
) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let date = text.parse::<Date>();
    let midnight = date.and_then(|date| {
        let zone = TimeZone::get("Europe/London")?;
        midnight_of(date)?.to_zoned(zone)
    });
    midnight
        .map(|midnight| midnight.timestamp().as_millisecond())
        .map_err(|_| {
            "expected a date such as 2026-06-30 or an instant such as 2026-06-30T12:00:00Z"
                .to_owned()
        })
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

#[cfg(test)]
mod tests {
    use super::{since, until};

    #[test]
    fn a_date_is_its_whole_day_in_london() {
        let hour = 3_600_000;
        let noon = since("2026-06-30T12:00:00Z").expect("an instant");
        // Summer time: midnight in London is 23:00 UTC.
        assert_eq!(since("2026-06-30"), Ok(noon - 13 * hour));
        assert_eq!(until("2026-06-30"), Ok(noon + 11 * hour));
        assert_eq!(until("2026-06-30T12:00:00Z"), Ok(noon));
        assert!(since("30/06/2026").is_err());
    }
}
