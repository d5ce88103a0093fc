//! `clockstop assess`: events from a file, folded and judged on a date, without a broker.

use super::Outcome;
use super::events_file;
use clap::ValueEnum;
use clockstop::story::{Detail, Story};
use clockstop_pipeline::{Day, Engine, Row, complete_patient_findings};
use clockstop_schemas::assessment_json;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Judges the pathways of a file of events on a date; needs no broker
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop assess events.jsonl --as-of 2026-03-01 --format json\n  clockstop generate --pathways 10 --from 2026-01-01 --to 2026-03-01 --out - | clockstop assess - --as-of 2026-03-01 --format text\n\nBad lines are reported on standard error with their number and reason, the rest is judged, and the exit code is 3.\nOf a file without any event nothing is judged, and the exit code is 1."
)]
pub(crate) struct Arguments {
    /// Events as JSON lines; `-` reads standard input
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    /// The date on which the pathways are judged
    #[arg(long, value_name = "DATE", value_parser = super::given::day)]
    as_of: Day,
    /// `json`: one assessment a line; `text`: for people
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// In which form something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut engine = events_file::engine();
    let outcome = events_file::fold(&arguments.file, &mut engine)?;
    super::until_nobody_reads(print(&engine, arguments))?;
    Ok(outcome)
}

fn print(engine: &Engine, arguments: &Arguments) -> io::Result<()> {
    let mut keys: Vec<&str> = engine.keys().collect();
    keys.sort_unstable();
    let rows = || {
        keys.iter()
            .filter_map(|key| engine.row(key, arguments.as_of))
    };
    let (parts, mut findings): (Vec<_>, Vec<_>) = rows()
        .map(|row| (row.patient, row.assessment.findings))
        .unzip();
    complete_patient_findings(&parts, &mut findings);
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    for (mut row, findings) in rows().zip(findings) {
        row.assessment.findings = findings;
        print_row(&mut out, &row, arguments.format)?;
    }
    out.flush()
}

fn print_row(out: &mut impl Write, row: &Row<'_>, format: Format) -> io::Result<()> {
    match format {
        Format::Json => writeln!(
            out,
            "{}",
            assessment_json(row.pathway, &row.assessment, row.texts(), None)
        ),
        Format::Text => writeln!(
            out,
            "{}",
            Story {
                row,
                findings: row.assessment.findings,
                detail: Detail::Short,
            }
        ),
    }
}
