//! `clockstop dictionary`: what the columns of the tables mean.

use super::Outcome;
use anyhow::{Context, anyhow};
use clockstop_schemas::tables::{ALL, Table, columns_csv, dictionary_index, dictionary_page};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prints what the columns of the published tables mean: type, unit, rule, and what null stands for
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clockstop dictionary waits")]
pub(crate) struct Arguments {
    /// The table; without one the list of all tables
    table: Option<String>,
    /// Prints table, column and type of every column as CSV
    #[arg(long, conflicts_with = "table")]
    columns: bool,
    /// Writes a page per table and their list into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["table", "columns"])]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let text = match (&arguments.table, &arguments.out) {
        (Some(name), _) => dictionary_page(table(name)?),
        (None, Some(folder)) => {
            write_pages(folder)?;
            return Ok(Outcome::Done);
        }
        (None, None) if arguments.columns => columns_csv(),
        (None, None) => dictionary_index(),
    };
    super::until_nobody_reads(std::io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

fn table(name: &str) -> anyhow::Result<&'static Table> {
    let found = ALL.into_iter().find(|table| table.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|table| table.name).collect();
        anyhow!("there is no table {name}; there are {}", names.join(", "))
    })
}

fn write_pages(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let pages = ALL.iter().map(|table| (table.name, dictionary_page(table)));
    for (name, page) in pages.chain([("README", dictionary_index())]) {
        let path = folder.join(format!("{name}.md"));
        fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
