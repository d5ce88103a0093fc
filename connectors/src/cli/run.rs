//! `clockstop run`: the service.

use super::Outcome;
use super::settings::Settings;

/// Runs the service until SIGTERM or SIGINT
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clockstop run --config /etc/clockstop/clockstop.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet: {arguments:?}")
}
