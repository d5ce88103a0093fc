//! `clockstop check-config`: every problem of the settings at once.

use super::Outcome;
use super::settings::Settings;
use clockstop::config::{Config, Problem};
use clockstop::kafka::client::Clients;
use clockstop::kafka::topics;
use clockstop::registry::Registry;
use std::io::Write;

/// Prints every problem of the settings, and of the broker and registry they name
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clockstop check-config --config clockstop.toml --offline")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Looks at the settings and the files they name, not at the broker and the registry
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let problems = match arguments.settings.read() {
        Ok(config) if arguments.offline => told(&config.file_problems()),
        Ok(config) => told(&config.file_problems())
            .into_iter()
            .chain(outside(config))
            .collect(),
        Err(problems) => told(&problems),
    };
    let mut out = std::io::stdout().lock();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    if problems.is_empty() {
        writeln!(out, "the settings are good")?;
        return Ok(Outcome::Done);
    }
    Ok(Outcome::Failed)
}

fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// Problems of the broker and of the registry; one does not hide the other.
fn outside(config: Config) -> Vec<String> {
    let registry = Registry::of(&config.registry);
    let clients = Clients::new(config.kafka);
    let broker = topics::check_topics(&clients);
    let schemas = topics::check_schemas(&clients, &registry);
    let lines = |checked: Result<Vec<Problem>, topics::Error>| match checked {
        Ok(problems) => told(&problems),
        Err(error) => vec![error.to_string()],
    };
    lines(broker).into_iter().chain(lines(schemas)).collect()
}
