//! The options by which every subcommand finds its settings.

use clockstop::config::{Config, Problem, Sources};
use std::path::{Path, PathBuf};

const DEFAULT_FILE: &str = "clockstop.toml";

// Where the settings come from; later ones win: the file, `CLOCKSTOP_SECTION__KEY` variables, `--set`.
#[derive(Debug, clap::Args)]
pub(crate) struct Settings {
    /// The settings file [default: clockstop.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Overrides one setting; may be repeated
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

impl Settings {
    /// All settings, or everything that is wrong with them.
    pub(crate) fn read(&self) -> Result<Config, Vec<Problem>> {
        let mut sources = Sources::default();
        let default = Path::new(DEFAULT_FILE);
        match &self.config {
            Some(file) => sources.add_file(file),
            None if default.exists() => sources.add_file(default),
            None => {}
        }
        sources.add_environment(std::env::vars_os());
        sources.add_options(self.set.iter().map(String::as_str));
        Config::load(&sources)
    }

    /// All settings.
    ///
    /// # Errors
    /// With every problem, a line each.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        self.read().map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}", lines.join("\nclockstop: "))
        })
    }
}
