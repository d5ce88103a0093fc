//! A snapshot with every table, and a national year from the generator to the files.
//!
//! `cargo bench -p clockstop --bench publish -- [--scale 0.15] [--partitions 12] [--into FOLDER]`
//!
//! `--scale 1` is the whole year: about 3.2 million FDS results.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures and stops at its first surprise"
)]

#[path = "machine.rs"]
mod machine;

use clockstop::generate::{Rates, Record, Scale, SchemaIds, Year, YearPlan};
use clockstop::publish::{Origin, PartitionState, References, Root, Snapshot, Source};
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{AlertKey, Day, Engine, Notice, Reference, Topic};
use clockstop_schemas::{EventDecoder, Plane, PseudonymKey, event_schema_json, partition_of};
use std::path::{Path, PathBuf};
use std::time::Instant;

const IDS: SchemaIds = SchemaIds([1, 2, 3]);
const MIB: u64 = 1 << 20;

struct Asked {
    scale: f64,
    partitions: i32,
    into: Option<PathBuf>,
}

fn asked() -> Asked {
    let mut asked = Asked {
        scale: 0.15,
        partitions: 12,
        into: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--scale" => asked.scale = words.next().unwrap().parse().unwrap(),
            "--partitions" => asked.partitions = words.next().unwrap().parse().unwrap(),
            "--into" => asked.into = words.next().map(PathBuf::from),
            "--bench" => {}
            other => panic!("{other} is no option: --scale, --partitions, --into"),
        }
    }
    asked
}

fn main() {
    let asked = asked();
    println!("{}", machine::machine());
    let began = Instant::now();
    let (mut engines, as_of) = folded(&asked);
    let folded = began.elapsed().as_secs_f64();
    let pathways: usize = engines.iter().map(Engine::pathways).sum();
    println!(
        "folded: {pathways} pathways generated, encoded, decoded and learned in {folded:.1} s; {} MiB resident",
        machine::resident("self") / MIB
    );
    let began = Instant::now();
    for engine in &mut engines {
        for notice in engine.reconcile(as_of) {
            if let Notice::Alert(alert) = notice {
                engine.recall(&alert);
            }
        }
    }
    let standing: u64 = engines.iter().map(|engine| engine.standing().total()).sum();
    let decided = began.elapsed().as_secs_f64();
    println!("decided: {standing} alerts stand on {as_of} after {decided:.1} s");
    let temporary = tempfile::tempdir().unwrap();
    let into = asked.into.as_deref().unwrap_or(temporary.path());
    publish(&engines, as_of, into);
    println!("peak: {} MiB resident", machine::peak() / MIB);
}

fn folded(asked: &Asked) -> (Vec<Engine>, Day) {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a scale from 0 to 1"
    )]
    let millionths = (asked.scale * 1e6).round() as u32;
    let mut year = Year::new(YearPlan {
        seed: 1,
        scale: Scale::new(millionths).unwrap(),
        rates: Rates::default(),
    })
    .unwrap();
    let mut decoder = EventDecoder::default();
    for (id, topic) in (1..).zip(Topic::ALL) {
        decoder.add_schema(id, event_schema_json(topic)).unwrap();
    }
    let engine = |_| Engine::new(AlertKey([1; 32]), Reference::default(), "bench");
    let mut engines: Vec<Engine> = (0..asked.partitions).map(engine).collect();
    let as_of = year.last_day();
    while let Some(events) = year.next() {
        for event in &events {
            let record = Record::of(event, year.texts(), IDS);
            let key = record.key.as_bytes();
            let partition = partition_of(key, asked.partitions);
            let engine = engines
                .get_mut(usize::try_from(partition).unwrap())
                .unwrap();
            let texts = engine.texts_mut();
            let read = decoder.decode(event.topic(), Some(key), Some(&record.value), texts);
            if let Ok(read) = read {
                engine.learn(&record.key, &read.report);
            }
        }
    }
    (engines, as_of)
}

fn publish(engines: &[Engine], as_of: Day, into: &Path) {
    let references = References::new(Reference::default(), Tables::default()).unwrap();
    let roots = [Root {
        plane: Plane::Analyst(PseudonymKey([2; 32])),
        path: into.to_owned(),
    }];
    let states = engines
        .iter()
        .zip(0..)
        .map(|(engine, partition)| PartitionState {
            partition,
            offsets: [0; 3],
            last_appends: Vec::new(),
            origin: Origin::Live,
            source: Source::Here(engine),
        });
    let snapshot = Snapshot {
        as_of: jiff::Timestamp::now(),
        today: as_of,
        states: states.collect(),
        missing: Vec::new(),
        references: &references,
    };
    let began = Instant::now();
    let published = snapshot.publish(&roots, 1).unwrap();
    let took = began.elapsed().as_secs_f64();
    for plane in &published {
        let rows: usize = plane.rows.values().sum();
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "millions of rows"
        )]
        let rate = rows as f64 / took / 1e3;
        println!(
            "published: {rows} rows of {} tables in {took:.1} s on one core, {rate:.0} k rows/s, {} MiB",
            plane.rows.len(),
            size(&plane.folder) / MIB
        );
        for (table, rows) in &plane.rows {
            println!("  {rows:>9} {table}");
        }
    }
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            size(&path)
        } else {
            entry.metadata().unwrap().len()
        }
    });
    sizes.sum()
}
