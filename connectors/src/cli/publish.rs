//! `clockstop publish`: the tables of a file of events, without a broker.

use super::Outcome;
use super::events_file;
use super::progress::Progress;
use super::reference::GivenTables;
use anyhow::Context;
use clockstop::apart::are_apart;
use clockstop::calendar::Calendar;
use clockstop::config::read_key;
use clockstop::publish::{
    ClosedDay, Origin, PartitionState, Published, References, Root, Snapshot, Source, is_built_upon,
};
use clockstop_pipeline::{Day, Engine, Instant, Notice, Reference};
use clockstop_schemas::{Decoded, Plane, PseudonymKey};
use core::fmt::Display;
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::PathBuf;

/// Publishes the tables of a file of events, judged on a date; needs no broker
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  clockstop publish events.jsonl --as-of 2026-03-13 --to snapshots/analyst\n  clockstop publish events.jsonl --as-of 2026-03-13 --to snapshots/analyst --identifiable snapshots/identifiable --pseudonym-key pseudonym.key\n  clockstop generate --pathways 1000 --from 2025-10-01 --to 2026-03-13 --out - | clockstop publish - --as-of 2026-03-13 --to snapshots/analyst\n  clockstop publish events.jsonl --as-of 2026-03-13 --closes-from 2026-02-01 --to snapshots/analyst --pseudonym-key pseudonym.key\n\nThe tables lie in FOLDER/current, a link to the newest of the last five snapshots; each run adds one.\nAlerts are those that a service which first goes live on DATE would raise: each with the transition `raised`, at the level\nthat holds then. What only a broker knows is empty: alert_history and the times of last appends in feeds; so are, without\n--closes-from, restatements, the lists of earlier Sundays and their charts.\nBad lines are reported on standard error with their number and reason, the rest is published, and the exit code is 3."
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
    /// Also closes, from DATE to the day before --as-of, the Sundays and the days on which a month is released, on what had
    /// been recorded by their midnight, as a service would have: FOLDER/daily/ and FOLDER/releases/, where what is there stays. Holds all events in memory
    #[arg(long, value_name = "DATE", value_parser = super::given::day, requires = "pseudonym_key")]
    closes_from: Option<Day>,
    #[command(flatten)]
    tables: GivenTables,
}

/// Snapshots that stay in a folder.
const KEPT: usize = 5;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let begun = std::time::Instant::now();
    let roots = arguments.roots()?;
    let references = References::new(Reference::default(), arguments.tables.load()?)?;
    let mut engine = events_file::engine();
    let outcome = match arguments.closes_from {
        Some(first) => arguments.close_days(first, &mut engine, &roots, &references)?,
        None => events_file::fold(&arguments.file, &mut engine)?,
    };
    tell(&format_args!("{} pathways are read", engine.pathways()))?;
    raise(&mut engine, arguments.as_of);
    tell(&format_args!(
        "{} alerts stand; writing the tables",
        engine.standing().total()
    ))?;
    let published = publish(&engine, arguments.as_of, &roots, &references)?;
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
            anyhow::ensure!(
                are_apart(&path, &self.to)?,
                "--identifiable is not apart from --to; name a folder that analysts cannot read"
            );
            let plane = Plane::Identifiable;
            roots.push(Root { plane, path });
        }
        Ok(roots)
    }

    /// Learns the file, and makes the tables of each day on its way.
    fn close_days(
        &self,
        first: Day,
        engine: &mut Engine,
        roots: &[Root],
        references: &References,
    ) -> anyhow::Result<Outcome> {
        anyhow::ensure!(
            first <= self.as_of,
            "--closes-from {first} is after --as-of {}",
            self.as_of
        );
        let days = (0..self.as_of.since(first)).map(|past| first.plus(past));
        let days: Vec<Day> = days.filter(|day| is_built_upon(*day, references)).collect();
        let calendar = Calendar::london()?;
        let (events, outcome) = events_file::read(&self.file, engine)?;
        let mut events = events.iter().peekable();
        let mut learn_before = |ends: Instant, engine: &mut Engine| {
            let is_known = |event: &&Decoded<'_>| event.report.version.recorded_at < ends;
            while let Some(event) = events.next_if(is_known) {
                engine.learn(&event.pathway, &event.report);
            }
        };
        let mut progress = Progress::new(u64::try_from(days.len())?, "days");
        for &day in &days {
            let ends = calendar.end_of(day).context("a day without an end")?;
            let ends = Instant(ends.saturating_mul(1_000));
            learn_before(ends, engine);
            let states = vec![state(engine)];
            ClosedDay {
                day,
                ends,
                states,
                references,
            }
            .publish(roots)?;
            progress.step();
        }
        drop(progress);
        learn_before(Instant(i64::MAX), engine);
        tell(&format_args!("{} days are closed", days.len()))?;
        Ok(outcome)
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

/// All pathways, as the one partition that a file is.
fn state(engine: &Engine) -> PartitionState<'_> {
    PartitionState {
        partition: 0,
        offsets: [0; 3],
        last_appends: Vec::new(),
        origin: Origin::File,
        source: Source::Here(engine),
    }
}

fn publish(
    engine: &Engine,
    today: Day,
    roots: &[Root],
    references: &References,
) -> anyhow::Result<Vec<Published>> {
    let snapshot = Snapshot {
        as_of: Timestamp::now(),
        today,
        states: vec![state(engine)],
        missing: Vec::new(),
        references,
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
