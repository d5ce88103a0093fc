//! `clockstop topics`: makes and verifies what the service needs on the broker and in the registry.

use super::Outcome;
use super::events_file;
use super::settings::Settings;
use clap::builder::NonEmptyStringValueParser;
use clockstop::kafka::client::Clients;
use clockstop::kafka::operator::{self, Forgettable};
use clockstop::kafka::topics;
use clockstop::registry::Registry;
use clockstop_pipeline::{AlertId, Level};
use std::io::Write;

/// Creates or checks the topics, the group's settings and the schemas, or forgets an alert
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop topics create --config clockstop.toml --partitions 12 --replication-factor 3\n  clockstop topics check --config clockstop.toml\n  clockstop topics forget --config clockstop.toml 0f1e2d3c4b5a69788796a5b4c3d2e1f0 --who 'A. Lee' --why 'test pathway of a closed system'"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Creates the topics that are missing, sets the group's times and registers the schemas
    #[command(
        after_help = "Example:\n  clockstop topics create --config clockstop.toml --partitions 12 --replication-factor 3"
    )]
    Create {
        #[command(flatten)]
        settings: Settings,
        /// Partitions of every topic; they cannot be changed later
        #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..=10_000))]
        partitions: i32,
        /// Replicas of every partition; -1 leaves it to the broker
        #[arg(long, value_name = "N", default_value_t = -1, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-1..=100))]
        replication_factor: i32,
    },
    /// Prints every difference between what is and what must be
    #[command(after_help = "Example:\n  clockstop topics check --config clockstop.toml")]
    Check {
        #[command(flatten)]
        settings: Settings,
    },
    /// Forgets an alert that refuses its partition, because the inputs do not know its pathway
    #[command(
        after_help = "Example:\n  clockstop topics forget --config clockstop.toml 0f1e2d3c4b5a69788796a5b4c3d2e1f0 --who 'A. Lee' --why 'test pathway of a closed system' --yes\n\nThe log and /readyz name the alerts. A tombstone is written to the alert topic, so that every reader forgets the alert, too;\nthe refused partition is tried again within half a minute."
    )]
    Forget {
        #[command(flatten)]
        settings: Settings,
        /// 32 hexadecimal digits
        #[arg(value_name = "ALERT_ID", value_parser = alert_id)]
        alert: AlertId,
        /// Who decides it
        #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
        who: String,
        /// Why
        #[arg(long, value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
        why: String,
        /// Does it, instead of saying what would be done
        #[arg(long)]
        yes: bool,
    },
}

fn alert_id(text: &str) -> Result<AlertId, String> {
    AlertId::parse(text).ok_or_else(|| "expected 32 lower-case hexadecimal digits".to_owned())
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match &arguments.command {
        Command::Create {
            settings,
            partitions,
            replication_factor,
        } => {
            let config = settings.load()?;
            let clients = Clients::new(config.kafka);
            let mut registry = Registry::of(&config.registry);
            for line in topics::create(&clients, &mut registry, *partitions, *replication_factor)? {
                writeln!(out, "{line}")?;
            }
            Ok(Outcome::Done)
        }
        Command::Check { settings } => {
            let config = settings.load()?;
            let registry = Registry::of(&config.registry);
            let problems = topics::check(&Clients::new(config.kafka), &registry)?;
            for problem in &problems {
                writeln!(out, "{problem}")?;
            }
            if problems.is_empty() {
                writeln!(out, "topics and schemas are as they must be")?;
                return Ok(Outcome::Done);
            }
            Ok(Outcome::Failed)
        }
        Command::Forget {
            settings,
            alert,
            who,
            why,
            yes,
        } => {
            let config = settings.load()?;
            let clients = Clients::new(config.kafka);
            let mut registry = Registry::of(&config.registry);
            let mut engine = events_file::engine();
            let found = operator::forgettable(&clients, &mut registry, *alert, &mut engine)?;
            writeln!(out, "{}", told(&found))?;
            if !yes {
                writeln!(out, "nothing is written; with --yes it would be forgotten")?;
                return Ok(Outcome::Done);
            }
            operator::forget(&clients, &found)?;
            writeln!(out, "alert {alert} is forgotten, by {who}: {why}")?;
            Ok(Outcome::Done)
        }
    }
}

/// What an operator may see of the alert: not whose it is.
fn told(found: &Forgettable) -> String {
    let Forgettable { partition, alert } = found;
    let content = &alert.content;
    format!(
        "alert {} on partition {partition}: {}, revision {}, level {}, organisation {}, decided on {}; the inputs do not know its pathway",
        alert.alert_id,
        alert.standard.name(),
        alert.revision,
        content.level.map_or("none", Level::name),
        content.organisation.as_deref().unwrap_or("not known"),
        alert.decided_on,
    )
}
