//! `clockstop publish`: the tables of a file of events, without a broker.

use super::Outcome;
use super::events_file;
use clockstop::config::read_key;
use clockstop::publish::{Origin, PartitionState, Published, References, Root, Snapshot, Source};
use clockstop_pipeline::{Day, Engine, Notice, Reference};
use clockstop_schemas::{Plane, PseudonymKey};
use core::fmt::Display;
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

/// Publishes the tables of a file of events, judged on a date; needs no broker
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop publish events.jsonl --as-of 2026-03-13 --to snapshots/analyst\n  clockstop publish events.jsonl --as-of 2026-03-13 --to snapshots/analyst --identifiable snapshots/identifiable --pseudonym-key pseudonym.key\n  clockstop generate --pathways 1000 --from 2025-10-01 --to 2026-03-13 --out - | clockstop publish - --as-of 2026-03-13 --to snapshots/analyst\n\nThe tables lie in FOLDER/current, a link to the newest of the last five snapshots; each run adds one.\nAlerts are those that a service which first goes live on DATE would raise: each with the transition `raised`, at the level\nthat holds then. What only a broker or closed days know is empty: alert_history, restatements, the times of last appends in\nfeeds, the lists of earlier Sundays and their charts.\nBad lines are reported on standard error with their number and reason, the rest is published, and the exit code is 3."
)]
pub(crate) struct Arguments {
    /// Events as JSON lines; `-` reads standard input
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    /// The date on which the pathways are judged
    #[arg(long, value_name = "DATE", value_parser = super::given::day)]
    as_of: Day,
    /// Where the tables go, with pseudonyms in place of identifiers
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Where they go as well, with identifiers as reported: for direct care only
    #[arg(long, value_name = "FOLDER")]
    identifiable: Option<PathBuf>,
    /// 32 bytes from which pseudonyms are made [default: random, other pseudonyms each time]
    #[arg(long, value_name = "FILE")]
    pseudonym_key: Option<PathBuf>,
}

/// Snapshots that stay in a folder.
const KEPT: usize = 5;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let roots = arguments.roots()?;
    let mut engine = events_file::engine();
    let outcome = events_file::fold(&arguments.file, &mut engine)?;
    tell(&format_args!("{} pathways are read", engine.pathways()))?;
    raise(&mut engine, arguments.as_of);
    tell(&format_args!(
        "{} alerts stand; writing the tables",
        engine.standing().total()
    ))?;
    let published = publish(&engine, arguments.as_of, &roots)?;
    for (root, published) in roots.iter().zip(&published) {
        summarise(root, published)?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(io::stdout(), "as of {}, in {seconds:.1} s", arguments.as_of)?;
    Ok(outcome)
}

impl Arguments {
    fn roots(&self) -> anyhow::Result<Vec<Root>> {
        let key = match &self.pseudonym_key {
            Some(file) => read_key("--pseudonym-key", file)?,
            None => random_key()?,
        };
        let mut roots = vec![Root {
            plane: Plane::Analyst(PseudonymKey(key)),
            path: self.to.clone(),
        }];
        if let Some(path) = self.identifiable.clone() {
            let same = std::path::absolute(&path)? == std::path::absolute(&self.to)?;
            anyhow::ensure!(
                !same,
                "--identifiable needs a folder of its own, not that of --to"
            );
            let plane = Plane::Identifiable;
            roots.push(Root { plane, path });
        }
        Ok(roots)
    }
}

fn random_key() -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no random key: {error}"))?;
    tell(
        &"pseudonyms are made from a random key that is not kept: the next run makes others; --pseudonym-key keeps them",
    )?;
    Ok(key)
}

/// Says what is due on the day, as at a first start.
fn raise(engine: &mut Engine, today: Day) {
    for notice in engine.reconcile(today) {
        if let Notice::Alert(alert) = notice {
            engine.recall(&alert);
        }
    }
}

fn publish(engine: &Engine, today: Day, roots: &[Root]) -> anyhow::Result<Vec<Published>> {
    let state = PartitionState {
        partition: 0,
        offsets: [0; 3],
        last_appends: Vec::new(),
        origin: Origin::File,
        source: Source::Here(engine),
    };
    let snapshot = Snapshot {
        as_of: Timestamp::now(),
        today,
        states: vec![state],
        missing: Vec::new(),
        references: &References::built_in(Reference::default())?,
    };
    Ok(snapshot.publish(roots, KEPT)?)
}

/// Says how far it is, where standard output may be read by a program.
fn tell(what: &dyn Display) -> io::Result<()> {
    writeln!(io::stderr(), "{what}")
}

fn summarise(root: &Root, published: &Published) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let folder = root.path.join("current");
    writeln!(out, "{}, {}:", root.plane.name(), folder.display())?;
    for (table, rows) in &published.rows {
        writeln!(out, "  {table:<22}{rows:>10} rows")?;
    }
    Ok(())
}
