//! `clockstop check-config`: every problem of the settings at once.

use super::Outcome;
use super::settings::Settings;

/// Prints every problem of the settings, and of the broker and registry they name
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clockstop check-config --config clockstop.toml --offline")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Looks at the settings only, not at the broker and the registry
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet: {arguments:?}")
}
