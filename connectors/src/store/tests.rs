//! What is written comes back whole, or what lay before it does; a store that is away is never an empty one.

mod closes;
mod damage;
mod full_disk;
mod remote;
mod s3;

use super::{Engines, Error, Loaded, Store, Unusable, Written};
use crate::config::Checkpoints;
use crate::partition::Mark;
use arrow::array::RecordBatch;
use clockstop_pipeline::{AlertKey, Day, Engine, Kept, Notice, Reference};
use clockstop_schemas::checkpoint::{LastAppend, PathwayRows};
use clockstop_schemas::{Refusal, decode_line};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const PARTITION: i32 = 3;
const KEY: AlertKey = AlertKey([7; 32]);
const SOFTWARE: &str = "0.1.0";

fn day(number: i32) -> Day {
    Day::from_ymd(2026, 3, number).expect("a day of March")
}

fn folder() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    (folder, store)
}

fn open(folder: &Path) -> Store {
    Store::open(&Checkpoints::in_folder(folder)).expect("a store")
}

/// An engine that knows of `count` referrals and has said what was due of them.
fn engine(count: usize) -> Engine {
    let mut engine = Engine::new(KEY, Reference::default(), SOFTWARE);
    for number in 0..count {
        let line = format!(
            r#"{{"topic":"referral","event_type":"referral_received","event_id":"00000000-0000-4000-8000-{number:012}","recorded_at":"2026-01-05T09:00:00Z","source_system":"RXX/epic","patient_pathway_identifier":"P{number}","organisation_identifier_issuer":"RXX","cancer_referral_to_treatment_period_start_date":"2026-01-02","priority_type_code":"3","source_of_referral_for_out_patients":"03"}}"#
        );
        let decoded = decode_line(line.as_bytes(), engine.texts_mut()).expect("an event");
        engine.learn(&decoded.pathway, &decoded.report);
    }
    // Until nothing is left to say.
    for _ in 0..2 {
        for notice in engine.reconcile(day(2)) {
            if let Notice::Alert(alert) = notice {
                engine.recall(&alert);
            }
        }
    }
    engine
}

fn rows(engine: &Engine, from: usize, count: usize) -> RecordBatch {
    let mut rows = PathwayRows::default();
    engine.sweep(from, count).for_each(|kept| rows.add(&kept));
    rows.finish().expect("rows")
}

fn mark(offset: i64) -> Mark {
    let mut mark = Mark {
        partitions: 12,
        accepted_from: [1, 0, 2],
        alert_position: 40,
        control_position: 50,
        decided: Some(day(2)),
        closed_through: Some(day(1)),
        last_appends: vec![LastAppend {
            source: "RXX/epic".to_owned(),
            event_type: "referral_received".to_owned(),
            appended_at: 1_767_600_000_000,
        }],
        ..Mark::default()
    };
    mark.identity.cluster = Some("cluster".to_owned());
    mark.identity.topics = [Some("one".to_owned()), None, Some("three".to_owned())];
    mark.progress.offsets = [offset, 5, 0];
    mark.progress.counts.changed = 9;
    for reason in Refusal::REASONS {
        mark.progress.counts.refused(reason);
    }
    mark.progress.log_time = Some(1_772_352_000_000);
    mark
}

/// Writes a checkpoint of as many pathways as its first offset.
fn write(store: &Store, offset: u8) -> Written {
    try_write(store, offset).expect("written")
}

fn try_write(store: &Store, offset: u8) -> Result<Written, Error> {
    let engine = engine(usize::from(offset));
    let mut writer = store.writer(PARTITION, mark(i64::from(offset)))?;
    for from in (0..engine.slots()).step_by(4) {
        writer.add(&rows(&engine, from, 4))?;
    }
    writer.finish(engine.texts().kept(), &Reference::default(), SOFTWARE)
}

#[test]
fn what_was_settled_holds_where_the_same_tables_judge() {
    let (_folder, store) = folder();
    write(&store, 5);
    let mut edited = Reference::default();
    edited.fds.within += 1;
    for (reference, holds) in [(Reference::default(), true), (edited, false)] {
        let engines = Engines {
            key: KEY,
            reference: &reference,
            software: SOFTWARE,
        };
        let loaded = store.load(PARTITION, &engines, &|| true);
        let (restored, _) = loaded.expect("answered").newest.expect("whole");
        let mut kept = restored.engine.sweep(0, restored.engine.slots());
        assert_eq!(kept.any(|kept| kept.settled.is_some()), holds);
    }
}

fn load(store: &Store) -> Loaded {
    try_load(store).expect("the store answers")
}

fn try_load(store: &Store) -> Result<Loaded, Error> {
    let engines = Engines {
        key: KEY,
        reference: &Reference::default(),
        software: SOFTWARE,
    };
    store.load(PARTITION, &engines, &|| true)
}

/// That the checkpoint of this offset is loaded, whole; gives back what was passed over.
#[track_caller]
fn assert_loads(store: &Store, offset: u8) -> Vec<(String, Unusable)> {
    let loaded = load(store);
    let (restored, about) = loaded.newest.expect("a whole checkpoint");
    let original = engine(usize::from(offset));
    assert_eq!(restored.mark, mark(i64::from(offset)));
    assert!(restored.engine.texts().kept().eq(original.texts().kept()));
    let all = |engine: &Engine| rows(engine, 0, engine.slots());
    assert_eq!(all(&restored.engine), all(&original));
    assert_eq!(about.rows, u64::from(offset));
    assert!(about.age < Duration::from_mins(5), "{about:?}");
    assert!(about.bytes > 0);
    let passed_over = loaded.passed_over.into_iter();
    passed_over.map(|over| (over.name, over.reason)).collect()
}

fn folder_of(root: &Path, written: &Written) -> PathBuf {
    root.join(PARTITION.to_string()).join(&written.name)
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder of a checkpoint");
    files.map(|file| file.expect("a file").path()).collect()
}

fn names(root: &Path) -> Vec<String> {
    let folders = fs::read_dir(root.join(PARTITION.to_string())).expect("the partition's");
    let names = folders.map(|folder| folder.expect("a folder").file_name().into_string());
    let mut names: Vec<_> = names.map(|name| name.expect("a text")).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_checkpoint_comes_back_as_it_was() {
    let (folder, store) = folder();
    assert!(load(&store).newest.is_none());
    let written = write(&store, 9);
    assert_eq!(written.rows, 9);
    assert!(
        written.name.starts_with("00000000000000000014-"),
        "{written:?}"
    );
    let on_disk = files_of(&folder_of(folder.path(), &written));
    let on_disk = on_disk
        .iter()
        .map(|file| file.metadata().expect("a file").len());
    assert_eq!(written.bytes, on_disk.sum::<u64>());
    assert_eq!(assert_loads(&store, 9), []);
    assert_eq!(assert_loads(&open(folder.path()), 9), []);
}

#[test]
fn a_checkpoint_of_nothing_comes_back() {
    let (_folder, store) = folder();
    write(&store, 0);
    assert_eq!(assert_loads(&store, 0), []);
}

#[test]
fn the_one_that_knows_most_is_loaded() {
    let (_folder, store) = folder();
    for offset in [9, 200, 10] {
        write(&store, offset);
    }
    assert_eq!(assert_loads(&store, 200), []);
}

#[test]
fn many_rows_are_several_files() {
    const ROWS: usize = super::writing::PART_ROWS + 3;
    let (folder, store) = folder();
    let mut batch = PathwayRows::default();
    for number in 0..ROWS {
        batch.add(&Kept {
            pathway: &format!("RXX:{number}"),
            erased: true,
            facts: &[],
            said: Vec::new().into(),
            settled: None,
        });
    }
    let mut writer = store.writer(PARTITION, mark(1)).expect("a writer");
    writer.add(&batch.finish().expect("rows")).expect("written");
    let texts: Vec<_> = (0..10_000).map(|number| format!("text {number}")).collect();
    let texts = texts.iter().map(String::as_str);
    let written = writer
        .finish(texts.clone(), &Reference::default(), SOFTWARE)
        .expect("written");
    assert_eq!(files_of(&folder_of(folder.path(), &written)).len(), 4);
    let (restored, about) = load(&store).newest.expect("whole");
    assert_eq!(Ok(about.rows), u64::try_from(ROWS));
    assert_eq!(restored.engine.slots(), ROWS);
    assert!(restored.engine.texts().kept().eq(texts));
}

#[test]
fn two_writers_at_once_both_write_a_whole_one() {
    let (folder, store) = folder();
    let other = open(folder.path());
    let engine = engine(8);
    let mut writers =
        [&store, &other].map(|store| store.writer(PARTITION, mark(8)).expect("a writer"));
    for from in (0..engine.slots()).step_by(2) {
        for writer in &mut writers {
            writer.add(&rows(&engine, from, 2)).expect("written");
        }
    }
    let written = writers.map(|writer| {
        let finished = writer.finish(engine.texts().kept(), &Reference::default(), SOFTWARE);
        finished.expect("written")
    });
    assert_eq!(assert_loads(&store, 8), []);
    for one in &written {
        let kept = folder_of(folder.path(), one);
        let aside = folder.path().join("aside");
        fs::rename(&kept, &aside).expect("set aside");
        assert_eq!(assert_loads(&store, 8), []);
        fs::rename(&aside, &kept).expect("put back");
    }
}

/// The id of a store that answers.
fn id_of(store: &Store) -> String {
    load(store);
    store.id().expect("it has answered").to_owned()
}

#[test]
fn one_store_has_one_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let ids = std::thread::scope(|scope| {
        let opening = [(); 4].map(|()| scope.spawn(|| id_of(&open(folder.path()))));
        opening.map(|thread| thread.join().expect("no panic"))
    });
    let id = id_of(&open(folder.path()));
    assert!(ids.iter().all(|one| *one == id), "{ids:?}");
    let (_other_folder, other) = self::folder();
    std::thread::scope(|scope| {
        let asking = [(); 4].map(|()| scope.spawn(|| id_of(&other)));
        for thread in asking {
            assert_ne!(thread.join().expect("no panic"), id);
        }
    });
}

#[test]
fn a_store_that_is_gone_or_another_is_not_an_empty_one() {
    let (folder, store) = folder();
    write(&store, 4);
    assert_loads(&store, 4);
    let moved = folder.path().with_extension("moved");
    fs::rename(folder.path(), &moved).expect("away");
    assert!(matches!(
        try_load(&store),
        Err(Error::Replaced | Error::Failed { .. })
    ));
    fs::create_dir(folder.path()).expect("an empty disk");
    assert!(matches!(try_load(&store), Err(Error::Replaced)));
    assert!(matches!(store.prune(PARTITION, 2), Err(Error::Replaced)));
    assert!(matches!(store.closed_days(), Err(Error::Replaced)));
    id_of(&open(folder.path()));
    assert!(matches!(try_load(&store), Err(Error::Replaced)));
    fs::remove_dir_all(folder.path()).expect("away");
    fs::rename(&moved, folder.path()).expect("back");
    assert_eq!(assert_loads(&store, 4), []);
}

#[test]
fn pruning_keeps_the_newest_whole_ones() {
    let (folder, store) = folder();
    let written: Vec<_> = (1..=6).map(|offset| write(&store, offset).name).collect();
    // The second newest is damaged and does not count.
    let damaged = folder.path().join(PARTITION.to_string()).join(&written[4]);
    let victim = files_of(&damaged)
        .into_iter()
        .find(|file| file.ends_with("pathways-00000.parquet"));
    File::options()
        .append(true)
        .open(victim.expect("a file"))
        .expect("open")
        .set_len(9)
        .expect("cut");
    assert_eq!(
        store.prune(PARTITION, 3).expect("pruned"),
        [written[1].clone(), written[0].clone()]
    );
    assert_eq!(names(folder.path()), written[2..]);
    assert_eq!(
        store.prune(PARTITION, 3).expect("pruned"),
        Vec::<String>::new()
    );
    assert_eq!(assert_loads(&store, 6), []);
    let newest = store.prune(PARTITION, 2).expect("pruned");
    assert_eq!(newest, [written[2].clone()]);
}

#[test]
fn what_nobody_finished_goes_after_a_day() {
    let (folder, store) = folder();
    let written: Vec<_> = (1..=5).map(|offset| write(&store, offset)).collect();
    // One is older than the three that are kept, the other newer.
    for one in [&written[0], &written[4]] {
        let folder = folder_of(folder.path(), one);
        fs::remove_file(folder.join("manifest.json")).expect("removed");
    }
    assert_eq!(
        store.prune(PARTITION, 3).expect("pruned"),
        Vec::<String>::new()
    );
    let then = SystemTime::now() - Duration::from_hours(25);
    for one in [&written[0], &written[4]] {
        let folder = folder_of(folder.path(), one);
        // So a write looks that was killed.
        fs::write(folder.join("texts-00001.parquet#1"), "half").expect("written");
        for file in files_of(&folder).iter().chain([&folder]) {
            let file = File::open(file).expect("open");
            file.set_modified(then).expect("another time");
        }
    }
    let removed = store.prune(PARTITION, 3).expect("pruned");
    assert_eq!(removed, [written[4].name.clone(), written[0].name.clone()]);
    assert_eq!(names(folder.path()).len(), 3);
}

#[test]
fn a_folder_that_is_made_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("data").join("checkpoints");
    let url = format!("file://{}", inner.display());
    let settings = Checkpoints {
        url,
        ..Checkpoints::in_folder(folder.path())
    };
    Store::open(&settings).expect("a store");
    let mode = fs::metadata(&inner).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
