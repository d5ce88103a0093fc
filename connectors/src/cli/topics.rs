//! `clockstop topics`: makes and verifies what the service needs on the broker and in the registry.

use super::Outcome;
use super::settings::Settings;

/// Creates or checks the topics, the group's settings and the schemas
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop topics create --config clockstop.toml --partitions 12 --replication-factor 3"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet: {arguments:?}")
}
