//! `clockstop explain`: one pathway, every clock with its rules and the reports behind it.

use super::Outcome;
use super::assess::Format;
use super::events_file;
use clockstop::story::{Detail, Story};
use clockstop_pipeline::{Day, complete_patient_findings};
use clockstop_schemas::assessment_json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Explains one pathway: its clocks, the rules that decided, and the reports they rest on
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  clockstop explain RXX:00000000000000000001 --file events.jsonl --as-of 2026-03-01"
)]
pub(crate) struct Arguments {
    /// The pathway, `<issuer>:<identifier>`
    #[arg(value_name = "KEY")]
    pathway: String,
    /// Events as JSON lines; `-` reads standard input
    #[arg(long, value_name = "FILE.jsonl")]
    file: PathBuf,
    /// The date on which it is judged [default: today in London]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Day>,
    /// `text`: for people; `json`: the assessment as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let as_of = match arguments.as_of {
        Some(day) => day,
        None => super::today()?,
    };
    let mut engine = events_file::engine();
    let outcome = events_file::fold(&arguments.file, &mut engine)?;
    let mut rows: Vec<_> = engine.rows(as_of).collect();
    let parts: Vec<_> = rows.iter().map(|row| row.patient.clone()).collect();
    let mut findings: Vec<_> = rows.iter().map(|row| row.assessment.findings).collect();
    complete_patient_findings(&parts, &mut findings);
    let place = rows.iter().position(|row| row.pathway == arguments.pathway);
    let Some((mut row, findings)) =
        place.and_then(|place| Some((rows.swap_remove(place), *findings.get(place)?)))
    else {
        anyhow::bail!(
            "no event of pathway {} was read; the key is <issuer>:<identifier>",
            arguments.pathway
        );
    };
    row.assessment.findings = findings;
    let mut out = io::stdout().lock();
    match arguments.format {
        Format::Json => writeln!(
            out,
            "{}",
            assessment_json(row.pathway, &row.assessment, row.texts(), None)
        )?,
        Format::Text => write!(
            out,
            "{}",
            Story {
                row: &row,
                findings,
                detail: Detail::Traced,
            }
        )?,
    }
    Ok(outcome)
}
