//! Closed days come back as they were, and go in their time.

use super::{KEY, SOFTWARE, day, engine, folder, mark, rows};
use crate::store::{Close, Engines, Store};
use clockstop_pipeline::Reference;
use std::fs;

/// Closes a day of a partition that knows `count` referrals.
pub(super) fn close(store: &Store, number: i32, partition: i32, count: usize) {
    let engine = engine(count);
    let close = Close {
        rows: vec![rows(&engine, 0, 2), rows(&engine, 2, count)],
        texts: engine.texts().kept().map(str::to_owned).collect(),
        ..Close::new(day(number), mark(7))
    };
    let put = store.put_close(partition, &close, &Reference::default(), SOFTWARE);
    put.expect("kept");
}

/// How many pathways a partition knew at the close of a day.
pub(super) fn closed(store: &Store, number: i32, partition: i32) -> Option<usize> {
    let stored = store.close_of(day(number), partition).expect("answered")?;
    assert_eq!(stored.mark, mark(7));
    let engine = store.engine_of(
        &stored,
        &Engines {
            key: KEY,
            reference: &Reference::default(),
            software: SOFTWARE,
        },
    );
    Some(engine.expect("read").pathways())
}

#[test]
fn a_closed_day_comes_back_and_goes_in_its_time() {
    let (folder, store) = folder();
    assert_eq!(store.closed_days().expect("answered"), []);
    close(&store, 2, 10, 5);
    close(&store, 1, 10, 4);
    close(&store, 1, 2, 3);
    // Somebody is writing it, or was killed over it.
    let unfinished = folder.path().join("closes/2026-03-03/10/unfinished");
    fs::create_dir_all(&unfinished).expect("made");
    fs::write(unfinished.join("pathways-00000.parquet"), "PAR1").expect("written");
    let days = store.closed_days().expect("answered");
    assert_eq!(days, [day(1), day(2), day(3)]);
    assert_eq!(closed(&store, 1, 2), Some(3));
    assert_eq!(closed(&store, 1, 10), Some(4));
    assert_eq!(closed(&store, 2, 10), Some(5));
    assert_eq!(closed(&store, 2, 2), None);
    assert_eq!(closed(&store, 3, 10), None);
    // A second writer, as after a takeover, changes nothing.
    close(&store, 2, 10, 5);
    assert_eq!(closed(&store, 2, 10), Some(5));

    store.prune_closes(day(2)).expect("pruned");
    assert_eq!(store.closed_days().expect("answered"), [day(2), day(3)]);
    assert_eq!(closed(&store, 1, 10), None);
    assert_eq!(closed(&store, 2, 10), Some(5));
}
