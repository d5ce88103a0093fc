//! What readers of an object store find while publishers come, go, stand still and crash.

use super::super::folder::{Folder, PublishError, instant};
use super::super::snapshot::{MANIFEST, Published, Root};
use super::{Created, Mirror, ObjectPath};
use crate::objects::Objects;
use clockstop_schemas::Plane;
use object_store::memory::InMemory;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

const NEWEST: usize = 2;
const HISTORY: [&str; 2] = [
    "part-0000-00000000000000000000-00000000000000000007.parquet",
    "part-0001-00000000000000000000-00000000000000000009.parquet",
];

/// A machine that publishes to a store that it shares with others.
struct Machine {
    folder: TempDir,
    mirror: Mirror,
}

impl Machine {
    fn at(store: &Arc<InMemory>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root {
            plane: Plane::Identifiable,
            path: folder.path().to_owned(),
        };
        let mirror = Mirror::of(&root, Objects::over(store.clone()));
        Self { folder, mirror }
    }

    /// A snapshot of a day, made and not yet sent.
    fn make(&self, day: u8) -> Published {
        let folder = Folder::open(self.folder.path(), &format!("2026-01-{day:02}Z"));
        let folder = folder.expect("opened");
        for file in ["clocks/part-0000.parquet", MANIFEST] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, day.to_string()).expect("written");
        }
        for name in HISTORY {
            let path = folder.path().join("alert_history").join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, name).expect("written");
        }
        Published {
            folder: folder.finish(NEWEST).expect("finished"),
            as_of: jiff::Timestamp::UNIX_EPOCH,
            rows: std::collections::BTreeMap::new(),
        }
    }

    fn publish(&self, day: u8) -> Result<(), PublishError> {
        self.mirror.publish(&self.make(day), NEWEST)
    }

    fn get(&self, path: &str) -> Option<String> {
        let bytes = self.mirror.objects.get(&ObjectPath::from(path));
        let bytes = bytes.expect("answered")?;
        Some(String::from_utf8(bytes.to_vec()).expect("text"))
    }

    /// The day a reader finds who follows `current.json`; every file must be there and of that day.
    fn read(&self) -> u8 {
        let (current, _) = self.mirror.current().expect("read").expect("there");
        let files = ["_snapshot.json", "clocks/part-0000.parquet"];
        let found = files.map(|file| {
            let text = self.get(&format!("{}/{file}", current.snapshot));
            text.expect("there").parse::<u8>().expect("a day")
        });
        assert!(found.iter().all(|day| *day == found[0]), "{found:?}");
        found[0]
    }

    /// The days of the snapshots that the store has any of.
    fn days(&self) -> Vec<String> {
        let names = self.mirror.objects.folders(&ObjectPath::from("snapshots"));
        let mut days: Vec<_> = names
            .expect("listed")
            .iter()
            .map(|name| instant(name).to_owned())
            .collect();
        days.sort();
        days
    }
}

fn is_refused(published: &Result<(), PublishError>) -> bool {
    matches!(published, Err(PublishError::NotNewer { .. }))
}

#[test]
fn current_moves_forward_only_and_the_newest_are_kept() {
    let store = Arc::default();
    let [one, other] = [(); 2].map(|()| Machine::at(&store));
    for day in 1..=3 {
        one.publish(day).expect("published");
        assert_eq!(other.read(), day);
    }
    let behind = other.publish(2);
    assert!(is_refused(&behind), "{behind:?}");
    let again = other.publish(3);
    assert!(is_refused(&again), "{again:?}");
    assert_eq!(one.read(), 3);
    assert_eq!(one.days(), ["2026-01-02Z", "2026-01-03Z"]);
    other.publish(4).expect("published");
    assert_eq!(one.read(), 4);
}

#[test]
fn one_that_was_overtaken_comes_to_nothing() {
    let store = Arc::default();
    let [slow, quick] = [(); 2].map(|()| Machine::at(&store));
    let sent = slow.mirror.send_snapshot(&slow.make(1)).expect("sent");
    quick.publish(2).expect("published");
    let moved = slow.mirror.move_current(&sent);
    assert!(is_refused(&moved), "{moved:?}");
    assert_eq!(slow.read(), 2);
}

#[test]
fn one_that_was_overtaken_after_it_looked_does_not_move_current() {
    let store = Arc::default();
    let [slow, quick] = [(); 2].map(|()| Machine::at(&store));
    for (day, later) in [(1, 2), (3, 4)] {
        let sent = slow.mirror.send_snapshot(&slow.make(day)).expect("sent");
        let found = slow.mirror.current().expect("read");
        quick.publish(later).expect("published");
        let found = found.map(|(_, version)| version);
        let written = slow.mirror.write_current(&sent, found).expect("answered");
        assert_eq!(written, Created::Before);
        assert_eq!(slow.read(), later);
    }
}

#[test]
fn a_crash_before_current_leaves_the_old_one_whole() {
    let machine = Machine::at(&Arc::default());
    machine.publish(1).expect("published");
    machine
        .mirror
        .send_snapshot(&machine.make(2))
        .expect("sent");
    assert_eq!(machine.read(), 1);
    let half = "snapshots/2026-01-03Z-00000000/clocks/part-0000.parquet";
    let half = machine
        .mirror
        .objects
        .put(&ObjectPath::from(half), b"3".into());
    half.expect("sent");
    assert_eq!(machine.read(), 1);
    machine.publish(4).expect("published");
    assert_eq!(machine.read(), 4);
    // What was never whole is not kept in the place of what was.
    assert_eq!(machine.days(), ["2026-01-02Z", "2026-01-04Z"]);
}

#[test]
fn a_snapshot_of_which_a_file_is_not_sent_does_not_say_that_it_is_whole() {
    let machine = Machine::at(&Arc::default());
    let made = machine.make(1);
    let lost = made.folder.join("waits.parquet");
    std::os::unix::fs::symlink("nowhere", &lost).expect("linked");
    let sent = machine.mirror.publish(&made, NEWEST);
    assert!(matches!(sent, Err(PublishError::Read { .. })), "{sent:?}");
    assert!(machine.mirror.current().expect("read").is_none());
    let manifest = machine.mirror.object(&made.folder.join(MANIFEST));
    assert!(!machine.mirror.objects.has(&manifest).expect("answered"));
    fs::remove_file(&lost).expect("removed");
    machine.mirror.publish(&made, NEWEST).expect("published");
    assert_eq!(machine.read(), 1);
}

#[test]
fn an_answer_that_was_lost_is_no_defeat() {
    let machine = Machine::at(&Arc::default());
    let sent = machine
        .mirror
        .send_snapshot(&machine.make(1))
        .expect("sent");
    for _ in 0..2 {
        machine.mirror.move_current(&sent).expect("it is current");
    }
}

#[test]
fn a_machine_without_history_takes_that_of_the_current_snapshot() {
    let store = Arc::default();
    let [one, other] = [(); 2].map(|()| Machine::at(&store));
    let today = clockstop_pipeline::Day::from_ymd(2026, 1, 9).expect("a day");
    other.mirror.bring_down(today).expect("nothing is there");
    one.publish(1).expect("published");
    other.mirror.bring_down(today).expect("brought");
    let folder = other.folder.path().join("alert_history");
    for name in HISTORY {
        let brought = fs::read_to_string(folder.join(name));
        assert_eq!(brought.expect("brought"), name);
    }
    // One that has some of it reads the rest from the topic.
    fs::remove_file(folder.join(HISTORY[0])).expect("removed");
    other.mirror.bring_down(today).expect("nothing is lacking");
    assert!(!folder.join(HISTORY[0]).exists());
}
