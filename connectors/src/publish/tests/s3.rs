//! A real server that speaks S3: who follows `current.json` finds a whole snapshot, whatever becomes of the server.

use super::{day, engine, lines, references, roots, states};
use crate::objects::Objects;
use crate::objects::s3_server::S3Server;
use crate::publish::{Mirror, PublishError, Root, Snapshot};
use object_store::path::Path as ObjectPath;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

const KEPT: usize = 2;

/// Publishes what is known of so many patients.
fn publish(mirror: &Mirror, root: &Root, patients: usize) -> Result<(), PublishError> {
    let lines = (0..patients).flat_map(|number| lines(&format!("P{number}"), None, 4));
    let engines = [engine(&lines.collect::<Vec<_>>())];
    let snapshot = Snapshot {
        as_of: jiff::Timestamp::now(),
        today: day(2, 1),
        states: states(&engines),
        missing: Vec::new(),
        references: &references(),
    };
    let published = snapshot.publish(std::slice::from_ref(root), KEPT)?;
    mirror.publish(&published[0], KEPT)
}

fn read(objects: &Objects, path: &ObjectPath) -> Option<Vec<u8>> {
    let bytes = objects.get(path).expect("answered");
    bytes.map(|bytes| bytes.to_vec())
}

fn json(objects: &Objects, path: &ObjectPath) -> Value {
    serde_json::from_slice(&read(objects, path).expect("there")).expect("JSON")
}

/// The folder that is current, and the patients in it, once every file is there with as many rows as the snapshot says.
fn follow(objects: &Objects) -> (String, u64) {
    let current = json(objects, &ObjectPath::from("current.json"));
    let snapshot = current["snapshot"].as_str().expect("a folder");
    let folder = ObjectPath::from(snapshot);
    let manifest = json(objects, &folder.clone().join("_snapshot.json"));
    assert_eq!(manifest["as_of"], current["as_of"]);
    let tables = manifest["tables"].as_object().expect("tables");
    assert!(tables.len() > 15, "{tables:?}");
    for part in tables.values().flat_map(|of| of.as_array().expect("files")) {
        let name = part["file"].as_str().expect("a name");
        let path = ObjectPath::from(format!("{snapshot}/{name}"));
        let bytes = bytes::Bytes::from(read(objects, &path).expect(name));
        let file = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet");
        let rows = file.metadata().file_metadata().num_rows();
        assert_eq!(Some(rows), part["rows"].as_i64(), "{name}");
    }
    let patients = tables["pathways"][0]["rows"].as_u64().expect("rows");
    (snapshot.to_owned(), patients)
}

#[test]
fn a_reader_on_s3_always_finds_a_whole_snapshot() {
    let mut server = S3Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let [analyst, _] = roots(folder.path());
    let open = || Objects::open(&S3Server::url("tables"), &server.properties()).expect("a store");
    let (objects, mirror) = (open(), Mirror::of(&analyst, open()));

    mirror.bring_down(day(2, 1)).expect("nothing is there");
    publish(&mirror, &analyst, 1).expect("published");
    let (first, patients) = follow(&objects);
    assert_eq!(patients, 1);
    publish(&mirror, &analyst, 2).expect("published");
    let (second, patients) = follow(&objects);
    assert_eq!(patients, 2);

    server.kill();
    let away = publish(&mirror, &analyst, 3).expect_err("nobody answers");
    assert!(matches!(away, PublishError::Objects { .. }), "{away}");
    let away = mirror.bring_down(day(2, 1)).expect_err("nobody answers");
    assert_eq!(away.to_string().lines().count(), 1, "{away}");
    server.restart();
    assert_eq!(follow(&objects), (second.clone(), 2));

    publish(&mirror, &analyst, 4).expect("published");
    let (third, patients) = follow(&objects);
    assert_eq!(patients, 4);
    let names = objects.folders(&ObjectPath::from("snapshots"));
    let mut names = names.expect("listed");
    names.sort();
    let expected = [&second, &third].map(|snapshot| snapshot.trim_start_matches("snapshots/"));
    assert_eq!(names, expected);
    assert!(
        objects
            .files_below(&ObjectPath::from(first))
            .expect("listed")
            .is_empty()
    );
    // `current.json` is what moves; a server that put it down unasked would let a slow publisher go back.
    let (_, version) = objects
        .get_with_version(&ObjectPath::from("current.json"))
        .expect("read")
        .expect("there");
    publish(&mirror, &analyst, 5).expect("published");
    let late = objects.replace(&ObjectPath::from("current.json"), b"{}".into(), version);
    assert_eq!(late.expect("answered"), crate::objects::Created::Before);
    assert_eq!(follow(&objects).1, 5);
}
