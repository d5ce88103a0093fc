//! Days and releases in an object store: sent once, and known to the next machine that publishes.

use super::{JANUARY, close, day, engine, files, lines, references, roots, strip};
use crate::objects::Objects;
use crate::publish::Mirror;
use clockstop_pipeline::statistics::release::provisional_on;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A machine with a store that others use, too.
struct Machine {
    folder: TempDir,
    mirror: Mirror,
    objects: Objects,
}

impl Machine {
    fn at(store: &Arc<InMemory>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [analyst, _] = roots(folder.path());
        let mirror = Mirror::of(&analyst, Objects::over(store.clone()));
        let objects = Objects::over(store.clone());
        Self {
            folder,
            mirror,
            objects,
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("analyst")
    }

    fn close(&self, on: clockstop_pipeline::Day) {
        let lines = lines("P", Some("2026-01-12"), 20);
        close(on, &[engine(&lines)], self.folder.path());
    }

    fn below(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let folder = self.root().join(folder);
        if folder.exists() {
            strip(files(&folder), &folder)
        } else {
            BTreeMap::new()
        }
    }

    fn object(&self, path: &str) -> Option<Vec<u8>> {
        let object = self.objects.get(&ObjectPath::from(path));
        object.expect("answered").map(|bytes| bytes.to_vec())
    }
}

#[test]
fn the_next_machine_knows_releases_and_sundays() {
    let store = Arc::default();
    let [one, other] = [(); 2].map(|()| Machine::at(&store));
    let released = provisional_on(JANUARY, &references().tables.holidays).expect("in the table");
    // Sundays, and the day of the release, which is none.
    let days = [day(1, 25), day(2, 1), released];
    for on in days {
        one.close(on);
        assert!(!one.mirror.has_day(on).expect("answered"));
        one.mirror.send_day(on).expect("sent");
        assert!(other.mirror.has_day(on).expect("answered"));
    }
    let today = released.plus(1);
    other.mirror.bring_down(today).expect("brought");
    let brought = other.below("releases");
    assert!(brought.len() > 2 && brought == one.below("releases"));
    let sundays = other.below("daily/ptl_weekly");
    let names = ["2026-01-25", "2026-02-01"].map(|name| Path::new(name).join("part-0000.parquet"));
    assert_eq!(sundays.keys().cloned().collect::<Vec<_>>(), names);
    let all = one.below("daily/ptl_weekly");
    assert!(
        sundays
            .iter()
            .all(|(path, list)| all.get(path) == Some(list))
    );

    other.mirror.prune_days(day(2, 1)).expect("pruned");
    assert!(!one.mirror.has_day(day(1, 25)).expect("answered"));
    assert!(one.mirror.has_day(day(2, 1)).expect("answered"));
}

#[test]
fn a_release_that_was_half_sent_is_nobodys_and_is_sent_on() {
    let store = Arc::default();
    let [one, other] = [(); 2].map(|()| Machine::at(&store));
    let released = provisional_on(JANUARY, &references().tables.holidays).expect("in the table");
    let last = "releases/2026-01/provisional/performance/part-0000.parquet";
    one.close(released);
    one.mirror.send_day(released).expect("sent");
    let whole = one.object(last).expect("there");
    one.objects
        .delete(&ObjectPath::from(last))
        .expect("deleted");
    other.mirror.bring_down(released).expect("nothing is whole");
    assert!(other.below("releases").is_empty());
    one.mirror.send_day(released).expect("sent");
    assert_eq!(one.object(last), Some(whole));
    other.mirror.bring_down(released).expect("brought");
    assert!(other.below("releases") == one.below("releases"));
}

#[test]
fn what_was_sent_is_never_replaced() {
    let machine = Machine::at(&Arc::default());
    let released = provisional_on(JANUARY, &references().tables.holidays).expect("in the table");
    machine.close(released);
    machine.mirror.send_day(released).expect("sent");
    let paths = [
        "releases/2026-01/provisional/waits/part-0000.parquet".to_owned(),
        "releases/2026-01/provisional/performance/part-0000.parquet".to_owned(),
        format!("daily/feeds/{released}/part-0000.parquet"),
    ];
    let sent = paths
        .each_ref()
        .map(|path| machine.object(path).expect("sent"));
    for path in &paths {
        fs::write(machine.root().join(path), "another").expect("written");
    }
    machine
        .mirror
        .send_day(released)
        .expect("nothing is lacking");
    assert!(
        paths
            .each_ref()
            .map(|path| machine.object(path).expect("there"))
            == sent
    );
}
