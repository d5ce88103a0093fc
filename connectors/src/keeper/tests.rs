//! A store that is slow for one partition, and what goes on meanwhile.

#[path = "../../../tests/support/latch.rs"]
mod latch;

use super::{Cut, Keeper};
use crate::config::Checkpoints;
use crate::partition::Mark;
use crate::store::{Error, Store};
use crate::sweep::Sweep;
use clockstop_pipeline::{AlertKey, Reference};
use clockstop_schemas::checkpoint::PathwayRows;
use latch::Latch;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

type Told = Receiver<Result<Option<Cut>, Error>>;

fn keeper(folder: &Path) -> Keeper {
    Keeper {
        store: Store::open(&Checkpoints::in_folder(folder)).expect("a store"),
        key: AlertKey([7; 32]),
        reference: Reference::default(),
        software: "0.1.0",
        keep: 2,
        under_way: std::sync::Arc::default(),
    }
}

/// Begins a checkpoint, where none is under way.
fn begin(keeper: &Keeper, partition: i32) -> Option<(Sweep, Told)> {
    let (tell, told) = channel();
    let cut = keeper.cut(partition, Mark::default(), move |cut| {
        tell.send(cut).expect("heard");
    });
    let (cutting, _thread) = cut.expect("a thread")?;
    Some((cutting, told))
}

/// Begins a checkpoint and gives everything that is to be in it.
fn cut(keeper: &Keeper, partition: i32) -> Told {
    let (mut cutting, told) = begin(keeper, partition).expect("none is under way");
    cutting.give_rows(PathwayRows::default().finish().expect("rows"));
    cutting.give_texts(Vec::new());
    assert!(cutting.is_free());
    told
}

fn written(told: &Told) -> bool {
    let cut = told.recv().expect("told").expect("the store answers");
    cut.is_some()
}

#[test]
fn a_partition_has_one_writer_however_slow_the_store_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let keeper = keeper(folder.path());
    let latch = Latch::in_checkpoint(folder.path(), 1, 0);
    // It is written and then hangs over what is older.
    let slow = cut(&keeper, 1);
    assert!(begin(&keeper, 1).is_none());
    assert!(written(&cut(&keeper, 2)), "others are not held up");
    assert!(begin(&keeper, 1).is_none());
    drop(latch);
    assert!(written(&slow));
    assert!(written(&cut(&keeper, 1)));
}

#[test]
fn one_that_is_abandoned_comes_to_nothing_and_makes_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let keeper = keeper(folder.path());
    let (mut cutting, told) = begin(&keeper, 1).expect("none is under way");
    cutting.abandon();
    cutting.give_texts(Vec::new());
    assert!(!written(&told));
    assert!(written(&cut(&keeper, 1)));
}

#[test]
fn a_load_that_hangs_holds_up_no_other_and_ends_when_nobody_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let keeper = keeper(folder.path());
    assert!(written(&cut(&keeper, 1)));
    assert!(written(&cut(&keeper, 2)));
    let latch = Latch::in_checkpoint(folder.path(), 1, 9);
    let load = |partition| {
        let (tell, told) = channel();
        let loading = keeper.load(partition, move |loaded| tell.send(loaded).expect("heard"));
        (loading.expect("a thread"), told)
    };
    let (slow, of_slow) = load(1);
    let (_waiting, told) = load(2);
    let loaded = told.recv().expect("told").expect("the store answers");
    assert!(loaded.newest.is_some() && loaded.passed_over.is_empty());
    drop(slow);
    drop(latch);
    let ended = of_slow.recv().expect("told");
    assert!(matches!(ended, Err(Error::NotWanted)), "{ended:?}");
}
