//! `clockstop compare`: our figures against published ones, cell by cell.

mod report;

use super::Outcome;
use super::export;
use super::published::{Months, Source};
use anyhow::{Context, ensure};
use clap::ValueEnum;
use clockstop_pipeline::statistics::compare::{comparable, compare};
use clockstop_pipeline::statistics::{Cell, CellKey, Tables};
use clockstop_schemas::published::read_published;
use flate2::read::MultiGzDecoder;
use report::Report;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Compares figures of a published folder with published files, cell by cell, and says where they differ most and why
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop compare March-2025-Monthly-Combined-CSV-Final.csv --from snapshots/analyst --release 2025-03/final\n  clockstop compare tests/data/published/cwt_*.csv.gz --from snapshots/analyst --month 2025-03 --top 5\n  clockstop export cwt --from OTHER --year 2024-25 | clockstop compare - --from snapshots/analyst --format csv --out differences.csv\n\nA FILE is NHS England's combined CSV or a tidy file of the workbooks, gzipped or not. Only its months, standards and cuts are\ncompared; names and regions never are, and the commissioner UNKNOWN is not where the files leave it out.\nExit code 0: equal; 3: something differs."
)]
pub(crate) struct Arguments {
    /// Published files; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    months: Months,
    /// Shows so many of the largest differences [default: 20 as text, all of them otherwise]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// `text`: for people; `json`: one object; `csv`: a row for each figure that differs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Writes this file; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let includes = |key: &CellKey| arguments.months.includes(key.month).unwrap_or(true);
    let mut theirs = published(&arguments.files)?;
    theirs.retain(|cell| includes(&cell.key));
    ensure!(
        !theirs.is_empty(),
        "the files hold no row of these months: there is nothing to compare"
    );
    let (folder, figures) = arguments.source.read()?;
    let wanted: BTreeSet<_> = theirs.iter().map(|cell| cell.key.month).collect();
    for month in arguments.months.lacking(&wanted) {
        writeln!(
            io::stderr(),
            "the files hold no row of {month}: it is not compared"
        )?;
    }
    // Names and regions, all that the tables give, are never compared.
    let ours = comparable(
        figures.published(&Tables::default(), |month| wanted.contains(&month)),
        &theirs,
    );
    let report = Report {
        folder: &folder,
        files: &arguments.files,
        months: &wanted,
        comparison: &compare(&ours.cells, &theirs),
        unknown_commissioner: ours.unknown_commissioner,
        other_cuts: ours.other_cuts,
        top: arguments.top,
    };
    let told = match arguments.format {
        Format::Text => report.text()?,
        Format::Json => report.json(),
        Format::Csv => report.csv(),
    };
    export::write(&arguments.out, told.as_bytes())?;
    Ok(if report.comparison.differences.is_empty() {
        Outcome::Done
    } else {
        Outcome::Partial
    })
}

/// The rows of all files; of one that stands in several the last counts, and it is said that there are such.
fn published(files: &[PathBuf]) -> anyhow::Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for file in files {
        let bytes = bytes(file).with_context(|| format!("cannot read {}", file.display()))?;
        let read = read_published(&bytes);
        cells.extend(read.with_context(|| format!("{} is no published file", file.display()))?);
    }
    let mut keys: Vec<&CellKey> = cells.iter().map(|cell| &cell.key).collect();
    keys.sort_unstable();
    let rows = keys.len();
    keys.dedup();
    let twice = rows - keys.len();
    if twice > 0 {
        writeln!(
            io::stderr(),
            "{twice} rows of the files stand there more than once: the last of each counts"
        )?;
    }
    Ok(cells)
}

/// A file's bytes, unpacked where it is gzipped.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = fs::read(file)?;
    }
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}
