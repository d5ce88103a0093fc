//! `clockstop topics`: makes and verifies what the service needs on the broker and in the registry.

use super::Outcome;
use super::settings::Settings;
use clockstop::kafka::client::Clients;
use clockstop::kafka::topics;
use clockstop::registry::Registry;
use std::io::Write;

/// Creates or checks the topics, the group's settings and the schemas
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop topics create --config clockstop.toml --partitions 12 --replication-factor 3\n  clockstop topics check --config clockstop.toml"
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
    }
}
