//! What comes back from a checkpoint's bytes, and what does not.

#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use super::{
    CHECKPOINT_FORMAT, FileEntry, FileKind, Manifest, ManifestRefusal, PathwayRows, RecordCounts,
    TextRows, kept_rows, text_rows,
};
use clockstop_pipeline::{Day, Kept, Settled};
use std::borrow::Cow;
use std::collections::BTreeMap;

fn manifest() -> Manifest {
    let file = |name: &str, kind, rows| FileEntry {
        name: name.to_owned(),
        kind,
        rows,
        bytes: 12,
        blake3: "ab".to_owned(),
    };
    Manifest {
        fold: 1,
        reference_version: "2026-1".to_owned(),
        software_version: "0.1.0".to_owned(),
        judged_by: "rules-tables".to_owned(),
        partition: 3,
        partitions: 12,
        cluster: None,
        topics: [Some("id".to_owned()), None, None],
        offsets: [10, 0, 7],
        counts: RecordCounts {
            changed: 15,
            repeated: 1,
            superseded: 0,
            dead_lettered: BTreeMap::from([("too_large".to_owned(), 1)]),
        },
        alert_position: 5,
        control_position: 6,
        decided: Day::from_ymd(2026, 3, 2),
        closed_through: None,
        log_time: Some(1_700_000_000_000),
        accepted_from: [0; 3],
        last_appends: Vec::new(),
        written_at: 1_700_000_000_000,
        pathways: 5,
        texts: 2,
        files: vec![
            file("a", FileKind::Pathways, 2),
            file("b", FileKind::Pathways, 3),
            file("c", FileKind::Texts, 2),
        ],
    }
}

#[test]
fn a_manifest_comes_back() {
    assert_eq!(Manifest::from_json(&manifest().to_json()), Ok(manifest()));
    assert_eq!(manifest().offset_sum(), 17);
}

#[test]
fn no_flipped_bit_and_no_cut_gives_another_manifest() {
    let json = manifest().to_json();
    for at in 0..json.len() {
        assert!(Manifest::from_json(&json[..at]).is_err(), "cut at {at}");
        for bit in 0..8 {
            let mut flipped = json.clone();
            flipped[at] ^= 1 << bit;
            let read = Manifest::from_json(&flipped);
            assert!(read.is_err() || read == Ok(manifest()), "bit {bit} of {at}");
        }
    }
}

#[test]
fn another_format_is_known_before_anything_else() {
    let refusal = Err(ManifestRefusal::OtherFormat { format: 2 });
    assert_eq!(Manifest::from_json(br#"{"format":2,"new":[]}"#), refusal);
    assert!(matches!(
        Manifest::from_json(br#"{"format":1}"#),
        Err(ManifestRefusal::Malformed(_))
    ));
    let text = String::from_utf8(manifest().to_json()).expect("JSON");
    let more = text.replacen("\"fold\"", "\"more\": 1, \"fold\"", 1);
    assert!(matches!(
        Manifest::from_json(more.as_bytes()),
        Err(ManifestRefusal::Malformed(_))
    ));
    assert_eq!(CHECKPOINT_FORMAT, 1);
}

#[test]
fn rows_are_counted() {
    for wrong in [4, u64::MAX] {
        let mut manifest = manifest();
        manifest.pathways = wrong;
        let read = Manifest::from_json(&manifest.to_json());
        assert_eq!(read, Err(ManifestRefusal::Miscounted));
    }
}

#[test]
fn pathways_and_texts_come_back() {
    let kept = [
        Kept {
            pathway: "RXX:P1",
            erased: false,
            facts: &[1, 2, 3],
            said: Cow::Borrowed(&[4]),
            settled: None,
        },
        Kept {
            pathway: "RXX:P2",
            erased: true,
            facts: &[],
            said: Cow::Borrowed(&[]),
            settled: Some(Settled {
                is_open: false,
                next: None,
            }),
        },
        Kept {
            pathway: "RXX:P3",
            erased: false,
            facts: &[5],
            said: Cow::Borrowed(&[]),
            settled: Some(Settled {
                is_open: true,
                next: Day::from_ymd(2026, 3, 5),
            }),
        },
    ];
    let mut rows = PathwayRows::default();
    for kept in &kept {
        rows.add(kept);
    }
    let batch = rows.finish().expect("rows");
    let back: Vec<_> = kept_rows(&batch).expect("its columns").collect();
    assert_eq!(back, kept);
    assert!(text_rows(&batch).is_err());
    let without_next = batch.project(&[0, 1, 2, 3, 4]).expect("columns");
    assert!(kept_rows(&without_next).is_err());
    // What software before 0.2 wrote.
    let older = batch.project(&[0, 1, 2, 3]).expect("columns");
    let mut unsettled = kept_rows(&older).expect("its columns");
    assert!(unsettled.all(|kept| kept.settled.is_none()));
    let mut texts = TextRows::default();
    texts.add("one text");
    texts.add("another");
    let batch = texts.finish().expect("rows");
    assert!(
        text_rows(&batch)
            .expect("its column")
            .eq(["one text", "another"])
    );
    assert!(kept_rows(&batch).is_err());
}
