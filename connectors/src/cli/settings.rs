//! The options by which every subcommand finds its settings.

use std::path::PathBuf;

/// Where the settings come from; later ones win: the file, `CLOCKSTOP_SECTION__KEY` variables, `--set`.
#[derive(Debug, clap::Args)]
pub(crate) struct Settings {
    /// The settings file [default: clockstop.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Overrides one setting; may be repeated
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}
