//! `clockstop export`: figures as a file that others read.

use super::Outcome;
use super::published::{Months, Source, span};
use super::reference::GivenTables;
use anyhow::Context;
use clockstop::digits::grouped;
use clockstop::published_folder::{Figures, PublishedFolder};
use clockstop::suppressed_root::leave;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::statistics::suppression::SuppressionRule;
use clockstop_schemas::published::write_national;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Writes figures of a published folder as a file that others read
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop export cwt --from snapshots/analyst --year 2024-25 --out cwt.csv"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Cwt(Cwt),
}

/// The published cancer waiting times, in the thirty columns of NHS England's combined CSV
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop export cwt --from snapshots/analyst --year 2024-25 --out cwt.csv\n  clockstop export cwt --from snapshots/analyst --release 2025-03/final --out cwt.csv\n  clockstop export cwt --from snapshots/analyst --release 2025-03/final --suppress --out-root outgoing\n\nWithout --month or --year: of a snapshot the months that are released, of a release its month. Rows are sorted by month, basis,\norganisation and cut. The commissioner UNKNOWN is written, so that commissioners add up to England."
)]
struct Cwt {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    months: Months,
    #[command(flatten)]
    tables: GivenTables,
    /// Writes this file; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    #[command(flatten)]
    suppression: Suppression,
}

/// What has to happen before figures leave the building.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Leaving the building")]
struct Suppression {
    /// Hides small counts, so that none can be worked out, and rounds the others; of a released month only
    #[arg(long, requires = "out_root", conflicts_with_all = ["out", "month", "year"])]
    suppress: bool,
    /// A folder that holds nothing but suppressed releases: MONTH/RELEASE/cwt.csv, and beside it what was done
    #[arg(long, value_name = "FOLDER", requires = "suppress")]
    out_root: Option<PathBuf>,
    /// Counts from 1 to this are hidden
    #[arg(long, value_name = "N", default_value_t = 7, requires = "suppress", value_parser = clap::value_parser!(u16).range(1..1000))]
    threshold: u16,
    /// Other counts are rounded to multiples of this
    #[arg(long, value_name = "N", default_value_t = 5, requires = "suppress", value_parser = clap::value_parser!(u16).range(1..1000))]
    rounding: u16,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let What::Cwt(cwt) = &arguments.what;
    let tables = cwt.tables.load()?;
    let (folder, figures) = cwt.source.read()?;
    match &cwt.suppression.out_root {
        Some(root) => suppressed(cwt, root, &folder, figures, &tables),
        None => national(cwt, &folder, figures, &tables),
    }
}

fn national(
    cwt: &Cwt,
    folder: &PublishedFolder,
    figures: Figures,
    tables: &Tables,
) -> anyhow::Result<Outcome> {
    let months = cwt.months.of(folder, &figures)?;
    let releases = figures.months();
    let cells = figures.published(tables, |month| months.contains(&month));
    let by_release = months.iter().map(|month| {
        let release = releases.get(month).copied().flatten();
        release.map_or("release unknown", |release| release.name())
    });
    let mut names: Vec<&str> = by_release.collect();
    names.dedup();
    write(&cwt.out, &write_national(&cells))?;
    writeln!(
        io::stderr(),
        "{} rows of {}{} ({}), from {}",
        grouped(cells.len()),
        if months.len() > 1 {
            format!("{} months, ", months.len())
        } else {
            String::new()
        },
        span(&months),
        names.join(", then "),
        origin(folder)
    )?;
    Ok(Outcome::Done)
}

fn suppressed(
    cwt: &Cwt,
    root: &Path,
    folder: &PublishedFolder,
    figures: Figures,
    tables: &Tables,
) -> anyhow::Result<Outcome> {
    let rule = SuppressionRule {
        threshold: cwt.suppression.threshold + 1,
        rounding: cwt.suppression.rounding,
    };
    let left = leave(folder, figures, tables, rule, root)?;
    writeln!(
        io::stderr(),
        "{} rows with {} counts hidden and {} shown, from {}: {}",
        grouped(left.rows),
        grouped(left.hidden),
        grouped(left.shown),
        origin(folder),
        left.folder.display()
    )?;
    for cut in &left.left_out {
        writeln!(
            io::stderr(),
            "left out, for its hidden counts could be worked out: {cut}"
        )?;
    }
    Ok(Outcome::Done)
}

/// Where figures come from, and as of when.
pub(super) fn origin(folder: &PublishedFolder) -> String {
    let as_of = folder.as_of().map(|as_of| format!(", as of {as_of}"));
    let kind = match folder.release() {
        Some(release) => format!("release {release}"),
        None => "snapshot".to_owned(),
    };
    format!("{kind}{}", as_of.unwrap_or_default())
}

/// Writes a file whole or not at all, or standard output until nobody reads it.
pub(super) fn write(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if out == Path::new("-") {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        return super::until_nobody_reads(written).context("cannot write to standard output");
    }
    let cannot = || format!("cannot write {}", out.display());
    if fs::metadata(out).is_ok_and(|there| !there.is_file()) {
        // A pipe or a device is written as it is, never replaced.
        return fs::write(out, bytes).with_context(cannot);
    }
    let folder = out.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    // The error itself would name the unfinished file.
    anyhow::ensure!(
        folder.is_dir(),
        "cannot write {}: {} is no folder",
        out.display(),
        folder.display()
    );
    let mut file = tempfile::Builder::new()
        .prefix(".unfinished-")
        // As any file is made; what the process's mask forbids is taken away.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(cannot)?;
    let written = file.write_all(bytes);
    written
        .and_then(|()| file.as_file().sync_all())
        .with_context(cannot)?;
    file.persist(out).with_context(cannot)?;
    Ok(())
}
