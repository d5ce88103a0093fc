//! `clockstop explain`: one pathway, every clock with its rules and the reports behind it.

use super::Outcome;
use super::assess::Format;
use super::events_file;
use super::settings::Settings;
use clockstop::kafka::client::Clients;
use clockstop::kafka::history::fold_pathway;
use clockstop::registry::Registry;
use clockstop::story::{Detail, Story};
use clockstop_pipeline::{Day, Engine, complete_patient_findings};
use clockstop_schemas::assessment_json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Explains one pathway: its clocks, the rules that decided, and the reports they rest on
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop explain RXX:00000000000000000001 --file events.jsonl --as-of 2026-03-01\n  clockstop explain RXX:00000000000000000001 --from-kafka --config clockstop.toml"
)]
#[command(group = clap::ArgGroup::new("from").required(true))]
pub(crate) struct Arguments {
    /// The pathway, `<issuer>:<identifier>`
    #[arg(value_name = "KEY")]
    pathway: String,
    /// Events as JSON lines; `-` reads standard input
    #[arg(long, value_name = "FILE.jsonl", group = "from")]
    file: Option<PathBuf>,
    /// Reads the pathway's events from the inputs that the settings name
    #[arg(long, group = "from")]
    from_kafka: bool,
    #[command(flatten)]
    settings: Settings,
    /// The date on which it is judged [default: today in London]
    #[arg(long, value_name = "DATE", value_parser = super::given::day)]
    as_of: Option<Day>,
    /// `text`: for people; `json`: the assessment as one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Learns the pathway from the inputs; its patient's other pathways are not looked for.
fn from_kafka(arguments: &Arguments, engine: &mut Engine) -> anyhow::Result<Outcome> {
    let config = arguments.settings.load()?;
    let clients = Clients::new(config.kafka.clone());
    let mut registry = Registry::of(&config.registry);
    let read = fold_pathway(&clients, &mut registry, &arguments.pathway, engine)?;
    if read.refused == 0 {
        return Ok(Outcome::Done);
    }
    writeln!(
        io::stderr(),
        "{} of {} records of the pathway were refused; their reasons are on the dead-letter topic",
        read.refused,
        read.refused + read.learned
    )?;
    Ok(Outcome::Partial)
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let as_of = match arguments.as_of {
        Some(day) => day,
        None => super::today()?,
    };
    let mut engine = events_file::engine();
    let outcome = match &arguments.file {
        Some(file) => events_file::fold(file, &mut engine)?,
        None => from_kafka(arguments, &mut engine)?,
    };
    let mut rows: Vec<_> = engine.rows(as_of).collect();
    let parts: Vec<_> = rows.iter().map(|row| row.patient.clone()).collect();
    let mut findings: Vec<_> = rows.iter().map(|row| row.assessment.findings).collect();
    complete_patient_findings(&parts, &mut findings);
    let place = rows.iter().position(|row| row.pathway == arguments.pathway);
    let Some((mut row, findings)) =
        place.and_then(|place| Some((rows.swap_remove(place), *findings.get(place)?)))
    else {
        anyhow::bail!("no event of this pathway was read; the key is <issuer>:<identifier>");
    };
    row.assessment.findings = findings;
    let mut out = io::stdout().lock();
    let printed = match arguments.format {
        Format::Json => writeln!(
            out,
            "{}",
            assessment_json(row.pathway, &row.assessment, row.texts(), None)
        ),
        Format::Text => write!(
            out,
            "{}",
            Story {
                row: &row,
                findings,
                detail: Detail::Traced,
            }
        ),
    };
    super::until_nobody_reads(printed)?;
    Ok(outcome)
}
