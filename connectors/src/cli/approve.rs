//! `clockstop approve`: lets pass what is held, or bad records that a partition pauses on.

use super::Outcome;
use super::settings::Settings;
use clap::builder::NonEmptyStringValueParser;
use clockstop::kafka::client::Clients;
use clockstop::kafka::operator::{self, Chosen};
use clockstop_schemas::{Approval, Grant};
use jiff::{SignedDuration, Timestamp};
use std::io::Write;

/// Lets pass what `clockstop diff` shows as held, or bad records that a partition pauses on
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop approve --partition 3 --changes 812 --who 'A. Lee' --why 'RXX corrected its referral dates'\n  clockstop approve --all --reference 2026-12-local --who 'A. Lee' --why 'new lead times, agreed on 1 December'\n  clockstop approve --partition 0 --bad-records --for 2h --who 'A. Lee' --why 'RYY is mending its export'\n\nIt is written to the control topic; the running service takes it within a second, and one that is started before it expires\ntakes it too. The last approval of a partition replaces the one before it."
)]
#[command(group = clap::ArgGroup::new("partitions").required(true))]
#[command(group = clap::ArgGroup::new("grant").required(true))]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// For this partition; may be repeated
    #[arg(long, value_name = "P", group = "partitions", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Vec<i32>,
    /// For every partition
    #[arg(long, group = "partitions")]
    all: bool,
    /// What reference tables of this version change
    #[arg(long, value_name = "VERSION", group = "grant", value_parser = NonEmptyStringValueParser::new())]
    reference: Option<String>,
    /// What is held, or is held next, on each of the partitions, if it is no more than so many changes
    #[arg(long, value_name = "N", group = "grant", value_parser = clap::value_parser!(u64).range(1..))]
    changes: Option<u64>,
    /// Records that are refused: reading goes on, and each becomes a dead letter
    #[arg(long, group = "grant")]
    bad_records: bool,
    /// Who approves
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    who: String,
    /// Why; no patient data, for it is written to a topic
    #[arg(long, value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
    why: String,
    /// How long the approval lasts: 30m, 2h or 7d; a week at most
    #[arg(long = "for", value_name = "TIME", default_value = "24h", value_parser = period)]
    lasts: SignedDuration,
}

const LONGEST_HOURS: i64 = 7 * 24;

fn period(text: &str) -> Result<SignedDuration, String> {
    let expected = || "expected a time such as 30m, 2h or 7d, and a week at most".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u32 = number.parse().map_err(|_| expected())?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(expected()),
    };
    let lasts = SignedDuration::from_mins(i64::from(number) * minutes);
    if lasts.is_zero() || lasts > SignedDuration::from_hours(LONGEST_HOURS) {
        return Err(expected());
    }
    Ok(lasts)
}

impl Arguments {
    fn grant(&self) -> Grant {
        match (&self.reference, self.changes) {
            (Some(version), _) => Grant::Reference(version.clone()),
            (None, Some(changes)) => Grant::Changes(changes),
            (None, None) => Grant::BadRecords,
        }
    }

    fn chosen(&self) -> Chosen {
        if self.all {
            return Chosen::All;
        }
        let mut partitions = self.partition.clone();
        partitions.sort_unstable();
        partitions.dedup();
        Chosen::Some(partitions)
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let clients = Clients::new(arguments.settings.load()?.kafka);
    let until = Timestamp::now().checked_add(arguments.lasts)?;
    let approval = Approval {
        grant: arguments.grant(),
        who: arguments.who.clone(),
        why: arguments.why.clone(),
        until: until.as_millisecond(),
    };
    let mut out = std::io::stdout().lock();
    for partition in operator::approve(&clients, &arguments.chosen(), &approval)? {
        writeln!(
            out,
            "approve/{partition}: {}, until {until:.0}, by {}: {}",
            told(&approval.grant),
            approval.who,
            approval.why
        )?;
    }
    Ok(Outcome::Done)
}

fn told(grant: &Grant) -> String {
    match grant {
        Grant::Reference(version) => format!("what reference tables {version} change"),
        Grant::Changes(changes) => format!("up to {changes} changes"),
        Grant::BadRecords => "bad records".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::period;
    use jiff::SignedDuration;

    #[test]
    fn an_approval_lasts_a_week_at_most() {
        for (text, minutes) in [
            ("30m", 30),
            ("1h", 60),
            ("24h", 24 * 60),
            ("7d", 7 * 24 * 60),
        ] {
            assert_eq!(
                period(text),
                Ok(SignedDuration::from_mins(minutes)),
                "{text}"
            );
        }
        for text in ["", "h", "0h", "8d", "169h", "1w", "1.5h", "-1h", "24", "1é"] {
            assert!(period(text).is_err(), "{text}");
        }
    }
}
