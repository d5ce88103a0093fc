//! `clockstop reference`: the built-in reference tables as files, and the option that gives others.

use super::Outcome;
use anyhow::Context;
use clockstop::reference::load_tables;
use clockstop_pipeline::statistics::Tables;
use clockstop_schemas::built_in_reference_tables;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// Writes the built-in reference tables of the statistics as files, to be changed and given back
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop reference --out tables\n\nChange what has to be changed, delete the files that are to stay built in, and name the version anew in version.txt: it is\nwritten into every output, and the built-in one is not taken. Then set `reference.tables`, or give --reference-tables."
)]
pub(crate) struct Arguments {
    /// Writes into this folder, but over no file
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let folder = &arguments.out;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in built_in_reference_tables() {
        let path = folder.join(name);
        let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Done)
}

/// Reference tables of the statistics in the place of the built-in ones.
#[derive(Debug, clap::Args)]
pub(super) struct GivenTables {
    /// Reference tables in place of the built-in ones, as `clockstop reference` writes them
    #[arg(long, value_name = "FOLDER")]
    reference_tables: Option<PathBuf>,
}

impl GivenTables {
    pub(super) fn load(&self) -> anyhow::Result<Tables> {
        let folder = self.reference_tables.as_deref();
        Ok(load_tables("--reference-tables", folder)?)
    }
}
